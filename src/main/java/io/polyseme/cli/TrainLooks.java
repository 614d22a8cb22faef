package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.evaluate.AnalogyOptions;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.Score;
import io.polyseme.evaluate.SimilarityPairs;
import io.polyseme.evaluate.Spelling;
import io.polyseme.evaluate.WordLookup;
import io.polyseme.train.TrainedVectors;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.words.WordVectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What vectors are worth while they are trained: tests that they are put to, and neighbours. */
final class TrainLooks {
  private static final int NEAREST = 5;
  private static final AnalogyMethod METHOD = AnalogyMethod.COS_ADD;

  private final Command command;
  private final List<Test> tests = new ArrayList<>();
  private final List<String> words;
  private final Path file;
  private final JsonArray found = new JsonArray();

  /** A file's questions, and how vectors are scored by them. */
  private record Test(String name, String metric, Scorer scorer) {}

  @FunctionalInterface
  private interface Scorer {
    Score score(WordVectors space);
  }

  /**
   * Reads the tests, so that what is wrong with them is known before a training.
   *
   * @param file where vectors are put while they are looked at
   */
  TrainLooks(Command command, List<Path> files, List<String> words, Path file) {
    this.command = command;
    this.words = words.stream().map(String::strip).filter(word -> !word.isEmpty()).toList();
    this.file = file;
    for (Path path : files) {
      if (isAnalogies(path)) {
        AnalogyQuestions questions = AnalogyQuestions.read(path);
        AnalogyOptions options =
            AnalogyOptions.DEFAULT.withMethods(List.of(METHOD)).withThreads(command.threads);
        tests.add(
            new Test(
                name(path),
                AnalogyQuestions.ACCURACY,
                space ->
                    questions
                        .score(space, options, Progress.NONE, command.terminal.cancel())
                        .get(METHOD)
                        .score("total", AnalogyQuestions.ACCURACY)));
      } else {
        for (SimilarityPairs pairs : SimilarityPairs.readAll(path)) {
          tests.add(new Test(pairs.name(), "spearman", space -> score(pairs, space)));
        }
      }
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString().replaceFirst("\\.[^.]*$", "");
  }

  /** Analogies begin with a section, or have four words a line. */
  private static boolean isAnalogies(Path path) {
    if (Files.isDirectory(path)) {
      return false;
    }
    try (BufferedReader lines = Files.newBufferedReader(path)) {
      String line = lines.readLine();
      while (line != null && line.isBlank()) {
        line = lines.readLine();
      }
      return line != null && (line.startsWith(":") || line.strip().split("\\s+").length == 4);
    } catch (CharacterCodingException _) {
      return false;
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + path + ": " + e, e);
    }
  }

  private Score score(SimilarityPairs pairs, WordVectors space) {
    WordLookup lookup = WordLookup.labels(space).spelled(Spelling.FOLDED);
    Evaluation evaluation = pairs.score(lookup, 1, Progress.NONE, command.terminal.cancel());
    return evaluation.scores().stream()
        .filter(score -> score.metric().equals("spearman"))
        .findFirst()
        .orElseThrow();
  }

  /** Whether there is anything to look at. */
  boolean wanted() {
    return !tests.isEmpty() || !words.isEmpty();
  }

  /** What was found so far, an entry an epoch. */
  JsonArray found() {
    return found;
  }

  void look(int epoch, double loss, TrainedVectors vectors, Bars bars) {
    var look = new JsonObject();
    look.addProperty("epoch", epoch);
    look.addProperty("loss", loss);
    var scores = new JsonArray();
    var lines = new ArrayList<String>();
    var line =
        new StringBuilder(String.format(Locale.ROOT, "after epoch %d: loss %.3f", epoch, loss));
    vectors.write(file, "look", Progress.NONE, command.terminal.cancel());
    try (WordVectors space = WordVectors.open(file)) {
      for (Test test : tests) {
        Score score = test.scorer().score(space);
        var object = new JsonObject();
        object.addProperty("test", test.name());
        object.addProperty("metric", test.metric());
        object.addProperty("value", score.value());
        object.addProperty("n", score.n());
        scores.add(object);
        line.append(String.format(Locale.ROOT, ", %s %.4f", test.name(), score.value()));
      }
      lines.add(line.toString());
      look.add("scores", scores);
      var all = new JsonObject();
      for (String word : words) {
        List<String> near = near(space, word);
        all.add(word, Answers.strings(near));
        lines.add("  " + word + ": " + (near.isEmpty() ? "not there" : String.join(", ", near)));
      }
      look.add("neighbours", all);
    } finally {
      remove();
    }
    found.add(look);
    bars.clear();
    if (!command.quiet && !command.json) {
      lines.forEach(command.terminal.err()::println);
    }
  }

  private static List<String> near(WordVectors space, String word) {
    return space
        .vector(word)
        .map(
            vector ->
                space.search(Query.near(vector, NEAREST + 1)).hits().stream()
                    .map(Hit::label)
                    .filter(label -> !label.equals(word))
                    .limit(NEAREST)
                    .toList())
        .orElse(List.of());
  }

  private void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
