package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Rows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models that fastText 0.9.2 made, and the vectors that its {@code print-word-vectors} printed for
 * them: see README.md beside them for the commands. They are printed with five digits.
 */
@Timeout(60)
class FastTextReaderTest {
  private static final int HEADER = 8 + 12 * 4 + 8;

  private static final float[] LEE_REJECTION = {
    -0.49112f,
    -0.13123f,
    -0.021091f,
    -0.8877f,
    -0.20106f,
    -0.91733f,
    0.47244f,
    0.19709f,
    -0.17857f,
    0.19815f
  };

  private static final float[] LEE_BEIJING = {
    -0.43017f,
    -0.13376f,
    0.043258f,
    -1.0392f,
    -0.030894f,
    -1.1242f,
    0.62385f,
    0.081409f,
    -0.25299f,
    0.16767f
  };

  private static final float[] LEE_END = {
    -0.05794f,
    -0.076554f,
    2.4925e-05f,
    -0.50568f,
    -0.29976f,
    -0.39977f,
    0.26805f,
    -0.099168f,
    -0.27452f,
    0.23988f
  };

  private static final float[] TOY_ZEBRAS = {0.06081f, 0.12346f, 0.028034f, -0.15503f, 0.013845f};

  @TempDir Path folder;

  static byte[] resource(String name) throws IOException {
    try (InputStream in = FastTextReaderTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"skipgram", "chinese", "cbow", "words-only", "supervised", "supervised-subwords"})
  void vectorsAreThoseThatFastTextPrints(String model) throws IOException {
    Path file = write(model, resource(model + ".bin"));
    var found = new Collected();
    ReadReport report = Collected.read(file, ReadOptions.DEFAULT, found);
    assertEquals(VectorFormat.FASTTEXT, report.format());
    assertEquals(4, report.dimension());
    assertEquals(report.declaredWords(), report.words());
    assertTrue(report.warnings().isEmpty());
    String[] lines = new String(resource(model + ".txt"), StandardCharsets.UTF_8).split("\n");
    assertTrue(lines.length >= 20);
    int unseen = 0;
    for (String line : lines) {
      String[] fields = line.split(" ");
      float[] expected = new float[4];
      for (int j = 0; j < 4; j++) {
        expected[j] = Float.parseFloat(fields[fields.length - 4 + j]);
      }
      String word = fields.length == 4 ? "" : fields[0];
      assertArrayEquals(expected, found.known(word), 1e-5f, word);
      unseen += found.words.contains(word) ? 0 : 1;
    }
    assertTrue(unseen >= 3);
    assertFalse(found.words.stream().anyMatch(word -> word.startsWith("__label__")));
  }

  @Test
  void countsAndOrderAreTheDictionarys() throws IOException {
    var found = new Collected();
    Collected.read(write("m", resource("skipgram.bin")), ReadOptions.DEFAULT, found);
    // Counted in the text: "the" stands in it 15 times, and each of its 5 lines ends with </s>.
    assertEquals("the", found.words.getFirst());
    assertEquals(15, found.frequencies.getFirst());
    assertEquals(5, found.frequencies.get(found.words.indexOf("</s>")));
    assertEquals(new SubwordRule(3, 6, 50), found.rule);
  }

  @Test
  void threadsAndLimitChangeNothingElse() throws IOException {
    Path file = write("m", resource("chinese.bin"));
    var all = new Collected();
    Collected.read(file, ReadOptions.DEFAULT.withThreads(1), all);
    var some = new Collected();
    Collected.read(file, ReadOptions.DEFAULT.withThreads(3).withLimit(7), some);
    assertEquals(all.words.subList(0, 7), some.words);
    assertArrayEquals(all.vectors.get(6), some.vectors.get(6));
    assertArrayEquals(all.known("银行家"), some.known("银行家"));
  }

