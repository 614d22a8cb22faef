package io.polyseme.corpus;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the texts of a file or stream in their order. What cannot be read as a text (a line that is
 * not UTF-8 or no JSON object) does not end it: a {@link CorpusText} that says why stands in its
 * place.
 *
 * <p>Not thread-safe. Closed by whoever opened it.
 */
public final class CorpusReader implements Iterator<CorpusText>, AutoCloseable {
  /** How many texts are looked at where none of them has a character. */
  private static final int SAMPLE = 1000;

  private static final int NAMES = 8;

  private final String name;
  private final @Nullable Path file;
  private final CorpusFormat format;
  private final CorpusOptions options;
  private final CountingStream counter;
  private final boolean packed;
  private final InputStream in;
  private final LineSplitter lines;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final Deque<CorpusText> ahead = new ArrayDeque<>();
  private int textColumn;
  private int idColumn;

  /** The names of the columns of a TSV file; their numbers where it has no names. */
  private List<String> columns = List.of();

  private long line;
  private long index;
  private long taken;

  private CorpusReader(
      String name, @Nullable Path file, InputStream source, CorpusFormat format, CorpusOptions o)
      throws IOException {
    this.name = name;
    this.file = file;
    this.format = format;
    this.options = o;
    this.counter = new CountingStream(source);
    this.in = counter.unpacked();
    this.packed = in instanceof GZIPInputStream;
    this.lines = new LineSplitter(in);
    lines.passOver((byte) 0xEF, (byte) 0xBB, (byte) 0xBF); // a byte order mark is no text
    if (format == CorpusFormat.TSV) {
      columns();
    }
  }

