package io.polyseme.train;

/**
 * What is predicted from what (Mikolov et al. 2013, "Efficient Estimation of Word
 * Representations").
 */
public enum WordModel {
  /** From each word of a window the one in its middle: better for rare words and meaning. */
  SKIP_GRAM,
  /** From the mean of a window's words the one in its middle: faster. */
  CBOW
}
