package io.polyseme.words;

/**
 * How a file of word vectors is written.
 *
 * @param quantised with an int8 copy, a quarter of the vectors' size, which makes exact searches by
 *     the cosine several times faster; a file without it is searched all the same
 */
public record WriteOptions(boolean quantised) {
  /** With an int8 copy. */
  public static final WriteOptions DEFAULT = new WriteOptions(true);

  public WriteOptions withQuantised(boolean quantised) {
    return new WriteOptions(quantised);
  }
}
