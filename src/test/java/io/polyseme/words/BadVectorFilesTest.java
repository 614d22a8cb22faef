package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.polyseme.PolysemeException;
import io.polyseme.words.ReadOptions.InvalidUtf8;
import io.polyseme.words.ReadOptions.Strictness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the bytes are, a reader ends with a report or a {@link PolysemeException}, soon and
 * without much memory. {@code -Dpolyseme.fuzz=N} makes N damaged files instead of a few hundred,
 * and {@code -Dpolyseme.seed=S} others; the seed is in the message of a failure.
 */
@Timeout(3600)
class BadVectorFilesTest {
  private static final int FILES = Integer.getInteger("polyseme.fuzz", 400);
  private static final long SEED = Long.getLong("polyseme.seed", 20261124);

  private enum Outcome {
    REPORT,
    REFUSED
  }

  @TempDir Path folder;
  private final List<byte[]> whole = new ArrayList<>();
  private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

  /** A file of each format, and each of those packed. */
  @BeforeEach
  void makeFiles() throws IOException {
    var random = new Random(1);
    var text = new StringBuilder();
    var binary = new ByteArrayOutputStream();
    binary.writeBytes("400 8\n".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 400; i++) {
      String word = i % 5 == 0 ? "河" + i : "word" + i;
      ByteBuffer vector = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      text.append(word);
      for (int j = 0; j < 8; j++) {
        float x = (float) random.nextGaussian();
        text.append(' ').append(x);
        vector.putFloat(x);
      }
      text.append('\n');
      binary.writeBytes((word + " ").getBytes(StandardCharsets.UTF_8));
      binary.writeBytes(vector.array());
      binary.write('\n');
    }
    whole.add(text.toString().getBytes(StandardCharsets.UTF_8));
    whole.add(("400 8\n" + text).getBytes(StandardCharsets.UTF_8));
    whole.add(binary.toByteArray());
    for (String model : List.of("skipgram", "chinese", "supervised")) {
      whole.add(FastTextReaderTest.resource(model + ".bin"));
    }
    for (byte[] bytes : List.copyOf(whole)) {
      var gzip = new ByteArrayOutputStream();
      try (OutputStream out = new GZIPOutputStream(gzip)) {
        out.write(bytes);
      }
      whole.add(gzip.toByteArray());
      var zstd = new ByteArrayOutputStream();
      try (OutputStream out = new ZstdOutputStream(zstd)) {
        out.write(bytes);
      }
      whole.add(zstd.toByteArray());
    }
  }

  private void survives(byte[] bytes, int options, String what) {
    Path file = folder.resolve("file");
    ReadOptions chosen =
        ReadOptions.DEFAULT
            .withThreads(1 + options % 2)
            .withStrictness(Strictness.values()[options % 2])
            .withInvalidUtf8(InvalidUtf8.values()[options % 3])
            .withLimit(options % 5 == 0 ? 50 : 0);
    try {
      Files.write(file, bytes);
      assertNotNull(Collected.read(file, chosen, new Collected()));
      outcomes.merge(Outcome.REPORT, 1, Integer::sum);
    } catch (PolysemeException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      outcomes.merge(Outcome.REFUSED, 1, Integer::sum);
    } catch (IOException | RuntimeException | Error e) {
      keep(bytes);
      throw new AssertionError(what + " with " + chosen, e);
    }
  }

  /** What failed is to be looked at. */
  private void keep(byte[] bytes) {
    try {
      Files.write(Path.of("target", "bad-vector-file"), bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void print(String what) {
    System.out.println("Damaged files of word vectors, " + what + ": " + outcomes);
  }

  @Test
  void cutOffAnywhere() {
    int step = FILES > 10_000 ? 1 : 397;
    for (int i = 0; i < whole.size(); i++) {
      byte[] bytes = whole.get(i);
      for (int length = 0; length < bytes.length; length += step) {
        survives(Arrays.copyOf(bytes, length), length, "file %d cut to %d".formatted(i, length));
      }
    }
    print("cut off");
  }

  @Test
  void bitsFlippedAndBytesReplaced() {
    for (int n = 0; n < FILES; n++) {
      var random = new Random(SEED + n);
      byte[] bytes = whole.get(random.nextInt(whole.size())).clone();
      // The first bytes are what decides; they are hit more often than their number says.
      int range = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 120);
      for (int k = random.nextInt(1, 6); k > 0; k--) {
        int at = random.nextInt(range);
        switch (random.nextInt(4)) {
          case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> bytes[at] = (byte) random.nextInt();
          case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) -1);
          default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 8), (byte) 0x7f);
        }
      }
      survives(bytes, n, "seed " + (SEED + n));
    }
    print("damaged");
  }

  @Test
  void randomBytes() {
    byte[][] starts = {
      {},
      "3 4\n".getBytes(StandardCharsets.UTF_8),
      "word 1 2 3\n".getBytes(StandardCharsets.UTF_8),
      {0x1f, (byte) 0x8b, 8, 0},
      {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd},
      {(byte) 0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0},
      Arrays.copyOf(whole.get(3), 100)
    };
    for (int n = 0; n < FILES; n++) {
      var random = new Random(SEED - n);
      var bytes = new byte[random.nextInt(3_000)];
      random.nextBytes(bytes);
      if (n % 3 == 0) { // letters of numbers, so that text is nearly right
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) "0123456789 .-e\n\t\rxinfa".charAt((bytes[i] & 0xff) % 22);
        }
      }
      byte[] start = starts[random.nextInt(starts.length)];
      System.arraycopy(start, 0, bytes, 0, Math.min(start.length, bytes.length));
      survives(bytes, n, "seed " + (SEED - n));
    }
    print("random");
  }

  @Test
  void headersThatAskForMuch() throws IOException {
    for (String header :
        List.of(
            "2147483648 100",
            "9223372036854775807 65536",
            "10 65536",
            "10 65537",
            "10 2147483647",
            "10 -1",
            "-1 10",
            "0 0",
            "99999999999999999999999 3")) {
      for (String rest : List.of("", "\n", "\na 1 2 3\n", "\nword \u0000\u0001\u0002\u0003")) {
        for (int options = 0; options < 6; options++) {
          survives((header + rest).getBytes(StandardCharsets.UTF_8), options, header);
        }
      }
    }
    // Each number of a model's header and dictionary made as great and as small as it can be.
    byte[] model = whole.get(3);
    for (int at = 0; at < 100; at += FILES > 10_000 ? 1 : 4) {
      for (int value : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 1 << 16, 1 << 30}) {
        byte[] bytes = model.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        survives(bytes, at, "byte %d set to %d".formatted(at, value));
        var gzip = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzip)) {
          out.write(bytes);
        }
        survives(gzip.toByteArray(), at, "packed, byte %d set to %d".formatted(at, value));
      }
    }
    print("with wrong headers");
  }

  /** Some kilobytes that unpack to twenty megabytes. */
  @Test
  void bombs() throws IOException {
    for (String start : List.of("", "1000 10\n", "1000 10\nword ", "word 1 2 3\n", "word 0")) {
      for (byte filling : new byte[] {0, ' ', '\n', '0', 'a'}) {
        var gzip = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzip)) {
          out.write(start.getBytes(StandardCharsets.UTF_8));
          var much = new byte[1 << 20];
          Arrays.fill(much, filling);
          for (int i = 0; i < 20; i++) {
            out.write(much);
          }
        }
        survives(gzip.toByteArray(), filling, "a bomb of " + filling + " after " + start);
      }
    }
    print("bombs");
  }
}
