package io.polyseme.document;

import io.polyseme.PolysemeException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a file holds its documents. Those of text may be packed with gzip. */
public enum DocumentFormat {
  /** Plain text: one document. */
  TEXT("txt", "text", "log", "rst", "adoc", "org", "tex"),
  /** CommonMark with tables; YAML front matter is metadata. One document. */
  MARKDOWN("md", "markdown", "mdown", "mkd"),
  /** A page without its scripts and navigation. One document. */
  HTML("html", "htm", "xhtml", "xml"),
  /** Comma-separated values with quotes (RFC 4180) and a first line of names: a document a row. */
  CSV("csv"),
  /** Columns with tabs between them, nothing quoted, a first line of names: a document a row. */
  TSV("tsv", "tab"),
  /** A JSON object a line, each a document. */
  JSONL("jsonl", "ndjson"),
  /** An array of JSON objects, each a document. */
  JSON("json"),
  /** One document, with its pages. */
  PDF("pdf"),
  /** Word, PowerPoint, Excel, OpenDocument, RTF and EPUB, told apart by what is in the file. */
  OFFICE(
      "docx", "docm", "dotx", "pptx", "pptm", "ppsx", "xlsx", "xlsm", "doc", "dot", "ppt", "pps",
      "xls", "odt", "ods", "odp", "rtf", "epub");

  private static final Map<String, DocumentFormat> BY_ENDING =
      Stream.of(values())
          .flatMap(format -> format.endings.stream().map(ending -> Map.entry(ending, format)))
          .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

  private final List<String> endings;

  DocumentFormat(String... endings) {
    this.endings = List.of(endings);
  }

  /** Whether each row or object is a document. */
  public boolean ofRows() {
    return this == CSV || this == TSV || this == JSONL || this == JSON;
  }

  /** Whether it is characters, which may be packed with gzip. */
  boolean ofText() {
    return this != PDF && this != OFFICE;
  }

  /**
   * The format of this name, in any case.
   *
   * @throws PolysemeException if there is none
   */
  public static DocumentFormat named(String name) {
    for (DocumentFormat format : values()) {
      if (format.name().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw new PolysemeException(
        "\"%s\" is no format of documents; there are %s"
            .formatted(
                name,
                Stream.of(values())
                    .map(f -> f.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }

  /** What a file's name tells; null where that is nothing. */
  static @Nullable DocumentFormat of(String name) {
    return BY_ENDING.get(ending(name));
  }

  /** How a name ends, in lower case, without {@code .gz}; empty where it has no ending. */
  static String ending(String name) {
    String lower = name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (lower.endsWith(".gz")) {
      lower = lower.substring(0, lower.length() - 3);
    }
    int dot = lower.lastIndexOf('.');
    return dot <= 0 ? "" : lower.substring(dot + 1);
  }
}
