package io.polyseme.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The inner loops of the graph search. This one is plain Java; {@link SimdCodeKernels} uses the
 * machine's vectors.
 */
class CodeKernels {
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The lengths that the loops take are multiples of this. */
  static final int GRANULE = 32;

  /** The largest of an 8-bit code: four products of two such fit into 16 bits. */
  static final int LARGEST = 90;

  /** The fastest that this JVM has. */
  static final CodeKernels BEST = best();

  private static CodeKernels best() {
    if (!Boolean.getBoolean("io.polyseme.scalar")
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      try {
        // By name: without the module the class could not even be linked.
        return (CodeKernels)
            Class.forName("io.polyseme.index.SimdCodeKernels")
                .getDeclaredConstructor()
                .newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        System.getLogger(CodeKernels.class.getName())
            .log(System.Logger.Level.DEBUG, "graph search without SIMD", e);
      }
    }
    return new CodeKernels();
  }

  /**
   * The sum of query[i] * code[i] over signed bytes.
   *
   * @param query from -{@value #LARGEST} to {@value #LARGEST}; zero beyond the dimensions, so that
   *     what the row holds there does not count
   * @param length a multiple of {@value #GRANULE}
   */
  int bytes(short[] query, MemorySegment rows, long at, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += query[i] * rows.get(ValueLayout.JAVA_BYTE, at + i);
    }
    return sum;
  }

  /**
   * The sum of low[i] * (lower half of byte i) + high[i] * (upper half), halves from 0 to 15.
   *
   * @param low and high as the query of {@link #bytes}
   */
  int nibbles(short[] low, short[] high, MemorySegment rows, long at, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      int both = rows.get(ValueLayout.JAVA_BYTE, at + i) & 0xFF;
      sum += low[i] * (both & 15) + high[i] * (both >> 4);
    }
    return sum;
  }

  float dot(float[] query, MemorySegment rows, long at) {
    float s0 = 0;
    float s1 = 0;
    int i = 0;
    for (; i + 1 < query.length; i += 2) {
      s0 += query[i] * rows.get(FLOAT, at + 4L * i);
      s1 += query[i + 1] * rows.get(FLOAT, at + 4L * i + 4);
    }
    return i < query.length ? s0 + s1 + query[i] * rows.get(FLOAT, at + 4L * i) : s0 + s1;
  }

  float squaredDistance(float[] query, MemorySegment rows, long at) {
    float sum = 0;
    for (int i = 0; i < query.length; i++) {
      float d = query[i] - rows.get(FLOAT, at + 4L * i);
      sum += d * d;
    }
    return sum;
  }
}
