package io.polyseme.index;

/**
 * How the vectors lie in the part of an index that the search through the graph reads. The full
 * vectors are kept beside a quantised form, and every score in an answer is computed from them: a
 * coarser encoding needs less memory while searching (not less disk), and finds a little less at
 * the same efSearch. The graph itself is the same for each, and linked by 8 bits.
 */
public enum Encoding {
  /** 32 bits a dimension: the vectors themselves. */
  FLOAT32,
  /** 8 bits a dimension: several times as fast as the vectors themselves, and nothing is lost. */
  INT8,
  /** 4 bits a dimension. */
  INT4,
  /** 1 bit a dimension, compared with 4 bits of the query. */
  INT1
}
