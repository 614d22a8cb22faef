package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.LayerNorm;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Span;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The neurons of a model's feed-forward layers: which fire in a text, and what each adds to the
 * hidden state. Thread-safe; to be used while the encoder is open.
 */
public final class Neurons {
  private final Encoder encoder;
  private float @Nullable [][] embeddings;
  private List<String> vocabulary = List.of();

  /**
   * @param encoder stays open
   */
  public Neurons(Encoder encoder) {
    this.encoder = encoder;
  }

  /**
   * The neurons that fire in a text most, each beside what it does over a corpus: those first whose
   * activation is the most standard deviations above its mean.
   *
   * @param word the words or other parts of the text whose tokens count; null for all of them
   * @param top how many, from 1
   * @throws PolysemeException if the profile is of another model, there is nothing in the text or
   *     the word, or more than fits the model's window
   */
  public List<FiringNeuron> firing(
      String text, @Nullable Span word, NeuronProfile profile, int top) {
    profile.requireMadeBy(encoder.info());
    Inside inside = encoder.inside();
    TokenisedText tokens = inside.tokenise(text);
    Set<Tap> taps = new HashSet<>();
    profile.layers().forEach(layer -> taps.add(new Tap.FeedForward(layer)));
    Activations values = inside.activations(tokens, ActivationRequest.of(taps));
    var firing = new ArrayList<FiringNeuron>();
    var row = new float[profile.width()];
    for (int layer : profile.layers()) {
      var best = new float[row.length];
      var at = new int[row.length];
      for (int token = 0; token < tokens.count(); token++) {
        Span span = tokens.span(token);
        if (span == null
            || word != null && !(span.start() < word.end() && word.start() < span.end())) {
          continue;
        }
        values.copy(new Tap.FeedForward(layer), token, row);
        for (int unit = 0; unit < row.length; unit++) {
          if (row[unit] > best[unit]) {
            best[unit] = row[unit];
            at[unit] = token;
          }
        }
      }
      for (int unit = 0; unit < row.length; unit++) {
        if (best[unit] > 0) {
          ProfiledNeuron neuron = profile.neuron(new NeuronId(layer, unit));
          firing.add(fires(neuron, best[unit], tokens, at[unit]));
        }
      }
    }
    firing.sort(
        Comparator.comparingDouble((FiringNeuron it) -> -it.deviations())
            .thenComparing(it -> it.neuron().id()));
    return List.copyOf(firing.subList(0, Math.min(top, firing.size())));
  }

  private static FiringNeuron fires(
      ProfiledNeuron neuron, float activation, TokenisedText text, int token) {
    Span at = Objects.requireNonNull(text.span(token));
    int word = text.word(token);
    var here =
        new NeuronExample(
            activation, text.texts().getFirst(), at, word < 0 ? at : text.words().get(word).span());
    return new FiringNeuron(
        neuron,
        here,
        neuron.deviation() == 0 ? 0 : (activation - neuron.mean()) / neuron.deviation(),
        neuron.maximum() == 0 ? 0 : activation / neuron.maximum());
  }

  /**
   * The word pieces that a neuron's output points to: those whose embeddings are nearest to its row
   * of the feed-forward layer's second projection, as the layer normalisation after it scales that
   * (section 4 of Geva et al. 2021, with the model's input embeddings, since an encoder may have no
   * others). Embeddings are compared by their difference from the mean of all.
   *
   * @param top how many, from 1
   * @throws IllegalArgumentException if the model has no such neuron
   * @throws PolysemeException if the graph hides its weights
   */
  public List<AddedPiece> adds(NeuronId id, int top) {
    Inside inside = encoder.inside();
    if (id.layer() > inside.layers()) {
      throw new IllegalArgumentException(
          "there is no feed-forward layer %d: the model has layers 1 to %d"
              .formatted(id.layer(), inside.layers()));
    }
    var outputs = inside.feedForwardOutput(id.layer());
    if (id.unit() >= outputs.inputs()) {
      throw new IllegalArgumentException(
          "there is no neuron %s: layer %d has neurons 0 to %d"
              .formatted(id, id.layer(), outputs.inputs() - 1));
    }
    float[] added = outputs.row(id.unit());
    LayerNorm norm = inside.normAfterFeedForward(id.layer());
    if (norm != null) {
      double mean = 0;
      for (float x : added) {
        mean += x;
      }
      for (int i = 0; i < added.length; i++) {
        added[i] = (float) (added[i] - mean / added.length) * norm.scale()[i];
      }
    }
    float[][] rows = embeddings(inside, added.length);
    var best = new TopK(top, Integer::compare);
    for (int i = 0; i < rows.length; i++) {
      if (named(vocabulary.get(i))) {
        best.offer(i, Vectors.cosine(rows[i], added));
      }
    }
    TopK.Best found = best.drain();
    var pieces = new ArrayList<AddedPiece>();
    for (int i = 0; i < found.rows().length; i++) {
      pieces.add(new AddedPiece(vocabulary.get(found.rows()[i]), found.scores()[i]));
    }
    return pieces;
  }

  /** Whether a piece stands for some text: not [CLS], [unused7] or &lt;s&gt;. */
  private static boolean named(String piece) {
    return !piece.matches("\\[.+]|<.+>");
  }

  private synchronized float[][] embeddings(Inside inside, int dimension) {
    if (embeddings == null) {
      float[] table = inside.wordEmbeddings();
      vocabulary = encoder.vocabulary();
      var rows = new float[Math.min(vocabulary.size(), table.length / dimension)][];
      var mean = new float[dimension];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(table, i * dimension, (i + 1) * dimension);
        Vectors.addScaled(mean, rows[i], 1f / rows.length);
      }
      for (float[] row : rows) {
        Vectors.addScaled(row, mean, -1);
      }
      embeddings = rows;
    }
    return embeddings;
  }
}
