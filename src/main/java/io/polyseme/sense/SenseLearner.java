package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.vector.Vectors;
import java.util.HashMap;
import java.util.Map;

/**
 * Learns from labelled usages: the space in which those of one sense lie close, and each sense's
 * there.
 */
final class SenseLearner {
  /** The share of the mean variance that whitening adds to each, so that none is blown up. */
  private static final double RIDGE = 0.3;

  private SenseLearner() {}

  /**
   * A sense's usages.
   *
   * @param sum of their vectors, in the learned space
   * @param count how many there are
   */
  record Usages(float[] sum, int count) {}

  /**
   * The space in which the variance within senses is equal in all directions.
   *
   * @param usages in the space before whitening
   * @param rows those to learn from
   */
  static UsageSpace space(UsageSpace base, UsageTable usages, IntArrayList rows) {
    Map<String, double[]> sums = new HashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    int dimension = usages.dimension();
    var vector = new float[dimension];
    for (int i = 0; i < rows.size(); i++) {
      String sense = sense(usages, rows.get(i));
      usages.read(rows.get(i), vector);
      double[] sum = sums.computeIfAbsent(sense, _ -> new double[dimension]);
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
      counts.merge(sense, 1, Integer::sum);
    }
    return base.whitened(
        rows.size(),
        (row, into) -> {
          usages.read(rows.get(row), into);
          String sense = sense(usages, rows.get(row));
          double[] sum = sums.get(sense);
          int count = counts.get(sense);
          for (int d = 0; d < dimension; d++) {
            into[d] -= (float) (sum[d] / count);
          }
        },
        RIDGE);
  }

  /**
   * The usages of each sense, by its id.
   *
   * @param usages in the space before whitening
   */
  static Map<String, Usages> senses(UsageSpace space, UsageTable usages, IntArrayList rows) {
    Map<String, Usages> senses = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      float[] placed = space.whiten(usages.vector(rows.get(i)));
      senses.compute(
          sense(usages, rows.get(i)),
          (_, of) -> {
            if (of == null) {
              return new Usages(placed, 1);
            }
            Vectors.addScaled(of.sum, placed, 1);
            return new Usages(of.sum, of.count + 1);
          });
    }
    return senses;
  }

  private static String sense(UsageTable usages, int row) {
    return usages.get(row).senses().getFirst();
  }
}
