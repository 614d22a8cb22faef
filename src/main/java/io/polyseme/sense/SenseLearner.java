package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns from labelled usages: the space in which those of one sense lie close, and the mean of
 * each sense there.
 */
final class SenseLearner {
  /** The share of the mean variance that whitening adds to each, so that none is blown up. */
  private static final double RIDGE = 0.3;

  private SenseLearner() {}

  /**
   * A sense's mean usage.
   *
   * @param mean of unit length, in the learned space
   * @param count of how many usages
   */
  record Mean(float[] mean, int count) {}

  /** What was learned. */
  record Learned(UsageSpace space, Map<String, Mean> means) {}

  /**
   * @param usages in the space before whitening
   * @param rows those to learn from
   */
  static Learned learn(UsageSpace base, UsageTable usages, IntArrayList rows) {
    Map<String, Integer> ids = new HashMap<>();
    var of = new int[rows.size()];
    for (int i = 0; i < of.length; i++) {
      String sense = usages.get(rows.get(i)).senses().getFirst();
      of[i] = ids.computeIfAbsent(sense, _ -> ids.size());
    }
    int dimension = usages.dimension();
    List<double[]> sums = new ArrayList<>();
    var counts = new int[ids.size()];
    for (int s = 0; s < counts.length; s++) {
      sums.add(new double[dimension]);
    }
    var vector = new float[dimension];
    for (int i = 0; i < of.length; i++) {
      usages.read(rows.get(i), vector);
      double[] sum = sums.get(of[i]);
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
      counts[of[i]]++;
    }
    UsageSpace space =
        base.whitened(
            of.length,
            (row, into) -> {
              usages.read(rows.get(row), into);
              double[] sum = sums.get(of[row]);
              for (int d = 0; d < dimension; d++) {
                into[d] -= (float) (sum[d] / counts[of[row]]);
              }
            },
            RIDGE);
    Map<String, Mean> means = new HashMap<>();
    List<float[]> learned = new ArrayList<>();
    for (int s = 0; s < counts.length; s++) {
      learned.add(new float[dimension]);
    }
    for (int i = 0; i < of.length; i++) {
      usages.read(rows.get(i), vector);
      float[] placed = space.whiten(vector);
      float[] sum = learned.get(of[i]);
      for (int d = 0; d < dimension; d++) {
        sum[d] += placed[d];
      }
    }
    ids.forEach((id, s) -> means.put(id, new Mean(UsageSpace.unit(learned.get(s)), counts[s])));
    return new Learned(space, means);
  }
}
