package io.polyseme.document;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads one file as what it is. */
final class FileParser {
  private static final int HEAD = 1 << 10;
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final String name;
  private final DocumentOptions options;
  private final byte[] head;
  private final DocumentFormat format;
  private final List<String> notes = new ArrayList<>();
  private @Nullable SeekableByteChannel reading;

  /**
   * @param name what the file is called
   * @throws SkipException if it is nothing that can be read
   */
  FileParser(Path file, String name, DocumentOptions options) throws IOException {
    this.file = file;
    this.name = name;
    this.options = options;
    try (InputStream in = unpacked()) {
      this.head = in.readNBytes(HEAD);
    }
    if (head.length == 0) {
      throw new SkipException("it is empty");
    }
    this.format = format();
    if (!format.ofRows() && Files.size(file) > options.mostBytes()) {
      throw new SkipException(enormous());
    }
  }

  /** How far its rows were read, in bytes as they lie there. */
  long position() {
    try {
      return reading == null ? 0 : reading.position();
    } catch (IOException e) {
      return 0; // closed meanwhile
    }
  }

  /** What it holds. */
  DocumentFormat isOf() {
    return format;
  }

  /** What the person should know of how it was read. */
  List<String> notes() {
    return notes;
  }

  private String enormous() {
    return "it has more than %,d MB".formatted(options.mostBytes() / 1_000_000);
  }

  /** By what is in the file, and among texts by what it is called. */
  private DocumentFormat format() {
    DocumentFormat named = options.format() == null ? DocumentFormat.of(name) : options.format();
    if (new String(head, StandardCharsets.ISO_8859_1).contains("%PDF-")
        && (named == null || !named.ofText())) {
      return DocumentFormat.PDF;
    }
    if (Characters.begins(head, 0xD0, 0xCF, 0x11, 0xE0)
        || Characters.begins(head, 'P', 'K', 3, 4)
        || Characters.begins(head, '{', '\\', 'r', 't', 'f')) {
      return DocumentFormat.OFFICE;
    }
    if (named == null) {
      String start = new String(head, StandardCharsets.ISO_8859_1).stripLeading();
      boolean html =
          start.regionMatches(true, 0, "<!doctype html", 0, 14)
              || start.regionMatches(true, 0, "<html", 0, 5);
      return html ? DocumentFormat.HTML : DocumentFormat.TEXT;
    }
    if (!named.ofText()) {
      throw new SkipException(
          "it is %s by its name and not by what is in it; is it whole?"
              .formatted(
                  options.format() == null
                      ? "." + DocumentFormat.ending(name)
                      : named.name().toLowerCase(Locale.ROOT)));
    }
    return named;
  }

  /** The whole file as one document. */
  Document document() throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    var outline = new Outline(options.mostCharacters());
    String text;
    if (format == DocumentFormat.TEXT) {
      text = text();
      if (text.isBlank()) {
        throw new SkipException("it is empty");
      }
    } else {
      outlined(outline, fields);
      text = outline.text();
      if (text.isBlank()) {
        throw new SkipException(
            format == DocumentFormat.PDF
                ? "it has no text; are its pages pictures?"
                : "it has no text");
      }
      if (!outline.title().isEmpty()) {
        fields.putIfAbsent(Document.TITLE, outline.title());
      }
    }
    fields.putIfAbsent("modified", time(Files.getLastModifiedTime(file)));
    fields.put("type", type());
    return new Document(name, name, text, outline.sections(), outline.pages(), fields);
  }

  private void outlined(Outline outline, Map<String, String> fields) throws IOException {
    switch (format) {
      case MARKDOWN -> note(MarkdownText.read(text(), outline, fields));
      case HTML -> {
        Characters characters = Characters.of(this::bounded);
        try (InputStream in = bounded()) {
          String charset = TikaText.html(in, characters.charset(), outline, fields);
          if (charset != null && !charset.equalsIgnoreCase("UTF-8")) {
            note("read as " + charset);
          }
        }
      }
      case PDF -> TikaText.pdf(file, outline, fields);
      case OFFICE -> TikaText.office(file, head, outline, fields);
      default -> throw new AssertionError(format);
    }
  }

  /** The field {@code type}: how the name ends, or where that says nothing, the format. */
  String type() {
    String ending = DocumentFormat.ending(name);
    return DocumentFormat.of(name) == format ? ending : format.name().toLowerCase(Locale.ROOT);
  }

  private static String time(FileTime time) {
    return time.toInstant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private String text() throws IOException {
    Characters characters = Characters.of(this::bounded);
    note(characters.note());
    var text = new StringBuilder();
    var buffer = new char[BUFFER];
    try (Reader reader = characters.read(bounded())) {
      for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
        if (text.length() + n > options.mostCharacters()) {
          throw new SkipException(
              "its text has more than %,d characters".formatted(options.mostCharacters()));
        }
        text.append(buffer, 0, n);
      }
    }
    return text.toString();
  }

  /** Its rows. */
  Rows rows() throws IOException {
    Characters characters = Characters.of(this::unpacked);
    note(characters.note());
    Reader reader = characters.read(unpacked());
    try {
      return Rows.of(format, reader, options);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  private void note(String note) {
    if (!note.isEmpty()) {
      notes.add(note);
    }
  }

  private InputStream unpacked() throws IOException {
    SeekableByteChannel channel = Files.newByteChannel(file);
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
    reading = channel;
    try {
      in.mark(2);
      byte[] magic = in.readNBytes(2);
      in.reset();
      return Characters.begins(magic, 0x1F, 0x8B) ? new GZIPInputStream(in, BUFFER) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** As {@link #unpacked()}, which fails beyond the most that a file may have. */
  private InputStream bounded() throws IOException {
    return new FilterInputStream(unpacked()) {
      private long count;

      @Override
      public int read() throws IOException {
        int b = super.read();
        check(b < 0 ? 0 : 1);
        return b;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        int n = super.read(into, from, length);
        check(n);
        return n;
      }

      private void check(int n) {
        count += Math.max(0, n);
        if (count > options.mostBytes()) {
          throw new SkipException(enormous());
        }
      }

      @Override
      public boolean markSupported() {
        return false;
      }
    };
  }
}
