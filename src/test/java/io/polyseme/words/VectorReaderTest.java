package io.polyseme.words;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.words.ReadOptions.InvalidUtf8;
import io.polyseme.words.ReadOptions.Strictness;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Text and binary files of word vectors, good and bad. */
@Timeout(60)
class VectorReaderTest {
  private static final ReadOptions LENIENT = ReadOptions.DEFAULT.withStrictness(Strictness.LENIENT);

  @TempDir Path folder;
  private int files;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("vectors" + files++), bytes);
  }

  private Path file(String text) throws IOException {
    return file(text.getBytes(UTF_8));
  }

  private static PolysemeException refused(Path file, ReadOptions options, String... parts) {
    var e =
        assertThrows(PolysemeException.class, () -> Collected.read(file, options, new Collected()));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    return e;
  }

  /** A word, a space and its numbers, as word2vec's {@code -binary 1} writes them. */
  private static byte[] binary(String header, boolean lineFeeds, Object... wordsAndVectors) {
    var out = new ByteArrayOutputStream();
    out.writeBytes((header + "\n").getBytes(UTF_8));
    for (int i = 0; i < wordsAndVectors.length; i += 2) {
      byte[] word =
          wordsAndVectors[i] instanceof byte[] b
              ? b
              : ((String) wordsAndVectors[i]).getBytes(UTF_8);
      float[] vector = (float[]) wordsAndVectors[i + 1];
      ByteBuffer b = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asFloatBuffer().put(vector);
      out.writeBytes(word);
      out.write(' ');
      out.writeBytes(b.array());
      if (lineFeeds) {
        out.write('\n');
      }
    }
    return out.toByteArray();
  }

  private static float[] f(double... x) {
    var floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }

  @Test
  void gloveText() throws IOException {
    Path file = file("the 0.1 -2 3e-2\n河 .5 1 0\nnaïve 1 2 3\n");
    var found = new Collected();
    ReadReport report = Collected.read(file, ReadOptions.DEFAULT, found);
    assertEquals(
        new ReadReport(VectorFormat.GLOVE, "", 3, 3, -1, 0, 0, 0, 0, 0, List.of()), report);
    assertEquals(List.of("the", "河", "naïve"), found.words);
    assertArrayEquals(f(0.1, -2, 0.03), found.vector("the"));
    assertArrayEquals(f(1, 2, 3), found.vector("naïve"));
  }

  @Test
  void word2vecTextWithAllItsVariants() throws IOException {
    for (String text :
        List.of(
            "2 3\na 1 2 3\nb 4 5 6\n",
            "2 3\r\na 1 2 3\r\nb 4 5 6\r\n",
            "2 3 \na 1 2 3 \nb 4 5 6 \n", // as fastText's .vec
            "2\t3\na\t1\t2\t3\nb\t4\t5\t6",
            "\ufeff2 3\na  1 2  3\n\nb\t 4 5 6\n\n")) {
      var found = new Collected();
      ReadReport report = Collected.read(file(text), ReadOptions.DEFAULT, found);
      assertEquals(
          new ReadReport(VectorFormat.WORD2VEC_TEXT, "", 2, 3, 2, 0, 0, 0, 0, 0, List.of()),
          report);
      assertEquals(List.of("a", "b"), found.words);
      assertArrayEquals(f(4, 5, 6), found.vector("b"));
    }
  }

  @Test
  void wordsWithSpaces() throws IOException {
    Path file = file("a 1 2\nNew York 3 4\n. . . 5 6\ncatch 22 7 8\n3.5  9 10\n1984 11 12\n");
    var found = new Collected();
    ReadReport report = Collected.read(file, ReadOptions.DEFAULT, found);
    assertEquals(List.of("a", "New York", ". . .", "catch 22", "3.5", "1984"), found.words);
    assertEquals(3, report.withSpaces());
    assertArrayEquals(f(7, 8), found.vector("catch 22"));
    assertEquals(List.of("3 words have a space in them."), report.warnings());
  }

  @Test
  void binaryWithAndWithoutLineFeeds() throws IOException {
    for (boolean lineFeeds : new boolean[] {false, true}) {
      Path file = file(binary("3 2", lineFeeds, "a", f(1, 2), "河", f(0, 0), "c", f(-0.5, 1e9)));
      var found = new Collected();
      ReadReport report = Collected.read(file, ReadOptions.DEFAULT, found);
      assertEquals(
          new ReadReport(VectorFormat.WORD2VEC_BINARY, "", 3, 2, 3, 0, 0, 0, 0, 0, List.of()),
          report);
      assertEquals(3, found.expected);
      assertEquals(List.of("a", "河", "c"), found.words);
      assertArrayEquals(f(-0.5, 1e9), found.vector("c"));
    }
  }

  @Test
  void malformedLines() throws IOException {
    Path file =
        file(
            "5 3\na 1 2 3\nb 1 2\nc 1.5 2 3 4\nd 1 x 3\n 1 2 3\ne nan 1 2\nf 1 -inf 2\ng 1e99 0 0\n"
                + "h 3 2 1\n");
    refused(file, ReadOptions.DEFAULT, "line 3", "2 numbers instead of 3", "leniently");
    var found = new Collected();
    ReadReport report = Collected.read(file, LENIENT, found);
    assertEquals(List.of("a", "h"), found.words);
    assertEquals(4, report.malformed());
    assertEquals(3, report.notFinite());
    assertEquals(
        List.of(
            "line 3: 2 numbers instead of 3",
            "line 4: 4 numbers instead of 3",
            "line 5: \"x\" is no number",
            "line 6: 3 numbers and no word before them, where a word and 3 numbers should be",
            "line 7: a NaN or an infinity",
            "line 8: a NaN or an infinity",
            "line 9: a NaN or an infinity"),
        report.examples());
    assertEquals(
        List.of(
            "The file says it has 5 words, and 9 entries were found.",
            "4 words were malformed and left out.",
            "3 words had a NaN or an infinity and were left out."),
        report.warnings());
    // What comes after the words that are wanted is not looked at.
    assertEquals(
        List.of(),
        Collected.read(file, ReadOptions.DEFAULT.withLimit(1), new Collected()).warnings());
    assertEquals(
        1, Collected.read(file, ReadOptions.DEFAULT.withLimit(1), new Collected()).words());
    assertEquals(7, report.withDuplicates(3, 7).words());
  }

  @Test
  void invalidUtf8() throws IOException {
    byte[] text = "a 1 2\ncaf\u00e9 3 4\n\u00c3\u00a9 5 6\n".getBytes(ISO_8859_1);
    refused(file(text), LENIENT, "line 2", "UTF-8", "latin1");
    var replaced = new Collected();
    ReadReport report =
        Collected.read(
            file(text), ReadOptions.DEFAULT.withInvalidUtf8(InvalidUtf8.REPLACE), replaced);
    assertEquals(1, report.invalidUtf8());
    assertEquals(List.of("a", "caf\ufffd", "é"), replaced.words);
    var latin = new Collected();
    Collected.read(file(text), ReadOptions.DEFAULT.withInvalidUtf8(InvalidUtf8.LATIN1), latin);
    assertEquals(List.of("a", "café", "é"), latin.words);
    byte[] binary = binary("1 1", true, "caf\u00e9".getBytes(ISO_8859_1), f(1));
    refused(file(binary), ReadOptions.DEFAULT, "word 1", "UTF-8");
    for (String bad : List.of("\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080")) {
      byte[] bytes = bad.getBytes(ISO_8859_1);
      assertTrue(!Utf8.valid(bytes, 0, bytes.length));
    }
    byte[] good = "é河𠀀\u0000\uffff".getBytes(UTF_8);
    assertTrue(Utf8.valid(good, 0, good.length));
    assertTrue(!Utf8.valid(good, 0, 1) && !Utf8.valid(good, 1, good.length));
  }

  @Test
  void headersThatLie() throws IOException {
    var fewer = new Collected();
    ReadReport report =
        Collected.read(file("2147483648 2\na 1 2\nb 3 4\n"), ReadOptions.DEFAULT, fewer);
    assertEquals(2, report.words());
    assertTrue(fewer.expected < 20);
    assertEquals(
        List.of("The file says it has 2,147,483,648 words, and 2 entries were found."),
        report.warnings());
    refused(file("2 3\na 1 2\nb 3 4\n"), LENIENT, "3 dimensions", "2 numbers", "GLOVE");
    refused(file("2 -1\na 1 2\n"), LENIENT, "-1 dimensions");
    refused(file("-2 2\na 1 2\n"), LENIENT, "-2 words");
    refused(file("2 2147483647\na 1 2\n"), LENIENT, "2147483647 dimensions");
    refused(file("99999999999999999999 2\na 1 2\n"), LENIENT, "words");
    var binary = new Collected();
    Path many = file(binary("4000000000 2", true, "ab", f(0.1, -1e-7)));
    refused(many, ReadOptions.DEFAULT, "word 2 at byte", "says it has 4000000000 words");
    assertEquals(1, Collected.read(many, LENIENT, binary).malformed());
    assertTrue(binary.expected < 20);
    // More words than were announced are read all the same.
    Path more = file(binary("1 2", true, "ab", f(0.1, -1e-7), "c", f(1e-9, 3)));
    assertEquals(2, Collected.read(more, ReadOptions.DEFAULT, new Collected()).words());
  }

  @Test
  void binaryThatIsCutOff() throws IOException {
    byte[] whole = binary("2 3", true, "first", f(0.1, 0.2, 0.3), "second", f(1, 2, 3));
    for (int cut = 0; cut < whole.length - 1; cut++) {
      Path file = file(Arrays.copyOf(whole, cut));
      var e = refused(file, ReadOptions.DEFAULT);
      if (cut > 30) {
        assertTrue(e.getMessage().contains("word 2 at byte"), e.getMessage());
        var found = new Collected();
        ReadReport report = Collected.read(file, LENIENT, found);
        assertEquals(List.of("first"), found.words);
        assertEquals(1, report.malformed());
      }
    }
  }

  @Test
  void manyThreadsReadWhatOneReads() throws IOException {
    var random = new Random(5);
    var text = new StringBuilder();
    for (int i = 0; i < 40_000; i++) {
      text.append("word").append(i);
      for (int j = 0; j < 10; j++) {
        text.append(' ').append((float) random.nextGaussian());
      }
      text.append(i % 5_000 == 4_999 ? " 1.5\n" : "\n");
    }
    Path file = file(text.toString());
    assertTrue(Files.size(file) > 4 << 20, "several chunks");
    var one = new Collected();
    ReadReport byOne = Collected.read(file, LENIENT.withThreads(1), one);
    assertEquals(8, byOne.malformed());
    assertEquals("line 40000: 11 numbers instead of 10", byOne.examples().getLast());
    var many = new Collected();
    assertEquals(byOne, Collected.read(file, LENIENT.withThreads(5), many));
    assertEquals(one.words, many.words);
    for (int i = 0; i < one.words.size(); i++) {
      assertArrayEquals(one.vectors.get(i), many.vectors.get(i));
    }
    for (int limit : new int[] {1, 4_998, 4_999, 5_000, 30_000}) {
      var some = new Collected();
      ReadReport report = Collected.read(file, LENIENT.withLimit(limit), some);
      assertEquals(limit, report.words());
      assertEquals((limit - 1) / 4_999, report.malformed());
      assertEquals(one.words.subList(0, limit), some.words);
      assertEquals(-1, report.declaredWords());
    }
  }

  @Test
  void packedText() throws IOException {
    byte[] text = "2 3\na 1 2 3\nb 4 5 6\n".repeat(1).getBytes(UTF_8);
    for (String compression : List.of("gzip", "zstd")) {
      var bytes = new ByteArrayOutputStream();
      try (OutputStream out =
          compression.equals("gzip") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
        out.write(text);
      }
      var found = new Collected();
      ReadReport report = Collected.read(file(bytes.toByteArray()), ReadOptions.DEFAULT, found);
      assertEquals(compression, report.compression());
      assertEquals(VectorFormat.WORD2VEC_TEXT, report.format());
      assertEquals(List.of("a", "b"), found.words);
    }
  }

  @Test
  void withoutZstdTheMessageNamesWhatToAdd() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(bytes)) {
      out.write("a 1 2\n".getBytes(UTF_8));
    }
    String withoutZstd =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> !path.contains("zstd"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                withoutZstd,
                Detector.class.getName(),
                file(bytes.toByteArray()).toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertTrue(output.contains("add com.github.luben:zstd-jni"), output);
  }

  /** What the fresh JVM runs. */
  static final class Detector {
    private Detector() {}

    public static void main(String[] args) {
      try {
        System.out.println(WordFiles.detect(Path.of(args[0])));
      } catch (PolysemeException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void packedTextThatIsCutOff() throws IOException {
    var random = new Random(6);
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      for (int i = 0; i < 3_000; i++) {
        out.write(
            ("w" + i + " " + random.nextFloat() + " " + random.nextFloat() + "\n").getBytes(UTF_8));
      }
    }
    Path file = file(Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    refused(file, ReadOptions.DEFAULT, "gzip data are cut off", "leniently");
    var found = new Collected();
    ReadReport report = Collected.read(file, LENIENT, found);
    assertEquals(1, report.malformed());
    assertTrue(report.words() > 1_000 && report.words() < 2_000, report.toString());
    assertTrue(report.examples().getFirst().contains("gzip data are cut off"));
  }

  @Test
  void whatIsNoFileOfWordVectors() throws IOException {
    refused(folder, ReadOptions.DEFAULT, "is a folder");
    refused(folder.resolve("missing"), ReadOptions.DEFAULT, "there is no file");
    refused(file(""), ReadOptions.DEFAULT, "is empty");
    refused(file("It was the best of times,\nit was the worst of times.\n"), LENIENT, "no format");
    refused(file("PK\u0003\u0004rest"), LENIENT, "zip archive", "unpack");
    refused(file("BZh91AY"), LENIENT, "bzip2");
    refused(file(new byte[] {(byte) 0x80, 4, 1, 2, 3}), LENIENT, "pickle", "save_word2vec_format");
    refused(file("PLYSWORD and more"), LENIENT, "Polyseme's own");
    assertEquals(VectorFormat.POLYSEME, WordFiles.detect(file("PLYSWORD and more")));
    Path glove = file("a 1 2\n");
    refused(
        glove, ReadOptions.DEFAULT.withFormat(VectorFormat.WORD2VEC_TEXT), "two numbers", "GLOVE");
    refused(glove, ReadOptions.DEFAULT.withFormat(VectorFormat.FASTTEXT), "cut off");
    assertThrows(IllegalArgumentException.class, () -> ReadOptions.DEFAULT.withLimit(-1));
    assertThrows(IllegalArgumentException.class, () -> ReadOptions.DEFAULT.withThreads(0));
  }

  @Test
  void cancelProgressAndTheSinksOwnErrors() throws IOException {
    Path file = file("a 1 2\nb 3 4\n");
    var cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () -> VectorReader.read(file, ReadOptions.DEFAULT, new Collected(), Progress.NONE, cancel));
    var told = new long[1];
    VectorReader.read(
        file,
        ReadOptions.DEFAULT,
        new Collected(),
        (task, done, total) -> {
          assertEquals(12, total);
          told[0] = done;
        },
        Cancel.create());
    assertEquals(12, told[0]);
    WordSink full =
        new WordSink() {
          @Override
          public void begin(int dimension, long words) {}

          @Override
          public void add(Block block) throws IOException {
            throw new IOException("disk full");
          }

          @Override
          public void subwords(SubwordRule rule) {}

          @Override
          public void addBuckets(MemorySegment vectors) {}
        };
    var e =
        assertThrows(
            IOException.class,
            () ->
                VectorReader.read(file, ReadOptions.DEFAULT, full, Progress.NONE, Cancel.create()));
    assertEquals("disk full", e.getMessage());
  }

  /** gensim's test files; values as gensim 4.2's {@code load_word2vec_format} reads them. */
  @Test
  void filesOfGensimsTests() {
    String data = System.getProperty("polyseme.data", "");
    Path loaders = Path.of(data, "loaders");
    assumeTrue(
        !data.isEmpty() && Files.isDirectory(loaders),
        "skipped: no test files of gensim; give the folder that holds loaders with -Dpolyseme.data=FOLDER");
    var binary = new Collected();
    ReadReport report =
        Collected.read(loaders.resolve("euclidean_vectors.bin"), ReadOptions.DEFAULT, binary);
    assertEquals(VectorFormat.WORD2VEC_BINARY, report.format());
    assertEquals(2747, report.words());
    assertArrayEquals(
        f(
            0.4569363296031952,
            1.609554409980774,
            -0.11602029949426651,
            1.4383389949798584,
            0.49805647134780884,
            -1.0714799165725708,
            -0.24574965238571167,
            0.7001344561576843,
            0.2355530560016632,
            0.7309539914131165),
        binary.vector("of"));
    var text = new Collected();
    report = Collected.read(loaders.resolve("test_glove.txt"), ReadOptions.DEFAULT, text);
    assertEquals(VectorFormat.GLOVE, report.format());
    assertEquals(76, report.words());
    assertArrayEquals(
        f(
            0.6674900054931641,
            -0.4132100045681,
            0.06575500220060349,
            -0.4665299952030182,
            0.0002761899959295988),
        Arrays.copyOf(text.vector("into"), 5));
  }
}
