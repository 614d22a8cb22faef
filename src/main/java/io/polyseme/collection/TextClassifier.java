package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.collection.ClassifierOptions.Method;
import io.polyseme.vector.Parallel;
import io.polyseme.vector.RandomOrder;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Predicts the class of a text from examples, few or many, by their vectors. The method is the one
 * that has the most examples right when each is predicted from the others, and probabilities are
 * calibrated on these predictions: the scores of classes divided by one temperature, and put
 * through a softmax (Platt 1999; Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern
 * Neural Networks"). The same examples and seed give the same classifier. Immutable and
 * thread-safe.
 */
public final class TextClassifier {
  /** Of more examples so many, chosen at random, tell how good a method is. */
  private static final int VALIDATED = 3_000;

  private static final int BINS = 10;

  private final List<String> classes;
  private final ClassModel model;
  private final double temperature;
  private final CrossValidation validation;

  private TextClassifier(
      List<String> classes, ClassModel model, double temperature, CrossValidation validation) {
    this.classes = classes;
    this.model = model;
    this.temperature = temperature;
    this.validation = validation;
  }

  /** Held-out examples as a method scores them. */
  private record HeldOut(double[][] scores, int[] known) {
    double accuracy() {
      int right = 0;
      for (int i = 0; i < known.length; i++) {
        right += greatest(scores[i]) == known[i] ? 1 : 0;
      }
      return (double) right / known.length;
    }
  }

  /**
   * Learns from examples.
   *
   * @param threads how many work at once, from 1
   * @throws PolysemeException if there are fewer than two classes, or none has two examples
   */
  public static TextClassifier of(
      List<ClassExample> examples,
      ClassifierOptions options,
      int threads,
      Progress progress,
      Cancel cancel) {
    Map<String, Integer> numbers = new TreeMap<>();
    examples.forEach(it -> numbers.merge(it.className(), 1, Integer::sum));
    if (numbers.size() < 2) {
      throw new PolysemeException(
          "texts are classified by the examples of two classes at least, and there %s"
              .formatted(
                  numbers.isEmpty()
                      ? "are no examples"
                      : "is one: \"" + numbers.keySet().iterator().next() + "\""));
    }
    if (numbers.values().stream().allMatch(count -> count < 2)) {
      throw new PolysemeException(
          "no class has two examples: how good a prediction is could not be told; give more");
    }
    List<String> classes = List.copyOf(numbers.keySet());
    for (int c = 0; c < classes.size(); c++) {
      numbers.put(classes.get(c), c);
    }
    List<float[]> units = examples.stream().map(it -> Vectors.unitOrZero(it.vector())).toList();
    int[] known = examples.stream().mapToInt(it -> numbers.get(it.className())).toArray();
    var heldOut = new EnumMap<Method, HeldOut>(Method.class);
    var accuracies = new EnumMap<Method, Double>(Method.class);
    int[] folds = folds(known, options);
    Method best = null;
    for (Method method : Method.values()) {
      if (options.method() == null || options.method() == method) {
        HeldOut found =
            heldOut(
                method, units, known, folds, classes.size(), options, threads, progress, cancel);
        heldOut.put(method, found);
        accuracies.put(method, found.accuracy());
        best = best == null || found.accuracy() > accuracies.get(best) ? method : best;
      }
    }
    HeldOut chosen = heldOut.get(best);
    double temperature = temperature(chosen);
    return new TextClassifier(
        classes,
        ClassModel.of(best, units, known, classes.size(), cancel),
        temperature,
        validation(best, chosen, classes.size(), temperature, options, accuracies));
  }

  /** Each example's fold, every class spread over all; -1 for one that is not held out. */
  private static int[] folds(int[] known, ClassifierOptions options) {
    Integer[] order =
        Arrays.stream(RandomOrder.shuffled(known.length, new SplittableRandom(options.seed())))
            .boxed()
            .toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingInt(i -> known[i])); // stable: at random in a class
    var folds = new int[known.length];
    Arrays.fill(folds, -1);
    int count = Math.min(VALIDATED, order.length);
    for (int i = 0; i < count; i++) {
      folds[order[(int) ((long) i * order.length / count)]] = i % options.folds();
    }
    return folds;
  }

  private static HeldOut heldOut(
      Method method,
      List<float[]> units,
      int[] known,
      int[] folds,
      int classes,
      ClassifierOptions options,
      int threads,
      Progress progress,
      Cancel cancel) {
    var scores = new double[known.length][];
    Parallel.forEach(
        options.folds(),
        threads,
        () -> method,
        (_, fold) -> {
          var training = new ArrayList<float[]>();
          var of = new ArrayList<Integer>();
          for (int i = 0; i < known.length; i++) {
            if (folds[i] != fold) {
              training.add(units.get(i));
              of.add(known[i]);
            }
          }
          if (training.isEmpty()) {
            return;
          }
          ClassModel model =
              ClassModel.of(
                  method,
                  training,
                  of.stream().mapToInt(Integer::intValue).toArray(),
                  classes,
                  cancel);
          for (int i = 0; i < known.length; i++) {
            if (folds[i] == fold) {
              scores[i] = model.scores(units.get(i));
            }
          }
        },
        "predicting held-out examples by " + method.name().toLowerCase(Locale.ROOT),
        progress,
        cancel);
    int[] held = IntStream.range(0, known.length).filter(i -> scores[i] != null).toArray();
    return new HeldOut(
        Arrays.stream(held).mapToObj(i -> scores[i]).toArray(double[][]::new),
        Arrays.stream(held).map(i -> known[i]).toArray());
  }

  /** That which makes the known classes likeliest, by golden-section search of its logarithm. */
  private static double temperature(HeldOut heldOut) {
    double golden = (Math.sqrt(5) - 1) / 2;
    double low = Math.log(1e-3);
    double high = Math.log(1e2);
    for (int step = 0; step < 60; step++) {
      double left = high - golden * (high - low);
      double right = low + golden * (high - low);
      if (surprise(heldOut, Math.exp(left)) < surprise(heldOut, Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    return Math.exp((low + high) / 2);
  }

  /**
   * With one more example of each class in mind, so that none is ever certain (Platt 1999,
   * "Probabilistic Outputs for Support Vector Machines").
   */
  private static double surprise(HeldOut heldOut, double temperature) {
    int n = heldOut.known.length;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double[] scores = heldOut.scores[i];
      double most = Arrays.stream(scores).max().orElse(0);
      double shares =
          Arrays.stream(scores).map(score -> Math.exp((score - most) / temperature)).sum();
      for (int c = 0; c < scores.length; c++) {
        double target = (c == heldOut.known[i] ? n + 1.0 : 1.0) / (n + scores.length);
        sum -= target * ((scores[c] - most) / temperature - Math.log(shares));
      }
    }
    return sum;
  }

  private static double[] softmax(double[] scores, double temperature) {
    double most = Arrays.stream(scores).max().orElse(0);
    double[] shares =
        Arrays.stream(scores).map(score -> Math.exp((score - most) / temperature)).toArray();
    double sum = Arrays.stream(shares).sum();
    return Arrays.stream(shares).map(share -> share / sum).toArray();
  }

  private static int greatest(double[] scores) {
    int greatest = 0;
    for (int c = 1; c < scores.length; c++) {
      greatest = scores[c] > scores[greatest] ? c : greatest;
    }
    return greatest;
  }

  private static CrossValidation validation(
      Method method,
      HeldOut heldOut,
      int classes,
      double temperature,
      ClassifierOptions options,
      Map<Method, Double> accuracies) {
    var right = new int[classes];
    var ofClass = new int[classes];
    var predicted = new int[classes];
    var confidence = new double[BINS];
    var rightIn = new double[BINS];
    for (int i = 0; i < heldOut.known.length; i++) {
      double[] probabilities = softmax(heldOut.scores[i], temperature);
      int best = greatest(heldOut.scores[i]);
      int known = heldOut.known[i];
      ofClass[known]++;
      predicted[best]++;
      right[known] += best == known ? 1 : 0;
      int bin = Math.min(BINS - 1, (int) (BINS * probabilities[best]));
      confidence[bin] += probabilities[best];
      rightIn[bin] += best == known ? 1 : 0;
    }
    double f1 = 0;
    for (int c = 0; c < classes; c++) {
      int of = ofClass[c] + predicted[c];
      f1 += of == 0 ? 0 : 2.0 * right[c] / of;
    }
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      error += Math.abs(confidence[bin] - rightIn[bin]);
    }
    int count = heldOut.known.length;
    return new CrossValidation(
        method,
        heldOut.accuracy(),
        f1 / classes,
        error / count,
        count,
        options.folds(),
        accuracies);
  }

  /** The classes, in alphabetical order. */
  public List<String> classes() {
    return classes;
  }

  public CrossValidation validation() {
    return validation;
  }

  /**
   * How likely each class is.
   *
   * @param vector of the examples' model, of any length but zero
   * @return likeliest first
   */
  public List<ClassScore> predict(float[] vector) {
    double[] probabilities = softmax(model.scores(Vectors.unitOrZero(vector)), temperature);
    var scores = new ArrayList<ClassScore>();
    for (int c = 0; c < probabilities.length; c++) {
      scores.add(new ClassScore(classes.get(c), probabilities[c]));
    }
    scores.sort(Comparator.comparingDouble((ClassScore it) -> -it.probability()));
    return scores;
  }
}
