package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WithinSenseTest {
  private static final int DIMENSION = 12;

  private static List<float[]> random(int count, Random random) {
    var vectors = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      var vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      vectors.add(Vectors.unit(vector));
    }
    return vectors;
  }

  /** With fewer vectors than dimensions, and with more: the covariance has then another way. */
  @ParameterizedTest
  @ValueSource(ints = {8, 60})
  void cosinesAreThoseUnderTheInverseOfTheRidgedCovariance(int count) {
    var random = new Random(count);
    List<float[]> vectors = random(count, random);
    var senses = new int[count];
    var means = new double[2][DIMENSION];
    for (int i = 0; i < count; i++) {
      senses[i] = i % 2;
      for (int d = 0; d < DIMENSION; d++) {
        means[i % 2][d] += vectors.get(i)[d] / (count / 2.0);
      }
    }
    var covariance = new DMatrixRMaj(DIMENSION, DIMENSION);
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIMENSION; d++) {
        for (int e = 0; e < DIMENSION; e++) {
          double product =
              (vectors.get(i)[d] - means[i % 2][d]) * (vectors.get(i)[e] - means[i % 2][e]);
          covariance.add(d, e, product / count);
        }
      }
    }
    WithinSense learned = WithinSense.of(vectors, senses, 2);
    for (double ridge : new double[] {0.5, 3}) {
      DMatrixRMaj inverse = covariance.copy();
      double added = ridge * CommonOps_DDRM.trace(covariance) / DIMENSION;
      for (int d = 0; d < DIMENSION; d++) {
        inverse.add(d, d, added);
      }
      CommonOps_DDRM.invert(inverse);
      List<float[]> others = random(2, random);
      float[] a = others.get(0);
      float[] b = others.get(1);
      double expected =
          product(a, inverse, b) / Math.sqrt(product(a, inverse, a) * product(b, inverse, b));
      assertEquals(expected, learned.cosine(a, b, ridge), 1e-4);
      assertEquals(1, learned.cosine(a, a, ridge), 1e-6);
    }
  }

  private static double product(float[] a, DMatrixRMaj inner, float[] b) {
    double product = 0;
    for (int d = 0; d < a.length; d++) {
      for (int e = 0; e < b.length; e++) {
        product += a[d] * inner.get(d, e) * b[e];
      }
    }
    return product;
  }

  @Test
  void whatVariesWithinASenseTellsNothing() {
    // Both senses go far along the first axis; the second tells them apart.
    List<float[]> vectors =
        List.of(
            Vectors.unit(new float[] {3, 1}),
            Vectors.unit(new float[] {-3, 1}),
            Vectors.unit(new float[] {3, -1}),
            Vectors.unit(new float[] {-2.5f, -1}));
    int[] senses = {0, 0, 1, 1};
    float[] asked = Vectors.unit(new float[] {3, 0.4f});
    WithinSense learned = WithinSense.of(vectors, senses, 3);
    int[][] told = learned.told(List.of(asked), 0.01, 1000);
    assertArrayEquals(new int[] {0}, told[0]);
    // Hardly whitened, the small lean of the second mean along the first axis decides.
    float[] back = Vectors.unit(new float[] {3, 0.02f});
    assertArrayEquals(new int[] {1}, learned.told(List.of(back), 1000)[0]);
  }

  @Test
  void oneUsageASenseIsNotWhitened() {
    List<float[]> vectors = List.of(new float[] {1, 0}, new float[] {0, 1});
    WithinSense learned = WithinSense.of(vectors, new int[] {0, 2}, 3);
    assertArrayEquals(
        new int[] {0, 2},
        learned
            .told(List.of(Vectors.unit(new float[] {2, 1}), Vectors.unit(new float[] {1, 2})), 1)[
            0]);
  }
}
