package io.polyseme.index;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.store.DataInput;
import org.apache.lucene.store.DataOutput;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.store.MemorySegmentAccessInput;

/**
 * How graphs lie on disk, beside Lucene's file of the full vectors. Two files a segment, with
 * Lucene's headers and checksums; numbers are little-endian.
 *
 * <p>{@value #META}: for each field that has a graph an {@link Entry}, then -1 in place of a
 * field's number.
 *
 * <p>{@value #DATA}: for each of them
 *
 * <ul>
 *   <li>links: for each node {@code width} int32, its neighbours, then -1 up to the width
 *   <li>order: for each node the int32 ordinal of its vector among Lucene's; and the other way
 *       round, for each ordinal its node
 *   <li>rows: for each node its codes, as {@link CodeRows} has them
 * </ul>
 *
 * Nodes are numbered as they are met from the seeds, breadth first, so that what is compared
 * together lies together. With full vectors nodes are Lucene's ordinals, and there are links only.
 */
final class GraphFile {
  static final String META = "pgm";
  static final String DATA = "pgd";
  static final String META_CODEC = "PolysemeGraphMeta";
  static final String DATA_CODEC = "PolysemeGraphData";
  static final int VERSION = 0;

  /** Rows and links begin at cache lines. */
  static final int ALIGNED = 64;

  static final int NO_MORE_FIELDS = -1;

  private static final int BUFFER = 1 << 16;

  private GraphFile() {}

  /**
   * One field's graph.
   *
   * @param size how many nodes
   * @param width the most neighbours of a node
   * @param seeds where a search begins
   * @param mean of all vectors, or zeros; see {@link CodeRows}
   * @param links where they begin; order and rows likewise
   */
  record Entry(
      Encoding encoding,
      int size,
      int dimension,
      int width,
      int[] seeds,
      float[] mean,
      long links,
      long order,
      long rows) {

    CodeRows codes(FieldInfo field) {
      return new CodeRows(encoding, dimension, field.getVectorSimilarityFunction(), mean);
    }

    void write(DataOutput out) throws IOException {
      // The names are the format's, whatever becomes of the order of the constants.
      out.writeString(encoding.name());
      out.writeInt(size);
      out.writeInt(dimension);
      out.writeInt(width);
      out.writeInt(seeds.length);
      for (int seed : seeds) {
        out.writeInt(seed);
      }
      for (float x : mean) {
        out.writeInt(Float.floatToIntBits(x));
      }
      out.writeLong(links);
      out.writeLong(order);
      out.writeLong(rows);
    }

    static Entry read(DataInput in, FieldInfo field) throws IOException {
      String name = in.readString();
      Encoding encoding;
      try {
        encoding = Encoding.valueOf(name);
      } catch (IllegalArgumentException e) {
        throw new CorruptIndexException("unknown encoding " + name, in.toString(), e);
      }
      int size = in.readInt();
      int dimension = in.readInt();
      int width = in.readInt();
      int seedCount = in.readInt();
      if (size < 1
          || dimension != field.getVectorDimension()
          || width < 1
          || seedCount < 1
          || seedCount > size) {
        throw new CorruptIndexException(
            "size %d, dimension %d of %d, width %d, seeds %d"
                .formatted(size, dimension, field.getVectorDimension(), width, seedCount),
            in.toString());
      }
      var seeds = new int[seedCount];
      for (int i = 0; i < seedCount; i++) {
        seeds[i] = in.readInt();
      }
      var mean = new float[dimension];
      for (int i = 0; i < dimension; i++) {
        mean[i] = Float.intBitsToFloat(in.readInt());
      }
      return new Entry(
          encoding,
          size,
          dimension,
          width,
          seeds,
          mean,
          in.readLong(),
          in.readLong(),
          in.readLong());
    }
  }

  /** Writes numbers one after the other. */
  static void writeInts(IndexOutput out, int count, IntUnaryOperator numbers) throws IOException {
    for (int i = 0; i < count; i++) {
      out.writeInt(numbers.applyAsInt(i));
    }
  }

  /** A part of a file: where it is mapped, the map itself; else a copy off the heap. */
  static MemorySegment segment(IndexInput in, long from, long length) throws IOException {
    if (in instanceof MemorySegmentAccessInput mapped) {
      MemorySegment segment = mapped.segmentSliceOrNull(from, length);
      if (segment != null) {
        return segment;
      }
    }
    MemorySegment copy = Arena.ofAuto().allocate(length, ALIGNED);
    IndexInput source = in.clone();
    source.seek(from);
    var buffer = new byte[BUFFER];
    for (long at = 0; at < length; at += buffer.length) {
      int n = (int) Math.min(buffer.length, length - at);
      source.readBytes(buffer, 0, n);
      MemorySegment.copy(MemorySegment.ofArray(buffer), 0, copy, at, n);
    }
    return copy;
  }

  /** The end of what a file holds before its checksum. */
  static long end(IndexInput in) {
    return in.length() - CodecUtil.footerLength();
  }
}
