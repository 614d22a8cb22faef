package io.polyseme.words;

import org.jspecify.annotations.Nullable;

/**
 * How word vectors of a foreign format are read.
 *
 * @param strictness what becomes of an entry that is not as it should be
 * @param invalidUtf8 what becomes of a word that is no valid UTF-8
 * @param limit how many words are read, from the first; 0 for all
 * @param format what the file is; null to find that out from its content
 * @param threads how many threads parse, from 1
 * @param quantised whether an int8 copy is made as well, which makes searches faster and costs a
 *     quarter more memory
 */
public record ReadOptions(
    Strictness strictness,
    InvalidUtf8 invalidUtf8,
    long limit,
    @Nullable VectorFormat format,
    int threads,
    boolean quantised) {
  /** What becomes of an entry with too few or too many numbers, a NaN, an infinity or no word. */
  public enum Strictness {
    /** The first one ends the reading with an error that names its place. */
    STRICT,
    /** It is left out and counted; of a file that is cut off, what is whole is kept. */
    LENIENT
  }

  /** What becomes of a word that is no valid UTF-8. */
  public enum InvalidUtf8 {
    /** The first one ends the reading with an error that names its place. */
    ERROR,
    /** What is not valid in it becomes U+FFFD, the replacement character. */
    REPLACE,
    /** The whole word is taken as ISO 8859-1, a character for each byte, so that none is lost. */
    LATIN1
  }

  /** All words, strictly, by as many threads as there are processors. */
  public static final ReadOptions DEFAULT =
      new ReadOptions(
          Strictness.STRICT,
          InvalidUtf8.ERROR,
          0,
          null,
          Runtime.getRuntime().availableProcessors(),
          true);

  public ReadOptions {
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative: " + limit);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  public ReadOptions withStrictness(Strictness strictness) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  public ReadOptions withInvalidUtf8(InvalidUtf8 invalidUtf8) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  public ReadOptions withLimit(long limit) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  public ReadOptions withFormat(@Nullable VectorFormat format) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  public ReadOptions withThreads(int threads) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  public ReadOptions withQuantised(boolean quantised) {
    return new ReadOptions(strictness, invalidUtf8, limit, format, threads, quantised);
  }

  boolean lenient() {
    return strictness == Strictness.LENIENT;
  }

  /** The limit as a number that is never reached where there is none. */
  long most() {
    return limit == 0 ? Long.MAX_VALUE : limit;
  }
}
