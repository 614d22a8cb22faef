package io.polyseme.encoder;

import java.util.Objects;

/**
 * What a value inside the model becomes: keep × value + add, element by element, at every token. To
 * remove a part, its output is replaced by zeros, or by its mean over a corpus ("mean ablation",
 * which leaves the rest of the model in the range that it is used to).
 *
 * @param keep factors, as many as the value has at a token, or one for all
 * @param add as many, or one for all
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Replacement(float[] keep, float[] add) {
  /** Leaves a value as it is. */
  static final Replacement NONE = new Replacement(new float[] {1}, new float[] {0});

  public Replacement {
    Objects.requireNonNull(keep, "keep");
    Objects.requireNonNull(add, "add");
  }

  /** Zeros. */
  public static Replacement zero() {
    return new Replacement(new float[1], new float[1]);
  }

  /** The same vector at every token. */
  public static Replacement by(float[] vector) {
    return new Replacement(new float[1], vector.clone());
  }

  /**
   * A part of the value replaced, the rest kept.
   *
   * @param from the first number that is replaced
   * @param to the first one after
   * @param vector what all of the value would be replaced by; zeros if it is of length 0
   * @param width how many numbers the value has at a token
   */
  public static Replacement part(int from, int to, float[] vector, int width) {
    Objects.checkFromToIndex(from, to, width);
    var keep = new float[width];
    var add = new float[width];
    for (int i = 0; i < width; i++) {
      boolean replaced = i >= from && i < to;
      keep[i] = replaced ? 0 : 1;
      add[i] = replaced && vector.length > 0 ? vector[i] : 0;
    }
    return new Replacement(keep, add);
  }
}
