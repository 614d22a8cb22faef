package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One text on its way through the encoder: its tokens, the windows that they are encoded in, and
 * what has been pooled so far. Every window writes to places of its own, so that windows of a text
 * may be run in any order, by any thread; {@link #finish} joins them in order, which keeps the
 * result independent of it.
 */
final class TextJob {
  final TextInput input;
  final Tokens tokens;
  final List<Window> windows;
  private final List<Span> spans;
  private final List<int[]> pieceRanges;
  private final List<List<Part>> parts;
  private final List<String> warnings;

  /** The pieces of one word that lie in one window. */
  static final class Part {
    final int word;
    final int from;
    final int to;

    /** By layer: the pool of these pieces; a sum where the pooling is the mean. */
    final float[][] pooled;

    Part(int word, int from, int to, int layers) {
      this.word = word;
      this.from = from;
      this.to = to;
      this.pooled = new float[layers][];
    }
  }

  /**
   * A range of the text's tokens that is encoded at once. Where windows overlap, each token belongs
   * to the one in which it has more context on its poorer side.
   */
  static final class Window {
    final TextJob job;
    final int from;
    final int to;
    final int ownFrom;
    final int ownTo;
    final List<Part> parts = new ArrayList<>();

    /** By layer: the pool of the window's tokens, for the sentence vector. */
    final float[][] sentence;

    Window(TextJob job, int from, int to, int ownFrom, int ownTo, int layers) {
      this.job = job;
      this.from = from;
      this.to = to;
      this.ownFrom = ownFrom;
      this.ownTo = ownTo;
      this.sentence = new float[layers][];
    }

    int count() {
      return to - from;
    }
  }

  /**
   * @param spans the words that are wanted, within the text
   * @param shift how many UTF-16 units of a prefix the tokens' offsets count before the text
   * @param capacity how many tokens of the text fit one window
   * @param layers how many vectors are wanted of each word
   */
  TextJob(
      TextInput input,
      Tokens tokens,
      List<Span> spans,
      int shift,
      int capacity,
      int layers,
      List<String> warnings) {
    this.input = input;
    this.tokens = tokens;
    this.spans = spans;
    this.warnings = warnings;
    this.windows = windows(capacity, layers);
    this.pieceRanges = new ArrayList<>(spans.size());
    this.parts = new ArrayList<>(spans.size());
    for (int word = 0; word < spans.size(); word++) {
      Span span = spans.get(word);
      int from = tokens.firstEndingAfter(span.start() + shift);
      int to = tokens.firstStartingAt(from, span.end() + shift);
      pieceRanges.add(new int[] {from, to});
      parts.add(assign(word, from, to, layers));
    }
  }

  private List<Window> windows(int capacity, int layers) {
    int count = tokens.count();
    if (count <= capacity) {
      return List.of(new Window(this, 0, count, 0, count, layers));
    }
    // Neighbours overlap by a quarter, so that a token has an eighth of a window on both sides.
    int overlap = Math.max(capacity / 4, 1);
    int step = Math.max(capacity - overlap, 1);
    var starts = new ArrayList<Integer>();
    for (int start = 0; ; start += step) {
      if (start + capacity >= count) {
        starts.add(count - capacity);
        break;
      }
      starts.add(start);
    }
    var result = new ArrayList<Window>();
    int ownFrom = 0;
    for (int i = 0; i < starts.size(); i++) {
      int start = starts.get(i);
      int end = start + capacity;
      int ownTo = i + 1 == starts.size() ? count : (starts.get(i + 1) + end + 1) / 2;
      result.add(new Window(this, start, end, ownFrom, ownTo, layers));
      ownFrom = ownTo;
    }
    return result;
  }

  /** A word goes to the window that has its middle, or piece by piece where none holds it whole. */
  private List<Part> assign(int word, int from, int to, int layers) {
    if (from >= to) {
      return List.of();
    }
    int middle = (from + to - 1) / 2;
    Window home = windows.get(ownerOf(middle));
    if (home.from <= from && to <= home.to) {
      var part = new Part(word, from, to, layers);
      home.parts.add(part);
      return List.of(part);
    }
    var pieces = new ArrayList<Part>();
    for (int i = ownerOf(from); i < windows.size() && windows.get(i).ownFrom < to; i++) {
      Window window = windows.get(i);
      var part = new Part(word, Math.max(from, window.ownFrom), Math.min(to, window.ownTo), layers);
      window.parts.add(part);
      pieces.add(part);
    }
    return pieces;
  }

  private int ownerOf(int token) {
    int low = 0;
    int high = windows.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (token < windows.get(middle).ownTo) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Makes the answer once every window has been run. */
  Encoded finish(EncodeRequest request, List<Layers.Resolved> layers, SentencePooler pooler) {
    var words = new ArrayList<EncodedWord>(spans.size());
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      int[] range = pieceRanges.get(i);
      if (range[0] >= range[1]) {
        continue; // nothing of it is left after the tokenizer's normalisation
      }
      var vectors = new ArrayList<LayerVector>(layers.size());
      for (int layer = 0; layer < layers.size(); layer++) {
        vectors.add(
            new LayerVector(
                layers.get(layer).name(),
                join(parts.get(i), layer, range[1] - range[0], request.piecePooling())));
      }
      words.add(
          new EncodedWord(
              span,
              span.of(input.text()),
              List.of(Arrays.copyOfRange(tokens.pieces(), range[0], range[1])),
              vectors));
    }
    var sentence = new ArrayList<LayerVector>();
    if (request.sentence()) {
      for (int layer = 0; layer < layers.size(); layer++) {
        sentence.add(new LayerVector(layers.get(layer).name(), pooler.join(windows, layer)));
      }
    }
    return new Encoded(
        input.text(), words, sentence, tokens.count(), tokens.unknown(), windows.size(), warnings);
  }

  private static float[] join(List<Part> parts, int layer, int pieces, PiecePooling pooling) {
    float[] first = parts.getFirst().pooled[layer];
    switch (pooling) {
      case FIRST -> {
        return first;
      }
      case LAST -> {
        return parts.getLast().pooled[layer];
      }
      case MAX -> {
        for (Part part : parts.subList(1, parts.size())) {
          float[] other = part.pooled[layer];
          for (int d = 0; d < first.length; d++) {
            first[d] = Math.max(first[d], other[d]);
          }
        }
        return first;
      }
      case MEAN -> {
        for (Part part : parts.subList(1, parts.size())) {
          float[] other = part.pooled[layer];
          for (int d = 0; d < first.length; d++) {
            first[d] += other[d];
          }
        }
        for (int d = 0; d < first.length; d++) {
          first[d] /= pieces;
        }
        return first;
      }
    }
    throw new AssertionError(pooling);
  }
}
