package io.polyseme.usage;

import io.polyseme.vector.Vectors;
import java.util.List;

/** Means of vectors. */
final class Means {
  private Means() {}

  /** The sum of vectors, in double precision and their order. */
  static double[] sum(List<float[]> vectors) {
    var sum = new double[vectors.getFirst().length];
    for (float[] vector : vectors) {
      for (int d = 0; d < sum.length; d++) {
        sum[d] += vector[d];
      }
    }
    return sum;
  }

  static float[] of(List<float[]> vectors) {
    double[] sum = sum(vectors);
    var mean = new float[sum.length];
    for (int d = 0; d < mean.length; d++) {
      mean[d] = (float) (sum[d] / vectors.size());
    }
    return mean;
  }

  /** The mean of the vectors at unit length. */
  static float[] ofUnits(List<float[]> vectors) {
    return of(vectors.stream().map(Vectors::unitOrZero).toList());
  }
}
