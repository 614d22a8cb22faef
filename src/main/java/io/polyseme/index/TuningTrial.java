package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;

/** Measures searches by efSearch. */
final class TuningTrial {
  /** Before the first measurement, so that compiled code is measured. */
  private static final long WARM_UP_NANOS = 1_500_000_000;

  private static final int WARM_UP_PASSES = 20;

  /** Of so many passes the fastest counts: what else the machine did is left out. */
  private static final int PASSES = 3;

  /** The extension of Lucene's file of full vectors, which names its part of the memory. */
  private static final String FULL = "vec";

  private final Snapshot snapshot;
  private final TuningOptions options;

  TuningTrial(Snapshot snapshot, TuningOptions options) {
    this.snapshot = snapshot;
    this.options = options;
  }

  SearchTuning run(int[] docs, Progress progress, Cancel cancel) throws IOException {
    var trial = new RecallTrial(snapshot, options.k(), docs, progress, cancel);
    List<Integer> widths =
        options.efSearch().stream().map(ef -> Math.max(ef, options.k() + 1)).distinct().toList();
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP_PASSES && System.nanoTime() - start < WARM_UP_NANOS; i++) {
      trial.pass(widths.get(i % widths.size()), progress, cancel);
    }
    var settings = new ArrayList<SearchTuning.Setting>();
    for (int width : widths) {
      RecallTrial.Pass best = trial.pass(width, progress, cancel);
      for (int i = 1; i < PASSES; i++) {
        RecallTrial.Pass pass = trial.pass(width, progress, cancel);
        best = sum(pass) < sum(best) ? pass : best;
      }
      settings.add(setting(width, best));
    }
    long vectorBytes = 0;
    long graphBytes = 0;
    for (LeafReaderContext segment : snapshot.segments()) {
      for (Map.Entry<String, Long> part : sizes(segment.reader()).entrySet()) {
        if (part.getKey().equals(FULL)) {
          vectorBytes += part.getValue();
        } else {
          graphBytes += part.getValue();
        }
      }
    }
    Metadata metadata = snapshot.metadata();
    return new SearchTuning(
        metadata.size(),
        metadata.dimension(),
        metadata.similarity(),
        metadata.options().encoding(),
        trial.sampled(),
        options.k(),
        options.recall(),
        settings,
        trial.exactMillis(cancel),
        vectorBytes,
        graphBytes);
  }

  private static long sum(RecallTrial.Pass pass) {
    return Arrays.stream(pass.nanos()).sum();
  }

  private static SearchTuning.Setting setting(int efSearch, RecallTrial.Pass pass) {
    long[] nanos = pass.nanos().clone();
    Arrays.sort(nanos);
    return new SearchTuning.Setting(
        efSearch,
        pass.recall(),
        pass.meanVisited(),
        1e9 * nanos.length / sum(pass),
        micros(nanos, 0.5),
        micros(nanos, 0.95),
        micros(nanos, 0.99));
  }

  /** By the nearest rank. */
  private static double micros(long[] sorted, double quantile) {
    int rank = (int) Math.ceil(quantile * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1e3;
  }

  private static Map<String, Long> sizes(LeafReader leaf) {
    FieldInfo field = leaf.getFieldInfos().fieldInfo(Entries.VECTOR);
    if (field == null || !(FilterLeafReader.unwrap(leaf) instanceof CodecReader reader)) {
      return Map.of();
    }
    KnnVectorsReader vectors = reader.getVectorReader();
    if (vectors
        instanceof org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat.FieldsReader all) {
      vectors = all.getFieldReader(Entries.VECTOR);
    }
    return vectors == null ? Map.of() : vectors.getOffHeapByteSize(field);
  }
}