  /**
   * Opens a file.
   *
   * @throws PolysemeException if it is not there, a folder, damaged at its start, or has no such
   *     column
   */
  public static CorpusReader open(Path file, CorpusOptions options) {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(file + " is a folder, and a file of texts is needed");
    }
    CorpusFormat format = options.format() == null ? CorpusFormat.of(file) : options.format();
    try {
      InputStream source = Files.newInputStream(file);
      try {
        return new CorpusReader(
            file.toString(), Files.isRegularFile(file) ? file : null, source, format, options);
      } catch (IOException | RuntimeException e) {
        source.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no file " + file, e);
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  /**
   * Reads a stream, as lines where the options do not say otherwise; closing the reader closes it.
   *
   * @param name what messages call it
   * @throws PolysemeException as {@link #open}
   */
  public static CorpusReader of(InputStream in, String name, CorpusOptions options) {
    try {
      return new CorpusReader(
          name,
          null,
          in,
          options.format() == null ? CorpusFormat.LINES : options.format(),
          options);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /** What messages call it: the file, or the name that was given for a stream. */
  public String name() {
    return name;
  }

  /** The file, which can be read again; null for a stream or pipe. */
  public @Nullable Path file() {
    return file;
  }

  public CorpusFormat format() {
    return format;
  }

  /** As they were given. */
  public CorpusOptions options() {
    return options;
  }

  /** The length of the file in bytes, packed as it is; -1 for a stream or pipe. */
  public long length() {
    try {
      return file == null ? -1 : Files.size(file);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * The beginning of what is to come, read ahead and not taken: the texts, a line each, until they
   * have this many characters.
   */
  public String sample(int characters) {
    var sample = new StringBuilder();
    for (CorpusText text : ahead) {
      sample.append(text.text()).append('\n');
    }
    while (sample.length() < characters && ahead.size() < SAMPLE) {
      CorpusText text = read();
      if (text == null) {
        break;
      }
      ahead.add(text);
      sample.append(text.text()).append('\n');
    }
    return sample.toString();
  }

  /** The text that {@link #next()} gives, not taken; null where there is none. */
  public @Nullable CorpusText peek() {
    return hasNext() ? ahead.getFirst() : null;
  }

  @Override
  public boolean hasNext() {
    if (ahead.isEmpty()) {
      CorpusText text = read();
      if (text == null) {
        return false;
      }
      ahead.add(text);
    }
    return true;
  }

  /**
   * The next text.
   *
   * @throws PolysemeException if the file cannot be read on
   */
  @Override
  public CorpusText next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    CorpusText next = ahead.remove();
    taken = next.position();
    return next;
  }

  /**
   * What is left as plain strings; of a text that cannot be read the empty one. Closing the reader
   * ends it.
   *
   * @param task what the reading is for, as progress tells it, by the bytes of the file
   */
  public Iterator<String> texts(String task, Progress progress) {
    long length = length();
    return new Iterator<>() {
      private long count;

      @Override
      public boolean hasNext() {
        return CorpusReader.this.hasNext();
      }

      @Override
      public String next() {
        CorpusText text = CorpusReader.this.next();
        if (length > 0 && count++ % 64 == 0) {
          progress.update(task, position(), length);
        }
        return text.readable() ? text.text() : "";
      }
    };
  }

  /**
   * Passes over texts, quicker than reading them.
   *
   * @return how many there were, fewer than {@code count} only at the end
   */
  public long skip(long count) {
    long skipped = 0;
    while (skipped < count && !ahead.isEmpty()) {
      next();
      skipped++;
    }
    while (skipped < count && line() != null) {
      index++;
      skipped++;
      taken = here();
    }
    return skipped;
  }

  /** The next line that holds a text, or should. */
  private @Nullable ByteBuffer line() {
    try {
      ByteBuffer bytes = lines.next();
      line++;
      while (bytes != null && format == CorpusFormat.JSONL && isBlank(bytes)) {
        bytes = lines.next();
        line++;
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static boolean isBlank(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      byte b = bytes.get(i);
      if (b != ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private @Nullable CorpusText read() {
    ByteBuffer bytes = line();
    if (bytes == null) {
      return null;
    }
    long place = index++;
    String string;
    try {
      string = decoder.decode(bytes).toString();
    } catch (CharacterCodingException e) {
      return problem(place, null, "it is not text in UTF-8");
    }
    return switch (format) {
      case LINES -> text(place, null, string);
      case JSONL -> json(place, string);
      case TSV -> row(place, string);
    };
  }

  private CorpusText text(long place, @Nullable String id, String text) {
    return text(place, id, text, Map.of());
  }

  private CorpusText text(
      long place, @Nullable String id, String text, Map<String, String> fields) {
    return new CorpusText(place, line, id, text, "", here(), fields);
  }

  private CorpusText problem(long place, @Nullable String id, String problem) {
    return new CorpusText(place, line, id, "", problem, here());
  }

  /** How much of the file, as it lies there, has been taken or skipped, in bytes. */
  public long position() {
    return taken;
  }

  private long here() {
    return packed ? counter.count() : lines.consumed();
  }

  private CorpusText json(long place, String string) {
    String id = null;
    String text = null;
    String other = "";
    List<String> names = new ArrayList<>();
    Map<String, String> fields = new LinkedHashMap<>();
    try (var json = new JsonReader(new StringReader(string))) {
      json.setStrictness(Strictness.STRICT);
      if (json.peek() != JsonToken.BEGIN_OBJECT) {
        return problem(place, null, "it is no JSON object");
      }
      json.beginObject();
      while (json.hasNext()) {
        String field = json.nextName();
        JsonToken type = json.peek();
        if (field.equals(options.textField())) {
          if (type == JsonToken.STRING) {
            text = json.nextString();
            continue;
          }
          other = type.name().toLowerCase(Locale.ROOT);
        }
        names.add(field);
        if (field.equals(options.idField())
            && (type == JsonToken.STRING || type == JsonToken.NUMBER)) {
          id = json.nextString();
        } else if (options.fields()) {
          read(json, type, field, fields);
        } else {
          json.skipValue();
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        return problem(place, null, "there is more behind the JSON object");
      }
    } catch (MalformedJsonException | EOFException | IllegalStateException e) {
      return problem(place, null, "it is no JSON object");
    } catch (IOException e) {
      throw new AssertionError(e); // a string is read
    }
    if (text != null) {
      return text(place, id, text, fields);
    }
    return problem(
        place,
        id,
        other.isEmpty()
            ? "the object has no field \"%s\"; it has %s%s"
                .formatted(
                    options.textField(),
                    names.stream().limit(NAMES).toList(),
                    names.size() > NAMES ? " and more" : "")
            : "the field \"%s\" is no string but %s".formatted(options.textField(), other));
  }

  private static void read(
      JsonReader json, JsonToken type, String field, Map<String, String> fields)
      throws IOException {
    switch (type) {
      case STRING, NUMBER -> put(fields, field, json.nextString());
      case BOOLEAN -> put(fields, field, Boolean.toString(json.nextBoolean()));
      default -> json.skipValue();
    }
  }

  private static void put(Map<String, String> fields, String name, String value) {
    if (!value.isEmpty() && !name.isEmpty()) {
      fields.put(name, value);
    }
  }

  private CorpusText row(long place, String string) {
    String[] cells = string.split("\t", -1);
    String id = idColumn >= 0 && idColumn < cells.length ? cells[idColumn] : null;
    if (textColumn >= cells.length) {
      return problem(
          place,
          id,
          "it has %d columns, and the text is column %d".formatted(cells.length, textColumn + 1));
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; options.fields() && i < cells.length; i++) {
      if (i != textColumn && i != idColumn) {
        put(fields, i < columns.size() ? columns.get(i) : Integer.toString(i + 1), cells[i]);
      }
    }
    return text(place, id, cells[textColumn], fields);
  }

  /** Finds the columns, by the names in the first line or by number. */
  private void columns() throws IOException {
    if (options.textField().matches("[1-9]\\d{0,5}")) {
      textColumn = Integer.parseInt(options.textField()) - 1;
      idColumn =
          options.idField().matches("[1-9]\\d{0,5}") ? Integer.parseInt(options.idField()) - 1 : -1;
      return;
    }
    ByteBuffer bytes = lines.next();
    line++;
    List<String> names =
        bytes == null ? List.of() : List.of(decoder.decode(bytes).toString().split("\t", -1));
    columns = names;
    textColumn = names.indexOf(options.textField());
    idColumn = names.indexOf(options.idField());
    if (textColumn < 0) {
      throw new PolysemeException(
          "%s has no column \"%s\" in its first line, which has %s%s; --field names the column, or is its number where the first line is a text already"
              .formatted(
                  name,
                  options.textField(),
                  names.stream().limit(NAMES).toList(),
                  names.size() > NAMES ? " and more" : ""));
    }
  }

  static PolysemeException unreadable(String name, IOException e) {
    if (e instanceof CharacterCodingException) {
      return new PolysemeException(name + " is not text in UTF-8", e);
    }
    boolean torn = e instanceof EOFException || e instanceof ZipException;
    return new PolysemeException(
        "cannot read %s: %s%s".formatted(name, e.getMessage(), torn ? "; is it whole?" : ""), e);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }
}
