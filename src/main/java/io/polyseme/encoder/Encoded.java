package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one text.
 *
 * @param text the original text
 * @param words in the order of the text, or of the spans that were given
 * @param sentence one vector for each layer; empty where the sentence was not asked for. Of several
 *     windows it is the mean
 * @param passages in the order of the text, or of the spans that were given; empty where none were
 *     asked for
 * @param tokens how many tokens the text has, without special ones
 * @param unknownTokens how many of them the vocabulary does not know
 * @param windows how many overlapping windows the text was encoded in; 1 where it fits the model, 0
 *     where only its passages were encoded, each alone
 * @param cut the end of the text that was not encoded because it was to be {@link
 *     LongTexts#TRUNCATED}; null where nothing was left out
 * @param warnings what the person who asked should know
 */
public record Encoded(
    String text,
    List<EncodedWord> words,
    List<LayerVector> sentence,
    List<EncodedPassage> passages,
    int tokens,
    int unknownTokens,
    int windows,
    @Nullable Span cut,
    List<String> warnings) {
  public Encoded {
    words = List.copyOf(words);
    sentence = List.copyOf(sentence);
    passages = List.copyOf(passages);
    warnings = List.copyOf(warnings);
  }

  /** Without passages, and whole. */
  public Encoded(
      String text,
      List<EncodedWord> words,
      List<LayerVector> sentence,
      int tokens,
      int unknownTokens,
      int windows,
      List<String> warnings) {
    this(text, words, sentence, List.of(), tokens, unknownTokens, windows, null, warnings);
  }

  /** The sentence's first (often only) vector. */
  public float[] vector() {
    if (sentence.isEmpty()) {
      throw new IllegalStateException("no sentence vector was asked for");
    }
    return sentence.getFirst().vector();
  }

  /** The share of tokens that the vocabulary does not know, from 0 to 1. */
  public double unknownShare() {
    return tokens == 0 ? 0 : (double) unknownTokens / tokens;
  }
}
