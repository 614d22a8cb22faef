package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Replacement;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Span;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hidden states of words as a model reads their texts, whole or with parts taken out. */
final class PlacedStates {
  private PlacedStates() {}

  /** Words in their text. */
  record Place(TokenisedText text, List<Unit> words) {
    /**
     * @throws PolysemeException if the model has no token for one of the words
     */
    static Place of(TokenisedText text, Span... spans) {
      return new Place(
          text, Arrays.stream(spans).map(span -> SenseLayers.unit(text, span)).toList());
    }
  }

  /**
   * The states of the words, each the mean of its pieces.
   *
   * @param places as many words in each
   * @param layers of the hidden states
   * @param replaced what is taken out, in no layer beyond those
   * @return float[words][places][layers][dimension]
   */
  static float[][][][] of(
      Inside inside,
      List<Place> places,
      List<Integer> layers,
      Map<Tap, Replacement> replaced,
      Cancel cancel) {
    Set<Tap> taps = new HashSet<>();
    layers.forEach(layer -> taps.add(new Tap.HiddenState(layer)));
    int words = places.isEmpty() ? 0 : places.getFirst().words.size();
    var states = new float[words][places.size()][layers.size()][];
    int[] next = {0};
    inside.activations(
        places.stream().map(Place::text).iterator(),
        ActivationRequest.of(taps).withReplaced(replaced),
        values -> {
          int i = next[0]++;
          for (int word = 0; word < words; word++) {
            Unit unit = places.get(i).words.get(word);
            for (int l = 0; l < layers.size(); l++) {
              states[word][i][l] = WordPath.mean(values, new Tap.HiddenState(layers.get(l)), unit);
            }
          }
        },
        cancel);
    return states;
  }

  /**
   * The means of values over all tokens of texts, special ones included.
   *
   * @return by value, float[width]
   */
  static Map<Tap, float[]> means(
      Inside inside, List<TokenisedText> texts, Set<Tap> taps, Cancel cancel) {
    Map<Tap, double[]> sums = new HashMap<>();
    long[] tokens = {0};
    inside.activations(
        texts.iterator(),
        ActivationRequest.of(taps),
        values -> {
          tokens[0] += values.text().count();
          for (Tap tap : taps) {
            double[] sum = sums.computeIfAbsent(tap, it -> new double[values.width(it)]);
            var one = new float[sum.length];
            for (int token = 0; token < values.text().count(); token++) {
              values.copy(tap, token, one);
              for (int i = 0; i < one.length; i++) {
                sum[i] += one[i];
              }
            }
          }
        },
        cancel);
    Map<Tap, float[]> means = new HashMap<>();
    sums.forEach(
        (tap, sum) -> {
          var mean = new float[sum.length];
          for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / tokens[0]);
          }
          means.put(tap, mean);
        });
    return means;
  }
}
