package io.polyseme.sense;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * How likely a sense is: a log-linear model over its candidates,
 *
 * <pre>p(s) ∝ exp((usage · c(s) + gloss · g(s) + prior · log f(s)) / T)</pre>
 *
 * where {@code c(s)} is the cosine of the word to the mean of the sense's usages, or {@code unseen}
 * where there are none, {@code g(s)} that to its gloss, and {@code f(s) = (n(s) + smoothing) / (N +
 * smoothing K)} for {@code n(s)} usages of the sense among {@code N} of the word's {@code K}
 * senses.
 *
 * @param usage weight of the cosine to the sense's usages
 * @param unseen the cosine that a sense without usages is taken to have; NaN for the mean of the
 *     others'
 * @param gloss weight of the cosine to its gloss
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
    double unseen,
    double gloss,
    double prior,
    double smoothing,
    List<Double> temperatures,
    Confidence confidence) {
  /** How many usages of a word the temperatures are for, but the last. */
  private static final int[] UP_TO = {0, 2, 5, 10, 30, 100, 300};

  private static final int FEWEST_TO_CALIBRATE = 50;
  private static final double[] FACTORS = {0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.4, 2};
  private static final double[] STEPS = {-0.1, -0.03, -0.01, 0.01, 0.03, 0.1};
  private static final double[] GLOSS_STEPS = {-5, -2, -1, 1, 2, 5};
  private static final int ROUNDS = 12;
  private static final double COOLEST = 0.3;
  private static final double HOTTEST = 40;

  SenseWeights {
    if (!(usage >= 0 && gloss >= 0 && prior >= 0 && smoothing > 0)) {
      throw new IllegalArgumentException(
          "weights must not be negative: %s %s %s %s".formatted(usage, gloss, prior, smoothing));
    }
    temperatures = List.copyOf(temperatures);
    if (temperatures.size() != UP_TO.length + 1 || temperatures.stream().anyMatch(t -> !(t > 0))) {
      throw new IllegalArgumentException("temperatures must be positive: " + temperatures);
    }
  }

  SenseWeights withUsage(double other) {
    return new SenseWeights(other, unseen, gloss, prior, smoothing, temperatures, confidence);
  }

  SenseWeights withUnseen(double other) {
    return new SenseWeights(usage, other, gloss, prior, smoothing, temperatures, confidence);
  }

  SenseWeights withGloss(double other) {
    return new SenseWeights(usage, unseen, other, prior, smoothing, temperatures, confidence);
  }

  SenseWeights withPrior(double other) {
    return new SenseWeights(usage, unseen, gloss, other, smoothing, temperatures, confidence);
  }

  SenseWeights withSmoothing(double other) {
    return new SenseWeights(usage, unseen, gloss, prior, other, temperatures, confidence);
  }

  SenseWeights withTemperature(double other) {
    return withTemperatures(Collections.nCopies(UP_TO.length + 1, other));
  }

  private SenseWeights withTemperatures(List<Double> others) {
    return new SenseWeights(usage, unseen, gloss, prior, smoothing, others, confidence);
  }

  /** The same at every number of usages. */
  static SenseWeights of(
      double usage, double unseen, double gloss, double prior, double smoothing) {
    return new SenseWeights(
        usage,
        unseen,
        gloss,
        prior,
        smoothing,
        Collections.nCopies(UP_TO.length + 1, 1.0),
        Confidence.UNCHANGED);
  }

  private SenseWeights withConfidence(Confidence other) {
    return new SenseWeights(usage, unseen, gloss, prior, smoothing, temperatures, other);
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
   * @param usages cosines to the senses' usages; NaN where there are none
   * @param glosses cosines to their glosses; NaN where there is none
   * @param counts how often each occurs
   * @param places of each in the inventory's order, from 1
   */
  record Features(double[] usages, double[] glosses, double[] counts, int[] places) {}

  /** The shares of the senses; they sum to 1. */
  double[] frequencies(Features of) {
    var frequencies = new double[of.counts.length];
    boolean counted = Arrays.stream(of.counts).anyMatch(count -> count > 0);
    double sum = 0;
    for (int s = 0; s < frequencies.length; s++) {
      frequencies[s] = counted ? of.counts[s] + smoothing : 1.0 / of.places[s];
      sum += frequencies[s];
    }
    for (int s = 0; s < frequencies.length; s++) {
      frequencies[s] /= sum;
    }
    return frequencies;
  }

  /** How good each sense is; differences are log odds. */
  double[] scores(Features of) {
    int k = of.usages.length;
    double none = Double.isNaN(unseen) ? mean(of.usages) : unseen;
    double noGloss = mean(of.glosses);
    double[] frequencies = frequencies(of);
    double temperature = temperatures.get(bin(of));
    var scores = new double[k];
    for (int s = 0; s < k; s++) {
      scores[s] =
          (usage * (Double.isNaN(of.usages[s]) ? none : of.usages[s])
                  + gloss * (Double.isNaN(of.glosses[s]) ? noGloss : of.glosses[s])
                  + prior * Math.log(frequencies[s]))
              / temperature;
    }
    return scores;
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
   * The weights by which most first answers are right (by coordinate descent from these), and then
   * the temperatures by which their probabilities say best how often they are.
   *
   * <p>The likelihood of all senses would be the smoother aim, but draws everything towards senses
   * that were never seen, and costs two points of accuracy on SemCor.
   */
  SenseWeights fitted(List<Labelled> items) {
    SenseWeights best = withTemperature(1);
    int least = best.wrong(items);
    for (int round = 0; round < ROUNDS; round++) {
      int before = least;
      for (Function<SenseWeights, SenseWeights[]> moves : MOVES) {
        for (SenseWeights moved : moves.apply(best)) {
          int wrong = moved.wrong(items);
          if (wrong < least) {
            least = wrong;
            best = moved;
          }
        }
      }
      if (least == before) {
        break;
      }
    }
    return best.calibrated(items);
  }

  private SenseWeights calibrated(List<Labelled> items) {
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
    return tempered.withConfidence(Confidence.of(told, right));
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

  private static final List<Function<SenseWeights, SenseWeights[]>> MOVES =
      List.of(
          w -> moves(FACTORS, x -> w.withUsage(w.usage * x)),
          w -> moves(STEPS, x -> w.withUnseen(w.unseen + x)),
          w -> moves(GLOSS_STEPS, x -> w.withGloss(Math.max(0, w.gloss + x))),
          w -> moves(FACTORS, x -> w.withPrior(w.prior * x)),
          w -> moves(FACTORS, x -> w.withSmoothing(w.smoothing * x)));

  private static SenseWeights[] moves(double[] steps, Function<Double, SenseWeights> move) {
    var moved = new SenseWeights[steps.length];
    for (int i = 0; i < steps.length; i++) {
      moved[i] = move.apply(steps[i]);
    }
    return moved;
  }

  /** How many first answers are wrong. */
  private int wrong(List<Labelled> items) {
    int wrong = 0;
    for (Labelled item : items) {
      wrong += first(scores(item.features)) == item.right ? 0 : 1;
    }
    return wrong;
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
