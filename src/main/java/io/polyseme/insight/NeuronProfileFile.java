package io.polyseme.insight;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A profile of neurons on the disk, finished or not. All numbers are big-endian: eight bytes that
 * say what it is, int version, int length and UTF-8 of a JSON object that says what was profiled
 * and how large it is, double[n] sums, double[n] squares, long[n] firings, int[n] numbers of
 * examples, float[n × top] activations, int[n × top] sentences, int[n × top × 4] places, the
 * sentences (int length and UTF-8 each), and the CRC-32C of all that as a long.
 */
final class NeuronProfileFile {
  private static final byte[] MAGIC = "PSNEURON".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;

  private NeuronProfileFile() {}

  /**
   * @param job what must be the same where it goes on, by what a person calls it
   */
  record Content(
      NeuronProfile.About about, NeuronTally tally, Map<String, String> job, boolean finished) {}

  /**
   * Writes a whole file, by a rename.
   *
   * @throws PolysemeException if it cannot be written
   */
  static void write(Path file, Content content) {
    content.tally().sweep();
    WholeFile.write(
        file,
        to -> {
          var checked = new CheckedOutputStream(to, new CRC32C());
          var out = new DataOutputStream(checked);
          write(out, content);
          out.writeLong(checked.getChecksum().getValue());
          out.flush();
        });
  }

  private static void write(DataOutputStream out, Content content) throws IOException {
    NeuronTally tally = content.tally();
    out.write(MAGIC);
    out.writeInt(VERSION);
    string(out, header(content).toString());
    ByteBuffer eights = ByteBuffer.allocate(8 * tally.sums.length);
    eights.asDoubleBuffer().put(tally.sums);
    out.write(eights.array());
    eights.asDoubleBuffer().put(tally.squares);
    out.write(eights.array());
    eights.asLongBuffer().put(tally.fired);
    out.write(eights.array());
    ints(out, tally.sizes);
    ByteBuffer scores = ByteBuffer.allocate(4 * tally.scores.length);
    scores.asFloatBuffer().put(tally.scores);
    out.write(scores.array());
    ints(out, tally.sentences);
    ints(out, tally.places);
    for (String sentence : tally.kept) {
      string(out, sentence);
    }
  }

  private static void ints(DataOutputStream out, int[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    bytes.asIntBuffer().put(values);
    out.write(bytes.array());
  }

  private static void string(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static JsonObject header(Content content) {
    NeuronProfile.About about = content.about();
    NeuronTally tally = content.tally();
    var header = new JsonObject();
    header.addProperty("model", about.model());
    header.addProperty("fingerprint", about.fingerprint());
    header.addProperty("corpus", about.corpus());
    header.addProperty("texts", about.texts());
    header.addProperty("sentences", tally.read());
    header.addProperty("tokens", tally.tokens());
    var layers = new JsonArray();
    for (int layer : tally.layers) {
      layers.add(layer);
    }
    header.add("layers", layers);
    header.addProperty("width", tally.width);
    header.addProperty("top", tally.top);
    header.addProperty("kept", tally.kept.size());
    header.addProperty("finished", content.finished());
    var job = new JsonObject();
    content.job().forEach(job::addProperty);
    header.add("job", job);
    return header;
  }

  static Content read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no profile of neurons " + file, e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    var magic = new byte[MAGIC.length];
    in.get(magic, 0, Math.min(magic.length, bytes.length));
    if (!Arrays.equals(magic, MAGIC)) {
      throw new PolysemeException(
          file + " is no profile of neurons; inspect neurons --in CORPUS --out FILE makes one");
    }
    if (bytes.length < MAGIC.length + 16) {
      throw damaged(file, null);
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new PolysemeException(
          "%s is a profile of version %d, and this program reads version %d: make it again"
              .formatted(file, version, VERSION));
    }
    var checksum = new CRC32C();
    checksum.update(bytes, 0, bytes.length - 8);
    if (checksum.getValue() != in.getLong(bytes.length - 8)) {
      throw damaged(file, null);
    }
    try {
      return content(in.limit(bytes.length - 8));
    } catch (RuntimeException e) {
      throw damaged(file, e);
    }
  }

  private static PolysemeException damaged(Path file, @Nullable Exception e) {
    return new PolysemeException(
        file + " is damaged, or cut off: make the profile again, or copy it anew", e);
  }

  private static Content content(ByteBuffer in) {
    JsonObject header = JsonParser.parseString(string(in)).getAsJsonObject();
    int[] layers =
        header.getAsJsonArray("layers").asList().stream().mapToInt(e -> e.getAsInt()).toArray();
    var tally =
        new NeuronTally(layers, header.get("width").getAsInt(), header.get("top").getAsInt());
    in.asDoubleBuffer().get(tally.sums);
    skip(in, 8 * tally.sums.length);
    in.asDoubleBuffer().get(tally.squares);
    skip(in, 8 * tally.squares.length);
    in.asLongBuffer().get(tally.fired);
    skip(in, 8 * tally.fired.length);
    ints(in, tally.sizes);
    in.asFloatBuffer().get(tally.scores);
    skip(in, 4 * tally.scores.length);
    ints(in, tally.sentences);
    ints(in, tally.places);
    int kept = header.get("kept").getAsInt();
    for (int i = 0; i < kept; i++) {
      tally.keep(string(in));
    }
    tally.resume(header.get("tokens").getAsLong(), header.get("sentences").getAsLong());
    Map<String, String> job = new LinkedHashMap<>();
    header
        .getAsJsonObject("job")
        .entrySet()
        .forEach(entry -> job.put(entry.getKey(), entry.getValue().getAsString()));
    return new Content(
        new NeuronProfile.About(
            header.get("model").getAsString(),
            header.get("fingerprint").getAsString(),
            header.get("corpus").getAsString(),
            header.get("texts").getAsLong()),
        tally,
        job,
        header.get("finished").getAsBoolean());
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  private static void ints(ByteBuffer in, int[] into) {
    in.asIntBuffer().get(into);
    skip(in, 4 * into.length);
  }

  private static String string(ByteBuffer in) {
    var bytes = new byte[in.getInt()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
