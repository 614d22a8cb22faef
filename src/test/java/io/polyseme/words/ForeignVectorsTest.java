package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Query;
import io.polyseme.vector.Resolution;
import io.polyseme.vector.Term;
import io.polyseme.vector.UnknownTermException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of other programs as spaces: read into memory, or converted to a file of our own. */
@Timeout(60)
class ForeignVectorsTest {
  /** A model of fastText's own making: see the README beside it. */
  private static final Path SKIPGRAM = Path.of("src/test/resources/io/polyseme/words/skipgram.bin");

  @TempDir Path folder;

  private Path glove(int count, int dimension) throws IOException {
    var random = new Random(5);
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("w").append(i);
      for (int d = 0; d < dimension; d++) {
        text.append(' ').append((float) random.nextGaussian());
      }
      text.append('\n');
    }
    return Files.writeString(folder.resolve("glove.txt"), text);
  }

  private Path convert(Path in, String out) {
    Path file = folder.resolve(out);
    WordVectors.convert(
        in, file, ReadOptions.DEFAULT, WriteOptions.DEFAULT, Progress.NONE, Cancel.create());
    return file;
  }

  @Test
  void answersAlikeInMemoryAndMapped() throws IOException {
    Path text = glove(3000, 25);
    Path own = convert(text, "own.words");
    Path copy = folder.resolve("copy.words");
    try (var read = WordVectors.open(text);
        var plain =
            WordVectors.open(
                text, ReadOptions.DEFAULT.withQuantised(false), Progress.NONE, Cancel.create());
        var mapped = WordVectors.open(own)) {
      WordVectors.copy(read, copy, WriteOptions.DEFAULT, Progress.NONE, Cancel.create());
      assertEquals(VectorFormat.GLOVE, read.report().orElseThrow().format());
      assertTrue(mapped.report().isEmpty());
      assertEquals(read.labels(), mapped.labels());
      assertEquals("glove.txt", mapped.info().properties().get("source"));
      mapped.verify(Progress.NONE, Cancel.create());
      for (String word : List.of("w0", "w1999", "w2999")) {
        float[] vector = read.vector(word).orElseThrow();
        assertArrayEquals(vector, mapped.vector(word).orElseThrow());
        Query query = Query.near(vector, 10).withExcluded(Set.of(word));
        assertEquals(read.search(query).hits(), mapped.search(query).hits());
        assertEquals(read.search(query).hits(), plain.search(query).hits());
      }
      assertEquals(-1, read.row("w3000"));
      assertEquals("w17", read.label(read.row("w17")));
    }
    assertArrayEquals(Files.readAllBytes(own), Files.readAllBytes(copy));
  }

  @Test
  void keepsFrequenciesAndNGrams() {
    Path own = convert(SKIPGRAM, "skipgram.words");
    try (var read = WordVectors.open(SKIPGRAM);
        var mapped = WordVectors.open(own)) {
      assertEquals(read.subwordRule(), mapped.subwordRule());
      assertTrue(read.subwordRule().isPresent());
      assertTrue(read.frequency(0).orElseThrow() >= read.frequency(read.size() - 1).orElseThrow());
      assertEquals(read.frequency(3), mapped.frequency(3));
      Term unseen = new Term.Word("banking");
      assertThrows(UnknownTermException.class, () -> mapped.resolve(unseen));
      UnknownWords subwords = UnknownWords.of(UnknownWords.Step.SUBWORDS);
      Resolution made = mapped.resolver(subwords).resolution(unseen);
      assertArrayEquals(read.resolver(subwords).resolve(unseen), made.vector());
      assertTrue(made.note().contains("n-grams"));
    }
    try (var text = WordVectors.open(write("a 1 2\nb 3 4\n"))) {
      assertEquals(OptionalLong.empty(), text.frequency(0));
      assertTrue(text.subwordRule().isEmpty());
    }
  }

  private Path write(String text) {
    try {
      return Files.write(
          folder.resolve("text-" + text.hashCode()), text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keepsTheFirstOfAWordAndCounts() {
    Path text = write("3 2\na 1 2\nb 3 4\na 5 6\n");
    try (var words = WordVectors.open(text)) {
      assertEquals(List.of("a", "b"), words.labels());
      assertArrayEquals(new float[] {1, 2}, words.vector("a").orElseThrow());
      ReadReport report = words.report().orElseThrow();
      assertEquals(1, report.duplicates());
      assertEquals(2, report.words());
      assertTrue(report.warnings().getFirst().contains("came again"));
    }
  }

  @Test
  void leavesNothingBehindWhereItFails() throws IOException {
    Path broken = write("2 3\na 1 2 3\nb 1 2\n");
    Path out = folder.resolve("out.words");
    var e = assertThrows(PolysemeException.class, () -> convert(broken, "out.words"));
    assertTrue(e.getMessage().contains("line 3"), e.getMessage());
    Path whole = glove(20_000, 10);
    Cancel cancel = Cancel.create();
    assertThrows(
        CancelledException.class,
        () ->
            WordVectors.convert(
                whole,
                out,
                ReadOptions.DEFAULT,
                WriteOptions.DEFAULT,
                (_, done, _) -> cancel.cancel(),
                cancel));
    assertFalse(Files.exists(out));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".part")));
    }
  }

  @Test
  void growsWhereTheNumberOfWordsIsNotKnown() throws IOException {
    // Packed, so that the length of the file says little.
    Path text = glove(30_000, 3);
    Path packed = folder.resolve("glove.gz");
    try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(text, out);
    }
    try (var whole = WordVectors.open(text);
        var words = WordVectors.open(packed)) {
      assertEquals(whole.labels(), words.labels());
      assertArrayEquals(whole.vector("w29999").orElseThrow(), words.vector("w29999").orElseThrow());
    }
  }
}
