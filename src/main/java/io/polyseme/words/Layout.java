package io.polyseme.words;

import io.polyseme.vector.Maker;
import io.polyseme.vector.QuantisedRows;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Where things are in a file of word vectors. All numbers are little-endian; n words, dimension d.
 *
 * <pre>
 *   0  8 bytes  magic "PLYSWORD"
 *   8  int32    version, 2
 *  12  int32    n
 *  16  int32    d
 *  20  int32    J, length of the description
 *  24  int32    flags: 1 with an int8 copy, 2 with frequencies
 *  28  int32    b, buckets of n-grams; 0 without subwords
 *  32  int64    L, length of the labels
 *  40  int64    length of the whole file
 *  48  int32    CRC-32C of the description
 *  52  int32    CRC-32C of the checksums
 *  56  (zeros)
 * 124  int32    CRC-32C of bytes 0 to 123
 *
 * from 128, each part beginning at a multiple of 64, with zeros between:
 *      n * d float32   vectors as they were given, row after row
 *      b * d float32   vectors of the buckets
 *      n float32       1 / the length of each word's vector, 0 for the zero vector
 *      with an int8 copy, m being n rounded up to a multiple of 64 (see QuantisedRows):
 *        m * d int8    codes, by blocks of 64 words
 *        m float32     scales
 *        m float32     lengths of what the codes leave out
 *      n int64         with frequencies: how often each word occurred
 *      s int32         hash table of the labels: a power of two, at least 2 n, slots of a row
 *                      plus 1, or 0; linear probing from Labels.hash(label)
 *      n + 1 int64     where each row's label begins among the labels, and where the last ends
 *      L bytes         labels, UTF-8, without anything between
 *      J bytes         description: texts, each an int32 with its length in bytes and its UTF-8:
 *                      name, similarity, the maker's four, the shortest and longest n-gram (empty
 *                      without subwords), then keys and values of the properties
 *      c int32         CRC-32C of each 1 MiB from 128 to here; the last may be shorter
 * </pre>
 */
