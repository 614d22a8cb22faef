package io.polyseme.sense;

import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How likely a sense is: a log-linear model over its candidates,
 *
 * <pre>p(s) ∝ exp((usage · c(s) + gloss · g(s) + prior · log f(s)) / T)</pre>
 *
 * where {@code c(s)} is the cosine of the word to what is known of the sense, the mean of its n
 * usages drawn towards its gloss,
 *
 * <pre>n/(n + shrinkage) · mean(s) + shrinkage/(n + shrinkage) · gloss(s)</pre>
 *
 * {@code g(s)} that to its gloss alone, each the mean of the others' where a sense has neither, and
 * {@code f(s) = (n(s) + smoothing) / (N + smoothing K)} for {@code n(s)} usages of the sense among
 * {@code N} of the word's {@code K} senses.
 *
 * @param usage weight of the cosine
 * @param shrinkage how many usages a gloss is worth, where glosses were mapped to where usages are;
 *     0 to keep the two apart
 * @param gloss weight of the cosine to the gloss alone
 * @param prior weight of the log of its frequency; 0 to leave it out
 * @param smoothing added to each sense's count
 * @param temperatures {@code T}, which makes probabilities of scores that are too sure of
 *     themselves (Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks",
 *     section 4.2): the fewer usages of a word were counted, the less sure its scores. One for each
 *     of {@link #UP_TO}, and one for more
 * @param confidence what the probability of a first answer is worth
 */
record SenseWeights(
    double usage,
    double shrinkage,
    double gloss,
    double prior,
    double smoothing,
    List<Double> temperatures,
    Confidence confidence) {
  /** How many usages of a word the temperatures are for, but the last. */
  private static final int[] UP_TO = {0, 2, 5, 10, 30, 100, 300};

  private static final int FEWEST_TO_CALIBRATE = 50;
  private static final double COOLEST = 0.3;
  private static final double HOTTEST = 40;

  SenseWeights {
    if (!(usage >= 0 && shrinkage >= 0 && gloss >= 0 && prior >= 0 && smoothing > 0)) {
      throw new IllegalArgumentException(
          "weights must not be negative: %s %s %s %s %s"
              .formatted(usage, shrinkage, gloss, prior, smoothing));
    }
    temperatures = List.copyOf(temperatures);
    if (temperatures.size() != UP_TO.length + 1 || temperatures.stream().anyMatch(t -> !(t > 0))) {
      throw new IllegalArgumentException("temperatures must be positive: " + temperatures);
    }
  }

  SenseWeights withUsage(double other) {
    return new SenseWeights(other, shrinkage, gloss, prior, smoothing, temperatures, confidence);
  }

  SenseWeights withGloss(double other) {
    return new SenseWeights(usage, shrinkage, other, prior, smoothing, temperatures, confidence);
  }

  SenseWeights withPrior(double other) {
    return new SenseWeights(usage, shrinkage, gloss, other, smoothing, temperatures, confidence);
  }

  SenseWeights withTemperature(double other) {
    return withTemperatures(Collections.nCopies(UP_TO.length + 1, other));
  }

  private SenseWeights withTemperatures(List<Double> others) {
    return new SenseWeights(usage, shrinkage, gloss, prior, smoothing, others, confidence);
  }

  /** Sure of itself: the temperature is 1 at every number of usages. */
  static SenseWeights of(
      double usage, double shrinkage, double gloss, double prior, double smoothing) {
    return new SenseWeights(
        usage,
        shrinkage,
        gloss,
        prior,
        smoothing,
        Collections.nCopies(UP_TO.length + 1, 1.0),
        Confidence.UNCHANGED);
  }

  /** These, as sure as those were found to be. */
  SenseWeights asSureAs(SenseWeights others) {
    return new SenseWeights(
        usage, shrinkage, gloss, prior, smoothing, others.temperatures, others.confidence);
  }

  private static int bin(Features of) {
    double counted = Arrays.stream(of.counts).sum();
    int bin = 0;
    while (bin < UP_TO.length && counted > UP_TO[bin]) {
      bin++;
    }
    return bin;
  }

  /**
   * What is known of a word's senses where it stands.
   *
   * @param usages cosines to the means of the senses' usages; NaN where there are none
   * @param glosses cosines to their glosses; NaN where there is none
   * @param agreements cosines of these two
   * @param observed how many usages the means are of
   * @param counts how often each sense occurs
   */
  record Features(
      double[] usages, double[] glosses, double[] agreements, int[] observed, double[] counts) {
    /**
     * Where a word stands.
     *
     * @param usage its vector there; null for none, so that only frequencies are known
     */
    static Features of(SenseVectors vectors, List<Sense> senses, float @Nullable [] usage) {
      int k = senses.size();
      var usages = new double[k];
      var glosses = new double[k];
      var agreements = new double[k];
      var observed = new int[k];
      var counts = new double[k];
      double labelled = 0;
      for (int s = 0; s < k; s++) {
        Sense sense = senses.get(s);
        SenseVectors.Known known = usage == null ? vectors.counted(sense) : vectors.of(sense);
        usages[s] = cosine(usage, known.usage());
        glosses[s] = cosine(usage, known.gloss());
        agreements[s] = known.agreement();
        observed[s] = known.observed();
        counts[s] = known.corpus();
        labelled += counts[s];
      }
      for (int s = 0; s < k && labelled == 0; s++) {
        counts[s] = Math.max(0, senses.get(s).count());
      }
      return new Features(usages, glosses, agreements, observed, counts);
    }

    private static double cosine(float @Nullable [] usage, float @Nullable [] known) {
      return usage == null || known == null ? Double.NaN : Vectors.dot(usage, known);
    }

    /** As if there were no glosses. */
    Features ofUsages() {
      var unknown = new double[counts.length];
      Arrays.fill(unknown, Double.NaN);
      return new Features(usages, unknown, agreements, observed, counts);
    }
  }

  /** The shares of the senses; they sum to 1. Equal where none was counted. */
  double[] frequencies(Features of) {
    var frequencies = new double[of.counts.length];
    double sum = 0;
    for (int s = 0; s < frequencies.length; s++) {
      frequencies[s] = of.counts[s] + smoothing;
      sum += frequencies[s];
    }
    for (int s = 0; s < frequencies.length; s++) {
      frequencies[s] /= sum;
    }
    return frequencies;
  }

  /** How good each sense is; differences are log odds. */
  double[] scores(Features of) {
    int k = of.counts.length;
    var cosines = new double[k];
    for (int s = 0; s < k; s++) {
      cosines[s] = cosine(of, s);
    }
    double nothing = mean(cosines);
    double noGloss = mean(of.glosses);
    double[] frequencies = frequencies(of);
    double temperature = temperatures.get(bin(of));
    var scores = new double[k];
    for (int s = 0; s < k; s++) {
      scores[s] =
          (usage * (Double.isNaN(cosines[s]) ? nothing : cosines[s])
                  + gloss * (Double.isNaN(of.glosses[s]) ? noGloss : of.glosses[s])
                  + prior * Math.log(frequencies[s]))
              / temperature;
    }
    return scores;
  }

  /** To the mean and the gloss together, of which only the cosines are at hand. */
  private double cosine(Features of, int s) {
    double usages = of.usages[s];
    double glosses = of.glosses[s];
    if (shrinkage == 0) {
      return usages;
    }
    if (Double.isNaN(usages) || Double.isNaN(glosses)) {
      return Double.isNaN(usages) ? glosses : usages;
    }
    double mean = of.observed[s] / (of.observed[s] + shrinkage);
    double gloss = 1 - mean;
    double squares = mean * mean + gloss * gloss + 2 * mean * gloss * of.agreements[s];
    return squares <= 0 ? 0 : (mean * usages + gloss * glosses) / Math.sqrt(squares);
  }

  private static double mean(double[] values) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  /**
   * A word whose sense is known.
   *
   * @param right the place of the right sense
   */
  record Labelled(Features features, int right) {}

  /**
   * The temperatures by which the probabilities of first answers say best how often they are right.
   */
  SenseWeights calibrated(List<Labelled> items) {
    double overall = temperature(items);
    var found = new ArrayList<Double>();
    for (int bin = 0; bin <= UP_TO.length; bin++) {
      int it = bin;
      List<Labelled> some = items.stream().filter(item -> bin(item.features) == it).toList();
      found.add(some.size() < FEWEST_TO_CALIBRATE ? overall : temperature(some));
    }
    SenseWeights tempered = withTemperatures(found);
    var told = new double[items.size()];
    var right = new boolean[told.length];
    for (int i = 0; i < told.length; i++) {
      double[] scores = tempered.scores(items.get(i).features);
      int first = first(scores);
      told[i] = probabilities(scores)[first];
      right[i] = first == items.get(i).right;
    }
    return new SenseWeights(
        usage, shrinkage, gloss, prior, smoothing, found, Confidence.of(told, right));
  }

  /** Of scores, by the exponential function; they sum to 1. */
  static double[] probabilities(double[] scores) {
    double most = scores[first(scores)];
    double sum = 0;
    var result = new double[scores.length];
    for (int s = 0; s < scores.length; s++) {
      result[s] = Math.exp(scores[s] - most);
      sum += result[s];
    }
    for (int s = 0; s < scores.length; s++) {
      result[s] /= sum;
    }
    return result;
  }

  private double temperature(List<Labelled> items) {
    double best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (double t = COOLEST; t <= HOTTEST; t *= 1.05) {
      double loss = withTemperature(t).firstAnswersLoss(items);
      if (loss < least) {
        least = loss;
        best = t;
      }
    }
    return best;
  }

  private static int first(double[] scores) {
    int first = 0;
    for (int s = 1; s < scores.length; s++) {
      first = scores[s] > scores[first] ? s : first;
    }
    return first;
  }

  /** The mean log loss of the first answers, as right or wrong. */
  private double firstAnswersLoss(List<Labelled> items) {
    double loss = 0;
    for (Labelled item : items) {
      double[] scores = scores(item.features);
      int first = first(scores);
      double sum = 0;
      for (double score : scores) {
        sum += Math.exp(score - scores[first]);
      }
      loss += first == item.right ? Math.log(sum) : -Math.log(Math.max(1e-12, 1 - 1 / sum));
    }
    return loss / items.size();
  }
}
