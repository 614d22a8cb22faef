package io.polyseme.model;

/** How the vector of a whole text is made of its tokens' last hidden states. */
public enum Pooling {
  /** The mean of all tokens, special ones included. */
  MEAN,
  /** The first token, which is the special token {@code [CLS]}. */
  CLS,
  /** The greatest value of each element. */
  MAX,
  /**
   * The last token, which is the only one that a decoder lets see the whole text: the special token
   * after the text, where the tokenizer puts one there.
   */
  LAST
}
