package io.polyseme.search;

/** By what a question finds passages. */
public enum SearchMode {
  /** Nearness of vectors and words in common, joined to one ranking by a {@link Fusion}. */
  HYBRID,
  /** Nearness of vectors. */
  VECTOR,
  /** Words in common (BM25). */
  WORDS
}
