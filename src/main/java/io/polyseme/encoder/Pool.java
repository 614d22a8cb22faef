package io.polyseme.encoder;

import java.util.ArrayList;
import java.util.List;

/**
 * Tokens of a text that become one vector for each layer: a word, or a passage. They are pooled out
 * of the window that they belong to, or, where no window holds them all, each token out of the
 * window that it belongs to. The parts may be filled in any order, by any thread.
 */
final class Pool {
  final int from;
  final int to;
  final PiecePooling pooling;
  final List<Part> parts = new ArrayList<>(1);

  /** Those of the tokens that are pooled out of one window. */
  static final class Part {
    final int window;
    final int from;
    final int to;
    final PiecePooling pooling;

    /** By layer; a sum where the pooling is the mean. */
    final float[][] pooled;

    private Part(int window, int from, int to, PiecePooling pooling, int layers) {
      this.window = window;
      this.from = from;
      this.to = to;
      this.pooling = pooling;
      this.pooled = new float[layers][];
    }
  }

  Pool(int from, int to, PiecePooling pooling) {
    if (from >= to) {
      throw new IllegalArgumentException("no tokens to pool: " + from + " to " + to);
    }
    this.from = from;
    this.to = to;
    this.pooling = pooling;
  }

  /** To be called once. */
  void assign(WindowLayout layout, int layers) {
    int home = layout.home(from, to);
    if (home >= 0) {
      parts.add(new Part(home, from, to, pooling, layers));
      return;
    }
    for (int w = layout.owner(from); w < layout.count() && layout.ownFrom(w) < to; w++) {
      int partFrom = Math.max(from, layout.ownFrom(w));
      int partTo = Math.min(to, layout.ownTo(w));
      if (partFrom < partTo) {
        parts.add(new Part(w, partFrom, partTo, pooling, layers));
      }
    }
  }

  int firstWindow() {
    return parts.getFirst().window;
  }

  int lastWindow() {
    return parts.getLast().window;
  }

  /** Once every part is filled; to be called once for each layer. */
  float[] vector(int layer) {
    float[] first = parts.getFirst().pooled[layer];
    return switch (pooling) {
      case FIRST -> first;
      case LAST -> parts.getLast().pooled[layer];
      case MAX -> {
        for (Part part : parts.subList(1, parts.size())) {
          float[] other = part.pooled[layer];
          for (int d = 0; d < first.length; d++) {
            first[d] = Math.max(first[d], other[d]);
          }
        }
        yield first;
      }
      case MEAN -> {
        for (Part part : parts.subList(1, parts.size())) {
          float[] other = part.pooled[layer];
          for (int d = 0; d < first.length; d++) {
            first[d] += other[d];
          }
        }
        for (int d = 0; d < first.length; d++) {
          first[d] /= to - from;
        }
        yield first;
      }
    };
  }
}
