package io.polyseme.words;

/** The formats of word vectors that are read; which one a file has is found in its content. */
public enum VectorFormat {
  /** Our own file, memory-mapped: see {@link WordVectorsWriter}. */
  POLYSEME,

  /**
   * Text as word2vec writes it without {@code -binary 1}, and fastText's {@code .vec}: a line with
   * the numbers of words and dimensions, then a line for each word with its numbers.
   */
  WORD2VEC_TEXT,

  /**
   * As word2vec writes it with {@code -binary 1}: a line with the numbers of words and dimensions,
   * then each word, a space and its little-endian float32 numbers, with or without a line feed
   * after them. A word with a space in it cannot be told from a shorter one.
   */
  WORD2VEC_BINARY,

  /**
   * Text as GloVe writes it: a line for each word with its numbers, and nothing before. How many
   * numbers are the vector is what most of the first lines end in; what is before them, spaces and
   * all, is the word. Before them a whole number belongs to the word ("catch 22"), one with a point
   * or an exponent makes the line malformed.
   */
  GLOVE,

  /**
   * A model of fastText, {@code .bin}: file versions 11 and 12 and the older one that has no
   * version. Quantised models ({@code .ftz}) are refused.
   */
  FASTTEXT
}
