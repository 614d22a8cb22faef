package io.polyseme.corpus;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.Locale;

/** How texts stand in a file. Each is UTF-8, and may be packed with gzip. */
public enum CorpusFormat {
  /** Each line is a text, an empty one too. */
  LINES,
  /** Each line is a JSON object that has the text in a field; empty lines are passed over. */
  JSONL,
  /**
   * Columns with tabs between them and nothing quoted: the first line names them, unless the
   * columns are asked for by their numbers.
   */
  TSV;

  /**
   * The format that a file's name tells: {@code .jsonl} or {@code .ndjson}, {@code .tsv}, anything
   * else is lines; {@code .gz} behind it does not matter.
   *
   * @throws PolysemeException if the name ends with {@code .csv}, whose quoted fields are not read
   */
  public static CorpusFormat of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".gz")) {
      name = name.substring(0, name.length() - 3);
    }
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return JSONL;
    }
    if (name.endsWith(".csv")) {
      throw new PolysemeException(
          file
              + " is CSV by its name, which is not read: make .jsonl or .tsv of it, or say what it"
              + " is (--format lines)");
    }
    return name.endsWith(".tsv") ? TSV : LINES;
  }
}
