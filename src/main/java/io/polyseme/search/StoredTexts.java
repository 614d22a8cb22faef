package io.polyseme.search;

import io.polyseme.index.VectorIndex;
import java.util.Iterator;
import java.util.List;

/** The texts that an index of texts holds, as a source to make another of. */
final class StoredTexts implements Source {
  private final Iterator<VectorIndex.Entry> entries;
  private final long size;
  private long done;

  /**
   * @param index stays the caller's
   */
  StoredTexts(VectorIndex index) {
    this.entries = index.entries().iterator();
    this.size = index.info().size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean hasNext() {
    return entries.hasNext();
  }

  @Override
  public Entry next() {
    VectorIndex.Entry entry = entries.next();
    String text = entry.fields().getOrDefault("text", "");
    return new Entry(text, List.of(new Entry.Item(entry.label(), null, entry.fields())), ++done);
  }

  @Override
  public void close() {
    // The index is its owner's.
  }
}
