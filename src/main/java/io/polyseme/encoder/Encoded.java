package io.polyseme.encoder;

import java.util.List;

/**
 * What became of one text.
 *
 * @param text the original text
 * @param words in the order of the text, or of the spans that were given
 * @param sentence one vector for each layer; empty where the sentence was not asked for
 * @param tokens how many tokens the text has, without special ones
 * @param unknownTokens how many of them the vocabulary does not know
 * @param windows how many overlapping windows the text was encoded in; 1 where it fits the model
 * @param warnings what the person who asked should know
 */
public record Encoded(
    String text,
    List<EncodedWord> words,
    List<LayerVector> sentence,
    int tokens,
    int unknownTokens,
    int windows,
    List<String> warnings) {
  public Encoded {
    words = List.copyOf(words);
    sentence = List.copyOf(sentence);
    warnings = List.copyOf(warnings);
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
