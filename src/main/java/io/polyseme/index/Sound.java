package io.polyseme.index;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.util.StringHelper;

/** Whether the files of an index are as they were written, by their checksums. */
final class Sound {
  /** Parts that were read once; they are never written again. Gone with the process. */
  private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

  private static final int MOST_KNOWN = 10_000;

  private Sound() {}

  /**
   * Reads every file that was not read by this process before.
   *
   * @throws IOException if one is damaged
   */
  static void check(Snapshot snapshot) throws IOException {
    for (LeafReaderContext segment : snapshot.segments()) {
      LeafReader leaf = segment.reader();
      String id =
          leaf instanceof SegmentReader part
              ? part.getSegmentName()
                  + StringHelper.idToString(part.getSegmentInfo().info.getId())
                  + part.directory()
              : "";
      if (id.isEmpty() || !KNOWN.contains(id)) {
        leaf.getContext().reader().checkIntegrity();
        if (KNOWN.size() < MOST_KNOWN) {
          KNOWN.add(id);
        }
      }
    }
  }
}
