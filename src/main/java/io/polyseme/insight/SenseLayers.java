package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The senses of a word at every layer, each the mean of the word's states in examples, from which
 * the mean of all the senses is taken off. Immutable and thread-safe.
 */
public final class SenseLayers {
  /** How many examples a sense must have for others to be told by them. */
  private static final int LEAST = 5;

  private final List<String> senses;
  private final List<float[]> centres;
  private final List<List<float[]>> means;
  private final List<Double> accuracy;
  private final int leftOut;

  /**
   * A word in a text that shows one of its senses.
   *
   * @param span where the word stands
   */
  public record Example(String text, Span span, String sense) {}

  /**
   * How near a state is to each sense, at one layer.
   *
   * @param cosines with each sense of {@link SenseLayers#senses()}, in that order
   * @param best the number of the nearest
   * @param margin by how much it is nearer than the second
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record Told(int layer, double[] cosines, int best, double margin) {}

  private SenseLayers(
      List<String> senses,
      List<float[]> centres,
      List<List<float[]>> means,
      List<Double> accuracy,
      int leftOut) {
    this.senses = senses;
    this.centres = centres;
    this.means = means;
    this.accuracy = accuracy;
    this.leftOut = leftOut;
  }

  /**
   * Learns the senses.
   *
   * @param all of at least two senses; those that are longer than the model's window are left out
   * @throws PolysemeException if there are fewer senses in texts that fit the model's window
   */
  public static SenseLayers of(Inside inside, List<Example> all, Cancel cancel) {
    var examples = new ArrayList<Example>();
    var texts = new ArrayList<TokenisedText>();
    var units = new ArrayList<Unit>();
    for (Example example : all) {
      try {
        TokenisedText text = inside.tokenise(example.text);
        units.add(unit(text, example.span));
        texts.add(text);
        examples.add(example);
      } catch (PolysemeException e) {
        // longer than the window: told by leftOut()
      }
    }
    Map<String, List<Integer>> bySense = new LinkedHashMap<>();
    for (int i = 0; i < examples.size(); i++) {
      bySense.computeIfAbsent(examples.get(i).sense, _ -> new ArrayList<>()).add(i);
    }
    if (bySense.size() < 2) {
      throw new PolysemeException(
          "there are examples of %d senses, and telling senses apart takes two"
              .formatted(bySense.size()));
    }
    int layers = inside.layers() + 1;
    var states = new float[layers][examples.size()][];
    var at = new int[1];
    inside.activations(
        texts.iterator(),
        ActivationRequest.of(WordPath.states(inside)),
        values -> {
          int i = at[0]++;
          for (int layer = 0; layer < layers; layer++) {
            states[layer][i] = WordPath.mean(values, new Tap.HiddenState(layer), units.get(i));
          }
        },
        cancel);
    var centres = new ArrayList<float[]>();
    var means = new ArrayList<List<float[]>>();
    var accuracy = new ArrayList<Double>();
    var groups = List.copyOf(bySense.values());
    for (int layer = 0; layer < layers; layer++) {
      List<float[]> ofSenses = new ArrayList<>();
      for (List<Integer> group : groups) {
        ofSenses.add(mean(states[layer], group, -1));
      }
      centres.add(mean(ofSenses.toArray(float[][]::new), range(ofSenses.size()), -1));
      means.add(ofSenses);
      accuracy.add(leftOut(states[layer], groups));
    }
    return new SenseLayers(
        List.copyOf(bySense.keySet()), centres, means, accuracy, all.size() - examples.size());
  }

  private static List<Integer> range(int size) {
    var range = new ArrayList<Integer>();
    for (int i = 0; i < size; i++) {
      range.add(i);
    }
    return range;
  }

  /** The unit that a span is in. */
  static Unit unit(TokenisedText text, Span span) {
    int from = -1;
    int to = -1;
    for (int token = 0; token < text.count(); token++) {
      Span place = text.span(token);
      if (text.part(token) == 0
          && place != null
          && place.start() < span.end()
          && place.end() > span.start()) {
        from = from < 0 ? token : from;
        to = token + 1;
      }
    }
    if (from < 0) {
      throw new PolysemeException(
          "the span [%d, %d) of \"%s\" has no token"
              .formatted(span.start(), span.end(), text.texts().getFirst()));
    }
    return new Unit(span.of(text.texts().getFirst()), Unit.Kind.WORD, 0, span, from, to);
  }

