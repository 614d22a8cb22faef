package io.polyseme.index;

import io.polyseme.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.Lock;

/** Takes the broken parts out of an index. */
final class Repair {
  private Repair() {}

  /**
   * @param lock on the folder
   * @return how many entries are lost
   */
  static long run(String name, Directory directory, Lock lock, Progress progress)
      throws IOException {
    progress.update("checking files", 0, 1);
    Metadata before =
        Metadata.fromCommitData(name, SegmentInfos.readLatestCommit(directory).getUserData());
    try (var check = new CheckIndex(directory, lock);
        var silent =
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      check.setLevel(CheckIndex.Level.MIN_LEVEL_FOR_INTEGRITY_CHECKS);
      check.setInfoStream(silent);
      CheckIndex.Status status = check.checkIndex();
      if (!status.clean) {
        check.exorciseIndex(status);
      }
    }
    SegmentInfos segments = SegmentInfos.readLatestCommit(directory);
    long left = 0;
    for (SegmentCommitInfo segment : segments) {
      left += segment.info.maxDoc() - segment.getDelCount();
    }
    if (left != before.size()) {
      Map<String, String> data = new HashMap<>(segments.getUserData());
      data.putAll(before.withSize(left).toCommitData());
      segments.setUserData(data, true);
      segments.changed();
      segments.commit(directory);
    }
    progress.update("checking files", 1, 1);
    return before.size() - left;
  }
}