record Layout(
    int count,
    int dimension,
    int description,
    int flags,
    int buckets,
    long labels,
    int descriptionChecksum,
    int sumsChecksum) {
  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);
  static final int VERSION = 2;
  static final int START = 128;
  static final int QUANTISED = 1;
  static final int FREQUENCIES = 2;

  /** So many bytes have a checksum of their own. */
  static final long SUMMED = 1 << 20;

  /** The hash table has at most 2^30 slots. */
  static final int MOST_WORDS = 1 << 29;

  static final byte[] MAGIC = "PLYSWORD".getBytes(StandardCharsets.US_ASCII);

  /** The file is not what it should be; the message is the end of a sentence on the file. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /** A part of the file. */
  record Part(String name, long at, long length) {
    long end() {
      return at + length;
    }
  }

  boolean quantised() {
    return (flags & QUANTISED) != 0;
  }

  boolean hasFrequencies() {
    return (flags & FREQUENCIES) != 0;
  }

  /** The size of the hash table for so many words. */
  static int slots(int count) {
    return Math.max(2, Integer.highestOneBit(Math.max(1, 2 * count - 1)) << 1);
  }

  private static Part after(Part before, String name, long length) {
    return new Part(name, before.end() + 63 & -64, length);
  }

  Part vectors() {
    return new Part("vectors", START, 4L * count * dimension);
  }

  Part bucketVectors() {
    return after(vectors(), "vectors of n-grams", 4L * buckets * dimension);
  }

  Part norms() {
    return after(bucketVectors(), "lengths of vectors", 4L * count);
  }

  Part codes() {
    return after(norms(), "int8 copy", quantised() ? QuantisedRows.codeBytes(count, dimension) : 0);
  }

  Part scales() {
    return after(
        codes(), "scales of the int8 copy", quantised() ? 4L * QuantisedRows.padded(count) : 0);
  }

  Part residuals() {
    return after(scales(), "bounds of the int8 copy", scales().length);
  }

  Part frequencies() {
    return after(residuals(), "frequencies", hasFrequencies() ? 8L * count : 0);
  }

  Part slotTable() {
    return after(frequencies(), "hash table", 4L * slots(count));
  }

  Part offsets() {
    return after(slotTable(), "places of words", 8L * (count + 1L));
  }

  Part labelBytes() {
    return after(offsets(), "words", labels);
  }

  Part descriptionBytes() {
    return after(labelBytes(), "description", description);
  }

  Part sums() {
    Part last = descriptionBytes();
    long summed = (last.end() + 63 & -64) - START;
    return after(last, "checksums", 4 * ((summed + SUMMED - 1) / SUMMED));
  }

  /** All parts that are summed up, in their order. */
  List<Part> parts() {
    return List.of(
        vectors(),
        bucketVectors(),
        norms(),
        codes(),
        scales(),
        residuals(),
        frequencies(),
        slotTable(),
        offsets(),
        labelBytes(),
        descriptionBytes());
  }

  long length() {
    return sums().end();
  }

  /** How many checksums there are. */
  int summedBlocks() {
    return Math.toIntExact(sums().length / 4);
  }

  /** The checksum of a block of the file, as it is now. */
  int sum(MemorySegment file, int block) {
    long from = START + block * SUMMED;
    var crc = new CRC32C();
    crc.update(file.asSlice(from, Math.min(SUMMED, sums().at - from)).asByteBuffer());
    return (int) crc.getValue();
  }

  Layout withChecksums(int descriptionChecksum, int sumsChecksum) {
    return new Layout(
        count, dimension, description, flags, buckets, labels, descriptionChecksum, sumsChecksum);
  }

  ByteBuffer header() {
    ByteBuffer b = ByteBuffer.allocate(START).order(ORDER);
    b.put(MAGIC).putInt(VERSION).putInt(count).putInt(dimension).putInt(description).putInt(flags);
    b.putInt(buckets)
        .putLong(labels)
        .putLong(length())
        .putInt(descriptionChecksum)
        .putInt(sumsChecksum);
    b.putInt(START - 4, checksum(b.array(), START - 4));
    return b.rewind();
  }

  /** Whether a file begins as one of word vectors does, in whatever version. */
  static boolean isMagic(ByteBuffer start) {
    return start.remaining() >= MAGIC.length
        && start.slice(start.position(), MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
  }

  static Layout read(ByteBuffer bytes, long fileLength) throws Malformed {
    if (!isMagic(bytes)) {
      throw new Malformed("is no file of word vectors of this program");
    }
    ByteBuffer b = bytes.slice().order(ORDER);
    if (b.remaining() >= 12 && b.getInt(8) != VERSION) {
      throw new Malformed(
          "is of version %d, and this program reads version %d".formatted(b.getInt(8), VERSION));
    }
    if (b.remaining() < START) {
      throw new Malformed("is cut off: it has only " + fileLength + " bytes");
    }
    var start = new byte[START];
    b.get(start);
    if (b.getInt(START - 4) != checksum(start, START - 4)) {
      throw new Malformed("is damaged: the checksum of its header does not match");
    }
    b.position(12);
    int count = b.getInt();
    int dimension = b.getInt();
    int description = b.getInt();
    int flags = b.getInt();
    int buckets = b.getInt();
    long labels = b.getLong();
    long length = b.getLong();
    var layout =
        new Layout(count, dimension, description, flags, buckets, labels, b.getInt(), b.getInt());
    if (count < 0
        || count > MOST_WORDS
        || dimension < 1
        || description < 0
        || buckets < 0
        || labels < 0
        || labels > Integer.MAX_VALUE
        || layout.length() != length) {
      throw new Malformed("is damaged: its header makes no sense");
    }
    if (length != fileLength) {
      throw new Malformed(
          "is %s: it has %d bytes, and should have %d"
              .formatted(fileLength < length ? "cut off" : "damaged", fileLength, length));
    }
    return layout;
  }

  static int checksum(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** What the file says of itself. */
  record Description(SpaceInfo info, @Nullable SubwordRule rule) {
    byte[] write() {
      var texts = new ArrayList<String>();
      Maker maker = info.maker();
      texts.addAll(
          List.of(
              info.name(),
              info.similarity().name(),
              maker.model(),
              maker.fingerprint(),
              maker.layer(),
              maker.pooling(),
              rule == null ? "" : Integer.toString(rule.minLength()),
              rule == null ? "" : Integer.toString(rule.maxLength())));
      info.properties()
          .forEach(
              (key, value) -> {
                texts.add(key);
                texts.add(value);
              });
      List<byte[]> encoded =
          texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
      ByteBuffer bytes =
          ByteBuffer.allocate(encoded.stream().mapToInt(text -> 4 + text.length).sum())
              .order(ORDER);
      encoded.forEach(text -> bytes.putInt(text.length).put(text));
      return bytes.array();
    }
  }

  Description describe(byte[] bytes) throws Malformed {
    if (checksum(bytes, bytes.length) != descriptionChecksum) {
      throw new Malformed("is damaged: the checksum of its description does not match");
    }
    try {
      ByteBuffer b = ByteBuffer.wrap(bytes).order(ORDER);
      String name = text(b);
      Similarity similarity = Similarity.valueOf(text(b));
      Maker maker = new Maker(text(b), text(b), text(b), text(b));
      String least = text(b);
      String most = text(b);
      Map<String, String> properties = new LinkedHashMap<>();
      while (b.hasRemaining()) {
        properties.put(text(b), text(b));
      }
      return new Description(
          new SpaceInfo(name, count, dimension, similarity, maker, properties),
          buckets == 0
              ? null
              : new SubwordRule(Integer.parseInt(least), Integer.parseInt(most), buckets));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Malformed("is damaged: its description cannot be read (" + e.getMessage() + ")");
    }
  }

  private static String text(ByteBuffer from) {
    int length = from.getInt();
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    var bytes = new byte[length];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
