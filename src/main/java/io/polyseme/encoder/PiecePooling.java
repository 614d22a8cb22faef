package io.polyseme.encoder;

/** How the vectors of a word's pieces become the word's vector, element by element. */
public enum PiecePooling {
  MEAN,
  FIRST,
  LAST,
  MAX
}
