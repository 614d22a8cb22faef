package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.evaluate.AnalogyQuestions.Question;
import io.polyseme.evaluate.AnalogyQuestions.Section;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AnalogyQuestionsTest {
  private static final List<AnalogyMethod> QUERIES =
      List.of(AnalogyMethod.COS_ADD, AnalogyMethod.COS_MUL);

  @TempDir Path folder;

  /** Sexes along one axis, ranks along another, plurals along a third. */
  private static NaiveSpace family() {
    return new NaiveSpace()
        .with("man", 1, 0, 0)
        .with("woman", -1, 0.5f, 0)
        .with("king", 1, 0, 1)
        .with("queen", -1, 0.5f, 1)
        .with("apple", 0.1f, -1, -1)
        .with("zero", 0, 0, 0);
  }

  private AnalogyQuestions read(String text) throws IOException {
    Path file = folder.resolve("questions.txt");
    Files.writeString(file, text);
    return AnalogyQuestions.read(file);
  }

  private static Evaluation scan(AnalogyQuestions set, NaiveSpace space, AnalogyOptions options) {
    return set.score(
            LabelledRows.of(space, space.labels()), options, Progress.NONE, Cancel.create())
        .get(options.methods().getFirst());
  }

  private static Evaluation search(AnalogyQuestions set, NaiveSpace space, AnalogyOptions options) {
    return set.scoreBySearch(space, options, Progress.NONE, Cancel.create())
        .get(options.methods().getFirst());
  }

  @Test
  void readsSectionsAsTheFilesHaveThem() throws IOException {
    AnalogyQuestions set =
        read(
            "\uFEFF: family\r\nman woman king queen\r\n\r\n: gram1-x\n 雅典 希腊\t巴格达  伊拉克 \n: family\na b c d");
    assertEquals(
        List.of(
            new Section(
                "family",
                List.of(
                    new Question("man", "woman", "king", "queen"),
                    new Question("a", "b", "c", "d"))),
            new Section("gram1-x", List.of(new Question("雅典", "希腊", "巴格达", "伊拉克")))),
        set.sections());
    assertEquals(3, set.size());
    assertEquals(List.of(false, true), set.sections().stream().map(Section::syntactic).toList());
  }

  @Test
  void countsRightWrongAndSkippedBySection() throws IOException {
    AnalogyQuestions set =
        read(
            """
            : family
            man woman king queen
            Woman Man Queen King
            man woman king apple
            man woman king empress
            : gram1
            man king woman queen
            man zero woman queen
            : unknown
            x y z w
            """);
    Evaluation evaluation = scan(set, family(), AnalogyOptions.DEFAULT);
    Score family = evaluation.score("family", "accuracy");
    assertEquals(2 / 3.0, family.value(), 1e-12);
    assertEquals(3, family.n());
    assertEquals(0.75, family.coverage(), 1e-12);
    assertEquals(1, family.skipped());
    Score grammar = evaluation.score("gram1", "accuracy");
    assertEquals(1, grammar.value());
    assertEquals(1, grammar.n(), "a zero vector has no direction");
    Score unknown = evaluation.score("unknown", "accuracy");
    assertTrue(Double.isNaN(unknown.value()) && Double.isNaN(unknown.low()));
    assertEquals(0, unknown.coverage());
    assertEquals(2 / 3.0, evaluation.score("semantic", "accuracy").value(), 1e-12);
    assertEquals(1, evaluation.score("syntactic", "accuracy").value());
    Score total = evaluation.score("total", "accuracy");
    assertEquals(0.75, total.value());
    assertEquals(4, total.n());
    assertEquals(7, total.total());
    assertTrue(total.low() < 0.75 && total.high() > 0.75);
    assertEquals(
        List.of(
            "3 of 7 questions were skipped: one of their words is not known; nothing is left of unknown"),
        evaluation.warnings());
    assertEquals(
        evaluation,
        search(set, family(), AnalogyOptions.DEFAULT),
        "one query each comes to the same");
  }

  @Test
  void leavesSummariesOfOneKindOut() throws IOException {
    Evaluation evaluation =
        scan(read(": family\nman woman king queen\n"), family(), AnalogyOptions.DEFAULT);
    assertEquals(
        List.of("family", "total"),
        evaluation.scores().stream().map(Score::section).distinct().toList());
    assertEquals(
        List.of("accuracy", "accuracy-inputs-kept", "accuracy-top-5"),
        evaluation.scores().stream().map(Score::metric).distinct().toList());
    assertEquals(List.of(), evaluation.warnings());
  }

  @Test
  void spellingAndTheFirstWordsDecideWhatIsKnown() throws IOException {
    AnalogyQuestions set = read(": family\nMan woman king queen\nman woman king queen\n");
    AnalogyOptions options = AnalogyOptions.DEFAULT;
    assertEquals(2, scan(set, family(), options).score("total", "accuracy").n());
    assertEquals(
        1,
        scan(set, family(), options.withSpelling(Spelling.AS_WRITTEN))
            .score("total", "accuracy")
            .n());
    assertEquals(2, scan(set, family(), options.withFirstWords(4)).score("total", "accuracy").n());
    assertEquals(0, scan(set, family(), options.withFirstWords(3)).score("total", "accuracy").n());
    assertThrows(
        IllegalArgumentException.class, () -> search(set, family(), options.withFirstWords(3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> search(set, family(), options.withMethods(List.of(AnalogyMethod.PAIR_DIRECTION))));
  }

  @Test
  void anInputInAnotherCaseIsNoAnswer() throws IOException {
    // King is nearer to what is asked for than queen; folded, it is the input king.
    NaiveSpace space = family().with("King", -1, 0.5f, 1.01f).with("QUEEN", -1, 0.5f, 0.99f);
    AnalogyQuestions set = read(": family\nman woman king queen\n");
    for (AnalogyMethod method : QUERIES) {
      AnalogyOptions options = AnalogyOptions.DEFAULT.withMethods(List.of(method));
      assertEquals(1, scan(set, space, options).score("total", "accuracy").value(), method.name());
      assertEquals(
          1, search(set, space, options).score("total", "accuracy").value(), method.name());
    }
  }

  @Test
  void bothWaysAgreeOnRandomSpaces() {
    long seed = 20130115;
    var random = new Random(seed);
    for (int round = 0; round < 6; round++) {
      var space = new NaiveSpace();
      int words = 300 + random.nextInt(500);
      int dimension = 5 + random.nextInt(20);
      for (int i = 0; i < words; i++) {
        var vector = new float[dimension];
        for (int j = 0; j < dimension; j++) {
          vector[j] = (float) random.nextGaussian();
        }
        space.with((i % 5 == 0 ? "W" : "w") + (i % 50 == 0 ? i + 1 : i), vector);
      }
      for (AnalogyMethod method : QUERIES) {
        var questions = new ArrayList<Question>();
        for (int i = 0; i < 40; i++) {
          String a = "w" + random.nextInt(words + 20);
          String b = "W" + random.nextInt(words);
          String c = "w" + random.nextInt(words);
          questions.add(new Question(a, b, c, answer(space, method, a, b, c)));
          questions.add(new Question(a, b, c, "w" + random.nextInt(words)));
        }
        var set = new AnalogyQuestions(List.of(new Section("random", questions)));
        for (int threads : new int[] {1, 3}) {
          AnalogyOptions options =
              AnalogyOptions.DEFAULT.withMethods(List.of(method)).withThreads(threads);
          Evaluation scanned = scan(set, space, options);
          String where = "seed %d, round %d, %s".formatted(seed, round, method);
          assertEquals(search(set, space, options), scanned, where);
          assertTrue(scanned.score("total", "accuracy").value() > 0.4, where);
        }
      }
    }
  }

  /** What the space itself answers, so that some of the random questions are answered rightly. */
  private static String answer(
      NaiveSpace space, AnalogyMethod method, String a, String b, String c) {
    WordLookup words = WordLookup.labels(space).spelled(Spelling.FOLDED);
    if (Stream.of(a, b, c).anyMatch(w -> words.vector(w).isEmpty())) {
      return "w1";
    }
    var operands =
        List.of(
            new Query.Operand(words.vector(b).get(), 1),
            new Query.Operand(words.vector(a).get(), -1),
            new Query.Operand(words.vector(c).get(), 1));
    return space
        .search(Query.of(operands, 8).withMethod(method.query().orElseThrow()))
        .hits()
        .stream()
        .map(Hit::label)
        .filter(label -> Stream.of(a, b, c).noneMatch(label::equalsIgnoreCase))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tellsOfProgressAndCanBeCancelled() throws IOException {
    AnalogyQuestions set = read(": family\nman woman king queen\n");
    var told = new ArrayList<Long>();
    set.score(
        LabelledRows.of(family(), family().labels()),
        AnalogyOptions.DEFAULT,
        (_, done, total) -> told.add(total - done),
        Cancel.create());
    assertEquals(0, told.getLast());
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () ->
            set.score(
                LabelledRows.of(family(), family().labels()),
                AnalogyOptions.DEFAULT,
                Progress.NONE,
                cancel));
    assertThrows(
        CancelledException.class,
        () -> set.scoreBySearch(family(), AnalogyOptions.DEFAULT, Progress.NONE, cancel));
  }

  @Test
  void aVocabularyOfAnotherSpaceIsAnError() throws IOException {
    AnalogyQuestions set = read(": family\nman woman king queen\n");
    PolysemeException e =
        assertThrows(
            PolysemeException.class,
            () ->
                set.score(
                    LabelledRows.of(family(), List.of("man", "pear")),
                    AnalogyOptions.DEFAULT,
                    Progress.NONE,
                    Cancel.create()));
    assertEquals("\"pear\" is in the vocabulary but not in naive", e.getMessage());
  }

  @Test
  void questionsBeforeTheFirstSectionAreOfTheFile() throws IOException {
    assertEquals(
        List.of(
            new Section("questions", List.of(new Question("good", "better", "rough", "rougher"))),
            new Section("more", List.of(new Question("a", "b", "c", "d")))),
        read("good better rough rougher\n: more\na b c d\n").sections());
  }

  @Test
  void readsTheHalvesOfMsr() throws IOException {
    Path questions = folder.resolve("word_relationship.questions");
    Files.writeString(questions, "good better rough\nyear years law\n\nbad worse big\n");
    Path answers = folder.resolve("word_relationship.answers");
    assertTrue(
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(questions))
            .getMessage()
            .startsWith(answers + " does not exist; the file of the answers"));
    Files.writeString(answers, "JJ_JJR rougher\nNN_NNS laws\nJJ_JJR bigger\n");
    assertEquals(
        List.of(
            new Section(
                "JJ_JJR",
                List.of(
                    new Question("good", "better", "rough", "rougher"),
                    new Question("bad", "worse", "big", "bigger"))),
            new Section("NN_NNS", List.of(new Question("year", "years", "law", "laws")))),
        AnalogyQuestions.read(questions).sections());
    Files.writeString(answers, "JJ_JJR rougher\nNN_NNS laws\n");
    String fewer =
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(questions)).getMessage();
    assertTrue(fewer.contains("has 3 questions, and " + answers + " 2 answers"), fewer);
    Files.writeString(answers, "JJ_JJR rougher\nlaws\nJJ_JJR bigger\n");
    String short2 =
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(questions)).getMessage();
    assertTrue(short2.startsWith(answers + ", line 2: an answer has a category"), short2);
  }

  @Test
  void readsTheFoldersOfBats() throws IOException {
    Path bats = folder.resolve("BATS");
    Path inflections = Files.createDirectories(bats.resolve("1_Inflectional_morphology"));
    Path meanings = Files.createDirectories(bats.resolve("4_Lexicographic_semantics"));
    assertTrue(
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(bats))
            .getMessage()
            .startsWith(bats + " has no .txt file"));
    Files.writeString(bats.resolve("metadata.json"), "{}");
    Files.writeString(meanings.resolve("L01 [hypernyms].txt"), "cat\tfeline/felid\ndog\tcanine\n");
    Files.writeString(
        inflections.resolve("I01 [noun - plural_reg].txt"), "law\tlaws\r\nyear\tyears\r\n");
    AnalogyQuestions set = AnalogyQuestions.read(bats);
    assertEquals(
        List.of(
            new Section(
                "I01 [noun - plural_reg]",
                List.of(
                    new Question("law", "laws", "year", "years"),
                    new Question("year", "years", "law", "laws"))),
            new Section(
                "L01 [hypernyms]",
                List.of(
                    new Question("cat", "feline", "dog", "canine"),
                    new Question("dog", "canine", "cat", List.of("feline", "felid"))))),
        set.sections());
    assertEquals(List.of(true, false), set.sections().stream().map(Section::syntactic).toList());
    Files.writeString(meanings.resolve("L02.txt"), "cat\n");
    String message =
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(bats)).getMessage();
    assertTrue(message.contains("L02.txt, line 1: not a word and its answers: \"cat\""), message);
  }

  @Test
  void anyOfSeveralAnswersIsRight() {
    var set =
        new AnalogyQuestions(
            List.of(
                new Section(
                    "several",
                    List.of(
                        new Question("man", "woman", "king", List.of("empress", "QUEEN")),
                        new Question("man", "woman", "king", List.of("empress", "apple")),
                        new Question("man", "woman", "king", List.of("empress", "tsarina"))))));
    for (Evaluation evaluation :
        List.of(
            scan(set, family(), AnalogyOptions.DEFAULT),
            search(set, family(), AnalogyOptions.DEFAULT))) {
      Score score = evaluation.score("several", "accuracy");
      assertEquals(0.5, score.value());
      assertEquals(2, score.n(), "one known answer is enough, and needed");
    }
  }

  @Test
  void malformedFilesAreNamedWithTheLine() throws IOException {
    assertMessage(": a\nb c d e\nb c d\n", "line 3: a question has four words, not 3: \"b c d\"");
    assertMessage(": a\n\nb c d e f\n", "line 3: a question has four words, not 5");
    assertMessage(": \n", "line 1: a section without a name");
    assertMessage("", "has no questions; a text file of analogy questions");
    assertMessage(": a\n", "has no questions");
    Path file = folder.resolve("latin1.txt");
    Files.write(file, ": a\ncaf\u00e9 b c d\n".getBytes(StandardCharsets.ISO_8859_1));
    String message =
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(file)).getMessage();
    assertTrue(message.startsWith(file + ", line 2: not UTF-8"), message);
  }

  private void assertMessage(String text, String expected) {
    String message = assertThrows(PolysemeException.class, () -> read(text)).getMessage();
    assertTrue(message.contains("questions.txt") && message.contains(expected), message);
  }

  @Test
  void aMissingFileIsNamedWithWhatIsExpected() {
    Path missing = folder.resolve("none.txt");
    String message =
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(missing)).getMessage();
    assertTrue(message.startsWith(missing + " does not exist; a text file of analogy"), message);
    assertTrue(
        assertThrows(PolysemeException.class, () -> AnalogyQuestions.read(folder))
            .getMessage()
            .startsWith(folder + " has no .txt file"));
  }
}
