package io.polyseme.encoder;

import io.polyseme.encoder.graph.Tap;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Values inside a model as it read one text. Immutable; holds the memory of all texts that were run
 * together with it, so that what is to be kept of many is to be copied out.
 */
public final class Activations {
  private final TokenisedText text;
  private final Map<Tap, float[]> values;
  private final int rows;
  private final int row;

  /**
   * @param values of all texts of a batch, each of the same number of tokens
   * @param row which of them this is
   */
  Activations(TokenisedText text, Map<Tap, float[]> values, int rows, int row) {
    this.text = text;
    this.values = values;
    this.rows = rows;
    this.row = row;
  }

  /** What was read. */
  public TokenisedText text() {
    return text;
  }

  /** What was asked for. */
  public Set<Tap> taps() {
    return Set.copyOf(values.keySet());
  }

  /** Whether a value was asked for. */
  public boolean has(Tap tap) {
    return values.containsKey(tap);
  }

  private float[] of(Tap tap) {
    float[] all = values.get(tap);
    if (all == null) {
      throw new IllegalArgumentException(tap + " was not asked for");
    }
    return all;
  }

  /** How many numbers a value has at each token; of attentions, heads × tokens. */
  public int width(Tap tap) {
    return of(tap).length / (rows * text.count());
  }

  /** All of a value: float[tokens × width], or of attentions float[heads × tokens × tokens]. */
  public float[] all(Tap tap) {
    float[] all = of(tap);
    int size = all.length / rows;
    return Arrays.copyOfRange(all, row * size, (row + 1) * size);
  }

  /** What a value is at a token. */
  public float[] at(Tap tap, int token) {
    var at = new float[width(tap)];
    copy(tap, token, at);
    return at;
  }

  /** As {@link #at}, into an array of the right length. */
  public void copy(Tap tap, int token, float[] into) {
    requireByToken(tap);
    float[] all = of(tap);
    int width = width(tap);
    System.arraycopy(all, (row * text.count() + token) * width, into, 0, width);
  }

  /**
   * One number of a value at a token.
   *
   * @param index from 0 to width - 1
   */
  public float get(Tap tap, int token, int index) {
    requireByToken(tap);
    return of(tap)[(row * text.count() + token) * width(tap) + index];
  }

  private static void requireByToken(Tap tap) {
    if (isByPair(tap)) {
      throw new IllegalArgumentException(tap + " is of pairs of tokens");
    }
  }

  private static boolean isByPair(Tap tap) {
    return tap instanceof Tap.Attention || tap instanceof Tap.Scores;
  }

  /** How many heads an attention has. */
  public int heads(Tap tap) {
    return width(tap) / text.count();
  }

  /**
   * An attention, or its scores, of one head, float[tokens][tokens]: a row for each query, a copy.
   *
   * @param head from 0
   */
  public float[][] head(Tap tap, int head) {
    if (!isByPair(tap)) {
      throw new IllegalArgumentException(tap + " is not of pairs of tokens");
    }
    float[] all = of(tap);
    int tokens = text.count();
    int from = (row * heads(tap) + head) * tokens * tokens;
    var rows = new float[tokens][];
    for (int i = 0; i < tokens; i++) {
      rows[i] = Arrays.copyOfRange(all, from + i * tokens, from + (i + 1) * tokens);
    }
    return rows;
  }

  /**
   * An attention, or its scores, of one head: from a query to a key.
   *
   * @param head from 0
   */
  public float pair(Tap tap, int head, int query, int key) {
    if (!isByPair(tap)) {
      throw new IllegalArgumentException(tap + " is not of pairs of tokens");
    }
    int tokens = text.count();
    return of(tap)[((row * heads(tap) + head) * tokens + query) * tokens + key];
  }
}
