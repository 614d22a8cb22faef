package io.polyseme.vector;

/** How near two vectors are. Greater is nearer, for each of them. */
public enum Similarity {
  /** The cosine of the angle between them, from -1 to 1; 0 where either is the zero vector. */
  COSINE,
  /** The dot product, unbounded. */
  DOT_PRODUCT,
  /** {@code 1 / (1 + d²)} of the Euclidean distance d, from 0 to 1. */
  EUCLIDEAN
}
