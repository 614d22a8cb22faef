package io.polyseme.encoder;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was encoded last, up to so many bytes; the least recently used goes first. Gives and keeps
 * copies, since vectors can be written to. Thread-safe.
 */
final class EncodedCache {
  /** What an entry takes beside its text and vectors, roughly. */
  private static final int ENTRY_BYTES = 300;

  private final long capacity;
  private final Map<Key, Encoded> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  private record Key(TextInput input, EncodeRequest request) {}

  EncodedCache(long capacity) {
    this.capacity = capacity;
  }

  @Nullable Encoded get(TextInput input, EncodeRequest request) {
    if (capacity == 0) {
      return null;
    }
    Encoded found;
    synchronized (entries) {
      found = entries.get(new Key(input, request));
    }
    return found == null ? null : copy(found);
  }

  void put(TextInput input, EncodeRequest request, Encoded encoded) {
    long size = size(encoded);
    if (size > capacity) {
      return;
    }
    Encoded kept = copy(encoded);
    synchronized (entries) {
      Encoded before = entries.put(new Key(input, request), kept);
      bytes += size - (before == null ? 0 : size(before));
      Iterator<Encoded> eldest = entries.values().iterator();
      while (bytes > capacity) {
        bytes -= size(eldest.next());
        eldest.remove();
      }
    }
  }

  private static long size(Encoded encoded) {
    long size = ENTRY_BYTES + 2L * encoded.text().length();
    for (LayerVector vector : encoded.sentence()) {
      size += (long) Float.BYTES * vector.vector().length;
    }
    for (EncodedWord word : encoded.words()) {
      size += ENTRY_BYTES / 2 + 2L * word.text().length();
      for (LayerVector vector : word.vectors()) {
        size += (long) Float.BYTES * vector.vector().length;
      }
    }
    for (EncodedPassage passage : encoded.passages()) {
      size += ENTRY_BYTES + 2L * passage.text().length();
      for (LayerVector vector : passage.vectors()) {
        size += (long) Float.BYTES * vector.vector().length;
      }
    }
    return size;
  }

  private static Encoded copy(Encoded encoded) {
    return new Encoded(
        encoded.text(),
        encoded.words().stream()
            .map(
                word ->
                    new EncodedWord(word.span(), word.text(), word.pieces(), copy(word.vectors())))
            .toList(),
        copy(encoded.sentence()),
        encoded.passages().stream().map(EncodedCache::copy).toList(),
        encoded.tokens(),
        encoded.unknownTokens(),
        encoded.windows(),
        encoded.cut(),
        encoded.warnings());
  }

  private static EncodedPassage copy(EncodedPassage passage) {
    return new EncodedPassage(
        passage.span(),
        passage.text(),
        passage.tokens(),
        passage.begins(),
        passage.ends(),
        passage.made(),
        copy(passage.vectors()));
  }

  private static List<LayerVector> copy(List<LayerVector> vectors) {
    return vectors.stream()
        .map(vector -> new LayerVector(vector.layer(), vector.vector().clone()))
        .toList();
  }
}
