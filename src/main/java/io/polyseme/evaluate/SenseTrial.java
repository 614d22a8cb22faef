package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.LayerVector;
import io.polyseme.evaluate.Intervals.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** One word's senses as they are learned and told, layer by layer. */
final class SenseTrial {
  private final CoarseSenses.Word word;
  private final List<String> senses;
  private final List<Layer> layers = new ArrayList<>();
  private final List<Integer> gold = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  SenseTrial(CoarseSenses.Word word) {
    this.word = word;
    this.senses = List.copyOf(word.senses().keySet());
  }

  CoarseSenses.Word word() {
    return word;
  }

  private final class Layer {
    final String name;
    final double[][] sums;
    final List<Integer> told = new ArrayList<>();

    Layer(LayerVector like) {
      name = like.layer();
      sums = new double[senses.size()][like.vector().length];
    }
  }

  private List<Layer> layers(List<LayerVector> like) {
    if (layers.isEmpty()) {
      like.forEach(vector -> layers.add(new Layer(vector)));
    }
    return layers;
  }

  void learn(String sense, List<LayerVector> vectors) {
    for (int i = 0; i < vectors.size(); i++) {
      Optional<float[]> unit = Directions.unit(vectors.get(i).vector());
      double[] sum = layers(vectors).get(i).sums[senses.indexOf(sense)];
      for (int j = 0; unit.isPresent() && j < sum.length; j++) {
        sum[j] += unit.get()[j];
      }
    }
  }

  void tell(String sense, List<LayerVector> vectors) {
    gold.add(senses.indexOf(sense));
    for (int i = 0; i < vectors.size(); i++) {
      Layer layer = layers(vectors).get(i);
      layer.told.add(nearest(layer, vectors.get(i).vector()));
    }
  }

  /** A text, of either part, that has no vectors. */
  void fail(PolysemeException error) {
    failures.add(error.getMessage());
  }

  /** The sense whose mean has the greatest cosine; -1 where none was learned. */
  private int nearest(Layer layer, float[] vector) {
    int best = -1;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int sense = 0; sense < senses.size(); sense++) {
      double dot = 0;
      double squares = 0;
      for (int j = 0; j < vector.length; j++) {
        double x = layer.sums[sense][j];
        dot += x * vector[j];
        squares += x * x;
      }
      if (squares > 0 && dot / Math.sqrt(squares) > greatest) {
        greatest = dot / Math.sqrt(squares);
        best = sense;
      }
    }
    return best;
  }

  /** What the reader of the word's scores should know. */
  List<String> warnings() {
    List<String> unlearned = new ArrayList<>();
    for (int sense = 0; sense < senses.size(); sense++) {
      int it = sense;
      if (layers.isEmpty() || Arrays.stream(layers.getLast().sums[it]).allMatch(x -> x == 0)) {
        unlearned.add(word.senses().get(senses.get(sense)));
      }
    }
    var warnings = new ArrayList<String>();
    if (!unlearned.isEmpty()) {
      warnings.add(
          "%s: no training text has the sense %s"
              .formatted(word.name(), String.join(", ", unlearned)));
    }
    if (!failures.isEmpty()) {
      warnings.add(
          "%s: %d of its texts could not be encoded and are left out; the first: %s"
              .formatted(word.name(), failures.size(), failures.getFirst()));
    }
    return warnings;
  }

  /**
   * A layer's figures.
   *
   * @param n how many test texts were told
   * @param right how many of them rightly
   * @param resampledF1 macro-F1 for each bootstrap resample, the same ones for every layer
   * @param resampledAccuracy accuracy likewise
   */
  record Outcome(
      String layer,
      int n,
      int right,
      double macroF1,
      double[] resampledF1,
      double[] resampledAccuracy) {
    double accuracy() {
      return (double) right / n;
    }

    List<Score> scores(CoarseSenses.Word word) {
      Interval f1 = Intervals.percentile(resampledF1);
      Interval accuracy = Intervals.wilson(right, n);
      String name = word.name();
      int total = word.test().size();
      return List.of(
          new Score(name, layer, "macro-f1", macroF1, f1.low(), f1.high(), n, total),
          new Score(
              name, layer, "accuracy", accuracy(), accuracy.low(), accuracy.high(), n, total));
    }
  }

  /** For each layer; nothing where no test text was told. */
  List<Outcome> outcomes(CoarseOptions options, Cancel cancel) {
    int n = gold.size();
    if (n == 0) {
      return List.of();
    }
    int[] expected = gold.stream().mapToInt(Integer::intValue).toArray();
    var outcomes = new ArrayList<Outcome>();
    for (Layer layer : layers) {
      cancel.check();
      int[] told = layer.told.stream().mapToInt(Integer::intValue).toArray();
      var all = new Counts();
      for (int i = 0; i < n; i++) {
        all.add(expected[i], told[i]);
      }
      var random = new SplittableRandom(options.seed());
      var f1 = new double[options.resamples()];
      var accuracy = new double[f1.length];
      for (int r = 0; r < f1.length; r++) {
        var some = new Counts();
        for (int i = 0; i < n; i++) {
          int it = random.nextInt(n);
          some.add(expected[it], told[it]);
        }
        f1[r] = some.macroF1();
        accuracy[r] = (double) some.right / n;
      }
      outcomes.add(new Outcome(layer.name, n, all.right, all.macroF1(), f1, accuracy));
    }
    return outcomes;
  }

  private final class Counts {
    final int[] hits = new int[senses.size()];
    final int[] expected = new int[senses.size()];
    final int[] told = new int[senses.size()];
    int right;

    void add(int gold, int answer) {
      expected[gold]++;
      if (answer >= 0) {
        told[answer]++;
      }
      if (gold == answer) {
        hits[gold]++;
        right++;
      }
    }

    double macroF1() {
      double sum = 0;
      int occurring = 0;
      for (int i = 0; i < hits.length; i++) {
        if (expected[i] + told[i] > 0) {
          sum += 2.0 * hits[i] / (expected[i] + told[i]);
          occurring++;
        }
      }
      return occurring == 0 ? Double.NaN : sum / occurring;
    }
  }
}
