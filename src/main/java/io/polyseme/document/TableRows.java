package io.polyseme.document;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The rows of CSV and TSV, whose first line names the columns, unless the texts are asked for by
 * their numbers. Where the first line of CSV has semicolons or tabs and no comma, they part the
 * columns.
 */
final class TableRows implements Rows {
  private static final int NAMES = 8;
  private static final int LONGEST_HEAD = 1 << 16;

  private final CSVParser parser;
  private final Iterator<CSVRecord> records;
  private final List<String> names;

  TableRows(boolean tabs, Reader reader, List<String> textFields) throws IOException {
    BufferedReader buffered =
        reader instanceof BufferedReader b ? b : new BufferedReader(reader, LONGEST_HEAD);
    char delimiter = tabs ? '\t' : delimiter(buffered);
    boolean numbered = textFields.stream().allMatch(f -> f.matches("[1-9]\\d{0,5}"));
    CSVFormat.Builder format =
        CSVFormat.RFC4180.builder().setDelimiter(delimiter).setIgnoreEmptyLines(true);
    if (tabs) {
      format.setQuote(null);
    }
    this.parser = format.get().parse(buffered);
    this.records = parser.iterator();
    this.names = numbered ? List.of() : names(textFields);
  }

  private static char delimiter(BufferedReader reader) throws IOException {
    reader.mark(LONGEST_HEAD);
    var head = new StringBuilder();
    for (int c = reader.read();
        c >= 0 && c != '\n' && head.length() < LONGEST_HEAD - 1;
        c = reader.read()) {
      head.append((char) c);
    }
    reader.reset();
    if (head.indexOf(",") >= 0) {
      return ',';
    }
    return head.indexOf("\t") >= 0 ? '\t' : head.indexOf(";") >= 0 ? ';' : ',';
  }

  private List<String> names(List<String> textFields) throws IOException {
    CSVRecord head = record();
    List<String> names = head == null ? List.of() : head.stream().map(String::strip).toList();
    if (textFields.stream().noneMatch(names::contains)) {
      throw new SkipException(
          "it has no column \"%s\" in its first line, which has %s%s; name the column, or give its number where the first line is a row already"
              .formatted(
                  String.join("\" or \"", textFields),
                  names.stream().limit(NAMES).toList(),
                  names.size() > NAMES ? " and more" : ""));
    }
    return names;
  }

  private @Nullable CSVRecord record() {
    try {
      return records.hasNext() ? records.next() : null;
    } catch (UncheckedIOException | IllegalStateException e) {
      throw new SkipException(
          "its quotes are broken in or before line %,d; what follows is not read"
              .formatted(parser.getCurrentLineNumber()),
          e);
    }
  }

  @Override
  public @Nullable Row next() {
    long line = parser.getCurrentLineNumber() + 1;
    CSVRecord record = record();
    if (record == null) {
      return null;
    }
    Map<String, String> cells = new LinkedHashMap<>();
    for (int i = 0; i < record.size(); i++) {
      String name = i < names.size() && !names.get(i).isEmpty() ? names.get(i) : "" + (i + 1);
      if (!record.get(i).isEmpty()) {
        cells.putIfAbsent(name, record.get(i));
      }
    }
    return new Row(line, cells, "");
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
