package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.evaluate.AnalogyOptions;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.Score;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.words.ReadOptions;
import io.polyseme.words.UnknownWords;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * The work of {@code words/gensim_run.py}, in a process of its own; started by {@code words/run}. A
 * line of JSON for each measurement. Answers are compared with gensim's.
 */
public final class WordSpaceRun {
  private WordSpaceRun() {}

  /**
   * @param args a text of word vectors; a folder to work in; a file of analogy questions; where
   *     there is one, a model of fastText
   */
  public static void main(String[] args) throws IOException {
    Path vectors = Path.of(args[0]);
    Path folder = Path.of(args[1]);
    long start = System.nanoTime();
    try (WordVectors read = WordVectors.open(vectors)) {
      tell("load of text", seconds(start), "s");
      tell("words", read.size(), "");
    }
    Path own = folder.resolve("polyseme.words");
    start = System.nanoTime();
    WordVectors.convert(
        vectors, own, ReadOptions.DEFAULT, WriteOptions.DEFAULT, Progress.NONE, Cancel.create());
    tell("conversion to own format", seconds(start), "s");
    start = System.nanoTime();
    try (WordVectors words = WordVectors.open(own)) {
      tell("load of own format", seconds(start), "s");
      start = System.nanoTime();
      words.search(near(words, "king"));
      tell("first answer after it", seconds(start), "s");
      var random = new Random(1);
      var queries = new ArrayList<Query>();
      for (int i = 0; i < 10_000; i++) {
        queries.add(near(words, words.label(random.nextInt(20_000))));
      }
      double one = 0;
      for (int round = 0; round < 6; round++) { // the last counts
        start = System.nanoTime();
        for (Query query : queries.subList(0, 300)) {
          words.search(query);
        }
        one = seconds(start) * 1000 / 300;
      }
      tell("one query", one, "ms");
      start = System.nanoTime();
      words.searchAll(queries);
      tell("ten thousand queries", seconds(start), "s");
      compare(words, folder.resolve("queries.txt"));
      AnalogyQuestions questions = AnalogyQuestions.read(Path.of(args[2]));
      start = System.nanoTime();
      Score total =
          questions
              .score(words, AnalogyOptions.DEFAULT, Progress.NONE, Cancel.create())
              .get(AnalogyMethod.COS_ADD)
              .score("total", "accuracy");
      tell("Google's questions", seconds(start), "s");
      tell("Google's questions right", Math.round(total.value() * total.n()), "of " + total.n());
    }
    if (args.length > 3) {
      askModel(Path.of(args[3]), folder.resolve("words.txt"));
    }
    Own.tellMemory(own);
  }

  /** Resident memory of a process that only opens the file and answers. */
  private static final class Own {
    private Own() {}

    static void tellMemory(Path own) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--add-modules=jdk.incubator.vector",
                  "-Xmx64m", // the vectors are not on the heap
                  "-cp",
                  System.getProperty("java.class.path"),
                  Own.class.getName(),
                  own.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.inputReader().lines().forEach(System.out::println);
    }

    public static void main(String[] args) throws IOException {
      try (WordVectors words = WordVectors.open(Path.of(args[0]))) {
        for (int i = 0; i < 300; i++) {
          words.search(near(words, words.label(i)));
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("VmHWM")) {
            double kilobytes = Double.parseDouble(line.replaceAll("\\D", ""));
            tell("resident memory", kilobytes / 1024, "MB");
            double matrix = 4.0 * words.size() * words.dimension() / (1 << 20);
            tell("the same, of the matrix", kilobytes / 1024 / matrix, "times");
          }
        }
      }
    }
  }

  /** What {@code fasttext nn} does: the model is opened, and its neighbours of each word found. */
  private static void askModel(Path model, Path asked) throws IOException {
    long start = System.nanoTime();
    try (WordVectors words = WordVectors.open(model)) {
      TermResolver resolver = words.resolver(UnknownWords.of(UnknownWords.Step.SUBWORDS));
      for (String word : Files.readAllLines(asked)) {
        Query query = Query.near(resolver.resolve(new Term.Word(word)), 10);
        words.search(query.withExcluded(Set.of(word)));
      }
    }
    tell("model, 300 queries", seconds(start), "s");
  }

  private static Query near(WordVectors words, String word) {
    return Query.near(words.vector(word).orElseThrow(), 10).withExcluded(Set.of(word));
  }

  private static void compare(WordVectors words, Path theirs) throws IOException {
    if (!Files.exists(theirs)) {
      return;
    }
    int same = 0;
    List<String> lines = Files.readAllLines(theirs);
    for (String line : lines) {
      List<String> parts = List.of(line.split("\t"));
      List<Hit> hits = words.search(near(words, parts.getFirst())).hits();
      if (hits.stream().map(Hit::label).toList().equals(parts.subList(1, 11))) {
        same++;
      }
    }
    tell("queries with the same ten answers", same, "of " + lines.size());
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void tell(String what, double value, String unit) {
    System.out.printf(
        Locale.ROOT,
        "{\"who\": \"polyseme\", \"what\": \"%s\", \"value\": %.4f, \"unit\": \"%s\"}%n",
        what,
        value,
        unit);
  }
}