  /** The mean of rows, one perhaps left out. */
  private static float[] mean(float[][] rows, List<Integer> group, int leftOut) {
    var sum = new float[rows[group.getFirst()].length];
    int count = 0;
    for (int i : group) {
      if (i != leftOut) {
        Vectors.addScaled(sum, rows[i], 1);
        count++;
      }
    }
    Vectors.scale(sum, 1f / Math.max(1, count));
    return sum;
  }

  /**
   * How often an example is nearest to the mean of the others of its sense, each sense counting the
   * same. NaN where fewer than two senses have {@value #LEAST} examples: that would be chance.
   */
  private static double leftOut(float[][] states, List<List<Integer>> groups) {
    double sum = 0;
    int asked = 0;
    for (int own = 0; own < groups.size(); own++) {
      if (groups.get(own).size() < LEAST) {
        continue;
      }
      int right = 0;
      for (int i : groups.get(own)) {
        var means = new ArrayList<float[]>();
        for (List<Integer> group : groups) {
          means.add(mean(states, group, i));
        }
        float[] centre = mean(means.toArray(float[][]::new), range(means.size()), -1);
        double[] cosines = cosines(states[i], centre, means);
        right += best(cosines) == own ? 1 : 0;
      }
      sum += (double) right / groups.get(own).size();
      asked++;
    }
    return asked < 2 ? Double.NaN : sum / asked;
  }

  private static double[] cosines(float[] state, float[] centre, List<float[]> means) {
    float[] centred = state.clone();
    Vectors.addScaled(centred, centre, -1);
    var cosines = new double[means.size()];
    for (int s = 0; s < cosines.length; s++) {
      float[] mean = means.get(s).clone();
      Vectors.addScaled(mean, centre, -1);
      double lengths = Math.sqrt(Vectors.squaredNorm(mean) * Vectors.squaredNorm(centred));
      // The embedding of a word is the same in every text, but for its position: no sense is
      // nearer.
      cosines[s] = lengths == 0 ? 0 : Vectors.dot(centred, mean) / lengths;
    }
    return cosines;
  }

  private static int best(double[] cosines) {
    int best = 0;
    for (int s = 1; s < cosines.length; s++) {
      best = cosines[s] > cosines[best] ? s : best;
    }
    return best;
  }

  /** The senses, in the order of the examples. */
  public List<String> senses() {
    return senses;
  }

  /** How many examples were left out, because they do not fit the model's window. */
  public int leftOut() {
    return leftOut;
  }

  /** The number of layers, the embeddings included. */
  public int layers() {
    return means.size();
  }

  /**
   * How well a layer tells the senses of the examples apart: the share that is nearest to the mean
   * of the others of its sense, mean over senses; NaN where the examples are too few to tell.
   */
  public double accuracy(int layer) {
    return accuracy.get(layer);
  }

  /** Which sense the word is nearest to on its way, by layer. */
  public List<Told> told(WordPath path) {
    var told = new ArrayList<Told>();
    for (WordPath.Step step : path.steps()) {
      int layer = step.layer();
      double[] cosines = cosines(step.state(), centres.get(layer), means.get(layer));
      int best = best(cosines);
      double second = Double.NEGATIVE_INFINITY;
      for (int s = 0; s < cosines.length; s++) {
        second = s == best ? second : Math.max(second, cosines[s]);
      }
      told.add(new Told(layer, cosines, best, cosines[best] - second));
    }
    return told;
  }

  /**
   * The first layer, from 1, from which on the sense of the last layer is the nearest. Embeddings
   * decide nothing: but for their position they are the same in every text.
   */
  public static int decided(List<Told> told) {
    int last = told.getLast().best;
    int layer = told.size() - 1;
    while (layer > 1 && told.get(layer - 1).best == last) {
      layer--;
    }
    return layer;
  }
}
