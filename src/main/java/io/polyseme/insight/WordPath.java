package io.polyseme.insight;

import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The way of a word through the layers: where its state is after each, how far each moved it, and
 * what of that attention and feed-forward layer brought. The state of a word of several pieces is
 * their mean. Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record WordPath(String word, List<Step> steps) {
  /**
   * One layer.
   *
   * @param layer from 0, the embeddings
   * @param state after it, float[dimension]
   * @param moved the length of the move from the state before, by that state's own length
   * @param toBefore cosine with the state before
   * @param toFirst cosine with the embeddings
   * @param turned cosine of the move with the move before: near 1 where the word goes straight on,
   *     below 0 where it comes back
   * @param attention the length of what the attention added, by the length of the state it was
   *     added to; NaN where the graph does not tell
   * @param feedForward the same of the feed-forward layer
   */
  public record Step(
      int layer,
      float[] state,
      double moved,
      double toBefore,
      double toFirst,
      double turned,
      double attention,
      double feedForward) {}

  public WordPath {
    steps = List.copyOf(steps);
  }

  /** Has the model read a text, and follows one of its words. */
  public static WordPath of(Inside inside, TokenisedText text, Unit unit) {
    return of(inside.activations(text, ActivationRequest.of(taps(inside))), inside.layers(), unit);
  }

  /** What has to be asked of a model for its words to be followed. */
  static Set<Tap> taps(Inside inside) {
    Set<Tap> taps = new HashSet<>(states(inside));
    for (int layer = 1; layer <= inside.layers(); layer++) {
      for (Tap tap :
          List.of(
              new Tap.AttentionOutput(layer),
              new Tap.AfterAttention(layer),
              new Tap.FeedForwardOutput(layer))) {
        if (inside.has(tap)) {
          taps.add(tap);
        }
      }
    }
    return taps;
  }

  static WordPath of(Activations values, int layers, Unit unit) {
    var steps = new ArrayList<Step>();
    float[] first = mean(values, new Tap.HiddenState(0), unit);
    float[] before = first;
    float[] lastMove = null;
    for (int layer = 0; layer <= layers; layer++) {
      float[] state = mean(values, new Tap.HiddenState(layer), unit);
      float[] move = difference(state, before);
      steps.add(
          new Step(
              layer,
              state,
              length(move) / length(before),
              Vectors.cosine(state, before),
              Vectors.cosine(state, first),
              lastMove == null || length(lastMove) == 0
                  ? Double.NaN
                  : Vectors.cosine(move, lastMove),
              share(values, new Tap.AttentionOutput(layer), new Tap.HiddenState(layer - 1), unit),
              share(
                  values, new Tap.FeedForwardOutput(layer), new Tap.AfterAttention(layer), unit)));
      before = state;
      lastMove = layer == 0 ? null : move;
    }
    return new WordPath(unit.text(), steps);
  }

  /** All hidden states of a model. */
  public static Set<Tap> states(Inside inside) {
    Set<Tap> taps = new HashSet<>();
    for (int layer = 0; layer <= inside.layers(); layer++) {
      taps.add(new Tap.HiddenState(layer));
    }
    return taps;
  }

  private static double share(Activations values, Tap added, Tap to, Unit unit) {
    return values.has(added) && values.has(to)
        ? length(mean(values, added, unit)) / length(mean(values, to, unit))
        : Double.NaN;
  }

  /** The mean of a value over the tokens of a unit. */
  public static float[] mean(Activations values, Tap tap, Unit unit) {
    float[] mean = values.at(tap, unit.from());
    for (int token = unit.from() + 1; token < unit.to(); token++) {
      Vectors.addScaled(mean, values.at(tap, token), 1);
    }
    Vectors.scale(mean, 1f / unit.tokens());
    return mean;
  }

  private static float[] difference(float[] a, float[] b) {
    float[] difference = a.clone();
    Vectors.addScaled(difference, b, -1);
    return difference;
  }

  private static double length(float[] vector) {
    return Math.sqrt(Vectors.squaredNorm(vector));
  }
}
