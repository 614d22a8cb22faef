package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Words told by the whitened means of senses that were learned from another part. */
final class PartsTrial {
  static final int FOLDS = 5;

  private static final double[] RIDGES = {1, 3, 10};
  private static final int CURVE_SEEDS = 5;
  private static final int[] CURVE = {1, 3, 10, 30, 100};

  private final List<PlacedWord> known;
  private final List<PlacedWord> asked;
  private final String layers;
  private final CoarseOptions options;
  private final Cancel cancel;

  /**
   * @param known what is learned from, a word each
   * @param asked the same words, with what is told
   * @param layers what the vectors are of
   */
  PartsTrial(
      List<PlacedWord> known,
      List<PlacedWord> asked,
      String layers,
      CoarseOptions options,
      Cancel cancel) {
    this.known = known;
    this.asked = asked;
    this.layers = layers;
    this.options = options;
    this.cancel = cancel;
    for (PlacedWord word : known) {
      if (word.size() == 0) {
        throw new PolysemeException(
            "no training text of %s could be encoded".formatted(word.word().name()));
      }
    }
  }

  /** How much is added to the variances before whitening, as it does best for all that is known. */
  double ridge() {
    return ridge(known, options.seed());
  }

  /** The best by the mean macro-F1 over words, in folds that have a share of each sense. */
  private double ridge(List<PlacedWord> words, long seed) {
    double[][] f1 =
        words.stream().parallel().map(word -> crossValidated(word, seed)).toArray(double[][]::new);
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int r = 0; r < RIDGES.length; r++) {
      int at = r;
      double mean = Arrays.stream(f1).mapToDouble(of -> of[at]).average().orElseThrow();
      if (mean > most) {
        most = mean;
        best = r;
      }
    }
    return RIDGES[best];
  }

  /** The macro-F1 by each of the ridges. */
  private double[] crossValidated(PlacedWord word, long seed) {
    var fold = new int[word.size()];
    for (List<Integer> usages : word.shuffled(seed)) {
      for (int i = 0; i < usages.size(); i++) {
        fold[usages.get(i)] = i % FOLDS;
      }
    }
    var told = new int[RIDGES.length][word.size()];
    for (int f = 0; f < FOLDS; f++) {
      cancel.check();
      int of = f;
      int[] out = IntStream.range(0, fold.length).filter(i -> fold[i] == of).toArray();
      PlacedWord rest =
          word.some(IntStream.range(0, fold.length).filter(i -> fold[i] != of).toArray());
      for (int[] answers : told) {
        Arrays.stream(out).forEach(i -> answers[i] = SenseOutcome.NONE);
      }
      if (rest.size() > 0) {
        int[][] answers =
            WithinSense.of(rest.vectors(), rest.senses(), rest.senseCount())
                .told(word.some(out).vectors(), RIDGES);
        for (int r = 0; r < RIDGES.length; r++) {
          for (int i = 0; i < out.length; i++) {
            told[r][out[i]] = answers[r][i];
          }
        }
      }
    }
    CoarseOptions once = options.withResamples(1);
    return Arrays.stream(told)
        .mapToDouble(
            answers ->
                SenseOutcome.of(layers, word.senses(), List.of(answers), word.senseCount(), once)
                    .macroF1())
        .toArray();
  }

  private int[] told(PlacedWord from, PlacedWord word, double ridge) {
    cancel.check();
    return WithinSense.of(from.vectors(), from.senses(), from.senseCount())
        .told(word.vectors(), ridge)[0];
  }

  /** Tells every word. */
  List<ToldWord> told(double ridge) {
    var words = new ArrayList<ToldWord>();
    for (int w = 0; w < known.size(); w++) {
      PlacedWord word = asked.get(w);
      if (word.size() == 0) {
        continue;
      }
      // Of all training texts, not of those that were drawn, which have the senses alike.
      PlacedWord all = PlacedWord.of(word.word(), word.word().train(), List.of());
      var floor = new int[word.size()];
      Arrays.fill(floor, PlacedWord.mostFrequent(all.senses(), all.senseCount()));
      words.add(
          ToldWord.of(
              word,
              word.word().test().size(),
              layers,
              List.of(told(known.get(w), word, ridge)),
              List.of(floor),
              options));
    }
    return words;
  }

  /**
   * The means over the words with few examples of each sense, and those over draws. How much is
   * whitened is chosen anew for each, from what was drawn; dimensions stay as they were
   * standardised.
   */
  List<Score> curve() {
    int most = known.stream().mapToInt(PlacedWord::most).max().orElseThrow();
    int total = asked.stream().mapToInt(word -> word.word().test().size()).sum();
    int n = asked.stream().mapToInt(PlacedWord::size).sum();
    var scores = new ArrayList<Score>();
    for (int count : CURVE) {
      var draws = new ArrayList<SenseOutcome>();
      // All there is can be drawn in one way only.
      int seeds = count < most ? CURVE_SEEDS : 1;
      for (int s = 0; s < seeds; s++) {
        long seed = options.seed() + s;
        List<PlacedWord> few = known.stream().map(word -> word.drawn(count, seed)).toList();
        double ridge = ridge(few, seed);
        var words = new ArrayList<SenseOutcome>();
        for (int w = 0; w < few.size(); w++) {
          PlacedWord word = asked.get(w);
          if (word.size() > 0) {
            words.add(
                SenseOutcome.of(
                    layers,
                    word.senses(),
                    List.of(told(few.get(w), word, ridge)),
                    word.senseCount(),
                    options));
          }
        }
        draws.add(SenseOutcome.mean(words, n));
      }
      scores.addAll(SenseOutcome.mean(draws, n).scores("%d a sense".formatted(count), total));
    }
    return scores;
  }
}
