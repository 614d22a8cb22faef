package io.polyseme.document;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How documents are read. Immutable; start at {@link #DEFAULT}.
 *
 * @param format how files hold them; null for what each file's name and content tell
 * @param textFields of rows: the fields or columns that are the text, joined by blank lines; at
 *     least one of them must have a value
 * @param idField of rows: the field that names a document; may be missing
 * @param titleField of rows: the field that is the title; may be missing
 * @param mostBytes a file of more bytes is skipped, but for rows, of which any number is read
 * @param mostCharacters a document of more UTF-16 units is skipped
 * @param deadline how long a parser may take over one file, which is skipped then
 * @param without a folder that is passed over wherever it lies, such as the index itself; null for
 *     none
 */
public record DocumentOptions(
    @Nullable DocumentFormat format,
    List<String> textFields,
    String idField,
    String titleField,
    long mostBytes,
    int mostCharacters,
    Duration deadline,
    @Nullable Path without) {
  /**
   * By the files' names; fields {@code text}, {@code id} and {@code title}; files to 1 GiB, texts
   * to a hundred million characters, two minutes for a file.
   */
  public static final DocumentOptions DEFAULT =
      new DocumentOptions(
          null, List.of("text"), "id", "title", 1L << 30, 100_000_000, Duration.ofMinutes(2), null);

  public DocumentOptions {
    textFields = List.copyOf(textFields);
    Objects.requireNonNull(idField, "idField");
    Objects.requireNonNull(titleField, "titleField");
    if (textFields.isEmpty()) {
      throw new IllegalArgumentException("at least one field must be the text");
    }
    if (mostBytes < 1 || mostCharacters < 1 || !deadline.isPositive()) {
      throw new IllegalArgumentException(
          "limits must be positive: %d bytes, %d characters, %s"
              .formatted(mostBytes, mostCharacters, deadline));
    }
  }

  public DocumentOptions withFormat(@Nullable DocumentFormat format) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withTextFields(List<String> textFields) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withIdField(String idField) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withTitleField(String titleField) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withMostBytes(long mostBytes) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withMostCharacters(int mostCharacters) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions withDeadline(Duration deadline) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }

  public DocumentOptions without(@Nullable Path without) {
    return new DocumentOptions(
        format, textFields, idField, titleField, mostBytes, mostCharacters, deadline, without);
  }
}
