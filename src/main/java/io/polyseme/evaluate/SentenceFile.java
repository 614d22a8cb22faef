package io.polyseme.evaluate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.evaluate.SentencePairs.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A file of sentence pairs, in one of the layouts that such sets are published in. The layout is
 * known by the columns; only scores in a file of their own, as SemEval has them, are found by name.
 *
 * @param pairs those with a score
 * @param unscored how many lines have a pair without a score
 * @param notes what was taken for granted
 */
record SentenceFile(List<Pair> pairs, int unscored, List<String> notes) {
  static final String EXPECTED =
      "a file of sentence pairs with scores (STS-B, SemEval's STS tasks, SICK; columns with tabs"
          + " between, \"sentence, sentence, score\" or \"score, sentence, sentence\" or named by a"
          + " heading; or JSON lines)";

  /** How much of a file is looked at to know its layout. */
  private static final int HEAD_BYTES = 1 << 16;

  private static final int HEAD_LINES = 200;

  /** Names of the first and second sentence in headings and JSON, before {@code 1} or {@code a}. */
  private static final String SENTENCE = "(sentence|sent|text|s|question|query)";

  /** Names of the score, the better ones first: SICK has a label of another kind as well. */
  private static final List<String> SCORE =
      List.of("score", "relatednessscore", "similarityscore", "goldscore", "similarity", "label");

  sealed interface Layout {
    /** Whether this is a part of a task whose parts are put together. */
    default boolean partOfTask() {
      return false;
    }
  }

  /** Columns with tabs between them, counted from 0; those that are harder to mistake first. */
  private enum Columns implements Layout {
    /** Genre, file, year, number, score, sentences, and sometimes where they are from. */
    STS_B(5, 6, 4, 7, Integer.MAX_VALUE),
    /** A number, sentences, score. */
    NUMBERED(1, 2, 3, 4, 4),
    /** SemEval's STS tasks, scores and sentences joined. */
    SCORE_FIRST(1, 2, 0, 3, Integer.MAX_VALUE),
    SCORE_LAST(0, 1, 2, 3, 3);

    final int first;
    final int second;
    final int score;
    final int least;
    final int most;

    Columns(int first, int second, int score, int least, int most) {
      this.first = first;
      this.second = second;
      this.score = score;
      this.least = least;
      this.most = most;
    }

    @Override
    public boolean partOfTask() {
      return this == SCORE_FIRST;
    }

    boolean fits(String[] cells) {
      return cells.length >= least
          && cells.length <= most
          && (cells[score].isEmpty() || number(cells[score]).isPresent())
          && !cells[first].isEmpty()
          && !cells[second].isEmpty()
          && (this != NUMBERED || cells[0].matches("\\d+"));
    }
  }

  /** Columns whose heading names them. */
  private record Headed(int first, int second, int score) implements Layout {}

  private record JsonLines() implements Layout {}

  /** SemEval's STS tasks as they were given out: the scores lie in a file beside the pairs. */
  record ScoresBeside(Path scores) implements Layout {
    @Override
    public boolean partOfTask() {
      return true;
    }
  }

  /** How a file is laid out; empty where it holds no sentence pairs with scores. */
  static Optional<Layout> layout(Path path) {
    List<String> lines = head(path);
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    if (lines.getFirst().startsWith("{")) {
      return json(lines.getFirst())
          .filter(object -> sentence(object, "1|a").isPresent())
          .filter(object -> sentence(object, "2|b").isPresent())
          .map(_ -> new JsonLines());
    }
    Optional<Layout> headed = headed(cells(lines.getFirst()));
    if (headed.isPresent()) {
      return headed;
    }
    Optional<Path> beside =
        scoresBeside(path).filter(_ -> lines.stream().allMatch(line -> cells(line).length >= 2));
    if (beside.isPresent()) {
      return beside.map(ScoresBeside::new);
    }
    // The first that half of the lines fit, so that a bad line among them is told of and does not
    // make another layout of the file.
    for (Columns columns : Columns.values()) {
      long fitting = lines.stream().filter(line -> columns.fits(cells(line))).count();
      if (2 * fitting >= lines.size()) {
        return Optional.of(columns);
      }
    }
    return Optional.empty();
  }

