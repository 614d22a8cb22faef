package io.polyseme.encoder;

/**
 * Where the windows lie over the tokens of a text. Neighbours overlap by a quarter, so that away
 * from the text's ends a token has at least an eighth of a window on both sides; the last window is
 * moved back to be full. Every token, and every range of tokens that some window holds whole,
 * belongs to the window in which its poorer side has the most context; where two are equal, to the
 * earlier one.
 *
 * <p>The places of windows follow from the number of tokens alone and are computed when asked for.
 *
 * @param tokens of the text
 * @param capacity how many of them fit one window, at least 1
 */
record WindowLayout(int tokens, int capacity) {
  WindowLayout {
    if (tokens < 0 || capacity < 1) {
      throw new IllegalArgumentException(tokens + " tokens in windows of " + capacity);
    }
  }

  /** Of a text whose end is not known yet: right for windows that are {@link #firm}. */
  static WindowLayout endless(int capacity) {
    return new WindowLayout(Integer.MAX_VALUE, capacity);
  }

  private int step() {
    return Math.max(capacity - Math.max(capacity / 4, 1), 1);
  }

  int count() {
    return tokens <= capacity ? 1 : Math.ceilDiv(tokens - capacity, step()) + 1;
  }

  int start(int window) {
    return window + 1 == count() ? Math.max(tokens - capacity, 0) : window * step();
  }

  int end(int window) {
    return Math.min(start(window) + capacity, tokens);
  }

  /** The first token that belongs to the window. */
  int ownFrom(int window) {
    return window == 0 ? 0 : ownTo(window - 1);
  }

  /** The first token that belongs to a later window. */
  int ownTo(int window) {
    return window + 1 == count() ? tokens : (start(window + 1) + end(window) + 1) / 2;
  }

  /** The window that a token belongs to. */
  int owner(int token) {
    int window = Math.min(token / step(), count() - 1);
    while (token < ownFrom(window)) {
      window--;
    }
    while (token >= ownTo(window)) {
      window++;
    }
    return window;
  }

  /**
   * The window that the tokens {@code from} to before {@code to} belong to; -1 if none holds them
   * all.
   */
  int home(int from, int to) {
    int best = -1;
    int most = -1;
    int last = Math.min(from / step() + 1, count() - 1);
    for (int window = Math.max((to - capacity) / step() - 1, 0); window <= last; window++) {
      int poorer = Math.min(from - start(window), end(window) - to);
      if (poorer > most) {
        most = poorer;
        best = window;
      }
    }
    return best;
  }

  /**
   * Whether neither the window nor the beginning of the next depends on what comes after the first
   * {@code known} tokens of a text whose end is not known.
   */
  boolean firm(int window, int known) {
    return (long) (window + 1) * step() + capacity <= known;
  }

  /** The last window that holds any token before {@code to}, in a text without end. */
  int lastWith(int to) {
    return (to - 1) / step();
  }
}
