package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
  static double exactDot(float[] a, float[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += (double) a[i] * b[i];
      s1 += (double) a[i + 1] * b[i + 1];
      s2 += (double) a[i + 2] * b[i + 2];
      s3 += (double) a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += (double) a[i] * b[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  /** The squared distance, summed up as {@link #exactDot}. */
  static double exactSquaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
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
    int held = scratch.hold(rows, block);
    byte[] codes = scratch.codes;
    int from = held * dimension * QuantisedRows.BLOCK;
    float[] sums = scratch.sums;
    for (int q = 0; q < n; q++) {
      float[] query = queries[first + q];
      Arrays.fill(sums, 0);
      for (int d = 0; d < dimension; d++) {
        addCodes(sums, query[d], codes, from + d * QuantisedRows.BLOCK);
      }
      long mask = 0;
      for (int i = 0; i < QuantisedRows.BLOCK; i++) {
        int at = held * QuantisedRows.BLOCK + i;
        if (sums[i] * scratch.scales[at] + scratch.residuals[at] >= thresholds[first + q]) {
          mask |= 1L << i;
        }
      }
      masks[q] = mask;
    }
  }

  /**
   * Along the rows, which are independent: a loop that the JIT makes SIMD code of. A method of its
   * own, as short ones are compiled first: the first query of a process is answered sooner.
   */
  private static void addCodes(float[] sums, float x, byte[] codes, int at) {
    for (int i = 0; i < QuantisedRows.BLOCK; i++) {
      sums[i] += x * codes[at + i];
    }
  }

  /** How many queries {@link #candidates} takes at once. */
  static final int QUERIES = 4;

  /**
   * One thread's copy of some blocks, in arrays: these are read at once from the first, before
   * anything is compiled, which memory off the heap is not.
   */
  static final class Scratch {
    private static final int BLOCKS = 16;

    private final float[] sums = new float[QuantisedRows.BLOCK];
    private byte[] codes = new byte[0];
    private final float[] scales = new float[BLOCKS * QuantisedRows.BLOCK];
    private final float[] residuals = new float[BLOCKS * QuantisedRows.BLOCK];
    private @Nullable QuantisedRows rows;
    private int from;
    private int to;

    /** Makes sure that a block is here; its place among those that are. */
    private int hold(QuantisedRows rows, int block) {
      if (rows != this.rows || block < from || block >= to) {
        this.rows = rows;
        from = block;
        to = Math.min(block + BLOCKS, rows.blocks());
        int size = (to - from) * QuantisedRows.BLOCK;
        int bytes = size * rows.dimension();
        if (codes.length < bytes) {
          codes = new byte[bytes];
        }
        MemorySegment.copy(
            rows.codes(), ValueLayout.JAVA_BYTE, rows.offset(block), codes, 0, bytes);
        long at = 4L * block * QuantisedRows.BLOCK;
        MemorySegment.copy(rows.scales(), ValueLayout.JAVA_FLOAT, at, scales, 0, size);
        MemorySegment.copy(rows.residuals(), ValueLayout.JAVA_FLOAT, at, residuals, 0, size);
      }
      return block - from;
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
