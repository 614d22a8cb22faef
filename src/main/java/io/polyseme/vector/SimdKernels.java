package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The inner loops by {@code jdk.incubator.vector}. Named only in {@link Kernels}, as a string. */
final class SimdKernels extends Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
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

  private static FloatVector row(MemorySegment rows, long offset, int i) {
    return FloatVector.fromMemorySegment(SPECIES, rows, offset + 4L * i, ORDER);
  }
}
