package io.polyseme.document;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads row after row of a file, in constant memory. */
interface Rows extends AutoCloseable {
  /**
   * A row.
   *
   * @param line where it stands, from 1: its line, or in an array of JSON its number
   * @param cells by name, in their order, without empty ones
   * @param problem why there are none; empty where there are
   */
  record Row(long line, Map<String, String> cells, String problem) {}

  /**
   * The next row; null after the last.
   *
   * @throws SkipException if what follows cannot be read
   */
  @Nullable Row next() throws IOException;

  @Override
  void close() throws IOException;

  /**
   * Rows of a format.
   *
   * @param options says which field is the text, which must be one of a table's columns
   */
  static Rows of(DocumentFormat format, Reader reader, DocumentOptions options) throws IOException {
    return switch (format) {
      case JSONL -> new JsonLines(reader, options.mostCharacters());
      case JSON -> new JsonArray(reader);
      default -> table(format, reader, options);
    };
  }

  private static Rows table(DocumentFormat format, Reader reader, DocumentOptions options)
      throws IOException {
    try {
      return new TableRows(format == DocumentFormat.TSV, reader, options.textFields());
    } catch (NoClassDefFoundError e) {
      throw new SkipException(
          "reading CSV and TSV needs commons-csv: add org.apache.commons:commons-csv", e);
    }
  }

  /** Rows that are the lines of a file. */
  final class JsonLines implements Rows {
    private final Reader reader;
    private final int most;
    private long line;

    JsonLines(Reader reader, int most) {
      this.reader = reader;
      this.most = most;
    }

    @Override
    public @Nullable Row next() throws IOException {
      String text = line();
      while (text != null && text.isBlank()) {
        text = line();
      }
      if (text == null) {
        return null;
      }
      try (var json = new JsonReader(new StringReader(text))) {
        json.setStrictness(Strictness.STRICT);
        Map<String, String> cells = Objects.read(json);
        if (json.peek() != JsonToken.END_DOCUMENT) {
          return new Row(line, Map.of(), "there is more behind the JSON object");
        }
        return new Row(line, cells, "");
      } catch (IOException | IllegalStateException | StackOverflowError e) {
        return new Row(line, Map.of(), "it is no JSON object");
      }
    }

    private @Nullable String line() throws IOException {
      var text = new StringBuilder();
      int c = reader.read();
      if (c < 0) {
        return null;
      }
      line++;
      while (c >= 0 && c != '\n') {
        if (text.length() == most) {
          throw new SkipException(
              "line %,d has more than %,d characters; what follows is not read"
                  .formatted(line, most));
        }
        text.append((char) c);
        c = reader.read();
      }
      return text.toString();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  /** Rows that are the objects of an array. */
  final class JsonArray implements Rows {
    private final JsonReader json;
    private long number;

    JsonArray(Reader reader) throws IOException {
      this.json = new JsonReader(reader);
      json.setStrictness(Strictness.STRICT);
      try {
        if (json.peek() != JsonToken.BEGIN_ARRAY) {
          throw new SkipException("it is no array of JSON objects");
        }
        json.beginArray();
      } catch (IOException | IllegalStateException e) {
        throw new SkipException("it is no array of JSON objects", e);
      }
    }

    @Override
    public @Nullable Row next() {
      number++;
      try {
        if (!json.hasNext()) {
          json.endArray();
          return null;
        }
        if (json.peek() != JsonToken.BEGIN_OBJECT) {
          json.skipValue();
          return new Row(number, Map.of(), "it is no JSON object");
        }
        return new Row(number, Objects.read(json), "");
      } catch (IOException | IllegalStateException | StackOverflowError e) {
        throw new SkipException(
            "its JSON is broken in or after object %,d; what follows is not read".formatted(number),
            e);
      }
    }

    @Override
    public void close() throws IOException {
      json.close();
    }
  }

  /** JSON objects as flat fields. */
  final class Objects {
    private Objects() {}

    /** Strings, numbers, truth values and arrays of them, joined by commas; nothing nested. */
    static Map<String, String> read(JsonReader json) throws IOException {
      Map<String, String> cells = new LinkedHashMap<>();
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        String value;
        if (json.peek() == JsonToken.BEGIN_ARRAY) {
          value = array(json);
        } else {
          value = scalar(json);
        }
        if (!value.isEmpty() && !name.isEmpty()) {
          cells.put(name, value);
        }
      }
      json.endObject();
      return cells;
    }

    private static String array(JsonReader json) throws IOException {
      List<String> values = new ArrayList<>();
      json.beginArray();
      while (json.hasNext()) {
        String value = scalar(json);
        if (!value.isEmpty()) {
          values.add(value);
        }
      }
      json.endArray();
      return String.join(", ", values);
    }

    private static String scalar(JsonReader json) throws IOException {
      return switch (json.peek()) {
        case STRING, NUMBER -> json.nextString();
        case BOOLEAN -> Boolean.toString(json.nextBoolean());
        default -> {
          json.skipValue();
          yield "";
        }
      };
    }
  }
}