  @Test
  void packedModelsAreTheSame() throws IOException {
    byte[] model = resource("skipgram.bin");
    var plain = new Collected();
    Collected.read(write("m", model), ReadOptions.DEFAULT, plain);
    for (String compression : new String[] {"gzip", "zstd"}) {
      var bytes = new ByteArrayOutputStream();
      try (OutputStream out =
          compression.equals("gzip") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
        out.write(model);
      }
      var packed = new Collected();
      ReadReport report =
          Collected.read(write(compression, bytes.toByteArray()), ReadOptions.DEFAULT, packed);
      assertEquals(compression, report.compression());
      assertEquals(VectorFormat.FASTTEXT, report.format());
      assertEquals(plain.words, packed.words);
      assertArrayEquals(plain.known("riverbanks"), packed.known("riverbanks"));
      byte[] cut = Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2);
      Path cutFile = write("cut-" + compression, cut);
      assertThrows(
          PolysemeException.class,
          () -> Collected.read(cutFile, ReadOptions.DEFAULT, new Collected()));
    }
  }

  /**
   * The oldest files lack the magic number, the version, the pruning and the mark of quantising.
   */
  @Test
  void oldestFiles() throws IOException {
    byte[] model = resource("skipgram.bin");
    int dictionary = HEADER + 3 * 4 + 8;
    int matrix = matrixAt(model);
    var bytes = new ByteArrayOutputStream();
    bytes.write(model, 8, dictionary - 8);
    bytes.write(model, dictionary + 8, matrix - 1 - dictionary - 8);
    bytes.write(model, matrix, model.length - matrix);
    Path file = write("oldest", bytes.toByteArray());
    assertEquals(VectorFormat.FASTTEXT, WordFiles.detect(file));
    var oldest = new Collected();
    Collected.read(file, ReadOptions.DEFAULT, oldest);
    var plain = new Collected();
    Collected.read(write("m", model), ReadOptions.DEFAULT, plain);
    assertEquals(plain.words, oldest.words);
    assertEquals(plain.frequencies, oldest.frequencies);
    assertArrayEquals(plain.known("river"), oldest.known("river"));
    assertArrayEquals(plain.known("riverbanks"), oldest.known("riverbanks"));
  }

  /** fastText: "old supervised models do not use char ngrams". */
  @Test
  void supervisedModelsOfVersion11HaveNoSubwords() throws IOException {
    byte[] model = resource("supervised-subwords.bin");
    model[4] = 11;
    var found = new Collected();
    Collected.read(write("m", model), ReadOptions.DEFAULT, found);
    assertNull(found.rule);
    int row = matrixAt(model) + 16 + 4 * 4 * found.words.indexOf("river");
    float first = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN).getFloat(row);
    assertEquals(first, found.vector("river")[0]);
  }

  @Test
  void refusalsSayWhatToDo() throws IOException {
    byte[] quantised = resource("skipgram.bin");
    quantised[matrixAt(quantised) - 1] = 1;
    refused(quantised, ".ftz", "give the .bin file");
    byte[] newer = resource("skipgram.bin");
    newer[4] = 13;
    refused(newer, "version 13", "versions 11 and 12");
    byte[] wide = resource("skipgram.bin");
    wide[matrixAt(wide) + 8] = 5;
    refused(wide, "matrix of 84 × 5 for 34 words and 50 buckets of 4 dimensions", "fetch it again");
    refused(Arrays.copyOf(resource("skipgram.bin"), 400), "cut off", "dictionary, entry");
    refused(Arrays.copyOf(resource("skipgram.bin"), 1500), "cut off", "fetch it again");
  }

  private void refused(byte[] model, String... parts) throws IOException {
    Path file = write("refused", model);
    var e =
        assertThrows(
            PolysemeException.class,
            () -> Collected.read(file, ReadOptions.DEFAULT, new Collected()));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  /** Where the matrix begins with its number of rows: words and buckets, found by its value. */
  private static int matrixAt(byte[] model) {
    ByteBuffer b = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN);
    int words = b.getInt(HEADER + 4);
    int buckets = b.getInt(8 + 8 * 4);
    for (int at = HEADER; at < model.length - 16; at++) {
      if (b.getLong(at) == words + buckets && b.getLong(at + 8) == 4) {
        return at;
      }
    }
    throw new AssertionError("no matrix");
  }

  @Test
  void wordsWithoutNGramsHaveNoVector() {
    var subwords = new Subwords(new SubwordRule(3, 6, 2), Rows.allocate(Arena.ofAuto(), 2, 3));
    assertEquals(Optional.empty(), subwords.vector(""));
    assertEquals(Optional.empty(), subwords.vector("</s>"));
    assertTrue(subwords.vector("a").isPresent());
    var longer = new Subwords(new SubwordRule(4, 6, 2), Rows.allocate(Arena.ofAuto(), 2, 3));
    assertEquals(Optional.empty(), longer.vector("a"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Subwords(new SubwordRule(3, 6, 2), Rows.allocate(Arena.ofAuto(), 3, 3)));
  }

  /**
   * gensim's test files. Values: fastText 0.9.2, {@code print-word-vectors}; gensim 4.2's agree to
   * 2e-7 but for {@code </s>}, to which it gives n-grams and fastText does not.
   */
  @Test
  void modelsOfGensimsTests() {
    String data = System.getProperty("polyseme.data", "");
    Path loaders = Path.of(data, "loaders");
    assumeTrue(
        !data.isEmpty() && Files.isDirectory(loaders),
        "skipped: no test files of gensim; give the folder that holds loaders with -Dpolyseme.data=FOLDER");
    var lee = new Collected();
    Collected.read(loaders.resolve("lee_fasttext_new.bin"), ReadOptions.DEFAULT, lee);
    assertEquals(1763, lee.words.size());
    assertArrayEquals(LEE_REJECTION, lee.known("rejection"), 5e-5f);
    assertArrayEquals(LEE_BEIJING, lee.known("北京大学"), 1e-5f);
    assertArrayEquals(LEE_END, lee.known("</s>"), 1e-5f);
    var toy = new Collected();
    Collected.read(loaders.resolve("toy-model.bin"), ReadOptions.DEFAULT, toy);
    assertEquals(22, toy.words.size());
    assertArrayEquals(TOY_ZEBRAS, toy.known("zebras"), 1e-5f);
  }
}
