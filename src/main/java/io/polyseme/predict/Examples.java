package io.polyseme.predict;

import java.util.ArrayList;
import java.util.List;

/** Masked words: what stood there, and the hidden state at the place, kept as float16. */
final class Examples {
  private static final int BLOCK = 4096;

  private final int dimension;
  private final List<short[]> states = new ArrayList<>();
  private final List<int[]> words = new ArrayList<>();
  private int size;

  Examples(int dimension) {
    this.dimension = dimension;
  }

  int size() {
    return size;
  }

  void add(int word, float[] state) {
    if (size % BLOCK == 0) {
      states.add(new short[BLOCK * dimension]);
      words.add(new int[BLOCK]);
    }
    words.getLast()[size % BLOCK] = word;
    short[] block = states.getLast();
    int at = size % BLOCK * dimension;
    for (int j = 0; j < dimension; j++) {
      block[at + j] = Float.floatToFloat16(state[j]);
    }
    size++;
  }

  /** A copy of those in [from, to). */
  Examples part(int from, int to) {
    var part = new Examples(dimension);
    var state = new float[dimension];
    for (int i = from; i < to; i++) {
      copyState(i, state);
      part.add(word(i), state);
    }
    return part;
  }

  int word(int i) {
    return words.get(i / BLOCK)[i % BLOCK];
  }

  void copyState(int i, float[] into) {
    short[] block = states.get(i / BLOCK);
    int at = i % BLOCK * dimension;
    for (int j = 0; j < dimension; j++) {
      into[j] = Float.float16ToFloat(block[at + j]);
    }
  }
}
