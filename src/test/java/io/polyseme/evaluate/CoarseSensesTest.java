package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class CoarseSensesTest {
  @TempDir Path folder;

  /**
   * Vectors of the texts themselves: of {@code ... X 3 4}, after the word X, layer 1 is (3, 4);
   * layer 0 is the same for every text. A text with "fail" in it fails.
   */
  private static final ContextVectors WRITTEN =
      WrittenUsages.of(numbers -> List.of(new float[] {1, 1}, numbers));

  @BeforeEach
  void writeSet() throws IOException {
    write("bank/classes_map.txt", "{\"0\": \"money\", \"1\": \"river\", \"2\": \"aircraft\"}");
    // Unit vectors are averaged: (30, 0) must not outweigh (0, 1).
    write("bank/train.data.txt", "1\tthe bank 30 0\n0\tbank 0 1\n0\tbank 0 2\n0\tbank -1 1");
    write("bank/train.gold.txt", "0\r\n1\r\n1\r\n1");
    write("bank/test.data.txt", "0\tbank 1 0.1\n0\tbank 2 1\n0\tbank 1 9\n0\tbank 1 0\n");
    write("bank/test.gold.txt", "0\n0\n1\n1\n");
    write("bow/classes_map.txt", "{\"0\": \"ship\", \"1\": \"arrow\"}");
    write("bow/train.data.txt", "0\tbow 1 0\n0\tbow 0 1\n");
    write("bow/train.gold.txt", "0\n1\n");
    write("bow/test.data.txt", "0\tbow 1 0\n0\tbow fail\n");
    write("bow/test.gold.txt", "0\n1\n");
    write("yard/classes_map.txt", "{\"0\": \"unit\", \"1\": \"garden\"}");
    write("yard/train.data.txt", "0\tyard 1 0\n");
    write("yard/train.gold.txt", "0\n");
    write("README.txt", "what it is");
  }

  private void write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void readsWordsWithSpans() {
    CoarseSenses set = CoarseSenses.read(folder);
    assertEquals(
        List.of("bank", "bow", "yard"), set.words().stream().map(CoarseSenses.Word::name).toList());
    CoarseSenses.Word bank = set.words().getFirst();
    assertEquals(Map.of("0", "money", "1", "river", "2", "aircraft"), bank.senses());
    assertEquals(new Example("the bank 30 0", new Span(4, 8), "0"), bank.train().getFirst());
    assertEquals(4, bank.train().size());
    assertEquals(4, bank.test().size());
    assertEquals(List.of(), set.words().getLast().test());
    assertEquals(
        List.of("bow", "bank"),
        CoarseSenses.read(folder, List.of("bow", "bank")).words().stream()
            .map(CoarseSenses.Word::name)
            .toList());
    assertEquals("bow", CoarseSenses.read(folder.resolve("bow")).words().getFirst().name());
  }

  @Test
  void indicesCountWhatPythonCounts() throws IOException {
    write("bow/test.data.txt", "3\ta\u00a0b  c\u3000bow 1 0\n1\t \uD83C\uDFF9 bow 0 1\n");
    assertEquals(
        List.of("bow", "bow"),
        CoarseSenses.read(folder, List.of("bow")).words().getFirst().test().stream()
            .map(e -> e.span().of(e.text()))
            .toList());
  }

  @Test
  void scoresOneWordByHand() {
    Evaluation evaluation = score(CoarseOptions.DEFAULT, "bank");
    // Layer 0 cannot tell: the first sense's mean is as near as the second's, and is taken. So
    // money: F1 = 2 * 2 / (2 + 4); river: 0.
    Score blind = evaluation.score("bank", "macro-f1");
    assertEquals("0", blind.layer());
    assertEquals((4 / 6.0 + 0) / 2, blind.value(), 1e-12);
    // Layer 1: three of four. Money: 2 * 2 / (2 + 3); river: 2 * 1 / (2 + 1).
    Score f1 = at(evaluation, "bank", "1", "macro-f1");
    assertEquals((4 / 5.0 + 2 / 3.0) / 2, f1.value(), 1e-12);
    assertTrue(f1.low() < f1.value() && f1.value() < f1.high());
    Score accuracy = at(evaluation, "bank", "1", "accuracy");
    assertEquals(0.75, accuracy.value());
    assertEquals(0.3006, accuracy.low(), 5e-5, "Wilson, 3 of 4");
    assertEquals(4, accuracy.n());
    assertEquals(List.of("bank: no training text has the sense aircraft"), evaluation.warnings());
    assertEquals(4, evaluation.scores().size());
    assertEquals(evaluation, score(CoarseOptions.DEFAULT, "bank"), "the seed fixes the intervals");
  }

  private Evaluation score(CoarseOptions options, String... words) {
    return CoarseSenses.read(folder, List.of(words))
        .score(WRITTEN, options, Progress.NONE, Cancel.create());
  }

  private static Score at(Evaluation evaluation, String section, String layer, String metric) {
    return evaluation.scores().stream()
        .filter(
            s ->
                s.section().equals(section) && s.layer().equals(layer) && s.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void severalWordsAreAveraged() {
    var told = new ArrayList<Long>();
    Evaluation evaluation =
        CoarseSenses.read(folder)
            .score(
                WRITTEN,
                CoarseOptions.DEFAULT,
                (_, done, total) -> told.add(total - done),
                Cancel.create());
    double bank = at(evaluation, "bank", "1", "macro-f1").value();
    Score bow = at(evaluation, "bow", "1", "macro-f1");
    assertEquals(1, bow.value());
    assertEquals(1, bow.n());
    assertEquals(0.5, bow.coverage());
    Score mean = at(evaluation, CoarseSenses.MEAN, "1", "macro-f1");
    assertEquals((bank + 1) / 2, mean.value(), 1e-12);
    assertTrue(mean.low() <= mean.value() && mean.value() <= mean.high());
    assertEquals(5, mean.n());
    assertEquals(6, mean.total());
    assertEquals(0.875, at(evaluation, CoarseSenses.MEAN, "1", "accuracy").value(), 1e-12);
    assertEquals(
        List.of(
            "yard has no test part and is left out",
            "bank: no training text has the sense aircraft",
            "bow: 1 of its texts could not be encoded and are left out; the first: so it says"),
        evaluation.warnings());
    assertEquals(0, told.getLast());
  }

  @Test
  void fewExamplesAreDrawnBySeed() throws IOException {
    var encoded = new ArrayList<String>();
    ContextVectors listening =
        (inputs, sink, cancel) ->
            WRITTEN.encodeAll(
                inputs,
                result -> {
                  encoded.add(((EncodeResult.Done) result).encoded().text());
                  sink.accept(result);
                },
                cancel);
    CoarseSenses set = CoarseSenses.read(folder, List.of("bank"));
    set.score(listening, CoarseOptions.DEFAULT.withExamples(1), Progress.NONE, Cancel.create());
    assertEquals(1 + 1 + 4, encoded.size());
    assertTrue(encoded.contains("the bank 30 0"));
    var first = List.copyOf(encoded);
    encoded.clear();
    set.score(listening, CoarseOptions.DEFAULT.withExamples(1), Progress.NONE, Cancel.create());
    assertEquals(first, encoded);
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertMessage(folder.resolve("none") + " does not exist; a lexical sample", "none");
    assertMessage(folder.resolve("README.txt") + " holds no labelled words", "README.txt");
    Files.createDirectory(folder.resolve("empty"));
    assertMessage(folder.resolve("empty") + " holds no labelled words; a lexical", "empty");
    Files.delete(folder.resolve("bow/test.gold.txt"));
    assertMessage(folder.resolve("bow/test.gold.txt") + " does not exist; the number of", "bow");
    assertEquals(
        folder + " has no word \"apple\"; there are bank, bow, yard",
        assertThrows(PolysemeException.class, () -> CoarseSenses.read(folder, List.of("apple")))
            .getMessage());
    assertTrue(
        assertThrows(PolysemeException.class, () -> CoarseSenses.read(folder, List.of("yard")))
            .getMessage()
            .startsWith(folder.resolve("yard") + " has no test part"));
    CoarseSenses untested = CoarseSenses.read(folder.resolve("yard"));
    assertThrows(
        PolysemeException.class,
        () -> untested.score(WRITTEN, CoarseOptions.DEFAULT, Progress.NONE, Cancel.create()));
  }

  @Test
  void malformedLinesAreNamed() throws IOException {
    write("bow/test.data.txt", "0\tbow 1 0\nbow 1 0\n");
    assertMessage(
        folder.resolve("bow/test.data.txt") + ", line 2: no tab between the token's index", "bow");
    write("bow/test.data.txt", "0\tbow 1 0\nx\tbow 1 0\n");
    assertMessage("line 2: the token's index is no number", "bow");
    write("bow/test.data.txt", "3\tbow 1 0\n0\tbow 1 0\n");
    assertMessage("line 1: there is no token 3 among the text's 3", "bow");
    write("bow/test.data.txt", "0\tbow 1 0\n");
    assertMessage("test.data.txt has 1 lines and", "bow");
    write("bow/test.gold.txt", "7\n");
    assertMessage("test.gold.txt, line 1: not a sense of classes_map.txt, which has [0, 1]", "bow");
    write("bow/classes_map.txt", "[1]");
    assertMessage("classes_map.txt is no JSON object", "bow");
    write("bow/classes_map.txt", "{\"0\":");
    assertMessage("classes_map.txt is no JSON object", "bow");
  }

  private void assertMessage(String expected, String path) {
    String message =
        assertThrows(PolysemeException.class, () -> CoarseSenses.read(folder.resolve(path)))
            .getMessage();
    assertTrue(message.contains(expected), message);
  }
}
