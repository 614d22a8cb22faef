package io.polyseme.vector;

/** How the operands of a query make one score for each vector x of the space. */
public enum Method {
  /**
   * The similarity of x and the weighted sum of the operands, each of unit length in a space of
   * {@link Similarity#COSINE}; with b - a + c this is 3CosAdd (Mikolov et al. 2013, "Linguistic
   * Regularities in Continuous Space Word Representations", section 4; named by Levy and Goldberg
   * 2014). One operand of weight 1 is a plain neighbour query.
   */
  COS_ADD,
  /**
   * 3CosMul (Levy and Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
   * Representations", section 6): with s = (1 + cos) / 2, the product of s^weight over the operands
   * with a positive weight, divided by that over the negative ones plus 0.001. Only in a space of
   * {@link Similarity#COSINE}. No linear query: an approximate index re-ranks a wide candidate set
   * found by {@link #COS_ADD}, and says so among the answer's warnings.
   */
  COS_MUL
}
