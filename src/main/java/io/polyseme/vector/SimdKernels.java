package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The inner loops by {@code jdk.incubator.vector}. Named only in {@link Kernels}, as a string. */
final class SimdKernels extends Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** As many bytes as a vector of floats has numbers; 8 at least, which is the least there is. */
  private static final VectorSpecies<Byte> CODES =
      LANES >= 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  @Override
  boolean simd() {
    return true;
  }

  @Override
  float dot(float[] a, float[] b) {
    if (b.length < a.length) {
      throw new ArrayIndexOutOfBoundsException(b.length);
    }
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    int i = 0;
    for (; i + 2 * LANES <= a.length; i += 2 * LANES) {
      s0 = FloatVector.fromArray(SPECIES, a, i).fma(FloatVector.fromArray(SPECIES, b, i), s0);
      s1 =
          FloatVector.fromArray(SPECIES, a, i + LANES)
              .fma(FloatVector.fromArray(SPECIES, b, i + LANES), s1);
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  float dot(float[] a, MemorySegment rows, long offset) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + 4 * LANES <= a.length; i += 4 * LANES) {
      s0 = FloatVector.fromArray(SPECIES, a, i).fma(row(rows, offset, i), s0);
      s1 = FloatVector.fromArray(SPECIES, a, i + LANES).fma(row(rows, offset, i + LANES), s1);
      s2 =
          FloatVector.fromArray(SPECIES, a, i + 2 * LANES)
              .fma(row(rows, offset, i + 2 * LANES), s2);
      s3 =
          FloatVector.fromArray(SPECIES, a, i + 3 * LANES)
              .fma(row(rows, offset, i + 3 * LANES), s3);
    }
    for (; i + LANES <= a.length; i += LANES) {
      s0 = FloatVector.fromArray(SPECIES, a, i).fma(row(rows, offset, i), s0);
    }
    float sum = s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    for (; i < a.length; i++) {
      sum += a[i] * rows.get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i);
    }
    return sum;
  }

  @Override
  float squaredDistance(float[] a, MemorySegment rows, long offset) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    int i = 0;
    for (; i + 2 * LANES <= a.length; i += 2 * LANES) {
      FloatVector d0 = FloatVector.fromArray(SPECIES, a, i).sub(row(rows, offset, i));
      FloatVector d1 =
          FloatVector.fromArray(SPECIES, a, i + LANES).sub(row(rows, offset, i + LANES));
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < a.length; i++) {
      float d =
          a[i] - rows.get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i);
      sum += d * d;
    }
    return sum;
  }

  @Override
  void candidates(
      float[][] queries,
      int first,
      int n,
      QuantisedRows rows,
      int block,
      float[] thresholds,
      long[] masks,
      Scratch scratch) {
    if (LANES < 8) {
      super.candidates(queries, first, n, rows, block, thresholds, masks, scratch);
      return;
    }
    int q = 0;
    if (n == QUERIES) {
      four(queries, first, rows, block, thresholds, masks);
      q = n;
    }
    for (; q < n; q++) {
      masks[q] = one(queries[first + q], rows, block, thresholds[first + q]);
    }
  }

  private static long one(float[] query, QuantisedRows rows, int block, float threshold) {
    MemorySegment codes = rows.codes();
    int dimension = rows.dimension();
    long mask = 0;
    for (int lane = 0; lane < QuantisedRows.BLOCK; lane += 4 * LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      long at = rows.offset(block) + lane;
      for (int d = 0; d < dimension; d++, at += QuantisedRows.BLOCK) {
        FloatVector x = FloatVector.broadcast(SPECIES, query[d]);
        s0 = codes(codes, at).fma(x, s0);
        s1 = codes(codes, at + LANES).fma(x, s1);
        s2 = codes(codes, at + 2 * LANES).fma(x, s2);
        s3 = codes(codes, at + 3 * LANES).fma(x, s3);
      }
      int row = block * QuantisedRows.BLOCK + lane;
      mask |=
          (above(s0, rows, row, threshold)
                  | above(s1, rows, row + LANES, threshold) << LANES
                  | above(s2, rows, row + 2 * LANES, threshold) << 2 * LANES
                  | above(s3, rows, row + 3 * LANES, threshold) << 3 * LANES)
              << lane;
    }
    return mask;
  }

  /** Four queries and two vectors of rows at a time: eight sums, which all processors can hold. */
  private static void four(
      float[][] queries,
      int first,
      QuantisedRows rows,
      int block,
      float[] thresholds,
      long[] masks) {
    MemorySegment codes = rows.codes();
    int dimension = rows.dimension();
    float[] q0 = queries[first];
    float[] q1 = queries[first + 1];
    float[] q2 = queries[first + 2];
    float[] q3 = queries[first + 3];
    Arrays.fill(masks, 0, QUERIES, 0);
    for (int lane = 0; lane < QuantisedRows.BLOCK; lane += 2 * LANES) {
      FloatVector s00 = FloatVector.zero(SPECIES);
      FloatVector s01 = s00;
      FloatVector s10 = s00;
      FloatVector s11 = s00;
      FloatVector s20 = s00;
      FloatVector s21 = s00;
      FloatVector s30 = s00;
      FloatVector s31 = s00;
      long at = rows.offset(block) + lane;
      for (int d = 0; d < dimension; d++, at += QuantisedRows.BLOCK) {
        FloatVector c0 = codes(codes, at);
        FloatVector c1 = codes(codes, at + LANES);
        FloatVector x0 = FloatVector.broadcast(SPECIES, q0[d]);
        s00 = c0.fma(x0, s00);
        s01 = c1.fma(x0, s01);
        FloatVector x1 = FloatVector.broadcast(SPECIES, q1[d]);
        s10 = c0.fma(x1, s10);
        s11 = c1.fma(x1, s11);
        FloatVector x2 = FloatVector.broadcast(SPECIES, q2[d]);
        s20 = c0.fma(x2, s20);
        s21 = c1.fma(x2, s21);
        FloatVector x3 = FloatVector.broadcast(SPECIES, q3[d]);
        s30 = c0.fma(x3, s30);
        s31 = c1.fma(x3, s31);
      }
      int row = block * QuantisedRows.BLOCK + lane;
      int next = row + LANES;
      float t0 = thresholds[first];
      masks[0] |= (above(s00, rows, row, t0) | above(s01, rows, next, t0) << LANES) << lane;
      float t1 = thresholds[first + 1];
      masks[1] |= (above(s10, rows, row, t1) | above(s11, rows, next, t1) << LANES) << lane;
      float t2 = thresholds[first + 2];
      masks[2] |= (above(s20, rows, row, t2) | above(s21, rows, next, t2) << LANES) << lane;
      float t3 = thresholds[first + 3];
      masks[3] |= (above(s30, rows, row, t3) | above(s31, rows, next, t3) << LANES) << lane;
    }
  }

  private static FloatVector codes(MemorySegment codes, long at) {
    return (FloatVector)
        ByteVector.fromMemorySegment(CODES, codes, at, ORDER)
            .convertShape(VectorOperators.B2F, SPECIES, 0);
  }

  private static long above(FloatVector sums, QuantisedRows rows, int row, float threshold) {
    return sums.fma(row(rows.scales(), 4L * row, 0), row(rows.residuals(), 4L * row, 0))
        .compare(VectorOperators.GE, threshold)
        .toLong();
  }

  private static FloatVector row(MemorySegment rows, long offset, int i) {
    return FloatVector.fromMemorySegment(SPECIES, rows, offset + 4L * i, ORDER);
  }
}
