package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.evaluate.Intervals.Interval;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Query.Operand;
import io.polyseme.vector.VectorSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Analogy questions in sections, as Mikolov et al. made them (2013, "Efficient Estimation of Word
 * Representations in Vector Space"): a is to b as c is to d, where d is to be found among all words
 * but a, b and c.
 *
 * @param sections in the order of the file
 */
public record AnalogyQuestions(List<Section> sections) {
  private static final String EXPECTED =
      "a text file of analogy questions, four words a line under \": section\" lines, as"
          + " word2vec's questions-words.txt,";

  /** How many answers are asked of a space that cannot leave out the inputs in every case. */
  private static final int CASES = 8;

  /** Questions of one kind. */
  public record Section(String name, List<Question> questions) {
    public Section {
      questions = List.copyOf(questions);
    }

    /** Whether the questions are of grammar, not of meaning: the name starts with {@code gram}. */
    public boolean syntactic() {
      return name.startsWith("gram");
    }
  }

  /** a is to b as c is to d. */
  public record Question(String a, String b, String c, String d) {}

  public AnalogyQuestions {
    sections = List.copyOf(sections);
  }

  /**
   * Reads a file: {@code : name} begins a section, any other line is a question of four words
   * between white space; empty lines are passed over.
   *
   * @throws PolysemeException if there is no such file, or a line is neither, with its number
   */
  public static AnalogyQuestions read(Path path) {
    TestFile file = TestFile.read(path, EXPECTED);
    Map<String, List<Question>> sections = new LinkedHashMap<>();
    List<Question> section = null;
    for (TestFile.Line line : file.lines()) {
      String text = line.text().strip();
      if (text.startsWith(":")) {
        String name = text.substring(1).strip();
        if (name.isEmpty()) {
          throw file.malformed(line, "a section without a name");
        }
        section = sections.computeIfAbsent(name, _ -> new ArrayList<>());
      } else if (!text.isEmpty()) {
        String[] words = text.split("\\s+");
        if (words.length != 4) {
          throw file.malformed(line, "a question has four words, not " + words.length);
        }
        if (section == null) {
          throw file.malformed(line, "a question before the first \": section\" line");
        }
        section.add(new Question(words[0], words[1], words[2], words[3]));
      }
    }
    if (sections.values().stream().allMatch(List::isEmpty)) {
      throw new PolysemeException(
          "%s has no questions; %s is expected there".formatted(path, EXPECTED));
    }
    return new AnalogyQuestions(
        sections.entrySet().stream().map(e -> new Section(e.getKey(), e.getValue())).toList());
  }

  /** How many questions there are in all. */
  public int size() {
    return sections.stream().mapToInt(s -> s.questions.size()).sum();
  }

  /**
   * Puts the questions to words whose whole list is known, exactly: every word of the vocabulary is
   * compared with every question. This is done from the cosines of the vocabulary with the words of
   * the questions, of which there are few, so that 20,000 questions take little longer than their
   * thousand words.
   *
   * <p>A question counts if all its four words are in the vocabulary (and not the zero vector); the
   * others are skipped. It is answered rightly if d is first among all words but a, b and c. The
   * similarity is the cosine, whatever the space's own is.
   *
   * @param vocabulary the labels that can be answers, the most frequent first
   * @return {@code accuracy} for each section, then for {@code semantic} and {@code syntactic}
   *     where there are sections of both kinds, then for {@code total}; Wilson intervals
   * @throws PolysemeException if a label of the vocabulary is not in the space
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(
      VectorSpace space,
      List<String> vocabulary,
      AnalogyOptions options,
      Progress progress,
      Cancel cancel) {
    int size =
        options.firstWords() == 0
            ? vocabulary.size()
            : Math.min(options.firstWords(), vocabulary.size());
    return evaluate(
        AnalogyScan.answers(this, space, vocabulary.subList(0, size), options, progress, cancel));
  }

  /**
   * Puts the questions to any space, one query each, by whichever search it is best at: approximate
   * where that is by an index. The rest is as with a {@linkplain #score(VectorSpace, List,
   * AnalogyOptions, Progress, Cancel) vocabulary}, save that the similarity is the space's own.
   *
   * @throws IllegalArgumentException if the options restrict the vocabulary, whose order is not
   *     known here, or the space cannot answer by the method
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(
      VectorSpace space, AnalogyOptions options, Progress progress, Cancel cancel) {
    if (options.firstWords() != 0) {
      throw new IllegalArgumentException("the first words can be taken only of a given vocabulary");
    }
    Spelling spelling = options.spelling();
    var known = new HashMap<String, Optional<Known>>();
    var answers = new ArrayList<List<Answer>>();
    long done = 0;
    for (Section section : sections) {
      var ofSection = new ArrayList<Answer>();
      for (Question question : section.questions) {
        cancel.check();
        ofSection.add(
            ask(
                question,
                space,
                options,
                word -> known.computeIfAbsent(word, w -> find(w, space, spelling))));
        progress.update("answering analogies", ++done, size());
      }
      answers.add(ofSection);
    }
    return evaluate(answers);
  }

  /** What became of a question. */
  enum Answer {
    RIGHT,
    WRONG,
    SKIPPED
  }

  /** A word of a question under the label that the space has for it. */
  private record Known(String label, float[] vector) {}

  private static Optional<Known> find(String word, VectorSpace space, Spelling spelling) {
    for (String label : List.of(word, spelling.key(word))) {
      Optional<float[]> vector = space.vector(label);
      if (vector.isPresent()) {
        return Directions.unit(vector.get()).isPresent()
            ? Optional.of(new Known(label, vector.get()))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private interface Find {
    Optional<Known> apply(String word);
  }

  private static Answer ask(
      Question question, VectorSpace space, AnalogyOptions options, Find find) {
    Optional<Known> a = find.apply(question.a);
    Optional<Known> b = find.apply(question.b);
    Optional<Known> c = find.apply(question.c);
    if (a.isEmpty() || b.isEmpty() || c.isEmpty() || find.apply(question.d).isEmpty()) {
      return Answer.SKIPPED;
    }
    Spelling spelling = options.spelling();
    Set<String> excluded = new HashSet<>();
    Set<String> inputs = new HashSet<>();
    for (Known input : List.of(a.get(), b.get(), c.get())) {
      excluded.add(input.label);
      excluded.add(spelling.key(input.label));
      inputs.add(spelling.key(input.label));
    }
    Query query =
        Query.of(
                List.of(
                    new Operand(b.get().vector, 1),
                    new Operand(a.get().vector, -1),
                    new Operand(c.get().vector, 1)),
                spelling == Spelling.FOLDED ? CASES : 1)
            .withMethod(options.method())
            .withExcluded(excluded);
    String right = spelling.key(question.d);
    return space.search(query).hits().stream()
            .map(Hit::label)
            .map(spelling::key)
            .filter(Predicate.not(inputs::contains))
            .findFirst()
            .filter(right::equals)
            .isPresent()
        ? Answer.RIGHT
        : Answer.WRONG;
  }

  /** Counts answers, which are by section and question. */
  private Evaluation evaluate(List<List<Answer>> answers) {
    var scores = new ArrayList<Score>();
    var semantic = new ArrayList<Answer>();
    var syntactic = new ArrayList<Answer>();
    for (int i = 0; i < sections.size(); i++) {
      scores.add(accuracy(sections.get(i).name, answers.get(i)));
      (sections.get(i).syntactic() ? syntactic : semantic).addAll(answers.get(i));
    }
    if (!semantic.isEmpty() && !syntactic.isEmpty()) {
      scores.add(accuracy("semantic", semantic));
      scores.add(accuracy("syntactic", syntactic));
    }
    semantic.addAll(syntactic);
    Score total = accuracy("total", semantic);
    scores.add(total);
    var warnings = new ArrayList<String>();
    if (total.skipped() > 0) {
      String empty =
          scores.stream()
              .filter(s -> s.n() == 0)
              .map(Score::section)
              .collect(Collectors.joining(", "));
      warnings.add(
          "%d of %d questions were skipped: one of their words is not known%s"
              .formatted(
                  total.skipped(),
                  total.total(),
                  empty.isEmpty() ? "" : "; nothing is left of " + empty));
    }
    return new Evaluation(scores, warnings);
  }

  private static Score accuracy(String section, List<Answer> answers) {
    int right = (int) answers.stream().filter(a -> a == Answer.RIGHT).count();
    int n = (int) answers.stream().filter(a -> a != Answer.SKIPPED).count();
    Interval interval = Intervals.wilson(right, n);
    return new Score(
        section,
        "",
        "accuracy",
        n == 0 ? Double.NaN : (double) right / n,
        interval.low(),
        interval.high(),
        n,
        answers.size());
  }
}
