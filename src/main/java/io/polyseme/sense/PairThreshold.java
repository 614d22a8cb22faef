package io.polyseme.sense;

import io.polyseme.vector.LogisticRegression;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The same sense if the cosine of two vectors is at least a threshold.
 *
 * @param mix what the vectors are made of
 * @param least the threshold
 * @param slope how fast the logit of the probability grows with the cosine; not negative
 */
record PairThreshold(UsageMix mix, double least, double slope) implements PairRule {
  private static final int[] WIDTHS = {1, 2, 4};
  private static final double[] SENTENCE_WEIGHTS = {0, 1, 2, 4};

  /** Of the slope: only lest pairs that a threshold parts without a fault have an endless one. */
  private static final double PENALTY = 1e-4;

  /** Finds the mix and the threshold that are most often right; of equally good ones the first. */
  static PairThreshold learn(
      StandardSpace space, UsageStates states, List<SameSense.Example> examples) {
    List<UsageMix> mixes = mixes(space.layers());
    var cosines = new float[mixes.size()][examples.size()];
    var same = new boolean[examples.size()];
    for (int i = 0; i < same.length; i++) {
      SameSense.Example example = examples.get(i);
      same[i] = example.same();
      var words =
          new Products(
              StandardSpace.standardised(space.words(), states.words(example.first())),
              StandardSpace.standardised(space.words(), states.words(example.second())));
      var sentences =
          new Products(
              StandardSpace.standardised(space.sentences(), states.sentences(example.first())),
              StandardSpace.standardised(space.sentences(), states.sentences(example.second())));
      for (int m = 0; m < mixes.size(); m++) {
        cosines[m][i] = (float) cosine(mixes.get(m), words, sentences);
      }
    }
    int best = 0;
    Split found = Split.best(cosines[0], same);
    for (int m = 1; m < mixes.size(); m++) {
      Split other = Split.best(cosines[m], same);
      if (other.right > found.right) {
        best = m;
        found = other;
      }
    }
    return new PairThreshold(mixes.get(best), found.least, slope(cosines[best], same));
  }

  /** One, two or four successive layers of the word, with as many of the text or without. */
  private static List<UsageMix> mixes(int layers) {
    var mixes = new ArrayList<UsageMix>();
    for (int width : WIDTHS) {
      for (int first = 0; first + width <= layers; first++) {
        for (double weight : SENTENCE_WEIGHTS) {
          UsageMix words = UsageMix.words(first, first + width - 1);
          mixes.add(weight == 0 ? words : words.plusSentence(first, first + width - 1, weight));
        }
      }
    }
    return mixes;
  }

  /** That of the vectors that {@link StandardSpace#place} makes, without making them. */
  private static double cosine(UsageMix mix, Products words, Products sentences) {
    double sum = 0;
    double weights = 0;
    for (UsageMix.Part part : mix.parts()) {
      Products of = part.of() == UsageMix.Of.WORDS ? words : sentences;
      sum += part.weight() * of.cosine(part.first(), part.last());
      weights += part.weight();
    }
    return sum / weights;
  }

  /** The inner products of the layers of two usages, for the cosines of sums of layers. */
  private static final class Products {
    /** How many layers a sum has at most. */
    private static final int WIDEST = WIDTHS[WIDTHS.length - 1];

    private final double[][] across;
    private final double[][] first;
    private final double[][] second;

    Products(float[][] a, float[][] b) {
      across = products(a, b);
      first = products(a, a);
      second = products(b, b);
    }

    private static double[][] products(float[][] a, float[][] b) {
      var products = new double[a.length][a.length];
      for (int i = 0; i < a.length; i++) {
        int end = Math.min(a.length, i + WIDEST);
        for (int j = Math.max(0, i - WIDEST + 1); j < end; j++) {
          products[i][j] = Vectors.dot(a[i], b[j]);
        }
      }
      return products;
    }

    double cosine(int from, int to) {
      double squares = sum(first, from, to) * sum(second, from, to);
      return squares > 0 ? sum(across, from, to) / Math.sqrt(squares) : 0;
    }

    private static double sum(double[][] products, int from, int to) {
      double sum = 0;
      for (int i = from; i <= to; i++) {
        for (int j = from; j <= to; j++) {
          sum += products[i][j];
        }
      }
      return sum;
    }
  }

  /**
   * A threshold, and how good it is.
   *
   * @param least what counts as the same
   * @param right of how many pairs it is right
   */
  record Split(double least, int right) {
    /**
     * That which is most often right, in the middle between two scores; of equally good ones the
     * lowest.
     *
     * @param scores at least one
     */
    static Split best(float[] scores, boolean[] same) {
      int[] order =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted((a, b) -> Float.compare(scores[a], scores[b]))
              .mapToInt(Integer::intValue)
              .toArray();
      // Below all of them, every pair counts as the same.
      int right = (int) IntStream.range(0, same.length).filter(i -> same[i]).count();
      double least = scores[order[0]] - 1.0;
      int most = right;
      for (int i = 0; i < order.length; i++) {
        right += same[order[i]] ? -1 : 1;
        double score = scores[order[i]];
        double next = i + 1 < order.length ? scores[order[i + 1]] : score + 2;
        if (score < next && right > most) {
          most = right;
          least = (score + next) / 2;
        }
      }
      return new Split(least, most);
    }
  }

  private static double slope(float[] cosines, boolean[] same) {
    int[] ordered =
        IntStream.concat(
                IntStream.range(0, same.length).filter(i -> same[i]),
                IntStream.range(0, same.length).filter(i -> !same[i]))
            .toArray();
    var rows = new float[ordered.length][];
    int positives = 0;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {cosines[ordered[i]]};
      positives += same[ordered[i]] ? 1 : 0;
    }
    double slope = LogisticRegression.fit(rows, positives, PENALTY * rows.length).weights()[0];
    return Math.max(0, slope);
  }

  @Override
  public SameSense.Answer tell(StandardSpace space, UsageStates states, int first, int second) {
    double cosine = Vectors.dot(space.place(states, first, mix), space.place(states, second, mix));
    return new SameSense.Answer(1 / (1 + Math.exp(-slope * (cosine - least))), cosine >= least);
  }
}
