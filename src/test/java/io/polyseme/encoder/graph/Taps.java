package io.polyseme.encoder.graph;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What can be tapped of a BERT encoder. */
public final class Taps {
  private Taps() {}

  /** Everything, of all layers. */
  public static Set<Tap> all(int layers) {
    Set<Tap> taps = new LinkedHashSet<>(Set.of(new Tap.HiddenState(0)));
    for (int layer = 1; layer <= layers; layer++) {
      taps.addAll(
          List.of(
              new Tap.HiddenState(layer),
              new Tap.Scores(layer),
              new Tap.Attention(layer),
              new Tap.Query(layer),
              new Tap.Key(layer),
              new Tap.Value(layer),
              new Tap.Context(layer),
              new Tap.AttentionOutput(layer),
              new Tap.AfterAttention(layer)));
      taps.addAll(
          List.of(
              new Tap.PreActivation(layer),
              new Tap.FeedForward(layer),
              new Tap.FeedForwardOutput(layer)));
    }
    return taps;
  }
}
