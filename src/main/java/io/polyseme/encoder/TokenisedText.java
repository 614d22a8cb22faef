package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One text, or a pair of texts, as a model is given it: all its tokens, special ones included.
 * Immutable.
 */
public final class TokenisedText {
  private final List<String> texts;
  private final int[] ids;
  private final int[] types;
  private final int[] parts;
  private final String[] pieces;
  private final int[] starts;
  private final int[] ends;
  private final List<Word> words;

  /**
   * A word and its tokens.
   *
   * @param text the word as it is written
   * @param part which text it is of: 0 or 1
   * @param span in that text
   * @param from its first token
   * @param to the token after its last
   */
  public record Word(String text, int part, Span span, int from, int to) {}

  /**
   * @param parts the text that each token is of; -1 for special ones
   */
  TokenisedText(
      List<String> texts,
      int[] ids,
      int[] types,
      int[] parts,
      String[] pieces,
      int[] starts,
      int[] ends,
      List<Word> words) {
    this.texts = List.copyOf(texts);
    this.ids = ids;
    this.types = types;
    this.parts = parts;
    this.pieces = pieces;
    this.starts = starts;
    this.ends = ends;
    this.words = List.copyOf(words);
  }

  /** The text, or both texts of a pair. */
  public List<String> texts() {
    return texts;
  }

  /** The number of tokens. */
  public int count() {
    return ids.length;
  }

  /** The id of a token in the vocabulary. */
  public int id(int token) {
    return ids[token];
  }

  /** A token as the tokenizer writes it. */
  public String piece(int token) {
    return pieces[token];
  }

  /** Whether a token stands for no part of a text, as the first and the last do. */
  public boolean special(int token) {
    return parts[token] < 0;
  }

  /** Which text a token is of, 0 or 1; -1 for a special one. */
  public int part(int token) {
    return parts[token];
  }

  /** Where a token stands in its text; null for a special one. */
  public @Nullable Span span(int token) {
    return parts[token] < 0 ? null : new Span(starts[token], ends[token]);
  }

  /** The words, in order; what of the texts is no word (punctuation) is in none. */
  public List<Word> words() {
    return words;
  }

  /** The number of the word that a token is of; -1 where it is of none. */
  public int word(int token) {
    int low = 0;
    int high = words.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Word word = words.get(middle);
      if (word.to <= token) {
        low = middle + 1;
      } else if (word.from > token) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  /** The same with other tokens in some places, as a model is trained with ones that are masked. */
  public TokenisedText withIds(int[] changed) {
    if (changed.length != ids.length) {
      throw new IllegalArgumentException(
          "%d ids for %d tokens".formatted(changed.length, ids.length));
    }
    return new TokenisedText(texts, changed.clone(), types, parts, pieces, starts, ends, words);
  }

  /** A copy of all ids. */
  public int[] ids() {
    return ids.clone();
  }

  int[] rawIds() {
    return ids;
  }

  int[] types() {
    return types;
  }

  @Override
  public String toString() {
    return Arrays.toString(pieces);
  }
}
