package io.polyseme.words;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Where things are in a file of word vectors. All numbers are little-endian; n words, dimension d.
 *
 * <pre>
 *   0  8 bytes  magic "PLYSWORD"
 *   8  int32    version, 1
 *  12  int32    n
 *  16  int32    d
 *  20  int32    J, length of the JSON header
 *  24  int64    L, length of the labels
 *  32  int64    length of the whole file
 *  40  int32    CRC-32C of bytes 64 to the end
 *  44  int32    CRC-32C of the JSON header
 *  48  12 bytes zero
 *  60  int32    CRC-32C of bytes 0 to 59
 *  64  n * d float32   vectors as they were given, row after row
 *      n float32       1 / the length of each, 0 for the zero vector
 *      n int32         rows in the order of their labels' UTF-8 bytes, unsigned
 *      (zeros up to a multiple of 8)
 *      n + 1 int64     where each row's label begins among the labels, and where the last ends
 *      L bytes         labels, UTF-8, without anything between
 *      J bytes         JSON header: name, similarity, maker, properties
 * </pre>
 */
record Layout(int count, int dimension, int json, long labels, int dataChecksum, int jsonChecksum) {
  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  static final int VERSION = 1;
  static final int START = 64;
  private static final byte[] MAGIC = "PLYSWORD".getBytes(StandardCharsets.US_ASCII);

  /** The file is not what it should be; the message is the end of a sentence on the file. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  long normsAt() {
    return START + 4L * count * dimension;
  }

  long sortedAt() {
    return normsAt() + 4L * count;
  }

  long offsetsAt() {
    return (sortedAt() + 4L * count + 7) & -8;
  }

  long labelsAt() {
    return offsetsAt() + 8L * (count + 1L);
  }

  long jsonAt() {
    return labelsAt() + labels;
  }

  long length() {
    return jsonAt() + json;
  }

  ByteBuffer write() {
    ByteBuffer b = ByteBuffer.allocate(START).order(ORDER);
    b.put(MAGIC).putInt(VERSION).putInt(count).putInt(dimension).putInt(json).putLong(labels);
    b.putLong(length()).putInt(dataChecksum).putInt(jsonChecksum);
    b.putInt(60, checksum(b.array(), 60));
    return b.rewind();
  }

  static Layout read(ByteBuffer bytes, long fileLength) throws Malformed {
    if (bytes.remaining() < START) {
      throw new Malformed("is no file of word vectors: it has only " + fileLength + " bytes");
    }
    var start = new byte[START];
    bytes.get(start);
    ByteBuffer b = ByteBuffer.wrap(start).order(ORDER);
    for (byte m : MAGIC) {
      if (b.get() != m) {
        throw new Malformed("is no file of word vectors of this program");
      }
    }
    int version = b.getInt();
    if (version != VERSION) {
      throw new Malformed(
          "is of version %d, and this program reads version %d".formatted(version, VERSION));
    }
    if (b.getInt(60) != checksum(start, 60)) {
      throw new Malformed("is damaged: the checksum of its header does not match");
    }
    int count = b.getInt();
    int dimension = b.getInt();
    int json = b.getInt();
    long labels = b.getLong();
    long length = b.getLong();
    var layout = new Layout(count, dimension, json, labels, b.getInt(), b.getInt());
    if (count < 0 || dimension < 1 || json < 0 || labels < 0 || layout.length() != length) {
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

  static byte[] json(SpaceInfo info) {
    var maker = new JsonObject();
    maker.addProperty("model", info.maker().model());
    maker.addProperty("fingerprint", info.maker().fingerprint());
    maker.addProperty("layer", info.maker().layer());
    maker.addProperty("pooling", info.maker().pooling());
    var properties = new JsonObject();
    info.properties().forEach(properties::addProperty);
    var json = new JsonObject();
    json.addProperty("name", info.name());
    json.addProperty("similarity", info.similarity().name());
    json.add("maker", maker);
    json.add("properties", properties);
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  SpaceInfo info(byte[] bytes) throws Malformed {
    if (checksum(bytes, bytes.length) != jsonChecksum) {
      throw new Malformed("is damaged: the checksum of its description does not match");
    }
    try {
      JsonObject json =
          JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
      JsonObject maker = json.getAsJsonObject("maker");
      Map<String, String> properties = new LinkedHashMap<>();
      json.getAsJsonObject("properties")
          .asMap()
          .forEach((key, value) -> properties.put(key, value.getAsString()));
      return new SpaceInfo(
          json.get("name").getAsString(),
          count,
          dimension,
          Similarity.valueOf(json.get("similarity").getAsString()),
          new Maker(
              maker.get("model").getAsString(),
              maker.get("fingerprint").getAsString(),
              maker.get("layer").getAsString(),
              maker.get("pooling").getAsString()),
          properties);
    } catch (RuntimeException e) { // whatever Gson makes of JSON that is not as it should be
      throw new Malformed("is damaged: its description cannot be read (" + e.getMessage() + ")");
    }
  }
}
