package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.sense.StandardSpace;
import io.polyseme.sense.UsageMix;
import io.polyseme.sense.UsageStates;
import io.polyseme.vector.Term;
import io.polyseme.vector.Vectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of words in contexts, with how alike people found them: SCWS (Huang, Socher, Manning and Ng
 * 2012, "Improving Word Representations via Global Context and Multiple Word Prototypes").
 *
 * @param pairs in the order of the file
 */
public record RatedContexts(String name, List<Pair> pairs) {
  private static final String EXPECTED =
      "a ratings.txt of SCWS (a number, two words each with its part of speech, two contexts with"
          + " <b>word</b>, the mean rating and ten ratings a line, tabs between)";

  private static final int COLUMNS = 8;
  private static final int RESAMPLES = 10_000;

  /**
   * A pair.
   *
   * @param rating the mean of what people said
   */
  public record Pair(Term.Usage first, Term.Usage second, double rating) {}

  public RatedContexts {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads a file, or the {@code ratings.txt} of a folder.
   *
   * @throws PolysemeException if it is not there, has no pair, or a line is malformed, with its
   *     number
   */
  public static RatedContexts read(Path path) {
    TestFile file =
        TestFile.read(Files.isDirectory(path) ? path.resolve("ratings.txt") : path, EXPECTED);
    var pairs = new ArrayList<Pair>();
    for (TestFile.Line line : file.lines()) {
      if (line.text().isBlank()) {
        continue;
      }
      String[] columns = line.text().split("\t", -1);
      if (columns.length < COLUMNS) {
        throw file.malformed(
            line, "%d columns where at least %d should be".formatted(columns.length, COLUMNS));
      }
      pairs.add(
          new Pair(
              MarkedText.usage(file, line, columns[5], "<b>", "</b>"),
              MarkedText.usage(file, line, columns[6], "<b>", "</b>"),
              rating(file, line, columns[7].strip())));
    }
    if (pairs.isEmpty()) {
      throw new PolysemeException(
          "%s has no pairs; %s is expected there".formatted(file.path(), EXPECTED));
    }
    return new RatedContexts(TestFile.stem(file.path()), pairs);
  }

  private static double rating(TestFile file, TestFile.Line line, String text) {
    try {
      double rating = Double.parseDouble(text);
      if (Double.isFinite(rating)) {
        return rating;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw file.malformed(line, "the mean rating \"%s\" is no number".formatted(text));
  }

  /**
   * Correlates the cosines of {@link UsageMix#meaning} with what people said. Hidden states are
   * standardised by those of the set's own texts; no rating is looked at before the end.
   *
   * @param seed for the resamples of the intervals
   * @return {@code spearman} (Spearman's rho, equal values sharing a rank) and {@code pearson},
   *     with intervals as {@link SimilarityPairs#score} has them
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(Encoder encoder, long seed, Progress progress, Cancel cancel) {
    EncodedPairs<Pair> encoded =
        EncodedPairs.of(encoder, name, pairs, Pair::first, Pair::second, progress, cancel);
    UsageStates states = encoded.states();
    int n = encoded.rows().size();
    var human = new double[n];
    var cosines = new double[n];
    String layer = "";
    if (n > 0) {
      StandardSpace space = StandardSpace.of(states);
      UsageMix mix = UsageMix.meaning(states.layers() - 1);
      layer = mix.toString();
      for (int i = 0; i < n; i++) {
        EncodedPairs.Row<Pair> row = encoded.rows().get(i);
        human[i] = row.pair().rating;
        cosines[i] =
            Vectors.dot(
                space.place(states, row.first(), mix), space.place(states, row.second(), mix));
      }
    }
    CorrelationFigures figures =
        CorrelationFigures.of(
            name, layer, human, cosines, encoded.total(), RESAMPLES, seed, cancel);
    return new Evaluation(figures.scores(), encoded.warnings());
  }
}
