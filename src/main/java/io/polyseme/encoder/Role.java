package io.polyseme.encoder;

/**
 * What a text is to a model that was trained with a prefix for each side of a search. The prefix is
 * put before the text for the encoding only: spans are those of the text without it.
 */
public enum Role {
  /** No prefix at all. */
  NONE,
  /** One of several texts of a kind that are compared: E5 wants its query prefix, BGE none. */
  SYMMETRIC,
  /** A question or search phrase. */
  QUERY,
  /** What is searched. */
  PASSAGE
}
