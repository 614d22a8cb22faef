package io.polyseme.corpus;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a file of texts is read. Immutable; start at {@link #DEFAULT}.
 *
 * @param format how texts stand in it; null for what its name tells
 * @param textField which field or column is the text; a number from 1 is the column of a TSV file
 *     without a first line of names
 * @param idField which field or column names the text; may be missing from a file or an object
 * @param fields whether the other fields or columns are read too
 */
public record CorpusOptions(
    @Nullable CorpusFormat format, String textField, String idField, boolean fields) {
  /** By the file's name; the text is {@code text} and its name {@code id}; no other fields. */
  public static final CorpusOptions DEFAULT = new CorpusOptions(null, "text", "id", false);

  public CorpusOptions {
    Objects.requireNonNull(textField, "textField");
    Objects.requireNonNull(idField, "idField");
  }

  public CorpusOptions withFormat(@Nullable CorpusFormat format) {
    return new CorpusOptions(format, textField, idField, fields);
  }

  public CorpusOptions withTextField(String textField) {
    return new CorpusOptions(format, textField, idField, fields);
  }

  public CorpusOptions withIdField(String idField) {
    return new CorpusOptions(format, textField, idField, fields);
  }

  public CorpusOptions withFields(boolean fields) {
    return new CorpusOptions(format, textField, idField, fields);
  }
}