  /** Its first lines that are not blank; none of a file that is no text. */
  private static List<String> head(Path path) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(HEAD_BYTES);
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\0') >= 0) {
      return List.of();
    }
    var lines = new ArrayList<>(Arrays.asList(text.replace("\uFEFF", "").split("\r?\n")));
    if (bytes.length == HEAD_BYTES && lines.size() > 1) {
      lines.removeLast(); // cut
    }
    return lines.stream().filter(line -> !line.isBlank()).limit(HEAD_LINES).toList();
  }

  private static Optional<Layout> headed(String[] heading) {
    int first = -1;
    int second = -1;
    int score = -1;
    int rank = SCORE.size();
    for (int i = 0; i < heading.length; i++) {
      String name = plain(heading[i]);
      if (name.matches(SENTENCE + "(1|a)")) {
        first = i;
      } else if (name.matches(SENTENCE + "(2|b)")) {
        second = i;
      } else if (SCORE.contains(name) && SCORE.indexOf(name) < rank) {
        rank = SCORE.indexOf(name);
        score = i;
      }
    }
    return first < 0 || second < 0 || score < 0
        ? Optional.empty()
        : Optional.of(new Headed(first, second, score));
  }

  /** {@code Sentence_A} as {@code sentencea}. */
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]", "");
  }

  /** {@code STS.gs.images.txt} beside {@code STS.input.images.txt}. */
  private static Optional<Path> scoresBeside(Path path) {
    String name = String.valueOf(path.getFileName());
    String scores = name.replaceFirst("(?i)(^|\\.)input\\.", "$1gs.");
    Path beside = path.resolveSibling(scores);
    return scores.equals(name) || !Files.isRegularFile(beside)
        ? Optional.empty()
        : Optional.of(beside);
  }

  /**
   * Reads a file as laid out. Blank lines are passed over.
   *
   * @throws PolysemeException if a line is malformed, with its number
   */
  static SentenceFile read(Path path, Layout layout) {
    TestFile file = TestFile.read(path, EXPECTED);
    var reader = new Reader(file);
    switch (layout) {
      case Columns columns -> reader.columns(columns);
      case Headed headed -> reader.headed(headed);
      case JsonLines _ -> reader.json();
      case ScoresBeside(Path scores) ->
          reader.beside(TestFile.read(scores, "a score for each line of the pairs"));
    }
    return new SentenceFile(List.copyOf(reader.pairs), reader.unscored, List.copyOf(reader.notes));
  }

  /** Takes the pairs out of one file. */
  private static final class Reader {
    private final TestFile file;
    private final List<Pair> pairs = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int unscored;

    Reader(TestFile file) {
      this.file = file;
    }

    void columns(Columns columns) {
      for (TestFile.Line line : file.lines()) {
        if (line.text().isBlank()) {
          continue;
        }
        String[] cells = cells(line.text());
        if (line.number() == 1 && !columns.fits(cells) && isHeading(cells)) {
          notes.add(
              "%s: the first line is read as a heading: \"%s\""
                  .formatted(file.path(), line.text().strip()));
          continue;
        }
        if (cells.length < columns.least || cells.length > columns.most) {
          throw file.malformed(
              line,
              "%d columns, and the others have %s"
                  .formatted(
                      cells.length,
                      columns.least == columns.most ? columns.least : columns.least + " or more"));
        }
        add(line, cells[columns.first], cells[columns.second], cells[columns.score]);
      }
    }

    /** Short words, none of them a number, are what headings are made of. */
    private static boolean isHeading(String[] cells) {
      return Arrays.stream(cells)
          .allMatch(cell -> cell.matches("[\\p{L}_][\\p{L}\\d_ -]{0,29}") && !cell.contains("  "));
    }

    void headed(Headed columns) {
      boolean heading = true;
      int least = Math.max(columns.score, Math.max(columns.first, columns.second)) + 1;
      for (TestFile.Line line : file.lines()) {
        if (line.text().isBlank()) {
          continue;
        }
        if (heading) {
          heading = false;
          continue;
        }
        String[] cells = cells(line.text());
        if (cells.length < least) {
          throw file.malformed(
              line, "%d columns, and the heading asks for %d".formatted(cells.length, least));
        }
        add(line, cells[columns.first], cells[columns.second], cells[columns.score]);
      }
    }

    void json() {
      for (TestFile.Line line : file.lines()) {
        if (line.text().isBlank()) {
          continue;
        }
        JsonObject object =
            SentenceFile.json(line.text())
                .orElseThrow(() -> file.malformed(line, "not a JSON object"));
        String first =
            sentence(object, "1|a")
                .orElseThrow(() -> file.malformed(line, "no first sentence (sentence1)"));
        String second =
            sentence(object, "2|b")
                .orElseThrow(() -> file.malformed(line, "no second sentence (sentence2)"));
        String score =
            SCORE.stream().flatMap(name -> named(object, name).stream()).findFirst().orElse("");
        add(line, first, second, score);
      }
    }

    void beside(TestFile scores) {
      if (scores.lines().size() != file.lines().size()) {
        throw new PolysemeException(
            "%s has %d lines and %s has %d; a score, or an empty line, is needed for each pair"
                .formatted(file.path(), file.lines().size(), scores.path(), scores.lines().size()));
      }
      for (int i = 0; i < file.lines().size(); i++) {
        TestFile.Line line = file.lines().get(i);
        TestFile.Line score = scores.lines().get(i);
        if (!score.text().isBlank() && number(score.text().strip()).isEmpty()) {
          throw scores.malformed(score, "not a score");
        }
        if (line.text().isBlank() && score.text().isBlank()) {
          continue;
        }
        String[] cells = cells(line.text());
        if (cells.length < 2) {
          throw file.malformed(line, "no tab between two sentences");
        }
        add(line, cells[0], cells[1], score.text().strip());
      }
    }

    private void add(TestFile.Line line, String first, String second, String score) {
      if (first.isEmpty() || second.isEmpty()) {
        throw file.malformed(line, "a sentence is empty");
      }
      if (score.isEmpty()) {
        unscored++;
        return;
      }
      OptionalDouble number = number(score);
      if (number.isEmpty()) {
        throw file.malformed(line, "the score \"%s\" is no number".formatted(score));
      }
      pairs.add(new Pair(first, second, number.getAsDouble()));
    }
  }

  /** Quotes mean nothing in these files: they are the sentences' own. */
  private static String[] cells(String line) {
    String[] cells = line.split("\t", -1);
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i].strip();
    }
    return cells;
  }

  private static OptionalDouble number(String text) {
    if (!text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
      return OptionalDouble.empty(); // parseDouble takes "1d" and "NaN" as well
    }
    double number = Double.parseDouble(text);
    return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  private static Optional<JsonObject> json(String line) {
    try {
      JsonElement element = JsonParser.parseString(line);
      return element.isJsonObject() ? Optional.of(element.getAsJsonObject()) : Optional.empty();
    } catch (JsonParseException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> sentence(JsonObject object, String which) {
    return object.entrySet().stream()
        .filter(entry -> plain(entry.getKey()).matches(SENTENCE + "(" + which + ")"))
        .filter(entry -> entry.getValue().isJsonPrimitive())
        .map(entry -> entry.getValue().getAsString().strip())
        .findFirst();
  }

  private static Optional<String> named(JsonObject object, String name) {
    return object.entrySet().stream()
        .filter(entry -> plain(entry.getKey()).equals(name))
        .filter(entry -> entry.getValue().isJsonPrimitive())
        .map(entry -> entry.getValue().getAsString().strip())
        .findFirst();
  }
}
