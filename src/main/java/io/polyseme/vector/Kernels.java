package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The inner loops. This one is plain Java; {@link SimdKernels} uses the machine's vectors. */
class Kernels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** The fastest that this JVM has. */
  static final Kernels BEST = best();

  private static Kernels best() {
    if (!Boolean.getBoolean("io.polyseme.scalar")
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      try {
        // By name: without the module the class could not even be linked.
        return (Kernels)
            Class.forName("io.polyseme.vector.SimdKernels").getDeclaredConstructor().newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        System.getLogger(Kernels.class.getName())
            .log(System.Logger.Level.DEBUG, "vector arithmetic without SIMD", e);
      }
    }
    return new Kernels();
  }

  boolean simd() {
    return false;
  }

  float dot(float[] a, float[] b) {
    // Four sums: one alone would wait for each addition to end before the next.
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  float dot(float[] a, MemorySegment rows, long offset) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      long at = offset + 4L * i;
      s0 += a[i] * rows.get(FLOAT, at);
      s1 += a[i + 1] * rows.get(FLOAT, at + 4);
      s2 += a[i + 2] * rows.get(FLOAT, at + 8);
      s3 += a[i + 3] * rows.get(FLOAT, at + 12);
    }
    for (; i < a.length; i++) {
      s0 += a[i] * rows.get(FLOAT, offset + 4L * i);
    }
    return s0 + s1 + (s2 + s3);
  }

  /**
   * The dot product by sums of float64 in an order that is always the same, which those of the
   * other kernels are not: the same on every processor and at every run.
   */
  static double exactDot(float[] a, MemorySegment rows, long offset) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      long at = offset + 4L * i;
      s0 += (double) a[i] * rows.get(FLOAT, at);
      s1 += (double) a[i + 1] * rows.get(FLOAT, at + 4);
      s2 += (double) a[i + 2] * rows.get(FLOAT, at + 8);
      s3 += (double) a[i + 3] * rows.get(FLOAT, at + 12);
    }
    for (; i < a.length; i++) {
      s0 += (double) a[i] * rows.get(FLOAT, offset + 4L * i);
    }
    return s0 + s1 + (s2 + s3);
  }

  /** The squared distance, summed up as {@link #exactDot}. */
  static double exactSquaredDistance(float[] a, MemorySegment rows, long offset) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - rows.get(FLOAT, offset + 4L * i);
      sum += d * d;
    }
    return sum;
  }

  float squaredDistance(float[] a, MemorySegment rows, long offset) {
    float s0 = 0;
    float s1 = 0;
    int i = 0;
    for (; i + 1 < a.length; i += 2) {
      long at = offset + 4L * i;
      float d0 = a[i] - rows.get(FLOAT, at);
      float d1 = a[i + 1] - rows.get(FLOAT, at + 4);
      s0 += d0 * d0;
      s1 += d1 * d1;
    }
    for (; i < a.length; i++) {
      float d = a[i] - rows.get(FLOAT, offset + 4L * i);
      s0 += d * d;
    }
    return s0 + s1;
  }

  /**
   * Which rows of a block may score as much as is asked: those where sum(query[d] * code) * scale +
   * residual is at least the threshold, a bit for each row. Several queries at once, so that what
   * is loaded serves them all.
   *
   * @param queries float[dimension] each; those from {@code first} to {@code first + n} are asked
   * @param n from 1 to {@value #QUERIES}
   * @param thresholds one for each query, by its number among {@code queries}
   * @param masks takes n masks, from 0
   * @param scratch the thread's own
   */
  void candidates(
      float[][] queries,
      int first,
      int n,
      QuantisedRows rows,
      int block,
      float[] thresholds,
      long[] masks,
      Scratch scratch) {
    int dimension = rows.dimension();
    byte[] codes = scratch.codes(QuantisedRows.BLOCK * dimension);
    MemorySegment.copy(
        rows.codes(), ValueLayout.JAVA_BYTE, rows.offset(block), codes, 0, codes.length);
    float[] sums = scratch.sums;
    for (int q = 0; q < n; q++) {
      float[] query = queries[first + q];
      Arrays.fill(sums, 0);
      // Along the rows, which are independent: a loop that the JIT makes SIMD code of.
      for (int d = 0; d < dimension; d++) {
        float x = query[d];
        int at = d * QuantisedRows.BLOCK;
        for (int i = 0; i < QuantisedRows.BLOCK; i++) {
          sums[i] += x * codes[at + i];
        }
      }
      long mask = 0;
      for (int i = 0; i < QuantisedRows.BLOCK; i++) {
        long at = 4L * (block * QuantisedRows.BLOCK + i);
        float bound = sums[i] * rows.scales().get(FLOAT, at) + rows.residuals().get(FLOAT, at);
        if (bound >= thresholds[first + q]) {
          mask |= 1L << i;
        }
      }
      masks[q] = mask;
    }
  }

  /** How many queries {@link #candidates} takes at once. */
  static final int QUERIES = 4;

  /** Buffers of one thread, so that nothing is allocated per block. */
  static final class Scratch {
    final float[] sums = new float[QuantisedRows.BLOCK];
    private byte[] codes = new byte[0];

    byte[] codes(int length) {
      if (codes.length != length) {
        codes = new byte[length];
      }
      return codes;
    }
  }

  void addScaled(float[] into, float[] a, float factor) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * a[i];
    }
  }

  void scale(float[] a, float factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] *= factor;
    }
  }
}
