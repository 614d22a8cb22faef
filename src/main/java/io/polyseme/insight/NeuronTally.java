package io.polyseme.insight;

import io.polyseme.encoder.Activations;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is kept of neurons while a corpus goes by: sums, and for each neuron the sentences that
 * excite it most, each once. Arrays of numbers, of a size that does not grow with the corpus; of
 * the sentences only those that are an example of some neuron. Not thread-safe.
 */
final class NeuronTally {
  /** How many sentences are held before those that are no example any more are dropped. */
  private static final int SWEPT = 1 << 16;

  final int[] layers;
  final int width;
  final int top;

  /** Of neurons, those of the first layer first. */
  final double[] sums;

  final double[] squares;
  final long[] fired;
  final int[] sizes;

  /** {@code top} for each neuron, the strongest first. */
  final float[] scores;

  final int[] sentences;

  /** Four for each example: the beginnings and ends of token and word. */
  final int[] places;

  /** The sentences that examples are in, by number. */
  final List<String> kept = new ArrayList<>();

  private final Map<String, Integer> numbers = new HashMap<>();
  private final float[] row;
  private final float[] best;
  private final int[] bestToken;
  private int swept = SWEPT;
  private long tokens;
  private long read;

  /**
   * @param layers that neurons are of, ascending
   * @param width how many neurons each has
   * @param top how many examples are kept of each
   */
  NeuronTally(int[] layers, int width, int top) {
    this.layers = layers;
    this.width = width;
    this.top = top;
    int neurons = layers.length * width;
    this.sums = new double[neurons];
    this.squares = new double[neurons];
    this.fired = new long[neurons];
    this.sizes = new int[neurons];
    this.scores = new float[neurons * top];
    this.sentences = new int[neurons * top];
    this.places = new int[4 * neurons * top];
    this.row = new float[width];
    this.best = new float[width];
    this.bestToken = new int[width];
  }

  /** How many tokens were counted, special ones not. */
  long tokens() {
    return tokens;
  }

  /** How many sentences were read. */
  long read() {
    return read;
  }

  /** Goes on from what was counted before. */
  void resume(long tokens, long read) {
    this.tokens = tokens;
    this.read = read;
  }

  /** The place of a neuron in the arrays; -1 where it is not among them. */
  int index(NeuronId id) {
    int layer = Arrays.binarySearch(layers, id.layer());
    return layer < 0 || id.unit() >= width ? -1 : layer * width + id.unit();
  }

  /** Takes in one sentence. */
  void take(Activations values) {
    TokenisedText text = values.text();
    int number = -1;
    for (int layer = 0; layer < layers.length; layer++) {
      Tap tap = new Tap.FeedForward(layers[layer]);
      int from = layer * width;
      Arrays.fill(best, 0);
      for (int token = 0; token < text.count(); token++) {
        if (!text.special(token)) {
          values.copy(tap, token, row);
          add(token, from);
        }
      }
      for (int unit = 0; unit < width; unit++) {
        if (best[unit] > least(from + unit)) {
          if (number < 0) {
            number = keep(text.texts().getFirst());
          }
          offer(from + unit, best[unit], number, text, bestToken[unit]);
        }
      }
    }
    for (int token = 0; token < text.count(); token++) {
      tokens += text.special(token) ? 0 : 1;
    }
    read++;
    if (kept.size() > swept) {
      sweep();
    }
  }

  private void add(int token, int from) {
    for (int unit = 0; unit < width; unit++) {
      float value = row[unit];
      sums[from + unit] += value;
      squares[from + unit] += value * value;
      if (value > 0) {
        fired[from + unit]++;
        if (value > best[unit]) {
          best[unit] = value;
          bestToken[unit] = token;
        }
      }
    }
  }

  /** What an example must be above: 0, or the weakest of those there are. */
  private float least(int neuron) {
    return sizes[neuron] < top ? 0 : scores[neuron * top + top - 1];
  }

  /** The number of a sentence, which it is given where it has none. */
  int keep(String sentence) {
    Integer known = numbers.get(sentence);
    if (known != null) {
      return known;
    }
    kept.add(sentence);
    numbers.put(sentence, kept.size() - 1);
    return kept.size() - 1;
  }

  private void offer(int neuron, float score, int sentence, TokenisedText text, int token) {
    Span at = Objects.requireNonNull(text.span(token));
    int word = text.word(token);
    offer(neuron, score, sentence, at, word < 0 ? at : text.words().get(word).span());
  }

  /** Keeps an example where it is among the strongest; of equal ones that which came first. */
  void offer(int neuron, float score, int sentence, Span token, Span word) {
    int from = neuron * top;
    int size = sizes[neuron];
    int last = size < top ? size : top - 1;
    for (int i = 0; i < size; i++) {
      if (sentences[from + i] == sentence) { // it came before
        if (scores[from + i] >= score) {
          return;
        }
        last = i;
        size--;
        break;
      }
    }
    if (size == top && scores[from + top - 1] >= score) {
      return;
    }
    int at = last;
    while (at > 0 && scores[from + at - 1] < score) {
      move(from + at - 1, from + at);
      at--;
    }
    scores[from + at] = score;
    sentences[from + at] = sentence;
    int place = 4 * (from + at);
    places[place] = token.start();
    places[place + 1] = token.end();
    places[place + 2] = word.start();
    places[place + 3] = word.end();
    sizes[neuron] = Math.min(top, size + 1);
  }

  private void move(int from, int to) {
    scores[to] = scores[from];
    sentences[to] = sentences[from];
    System.arraycopy(places, 4 * from, places, 4 * to, 4);
  }

  /** Drops the sentences that are no example any more. */
  void sweep() {
    var renumbered = new int[kept.size()];
    Arrays.fill(renumbered, -1);
    int used = 0;
    for (int neuron = 0; neuron < sizes.length; neuron++) {
      for (int i = neuron * top; i < neuron * top + sizes[neuron]; i++) {
        if (renumbered[sentences[i]] < 0) {
          renumbered[sentences[i]] = used++;
        }
        sentences[i] = renumbered[sentences[i]];
      }
    }
    var left = new String[used];
    for (int i = 0; i < renumbered.length; i++) {
      if (renumbered[i] >= 0) {
        left[renumbered[i]] = kept.get(i);
      }
    }
    kept.clear();
    kept.addAll(Arrays.asList(left));
    numbers.clear();
    for (int i = 0; i < used; i++) {
      numbers.put(left[i], i);
    }
    swept = Math.max(SWEPT, 2 * used);
  }

  /** What is known of a neuron. */
  ProfiledNeuron neuron(int neuron) {
    double mean = tokens == 0 ? 0 : sums[neuron] / tokens;
    double variance = tokens == 0 ? 0 : squares[neuron] / tokens - mean * mean;
    var examples = new ArrayList<NeuronExample>();
    for (int i = neuron * top; i < neuron * top + sizes[neuron]; i++) {
      int place = 4 * i;
      examples.add(
          new NeuronExample(
              scores[i],
              kept.get(sentences[i]),
              new Span(places[place], places[place + 1]),
              new Span(places[place + 2], places[place + 3])));
    }
    return new ProfiledNeuron(
        new NeuronId(layers[neuron / width], neuron % width),
        mean,
        Math.sqrt(Math.max(0, variance)),
        tokens == 0 ? 0 : (double) fired[neuron] / tokens,
        sizes[neuron] == 0 ? 0 : scores[neuron * top],
        examples);
  }
}
