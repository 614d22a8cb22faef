package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Pairs of words with how alike people found them: WordSim-353, RG-65, MC-30, MTurk, SimLex-999 and
 * others of their kind.
 *
 * @param name the file's, without its ending
 * @param pairs in the order of the file
 */
public record SimilarityPairs(String name, List<Pair> pairs) {
  private static final String EXPECTED =
      "a text file of \"word, word, score\" lines (with tabs, commas or spaces), such as WordSim-353,";

  /** Of the bootstrap. */
  private static final int RESAMPLES = 10_000;

  /**
   * @param score as people gave it, on whatever scale
   */
  public record Pair(String first, String second, double score) {}

  public SimilarityPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads a file: two words and a number on each line, between tabs, otherwise commas or
   * semicolons, otherwise white space. The number is the first column after the words that is one
   * (SimLex-999 has a part of speech before it, RareWords the single ratings after it). A first
   * line without a number is a heading; empty lines and those that start with {@code #} are passed
   * over.
   *
   * <p>Two sets have more: where every word ends with a part of speech, as MEN's lemmas do ({@code
   * sun-n}), that is taken off; and the lines of SCWS, a number, two words with their parts of
   * speech and contexts and then the mean rating, are taken for what they say of the words alone.
   *
   * @throws PolysemeException if there is no such file, or a line is not of this form, with its
   *     number
   */
  public static SimilarityPairs read(Path path) {
    TestFile file = TestFile.read(path, EXPECTED);
    var pairs = new ArrayList<Pair>();
    for (TestFile.Line line : file.lines()) {
      if (line.text().isBlank() || line.text().startsWith("#")) {
        continue;
      }
      String[] columns = wordsFirst(columns(line.text()));
      Optional<Double> score =
          Arrays.stream(columns)
              .skip(2)
              .map(SimilarityPairs::number)
              .flatMap(Optional::stream)
              .findFirst();
      boolean words = columns.length > 2 && !columns[0].isEmpty() && !columns[1].isEmpty();
      if (words && score.isPresent()) {
        pairs.add(new Pair(columns[0], columns[1], score.get()));
      } else if (line.number() > 1) {
        throw file.malformed(line, "not two words and a number");
      }
    }
    if (pairs.isEmpty()) {
      throw new PolysemeException(
          "%s has no pairs of words; %s is expected there".formatted(path, EXPECTED));
    }
    return new SimilarityPairs(TestFile.stem(path), withoutPartsOfSpeech(pairs));
  }

  /** A line of SCWS as one of the others; any other line as it is. */
  private static String[] wordsFirst(String[] columns) {
    boolean scws =
        columns.length >= 8
            && columns[0].matches("\\d+")
            && columns[2].matches("[a-z]")
            && columns[4].matches("[a-z]");
    return scws ? new String[] {columns[1], columns[3], columns[7]} : columns;
  }

  private static List<Pair> withoutPartsOfSpeech(List<Pair> pairs) {
    String tagged = ".+-[a-z]";
    if (!pairs.stream().allMatch(p -> p.first.matches(tagged) && p.second.matches(tagged))) {
      return pairs;
    }
    return pairs.stream()
        .map(
            p ->
                new Pair(
                    p.first.substring(0, p.first.length() - 2),
                    p.second.substring(0, p.second.length() - 2),
                    p.score))
        .toList();
  }

  /**
   * Reads a file, or every {@code .txt}, {@code .csv} and {@code .tsv} file of a folder, by name.
   *
   * @throws PolysemeException as {@link #read} does, or if the folder has no such file
   */
  public static List<SimilarityPairs> readAll(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(read(path));
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(path)) {
      files =
          entries
              .filter(f -> Files.isRegularFile(f) && f.toString().matches("(?i).*\\.(txt|csv|tsv)"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    if (files.isEmpty()) {
      throw new PolysemeException(
          "%s has no .txt, .csv or .tsv file; %s is expected there".formatted(path, EXPECTED));
    }
    return files.stream().map(SimilarityPairs::read).toList();
  }

  private static String[] columns(String line) {
    String separator =
        line.indexOf('\t') >= 0
            ? "\t"
            : line.indexOf(',') >= 0 ? "," : line.indexOf(';') >= 0 ? ";" : "\\s+";
    String[] columns = line.strip().split(separator, -1);
    for (int i = 0; i < columns.length; i++) {
      columns[i] = columns[i].strip();
    }
    return columns;
  }

  private static Optional<Double> number(String text) {
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  /**
   * Correlates the cosines of the words' vectors with what people said. Pairs with a word that is
   * not known, or whose vector is zero, are left out; {@link Score#coverage()} says how many
   * stayed.
   *
   * @param seed for the resamples of the intervals
   * @return {@code spearman} (Spearman's rho, equal values sharing a rank) and {@code pearson}, the
   *     section being the name; intervals by the bootstrap, the percentiles of 10,000 resamples of
   *     the pairs (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3),
   *     from -1 to 1 with three pairs or fewer. NaN with fewer than two pairs, or where one side
   *     does not vary
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(WordLookup words, long seed, Progress progress, Cancel cancel) {
    Map<String, Optional<float[]>> known = new HashMap<>();
    var human = new double[pairs.size()];
    var cosine = new double[pairs.size()];
    int n = 0;
    for (int i = 0; i < pairs.size(); i++) {
      cancel.check();
      Pair pair = pairs.get(i);
      Optional<float[]> first = known.computeIfAbsent(pair.first, w -> direction(words, w));
      Optional<float[]> second = known.computeIfAbsent(pair.second, w -> direction(words, w));
      if (first.isPresent() && second.isPresent()) {
        human[n] = pair.score;
        cosine[n] = Directions.dot(first.get(), second.get());
        n++;
      }
      progress.update("comparing words", i + 1L, pairs.size());
    }
    int total = pairs.size();
    var warnings = new ArrayList<String>();
    if (n < total) {
      warnings.add(
          "%s: %d of %d pairs have a word that is not known".formatted(name, total - n, total));
    }
    CorrelationFigures figures =
        CorrelationFigures.of(
            name,
            "",
            Arrays.copyOf(human, n),
            Arrays.copyOf(cosine, n),
            total,
            RESAMPLES,
            seed,
            cancel);
    return new Evaluation(figures.scores(), warnings);
  }

  private static Optional<float[]> direction(WordLookup words, String word) {
    return words.vector(word).flatMap(Directions::unit);
  }
}
