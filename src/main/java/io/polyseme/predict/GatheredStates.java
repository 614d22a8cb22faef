package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.predict.MaskedTexts.Masked;
import io.polyseme.vector.MatrixProduct;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The masked words of a corpus with the hidden states at their places. The first are kept with all
 * layers, to choose the one that tells most and to learn the tuned lens; the others with that one
 * alone, and no layer beyond it is computed.
 */
final class GatheredStates {
  /** Of fewer masked words nothing is learned. */
  private static final int FEWEST = 100;

  /** By so many words of the sample the layers are compared, at most a quarter of it. */
  private static final int COMPARED = 1000;

  private final Inside inside;
  private final MaskedTexts texts;
  private final float[][] words;
  private final HeadOptions options;
  private final int last;
  private final int dimension;
  private final List<Examples> learned = new ArrayList<>();
  private final List<Examples> heldOut = new ArrayList<>();
  private int layer;
  private @Nullable TunedLens lens;

  /**
   * @param words the embeddings
   */
  GatheredStates(Encoder encoder, MaskedTexts texts, float[][] words, HeadOptions options) {
    this.inside = encoder.inside();
    this.texts = texts;
    this.words = words;
    this.options = options;
    this.last = inside.layers();
    this.dimension = encoder.info().dimension();
    for (int l = 0; l <= last; l++) {
      learned.add(new Examples(dimension));
      heldOut.add(new Examples(dimension));
    }
  }

  /** The layer that was chosen. */
  int layer() {
    return layer;
  }

  /** Null where none was asked for. */
  @Nullable TunedLens lens() {
    return lens;
  }

  Examples learned() {
    return learned.get(layer);
  }

  Examples heldOut() {
    return heldOut.get(layer);
  }

  void read(Progress progress, Cancel cancel) {
    boolean sampled = options.lens() || options.layer() < 0;
    layer = Math.max(0, options.layer());
    if (sampled) {
      read(IntStream.rangeClosed(0, last).boxed().toList(), options.sample(), progress, cancel);
      requireEnough();
      layer = options.layer() < 0 ? best(progress, cancel) : options.layer();
      lens = options.lens() ? lens(progress, cancel) : null;
      for (int l = 0; l <= last; l++) {
        if (l != layer) {
          learned.set(l, new Examples(dimension));
          heldOut.set(l, new Examples(dimension));
        }
      }
    }
    read(List.of(layer), Long.MAX_VALUE, progress, cancel);
    requireEnough();
    if (heldOut().size() == 0) {
      throw new PolysemeException(
          "none of the text was held out, so that nothing could be measured: give more texts, or hold out a greater share than %s"
              .formatted(options.heldOut()));
    }
  }

  private void requireEnough() {
    if (learned().size() < FEWEST) {
      throw new PolysemeException(
          "there is too little text to learn a head from: %d masked words, of %d tokens in texts of 8 tokens or more; at least %d are needed"
              .formatted(learned().size(), texts.tokens(), FEWEST));
    }
  }

  /** The layer whose linear map says most about words that it was not found by. */
  private int best(Progress progress, Cancel cancel) {
    var product = new MatrixProduct(words);
    int best = last;
    double least = Double.POSITIVE_INFINITY;
    for (int l = 0; l <= last; l++) {
      Examples all = learned.get(l);
      int compared = Math.min(COMPARED, all.size() / 4);
      Examples known = all.part(0, all.size() - compared);
      HeadNetwork start =
          HeadNetwork.start(dimension, words, texts.counts(), known, options.threads(), cancel);
      double entropy =
          HeadMeasure.of(
                  start,
                  product,
                  all.part(all.size() - compared, all.size()),
                  options.threads(),
                  Progress.NONE,
                  cancel)
              .crossEntropy();
      if (entropy < least) {
        least = entropy;
        best = l;
      }
      progress.update("choosing a layer", l + 1, last + 1);
    }
    return best;
  }

  private TunedLens lens(Progress progress, Cancel cancel) {
    var translators = new ArrayList<RidgeFit.Affine>();
    Examples right = learned.get(layer);
    for (int l = 0; l <= last; l++) {
      var fit = new RidgeFit(dimension, dimension, options.threads());
      Examples left = learned.get(l);
      for (int i = 0; i < left.size(); i++) {
        var from = new float[dimension];
        var to = new float[dimension];
        left.copyState(i, from);
        right.copyState(i, to);
        fit.add(from, to, cancel);
      }
      translators.add(fit.fit(cancel));
      progress.update("learning the lens", l + 1, last + 1);
    }
    return new TunedLens(translators);
  }

  /**
   * @param most ends once so many masked words to learn from were read
   */
  private void read(List<Integer> layers, long most, Progress progress, Cancel cancel) {
    Deque<Masked> under = new ArrayDeque<>();
    var read = new long[1];
    Iterator<TokenisedText> source =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return read[0] < most && texts.hasNext();
          }

          @Override
          public TokenisedText next() {
            Masked masked = texts.next();
            under.add(masked);
            read[0] += masked.heldOut() ? 0 : masked.words().length;
            return masked.text();
          }
        };
    Set<Tap> taps = layers.stream().map(Tap.HiddenState::new).collect(Collectors.toSet());
    inside.activations(
        source,
        ActivationRequest.of(taps),
        values -> {
          take(under.removeFirst(), values, layers);
          progress.update(
              "reading the text", Math.min(texts.tokens(), options.tokens()), options.tokens());
        },
        cancel);
  }

  private void take(Masked masked, Activations values, List<Integer> layers) {
    for (int i = 0; i < masked.places().length; i++) {
      for (int l : layers) {
        (masked.heldOut() ? heldOut : learned)
            .get(l)
            .add(masked.words()[i], values.at(new Tap.HiddenState(l), masked.places()[i]));
      }
    }
  }
}
