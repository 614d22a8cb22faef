package io.polyseme.index;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The inner loops by {@code jdk.incubator.vector}. Named only in {@link CodeKernels}. */
final class SimdCodeKernels extends CodeKernels {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** At most as many numbers as a granule has. */
  private static final VectorSpecies<Short> SHORTS =
      ShortVector.SPECIES_PREFERRED.length() > GRANULE
          ? ShortVector.SPECIES_512
          : ShortVector.SPECIES_PREFERRED;

  private static final int LANES = SHORTS.length();

  /** As many bytes as {@link #SHORTS} has numbers; the least there are is 8. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));

  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /** So many products of a byte and half a byte fit into 16 bits. */
  private static final int NIBBLE_STEPS = 8;

  @Override
  int bytes(short[] query, MemorySegment rows, long at, int length) {
    if (LANES < 8) {
      return super.bytes(query, rows, at, length);
    }
    IntVector sum = IntVector.zero(INTS);
    int i = 0;
    for (; i + 4 * LANES <= length; i += 4 * LANES) {
      ShortVector a = row(rows, at + i).mul(ShortVector.fromArray(SHORTS, query, i));
      ShortVector b =
          row(rows, at + i + LANES).mul(ShortVector.fromArray(SHORTS, query, i + LANES));
      a =
          a.add(
              row(rows, at + i + 2 * LANES)
                  .mul(ShortVector.fromArray(SHORTS, query, i + 2 * LANES)));
      b =
          b.add(
              row(rows, at + i + 3 * LANES)
                  .mul(ShortVector.fromArray(SHORTS, query, i + 3 * LANES)));
      sum = pairs(a.add(b), sum);
    }
    if (i < length) {
      ShortVector a = row(rows, at + i).mul(ShortVector.fromArray(SHORTS, query, i));
      for (i += LANES; i < length; i += LANES) {
        a = a.add(row(rows, at + i).mul(ShortVector.fromArray(SHORTS, query, i)));
      }
      sum = pairs(a, sum);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  @Override
  int nibbles(short[] low, short[] high, MemorySegment rows, long at, int length) {
    if (LANES < 8) {
      return super.nibbles(low, high, rows, at, length);
    }
    IntVector sum = IntVector.zero(INTS);
    for (int i = 0; i < length; ) {
      ShortVector a = ShortVector.zero(SHORTS);
      int end = Math.min(length, i + NIBBLE_STEPS * LANES);
      for (; i < end; i += LANES) {
        ShortVector both = row(rows, at + i);
        a =
            a.add(both.and((short) 15).mul(ShortVector.fromArray(SHORTS, low, i)))
                .add(
                    both.lanewise(VectorOperators.LSHR, 4)
                        .and((short) 15)
                        .mul(ShortVector.fromArray(SHORTS, high, i)));
      }
      sum = pairs(a, sum);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  /** Adds the numbers of 16 bits, two by two, to those of 32. */
  private static IntVector pairs(ShortVector numbers, IntVector sum) {
    IntVector two = (IntVector) numbers.reinterpretShape(INTS, 0);
    return sum.add(two.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16))
        .add(two.lanewise(VectorOperators.ASHR, 16));
  }

  private static ShortVector row(MemorySegment rows, long at) {
    return (ShortVector)
        ByteVector.fromMemorySegment(BYTES, rows, at, ORDER)
            .convertShape(VectorOperators.B2S, SHORTS, 0);
  }

  @Override
  float dot(float[] query, MemorySegment rows, long at) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    int lanes = FLOATS.length();
    int i = 0;
    for (; i + 2 * lanes <= query.length; i += 2 * lanes) {
      s0 = FloatVector.fromArray(FLOATS, query, i).fma(floats(rows, at, i), s0);
      s1 = FloatVector.fromArray(FLOATS, query, i + lanes).fma(floats(rows, at, i + lanes), s1);
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < query.length; i++) {
      sum += query[i] * rows.get(FLOAT, at + 4L * i);
    }
    return sum;
  }

  @Override
  float squaredDistance(float[] query, MemorySegment rows, long at) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    int lanes = FLOATS.length();
    int i = 0;
    for (; i + lanes <= query.length; i += lanes) {
      FloatVector d = FloatVector.fromArray(FLOATS, query, i).sub(floats(rows, at, i));
      s0 = d.fma(d, s0);
    }
    float sum = s0.reduceLanes(VectorOperators.ADD);
    for (; i < query.length; i++) {
      float d = query[i] - rows.get(FLOAT, at + 4L * i);
      sum += d * d;
    }
    return sum;
  }

  private static FloatVector floats(MemorySegment rows, long at, int i) {
    return FloatVector.fromMemorySegment(FLOATS, rows, at + 4L * i, ORDER);
  }
}
