package io.polyseme.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.lucene.index.VectorSimilarityFunction;

/**
 * How quantised vectors lie in rows: the codes, the factor that they are to be multiplied by, and
 * the squared length of the vector.
 *
 * <p>8 bits: numbers from -{@value CodeKernels#LARGEST} to {@value CodeKernels#LARGEST}, scaled by
 * the vector's largest. 4 bits and 1 bit: of what the vector differs from the mean of all, so that
 * the few bits are spent on what differs; the factor makes the estimated dot product unbiased (Gao
 * and Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for
 * Approximate Nearest Neighbor Search"; here without the rotation).
 *
 * @param mean of all vectors, float[dimension]; zero with 8 bits
 */
record CodeRows(
    Encoding encoding, int dimension, VectorSimilarityFunction similarity, float[] mean) {
  private static final int ALIGNED = 32;
  private static final int TAIL = 8;

  /** Half a byte means so much less than its number: -7.5 to 7.5. */
  private static final float NIBBLE_ZERO = 7.5f;

  /** By how much of a vector's largest number the 4 bits may be made to end. */
  private static final float[] CLIPS = {1, 0.9f, 0.8f, 0.72f, 0.65f, 0.58f, 0.52f, 0.46f, 0.4f};

  /** How many bits a query's numbers have beside vectors of 1 bit. */
  private static final int PLANES = 4;

  CodeRows {
    if (encoding == Encoding.FLOAT32) {
      throw new IllegalArgumentException("full vectors have no codes");
    }
  }

  /** Bytes of a row's codes. */
  int codeBytes() {
    return switch (encoding) {
      case INT8 -> dimension;
      case INT4 -> (dimension + 1) / 2;
      case INT1 -> (dimension + 63) / 64 * Long.BYTES;
      case FLOAT32 -> throw new IllegalStateException();
    };
  }

  /** Bytes from one row to the next. */
  int stride() {
    return roundUp(codeBytes() + TAIL, ALIGNED);
  }

  private static int roundUp(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
  }

  /** Quantises vectors. Not thread-safe. */
  final class Quantiser {
    private final ByteBuffer row = ByteBuffer.allocate(stride()).order(ByteOrder.LITTLE_ENDIAN);
    private final float[] vector = new float[dimension];
    private final byte[] codes = new byte[dimension];
    private final byte[] tried = new byte[dimension];

    /** The row of a vector; the array is used again at the next call. */
    byte[] row(float[] source) {
      double norm = 0;
      for (float x : source) {
        norm += (double) x * x;
      }
      float unit =
          similarity == VectorSimilarityFunction.COSINE && norm > 0
              ? (float) (1 / Math.sqrt(norm))
              : 1;
      for (int i = 0; i < dimension; i++) {
        vector[i] = source[i] * unit - mean[i];
      }
      byte[] bytes = row.array();
      Arrays.fill(bytes, (byte) 0);
      float factor =
          switch (encoding) {
            case INT8 -> bytes(bytes);
            case INT4 -> nibbles(bytes);
            case INT1 -> bits(bytes);
            case FLOAT32 -> throw new IllegalStateException();
          };
      row.putFloat(codeBytes(), factor);
      row.putFloat(codeBytes() + Float.BYTES, (float) (norm * unit * unit));
      return bytes;
    }

    private float bytes(byte[] into) {
      float scale = largest() / CodeKernels.LARGEST;
      for (int i = 0; i < dimension; i++) {
        into[i] = (byte) Math.round(vector[i] / scale);
      }
      return scale;
    }

    private float largest() {
      float largest = Float.MIN_NORMAL * CodeKernels.LARGEST;
      for (float x : vector) {
        largest = Math.max(largest, Math.abs(x));
      }
      return largest;
    }

    private float nibbles(byte[] into) {
      float largest = largest();
      double best = -1;
      double product = 1;
      for (float clip : CLIPS) {
        float step = clip * largest / NIBBLE_ZERO;
        double dot = 0;
        double length = 0;
        for (int i = 0; i < dimension; i++) {
          int code = Math.clamp((int) Math.floor(vector[i] / step) + 8, 0, 15);
          double value = code - NIBBLE_ZERO;
          tried[i] = (byte) code;
          dot += vector[i] * value;
          length += value * value;
        }
        double cosine = dot / Math.sqrt(length);
        if (cosine > best) {
          best = cosine;
          product = dot;
          System.arraycopy(tried, 0, codes, 0, dimension);
        }
      }
      int half = codeBytes();
      for (int i = 0; i < dimension; i++) {
        into[i % half] |= (byte) (i < half ? codes[i] : codes[i] << 4);
      }
      return unbiased(product);
    }

    private float bits(byte[] into) {
      double product = 0;
      for (int i = 0; i < dimension; i++) {
        product += Math.abs(vector[i]);
        if (vector[i] > 0) {
          into[i / 8] |= (byte) (1 << i % 8);
        }
      }
      return unbiased(product);
    }

    /** The factor by which the product of codes and the vector itself is its squared length. */
    private float unbiased(double product) {
      double norm = 0;
      for (float x : vector) {
        norm += (double) x * x;
      }
      return product > 0 ? (float) (norm / product) : 0;
    }
  }

  /** Scores rows of this layout. */
  NodeScorer scorer(MemorySegment rows) {
    return switch (encoding) {
      case INT8 -> new Bytes(rows);
      case INT4 -> new Nibbles(rows);
      case INT1 -> new Bits(rows);
      case FLOAT32 -> throw new IllegalStateException();
    };
  }

  /** What the encodings share: the target, and how a product becomes a score. */
  abstract class OfCodes extends NodeScorer {
    final MemorySegment rows;
    final int stride = stride();
    final int tail = codeBytes();
    private final boolean distances = similarity == VectorSimilarityFunction.EUCLIDEAN;
    private final float[] unit = new float[dimension];

    /** The target's product with the mean of all, and its squared length where that counts. */
    private float base;

    OfCodes(MemorySegment rows) {
      super(rows, CodeRows.this.stride());
      this.rows = rows;
    }

    @Override
    final void target(float[] target) {
      double norm = 0;
      double dot = 0;
      for (int i = 0; i < dimension; i++) {
        norm += (double) target[i] * target[i];
        dot += (double) target[i] * mean[i];
      }
      float[] used = target;
      if (similarity == VectorSimilarityFunction.COSINE && norm > 0) {
        float scale = (float) (1 / Math.sqrt(norm));
        for (int i = 0; i < dimension; i++) {
          unit[i] = target[i] * scale;
        }
        dot *= scale;
        used = unit;
      }
      base = (float) (distances ? 2 * dot - norm : dot);
      prepare(used);
    }

    abstract void prepare(float[] target);

    /** The score of a product with a row's codes. */
    final float score(float product, long at) {
      float dot = product * rows.get(CodeKernels.FLOAT, at + tail);
      return distances
          ? base + 2 * dot - rows.get(CodeKernels.FLOAT, at + tail + Float.BYTES)
          : base + dot;
    }

    /** Integers from -LARGEST to LARGEST; the factor that they are to be multiplied by. */
    final float integers(float[] target, short[] into) {
      float largest = Float.MIN_NORMAL * CodeKernels.LARGEST;
      for (float x : target) {
        largest = Math.max(largest, Math.abs(x));
      }
      float scale = largest / CodeKernels.LARGEST;
      for (int i = 0; i < dimension; i++) {
        into[i] = (short) Math.round(target[i] / scale);
      }
      return scale;
    }
  }

  /** 8 bits; a node can be the target too. */
  final class Bytes extends OfCodes {
    private final int length = roundUp(dimension, CodeKernels.GRANULE);
    private final short[] query = new short[length];
    private float scale;
    private float ownNorm;
    private boolean node;

    Bytes(MemorySegment rows) {
      super(rows);
    }

    @Override
    void prepare(float[] target) {
      scale = integers(target, query);
      node = false;
    }

    /** Makes a node the target. */
    void target(int target) {
      long at = (long) target * stride;
      for (int i = 0; i < dimension; i++) {
        query[i] = rows.get(ValueLayout.JAVA_BYTE, at + i);
      }
      scale = rows.get(CodeKernels.FLOAT, at + tail);
      ownNorm = rows.get(CodeKernels.FLOAT, at + tail + Float.BYTES);
      node = true;
    }

    @Override
    void scoreAll(int[] nodes, int count, float[] scores) {
      for (int i = 0; i < count; i++) {
        scores[i] = score(nodes[i]);
      }
    }

    float score(int other) {
      long at = (long) other * stride;
      float product = scale * CodeKernels.BEST.bytes(query, rows, at, length);
      if (!node) {
        return score(product, at);
      }
      float dot = product * rows.get(CodeKernels.FLOAT, at + tail);
      return similarity == VectorSimilarityFunction.EUCLIDEAN
          ? 2 * dot - ownNorm - rows.get(CodeKernels.FLOAT, at + tail + Float.BYTES)
          : dot;
    }
  }

  /** 4 bits: the first half of the dimensions in the lower halves of bytes. */
  private final class Nibbles extends OfCodes {
    private final int length = roundUp(codeBytes(), CodeKernels.GRANULE);
    private final short[] query = new short[dimension];
    private final short[] low = new short[length];
    private final short[] high = new short[length];
    private float scale;
    private float zero;

    Nibbles(MemorySegment rows) {
      super(rows);
    }

    @Override
    void prepare(float[] target) {
      scale = integers(target, query);
      int half = codeBytes();
      int sum = 0;
      for (int i = 0; i < dimension; i++) {
        sum += query[i];
      }
      System.arraycopy(query, 0, low, 0, half);
      System.arraycopy(query, half, high, 0, dimension - half);
      zero = NIBBLE_ZERO * sum;
    }

    @Override
    void scoreAll(int[] nodes, int count, float[] scores) {
      for (int i = 0; i < count; i++) {
        long at = (long) nodes[i] * stride;
        scores[i] =
            score(scale * (CodeKernels.BEST.nibbles(low, high, rows, at, length) - zero), at);
      }
    }
  }

  /** 1 bit, compared with 4 bits of the target. */
  private final class Bits extends OfCodes {
    private final int words = codeBytes() / Long.BYTES;
    private final long[] planes = new long[PLANES * words];
    private float least;
    private float step;
    private float sum;

    Bits(MemorySegment rows) {
      super(rows);
    }

    @Override
    void prepare(float[] target) {
      float most = Float.NEGATIVE_INFINITY;
      least = Float.POSITIVE_INFINITY;
      for (float x : target) {
        least = Math.min(least, x);
        most = Math.max(most, x);
      }
      int largest = (1 << PLANES) - 1;
      step = Math.max(Float.MIN_NORMAL, (most - least) / largest);
      Arrays.fill(planes, 0);
      sum = 0;
      for (int i = 0; i < dimension; i++) {
        int number = Math.clamp(Math.round((target[i] - least) / step), 0, largest);
        sum += least + step * number;
        for (int plane = 0; plane < PLANES; plane++) {
          planes[PLANES * (i / 64) + plane] |= (number >> plane & 1L) << i % 64;
        }
      }
    }

    @Override
    void scoreAll(int[] nodes, int count, float[] scores) {
      for (int i = 0; i < count; i++) {
        long at = (long) nodes[i] * stride;
        int ones = 0;
        int weighted = 0;
        for (int word = 0; word < words; word++) {
          long bits = rows.get(CodeKernels.LONG, at + (long) word * Long.BYTES);
          int plane = PLANES * word;
          ones += Long.bitCount(bits);
          weighted +=
              Long.bitCount(bits & planes[plane])
                  + 2 * Long.bitCount(bits & planes[plane + 1])
                  + 4 * Long.bitCount(bits & planes[plane + 2])
                  + 8 * Long.bitCount(bits & planes[plane + 3]);
        }
        scores[i] = score(2 * (least * ones + step * weighted) - sum, at);
      }
    }
  }
}
