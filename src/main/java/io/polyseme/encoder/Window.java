package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A range of a text's tokens that is encoded at once, with what is pooled out of it. Written to by
 * one thread.
 */
final class Window {
  /** The token ids: special ones, those of the role's prefix, the text's, special ones. */
  final int[] row;

  /** How many of them stand before the text's. */
  final int before;

  /** Its number among the windows of its text. */
  final int number;

  final int from;
  final int to;
  final int ownFrom;
  final int ownTo;

  /** What of the text it shows the model. */
  final Span seen;

  final List<Pool.Part> parts;

  /** By layer: the pool of the tokens that belong to it, for the sentence; null if not wanted. */
  final float @Nullable [][] sentence;

  /**
   * @param tokens of which the range is taken; the first of them is the text's token {@code base}
   * @param parts what is pooled out of it
   * @param layers how many vectors are wanted of the sentence; 0 for none
   */
  Window(
      Frame frame,
      WindowLayout layout,
      int number,
      Tokens tokens,
      int base,
      List<Pool.Part> parts,
      int layers) {
    this.number = number;
    this.from = layout.start(number);
    this.to = layout.end(number);
    this.ownFrom = layout.ownFrom(number);
    this.ownTo = layout.ownTo(number);
    this.before = frame.before.length;
    this.row = frame.around(tokens.ids(), from - base, to - base);
    this.seen = new Span(tokens.starts()[from - base], tokens.ends()[to - 1 - base]);
    this.parts = parts;
    this.sentence = layers > 0 ? new float[layers][] : null;
  }

  /**
   * What stands around the tokens of a text in every window: special tokens, and what the role puts
   * before the text.
   */
  record Frame(int[] before, int[] after) {
    int length() {
      return before.length + after.length;
    }

    private int[] around(int[] ids, int from, int to) {
      var row = new int[before.length + to - from + after.length];
      System.arraycopy(before, 0, row, 0, before.length);
      System.arraycopy(ids, from, row, before.length, to - from);
      System.arraycopy(after, 0, row, row.length - after.length, after.length);
      return row;
    }
  }

  int length() {
    return row.length;
  }

  /** Where the special tokens after the text begin. */
  int afterText() {
    return before + to - from;
  }

  /** How many tokens it stands for where its own are averaged: with those around the text. */
  int weight() {
    return ownTo - ownFrom + row.length - (to - from);
  }
}
