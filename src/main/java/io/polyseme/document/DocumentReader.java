package io.polyseme.document;

import com.carrotsearch.hppc.LongHashSet;
import io.polyseme.PolysemeException;
import io.polyseme.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents out of files, folders (with all that is below them), globs ({@code
 * notes/**&#47;*.md}) and, named {@code -}, the standard input, in the order of the files' names.
 * What a file is, is told by its content and then by its name; what is called nothing known is read
 * if it is text. Of CSV, TSV, JSON Lines and JSON each row or object is a document.
 *
 * <p>A file that cannot be read (binary, broken, encrypted, empty, enormous, gone meanwhile, or one
 * whose parser fails or takes too long) gives a {@link DocumentResult.Skipped} in its place. Names
 * that begin with a dot are passed over; links to files are followed, links to folders are not.
 *
 * <p>Not thread-safe. Closed by whoever opened it.
 */
public final class DocumentReader implements Iterator<DocumentResult>, AutoCloseable {
  private static final int NAMES = 8;

  /** Of a file's fingerprint so many digits are kept. */
  private static final int HASH = 32;

  /** A file whose first rows all lack the text is given up. */
  private static final int HOPELESS = 100;

  private final DocumentOptions options;
  private final Map<String, String> known;
  private final Listing listing;
  private final Iterator<Listing.Found> files;
  private final Deque<DocumentResult> ahead = new ArrayDeque<>();
  private final Map<String, String> hashes = new LinkedHashMap<>();

  /** Ids of rows, by their hashes. */
  private final LongHashSet ids = new LongHashSet();

  private final MessageDigest digest = Sha256.start();
  private long position;
  private long begun;
  private @Nullable RowFile rows;
  private @Nullable Path spooled;

  /** A file of rows that is being read. */
  private static final class RowFile {
    final String name;
    final String type;
    final Rows rows;
    final FileParser parser;
    boolean any;
    int lacking;

    RowFile(String name, FileParser parser) throws IOException {
      this.name = name;
      this.type = parser.type();
      this.rows = parser.rows();
      this.parser = parser;
    }
  }

  private DocumentReader(List<String> from, DocumentOptions options, Map<String, String> known) {
    this.options = options;
    this.known = Map.copyOf(known);
    this.listing = new Listing(from, options.without());
    this.files = listing.found().iterator();
  }

  /**
   * Opens files, folders and globs.
   *
   * @throws PolysemeException if one of them is not there, or a glob finds nothing
   */
  public static DocumentReader open(List<String> from, DocumentOptions options) {
    return open(from, options, Map.of());
  }

  /**
   * As {@link #open(List, DocumentOptions)}, and does not look into files that are known.
   *
   * @param known what {@link #hashes()} of an earlier reader with the same options gave
   */
  public static DocumentReader open(
      List<String> from, DocumentOptions options, Map<String, String> known) {
    return new DocumentReader(from, options, known);
  }

  /** How many files there are. */
  public int files() {
    return listing.found().size();
  }

  /** How many bytes they have, packed as they are; the standard input not counted. */
  public long size() {
    return listing.found().stream().mapToLong(Listing.Found::size).sum();
  }

  /** How many bytes of {@link #size()} are done with. */
  public long position() {
    return position + (rows == null ? 0 : rows.parser.position());
  }

  /**
   * The files, so far, that were read whole as one document each and did not change meanwhile, with
   * a hash of what they hold; unchanged ones too.
   */
  public Map<String, String> hashes() {
    return Collections.unmodifiableMap(hashes);
  }

  /**
   * The beginning of the documents to come, read ahead and not taken, until they have this many
   * characters; shorter where there are not so many in a few files.
   */
  public String sample(int characters) {
    var sample = new StringBuilder();
    for (DocumentResult result : ahead) {
      addTo(sample, result, characters);
    }
    while (sample.length() < characters && ahead.size() < NAMES * NAMES) {
      DocumentResult result = read();
      if (result == null) {
        break;
      }
      ahead.add(result);
      addTo(sample, result, characters);
    }
    return sample.toString();
  }

  private static void addTo(StringBuilder sample, DocumentResult result, int characters) {
    if (result instanceof DocumentResult.Read(Document document, _)) {
      String text = document.text();
      sample.append(text, 0, Math.min(text.length(), characters)).append('\n');
    }
  }

  @Override
  public boolean hasNext() {
    if (ahead.isEmpty()) {
      DocumentResult result = read();
      if (result == null) {
        return false;
      }
      ahead.add(result);
    }
    return true;
  }

  /**
   * The next document, or what stands in its place.
   *
   * @throws io.polyseme.CancelledException if interrupted
   */
  @Override
  public DocumentResult next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ahead.remove();
  }

  private @Nullable DocumentResult read() {
    while (true) {
      if (rows != null) {
        DocumentResult row = row(rows);
        if (row != null) {
          return row;
        }
        closeRows();
      }
      position += begun;
      begun = 0;
      if (!files.hasNext()) {
        return null;
      }
      Listing.Found found = files.next();
      begun = found.size();
      DocumentResult result = file(found);
      if (result != null) {
        return result;
      }
    }
  }

  /** A file's document; null where it is of rows. */
  private @Nullable DocumentResult file(Listing.Found found) {
    if (found.problem() != null) {
      return new DocumentResult.Skipped(found.name(), found.problem());
    }
    try {
      Path path = found.path();
      if (path == null || found.asked() && !Files.isRegularFile(path)) {
        try (InputStream in = path == null ? System.in : Files.newInputStream(path)) {
          path = spool(in);
        }
      }
      Path file = path;
      var before = Files.readAttributes(file, BasicFileAttributes.class);
      FileParser parser = new FileParser(file, found.name(), options);
      if (parser.isOf().ofRows()) {
        rows = new RowFile(found.name(), parser);
        return null;
      }
      String hash = Sha256.of(file).substring(0, HASH);
      if (hash.equals(known.get(found.name()))) {
        hashes.put(found.name(), hash);
        return new DocumentResult.Unchanged(found.name());
      }
      Document document = Guarded.run(options.deadline(), parser::document);
      var after = Files.readAttributes(file, BasicFileAttributes.class);
      if (before.size() == after.size()
          && before.lastModifiedTime().equals(after.lastModifiedTime())) {
        hashes.put(found.name(), hash);
      }
      return new DocumentResult.Read(document, parser.notes());
    } catch (SkipException e) {
      return new DocumentResult.Skipped(found.name(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new DocumentResult.Skipped(found.name(), Listing.reason(e));
    }
  }

  /** Keeps a stream in a file, which is read several times. */
  private Path spool(InputStream in) throws IOException {
    deleteSpooled();
    Path file = Files.createTempFile("polyseme", ".in");
    spooled = file;
    Files.copy(in, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    return file;
  }

  /** The next document of rows; null after the last. */
  private @Nullable DocumentResult row(RowFile file) {
    Rows.Row row;
    try {
      row = file.rows.next();
    } catch (SkipException e) {
      closeRows();
      return new DocumentResult.Skipped(file.name, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      closeRows();
      return new DocumentResult.Skipped(file.name, Listing.reason(e));
    }
    if (row == null) {
      return file.any ? null : nothing(file);
    }
    boolean first = !file.any;
    file.any = true;
    String place = file.name + ":" + row.line();
    if (!row.problem().isEmpty()) {
      return new DocumentResult.Skipped(place, row.problem());
    }
    List<String> texts =
        options.textFields().stream()
            .map(field -> row.cells().getOrDefault(field, ""))
            .filter(text -> !text.isBlank())
            .toList();
    if (texts.isEmpty()) {
      return lacking(file, row, place);
    }
    file.lacking = -1;
    String text = String.join("\n\n", texts);
    if (text.length() > options.mostCharacters()) {
      return new DocumentResult.Skipped(
          place, "its text has more than %,d characters".formatted(options.mostCharacters()));
    }
    return new DocumentResult.Read(
        new Document(id(row, place), file.name, text, List.of(), List.of(), fields(file, row)),
        first ? file.parser.notes() : List.of());
  }

  private DocumentResult nothing(RowFile file) {
    closeRows();
    return new DocumentResult.Skipped(file.name, "it is empty");
  }

  private DocumentResult lacking(RowFile file, Rows.Row row, String place) {
    if (file.lacking >= 0 && ++file.lacking == HOPELESS) {
      closeRows();
      return new DocumentResult.Skipped(
          file.name, "none of its first %d rows has a text; it is not read on".formatted(HOPELESS));
    }
    String fields = "\"" + String.join("\" or \"", options.textFields()) + "\"";
    List<String> names = row.cells().keySet().stream().limit(NAMES).toList();
    return new DocumentResult.Skipped(
        place,
        "it has nothing in %s; it has %s%s"
            .formatted(fields, names, row.cells().size() > NAMES ? " and more" : ""));
  }

  /** A row's own id where no other document has it, else its place. */
  private String id(Rows.Row row, String place) {
    String own = row.cells().getOrDefault(options.idField(), "").strip();
    boolean free = !own.isEmpty() && !listing.hasName(own) && ids.add(key(own));
    if (!free) {
      ids.add(key(place));
    }
    return free ? own : place;
  }

  private long key(String id) {
    digest.reset();
    return ByteBuffer.wrap(digest.digest(id.getBytes(StandardCharsets.UTF_8))).getLong();
  }

  private Map<String, String> fields(RowFile file, Rows.Row row) {
    Map<String, String> fields = new LinkedHashMap<>();
    String title = row.cells().get(options.titleField());
    if (title != null) {
      fields.put(Document.TITLE, title);
    }
    fields.put("type", file.type);
    fields.put("line", Long.toString(row.line()));
    row.cells()
        .forEach(
            (name, value) -> {
              if (!options.textFields().contains(name) && !name.equals(options.titleField())) {
                fields.putIfAbsent(fields.containsKey(name) ? "own." + name : name, value);
              }
            });
    return fields;
  }

  private void closeRows() {
    RowFile file = rows;
    rows = null;
    if (file != null) {
      try {
        file.rows.close();
      } catch (IOException e) {
        System.getLogger(DocumentReader.class.getName())
            .log(System.Logger.Level.DEBUG, "closing " + file.name, e);
      }
    }
  }

  private void deleteSpooled() {
    if (spooled != null) {
      try {
        Files.deleteIfExists(spooled);
      } catch (IOException e) {
        System.getLogger(DocumentReader.class.getName())
            .log(System.Logger.Level.DEBUG, "deleting " + spooled, e);
      }
      spooled = null;
    }
  }

  @Override
  public void close() {
    closeRows();
    deleteSpooled();
  }
}
