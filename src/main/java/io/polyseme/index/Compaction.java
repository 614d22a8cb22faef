package io.polyseme.index;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.jspecify.annotations.Nullable;

/**
 * When the parts of an index are merged: never while it is written, and always in their order. A
 * graph over everything is searched fastest, and linking it takes longest, so that small changes
 * are left beside it as parts of their own: ten of a size become one, and when there is more than a
 * fifth of change all become one.
 */
final class Compaction extends MergePolicy {
  /** Less change than this never links the whole graph again. */
  private static final int LITTLE = 1_000;

  /** One over this much of the entries, outside the largest part or deleted, is too much. */
  private static final int SHARE = 5;

  private final LogDocMergePolicy tiers = new LogDocMergePolicy();
  private boolean whole;

  Compaction() {
    tiers.setMergeFactor(10);
    tiers.setMinMergeDocs(LITTLE);
    tiers.setMaxMergeDocs(Integer.MAX_VALUE);
    tiers.setNoCFSRatio(0);
  }

  /** Whether a forced merge makes one part of all. */
  void whole(boolean whole) {
    this.whole = whole;
  }

  /** Whether there is so much change that everything should become one part. */
  boolean pays(IndexWriter writer) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      long largest = 0;
      for (LeafReaderContext part : reader.leaves()) {
        largest = Math.max(largest, part.reader().numDocs());
      }
      long change = reader.numDocs() - largest + reader.numDeletedDocs();
      return change > Math.max(LITTLE, reader.numDocs() / SHARE);
    }
  }

  @Override
  public @Nullable MergeSpecification findMerges(
      MergeTrigger trigger, SegmentInfos segments, MergeContext context) throws IOException {
    if (whole || trigger != MergeTrigger.EXPLICIT) {
      return null;
    }
    MergeSpecification found = tiers.findMerges(trigger, segments, context);
    if (found != null) {
      return found;
    }
    // A part as it was first written has no graph; a large one needs it.
    var specification = new MergeSpecification();
    for (SegmentCommitInfo segment : segments) {
      if (segment.info.maxDoc() > NearestSearch.FEW
          && !isMerge(segment)
          && !context.getMergingSegments().contains(segment)) {
        specification.add(new OneMerge(List.of(segment)));
      }
    }
    return specification.merges.isEmpty() ? null : specification;
  }

  private static boolean isMerge(SegmentCommitInfo segment) {
    return IndexWriter.SOURCE_MERGE.equals(segment.info.getDiagnostics().get(IndexWriter.SOURCE));
  }

  @Override
  public @Nullable MergeSpecification findForcedMerges(
      SegmentInfos segments,
      int most,
      Map<SegmentCommitInfo, Boolean> toMerge,
      MergeContext context) {
    List<SegmentCommitInfo> all = segments.asList();
    boolean done = all.size() == 1 && isMerge(all.getFirst()) && !all.getFirst().hasDeletions();
    if (!whole || all.isEmpty() || done || !context.getMergingSegments().isEmpty()) {
      return null;
    }
    var specification = new MergeSpecification();
    specification.add(new OneMerge(all));
    return specification;
  }

  @Override
  public @Nullable MergeSpecification findForcedDeletesMerges(
      SegmentInfos segments, MergeContext context) {
    return null;
  }

  @Override
  public boolean useCompoundFile(
      SegmentInfos segments, SegmentCommitInfo merged, MergeContext context) {
    return false;
  }
}
