package io.polyseme.insight;

/** How the vector of a word becomes that of the word it is related to. */
public enum RelationMethod {
  /** It stays as it is: what is nearest to a word anyway. Nothing is learned; a control. */
  SOURCE,
  /** The mean difference between targets and sources is added. */
  OFFSET,
  /**
   * A linear map of low rank is added to the offset, by ridge regression on the pairs. How much of
   * the source stays, the size of the penalty and the rank are chosen by cross-validation within
   * the pairs that it is learned from.
   */
  LINEAR
}
