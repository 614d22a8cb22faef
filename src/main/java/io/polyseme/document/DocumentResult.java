package io.polyseme.document;

import java.util.List;

/** What became of a file, or of a row of one. One that cannot be read does not end the reading. */
public sealed interface DocumentResult {
  /**
   * A document.
   *
   * @param notes what the person should know of how it was read, such as its charset
   */
  record Read(Document document, List<String> notes) implements DocumentResult {
    public Read {
      notes = List.copyOf(notes);
    }
  }

  /**
   * A file that holds what it held when it was read before, and was not looked into.
   *
   * @param file as {@link Document#file()}
   */
  record Unchanged(String file) implements DocumentResult {}

  /**
   * What was left out.
   *
   * @param name of the file, or file and line
   * @param reason for a person, to be read after the name and a colon
   */
  record Skipped(String name, String reason) implements DocumentResult {}
}
