package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.VectorSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Analogy questions in sections, as Mikolov et al. made them (2013, "Efficient Estimation of Word
 * Representations in Vector Space"): a is to b as c is to d, where d is to be found among all
 * words.
 *
 * @param sections in the order of the file
 */
public record AnalogyQuestions(List<Section> sections) {
  /** The share of questions whose first answer, but for a, b and c, is right. */
  public static final String ACCURACY = "accuracy";

  /** The same with a, b and c among the words that can be answers. */
  public static final String INPUTS_KEPT = "accuracy-inputs-kept";

  /** The share of questions with a right one among the first five answers but a, b and c. */
  public static final String TOP_5 = "accuracy-top-5";

  private static final String EXPECTED =
      "a text file of analogy questions, four words a line under \": section\" lines, as"
          + " word2vec's questions-words.txt,";
  private static final String EXPECTED_ANSWERS =
      "the file of the answers, \"category answer\" a line, as MSR's word_relationship.answers,";

  /** How many pairs of one relation may be made questions of, every two of them. */
  private static final int MOST_PAIRS = 1000;

  /** Questions of one kind. */
  public record Section(String name, List<Question> questions) {
    public Section {
      questions = List.copyOf(questions);
    }

    /**
     * Whether the questions are of grammar, not of meaning: the name starts with {@code gram}, or
     * as those of BATS' inflections and derivations ({@code I01}, {@code D10}).
     */
    public boolean syntactic() {
      return name.matches("gram.*|[ID]\\d\\d\\b.*");
    }
  }

  /**
   * a is to b as c is to d.
   *
   * @param d the right answers, the best first; at least one
   */
  public record Question(String a, String b, String c, List<String> d) {
    public Question {
      d = List.copyOf(d);
      if (d.isEmpty()) {
        throw new IllegalArgumentException("a question without an answer");
      }
    }

    public Question(String a, String b, String c, String d) {
      this(a, b, c, List.of(d));
    }
  }

  public AnalogyQuestions {
    sections = List.copyOf(sections);
  }

  /**
   * Reads a test set, in one of three forms:
   *
   * <ul>
   *   <li>a file, as Google's, its Chinese translation and CA8 are: {@code : name} begins a
   *       section, any other line is a question of four words between white space; what comes
   *       before the first section is of one that is named like the file
   *   <li>a file with the ending {@code .questions}, as MSR's (Mikolov, Yih and Zweig 2013): three
   *       words a line; beside it, with the ending {@code .answers}, a category, which becomes the
   *       section, and the answer
   *   <li>a folder, with folders in it or not, of {@code .txt} files of {@linkplain RelationPairs
   *       pairs}, as BATS is: each file is a section, and every two of its pairs make two
   *       questions, whose b is the best answer of the first pair
   * </ul>
   *
   * Empty lines are passed over.
   *
   * @throws PolysemeException if there is no such file, or a line is of none of these forms, with
   *     its number
   */
  public static AnalogyQuestions read(Path path) {
    Map<String, List<Question>> sections =
        Files.isDirectory(path)
            ? readPairs(path)
            : path.toString().endsWith(".questions") ? readHalves(path) : readSections(path);
    if (sections.values().stream().allMatch(List::isEmpty)) {
      throw new PolysemeException(
          "%s has no questions; %s is expected there".formatted(path, EXPECTED));
    }
    return new AnalogyQuestions(
        sections.entrySet().stream().map(e -> new Section(e.getKey(), e.getValue())).toList());
  }

  private static Map<String, List<Question>> readSections(Path path) {
    TestFile file = TestFile.read(path, EXPECTED);
    Map<String, List<Question>> sections = new LinkedHashMap<>();
    String name = TestFile.stem(path);
    for (TestFile.Line line : file.lines()) {
      String text = line.text().strip();
      if (text.startsWith(":")) {
        name = text.substring(1).strip();
        if (name.isEmpty()) {
          throw file.malformed(line, "a section without a name");
        }
        sections.computeIfAbsent(name, _ -> new ArrayList<>());
      } else if (!text.isEmpty()) {
        String[] words = words(file, line, 4, "a question has four words");
        sections
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .add(new Question(words[0], words[1], words[2], words[3]));
      }
    }
    return sections;
  }

  private static Map<String, List<Question>> readHalves(Path path) {
    TestFile asked = TestFile.read(path, EXPECTED);
    String name = String.valueOf(path.getFileName());
    Path beside =
        path.resolveSibling(name.substring(0, name.length() - "questions".length()) + "answers");
    TestFile answers = TestFile.read(beside, EXPECTED_ANSWERS);
    List<TestFile.Line> questions = filled(asked);
    List<TestFile.Line> right = filled(answers);
    if (questions.size() != right.size()) {
      throw new PolysemeException(
          "%s has %d questions, and %s %d answers; each line of the one goes with a line of the other"
              .formatted(path, questions.size(), beside, right.size()));
    }
    Map<String, List<Question>> sections = new LinkedHashMap<>();
    for (int i = 0; i < questions.size(); i++) {
      String[] abc = words(asked, questions.get(i), 3, "a question has three words here");
      String[] d = words(answers, right.get(i), 2, "an answer has a category and a word");
      sections
          .computeIfAbsent(d[0], _ -> new ArrayList<>())
          .add(new Question(abc[0], abc[1], abc[2], d[1]));
    }
    return sections;
  }

  private static List<TestFile.Line> filled(TestFile file) {
    return file.lines().stream().filter(line -> !line.text().isBlank()).toList();
  }

  private static String[] words(TestFile file, TestFile.Line line, int count, String problem) {
    String[] words = line.text().strip().split("\\s+");
    if (words.length != count) {
      throw file.malformed(line, "%s, not %d".formatted(problem, words.length));
    }
    return words;
  }

  private static Map<String, List<Question>> readPairs(Path folder) {
    List<Path> files;
    try (Stream<Path> entries = Files.walk(folder, 3)) {
      files =
          entries
              .filter(f -> Files.isRegularFile(f) && f.toString().matches("(?i).*\\.txt"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
    if (files.isEmpty()) {
      throw new PolysemeException(
          "%s has no .txt file; %s or a folder of files of pairs, as BATS, is expected there"
              .formatted(folder, EXPECTED));
    }
    Map<String, List<Question>> sections = new LinkedHashMap<>();
    for (Path file : files) {
      RelationPairs relation = RelationPairs.read(file);
      List<RelationPairs.Pair> pairs = relation.pairs();
      if (pairs.size() > MOST_PAIRS) {
        throw new PolysemeException(
            "%s has %d pairs, and every two of them make questions: %d at most; split the file"
                .formatted(file, pairs.size(), MOST_PAIRS));
      }
      List<Question> section = sections.computeIfAbsent(relation.name(), _ -> new ArrayList<>());
      for (RelationPairs.Pair shown : pairs) {
        for (RelationPairs.Pair asked : pairs) {
          if (shown != asked) {
            section.add(
                new Question(
                    shown.source(), shown.targets().getFirst(), asked.source(), asked.targets()));
          }
        }
      }
    }
    return sections;
  }

  /** How many questions there are in all. */
  public int size() {
    return sections.stream().mapToInt(s -> s.questions.size()).sum();
  }

  /**
   * Puts the questions to words whose whole list is known, exactly: every word is compared with
   * every question, by all the methods in one pass.
   *
   * <p>A question counts if a, b, c and one of its answers are known (and not the zero vector); the
   * others are skipped. The similarity is the cosine, whatever the space's own is.
   *
   * <p>The methods that learn from pairs are asked each different pair (a, b) or (c, d) of a
   * section once: what is to its source as, in the others, the targets are to the sources? What
   * they learn from leaves out the pair that is asked, and with it those that share its source or
   * its target, which would give the answer away. So their figures stand beside each other, but not
   * beside those of the other methods.
   *
   * @param rows the words that can be answers, the most frequent first
   * @return for each method {@link #ACCURACY}, {@link #INPUTS_KEPT} and {@link #TOP_5} of each
   *     section, then of {@code semantic} and {@code syntactic} where there are sections of both
   *     kinds, then of the {@code total}; Wilson intervals
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Map<AnalogyMethod, Evaluation> score(
      LabelledRows rows, AnalogyOptions options, Progress progress, Cancel cancel) {
    return new AnalogyTrial(this, rows, options).run(progress, cancel);
  }

  /**
   * Puts the questions to any space, one query each, by whichever search it is best at: approximate
   * where that is by an index. The rest is as in {@link #score}, save that the similarity is the
   * space's own.
   *
   * @throws IllegalArgumentException if the options restrict the vocabulary, whose order is not
   *     known here, or the space cannot answer by a method: none but 3CosAdd and 3CosMul
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Map<AnalogyMethod, Evaluation> scoreBySearch(
      VectorSpace space, AnalogyOptions options, Progress progress, Cancel cancel) {
    return new SearchTrial(this, space, options).run(progress, cancel);
  }
}
