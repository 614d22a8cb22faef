package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.LayerVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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

  /** The sense whose mean has the greatest cosine. */
  private int nearest(Layer layer, float[] vector) {
    int best = SenseOutcome.NONE;
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

  /** For each layer; nothing where no test text was told. */
  List<SenseOutcome> outcomes(CoarseOptions options, Cancel cancel) {
    if (gold.isEmpty()) {
      return List.of();
    }
    int[] expected = gold.stream().mapToInt(Integer::intValue).toArray();
    var outcomes = new ArrayList<SenseOutcome>();
    for (Layer layer : layers) {
      cancel.check();
      int[] told = layer.told.stream().mapToInt(Integer::intValue).toArray();
      outcomes.add(SenseOutcome.of(layer.name, expected, List.of(told), senses.size(), options));
    }
    return outcomes;
  }
}
