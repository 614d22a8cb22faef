package io.polyseme.words;

/**
 * How word vectors are written in a foreign format.
 *
 * @param format {@link VectorFormat#WORD2VEC_TEXT}, {@link VectorFormat#WORD2VEC_BINARY} or {@link
 *     VectorFormat#GLOVE}
 * @param underscores whether an underscore stands for each space of a word; else a word with a
 *     space is an error, as these formats cannot hold it. Where the word with underscores is there
 *     too, readers find it twice.
 */
public record ExportOptions(VectorFormat format, boolean underscores) {
  public ExportOptions {
    if (format == VectorFormat.FASTTEXT || format == VectorFormat.POLYSEME) {
      throw new IllegalArgumentException(
          format + " is not written here: WORD2VEC_TEXT, WORD2VEC_BINARY or GLOVE");
    }
  }

  /** This format, and words as they are. */
  public static ExportOptions of(VectorFormat format) {
    return new ExportOptions(format, false);
  }

  public ExportOptions withUnderscores(boolean underscores) {
    return new ExportOptions(format, underscores);
  }
}
