package io.polyseme.insight.heads;

import io.polyseme.encoder.Replacement;
import io.polyseme.encoder.graph.Tap;
import java.util.ArrayList;
import java.util.List;

/** A part of a Transformer that can be taken out. */
public sealed interface ModelPart {
  /** The layer, from 1. */
  int layer();

  /** Where the part's output stands inside the model. */
  Tap tap();

  /**
   * What its output becomes.
   *
   * @param mean of the whole value at {@link #tap()}, of all heads; zeros if it is of length 0
   * @param width how many numbers that value has
   */
  Replacement replacement(float[] mean, int width);

  /**
   * One head's part of the context that its layer's heads bring.
   *
   * @param head from 0
   * @param heads how many the layer has
   */
  record Head(int layer, int head, int heads) implements ModelPart {
    @Override
    public Tap tap() {
      return new Tap.Context(layer);
    }

    @Override
    public Replacement replacement(float[] mean, int width) {
      int all = mean.length > 0 ? mean.length : width;
      int of = all / heads;
      return Replacement.part(head * of, (head + 1) * of, mean, all);
    }

    @Override
    public String toString() {
      return "head " + layer + "." + head;
    }
  }

  /** What a whole attention layer adds to the hidden state. */
  record AttentionLayer(int layer) implements ModelPart {
    @Override
    public Tap tap() {
      return new Tap.AttentionOutput(layer);
    }

    @Override
    public Replacement replacement(float[] mean, int width) {
      return mean.length == 0 ? Replacement.zero() : Replacement.by(mean);
    }

    @Override
    public String toString() {
      return "attention " + layer;
    }
  }

  /** What a feed-forward layer adds to the hidden state. */
  record FeedForwardLayer(int layer) implements ModelPart {
    @Override
    public Tap tap() {
      return new Tap.FeedForwardOutput(layer);
    }

    @Override
    public Replacement replacement(float[] mean, int width) {
      return mean.length == 0 ? Replacement.zero() : Replacement.by(mean);
    }

    @Override
    public String toString() {
      return "feed-forward " + layer;
    }
  }

  /**
   * Every head, attention layer and feed-forward layer.
   *
   * @param layers of the model
   * @param heads of each layer
   */
  static List<ModelPart> all(int layers, int heads) {
    var parts = new ArrayList<ModelPart>();
    for (int layer = 1; layer <= layers; layer++) {
      for (int head = 0; head < heads; head++) {
        parts.add(new Head(layer, head, heads));
      }
      parts.add(new AttentionLayer(layer));
      parts.add(new FeedForwardLayer(layer));
    }
    return parts;
  }
}
