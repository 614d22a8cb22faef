package io.polyseme.search;

import com.carrotsearch.hppc.LongIntHashMap;
import io.polyseme.Sha256;
import io.polyseme.document.Document;
import io.polyseme.document.DocumentReader;
import io.polyseme.document.DocumentResult;
import io.polyseme.document.DuplicateFinder;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Span;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of documents. One that makes a single chunk has its id as the label, of several each is
 * {@code id#1}, {@code id#2} and so on. Files that did not change give what the index has of them.
 */
final class DocumentSource implements Source {
  private static final int FEW = 20;

  /** How much text is encoded together where chunks know what is around them, in UTF-16 units. */
  private static final int STRETCH = 50_000;

  /** Fields of a chunk; a document's own of the same name get a prefix. */
  private static final Set<String> TAKEN =
      Set.of("label", "text", "document", "file", "section", "page", "chunk", "start", "end");

  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");

  /** What of a file is whole in the index: a hash of what the file holds, and how many chunks. */
  record Settled(String hash, int chunks) {}

  private final DocumentReader reader;
  private final DocumentChunks chunks;
  private final boolean late;
  private final IndexingOptions options;
  private final IndexBuilder builder;
  private final @Nullable VectorIndex old;
  private final Deque<Entry> ready = new ArrayDeque<>();
  private final DuplicateFinder finder = new DuplicateFinder();

  /** Words of chunks, by their hashes, and the document they stand in. */
  private final LongIntHashMap words = new LongIntHashMap();

  private final MessageDigest digest = Sha256.start();
  private final List<String> ids = new ArrayList<>();

  /** How many chunks a file has, of those that are one document. */
  private final Map<String, Integer> counts = new HashMap<>();

  /** Files of which something was left out or may have been; they are read again the next time. */
  private final Set<String> unsettled = new HashSet<>();

  private final List<DocumentResult.Skipped> skipped = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<DocumentsReport.Duplicate> duplicates = new ArrayList<>();
  private final List<DocumentsReport.Duplicate> nearDuplicates = new ArrayList<>();
  private @Nullable Cutting current;
  private long documents;
  private long unchanged;
  private long skippedInAll;
  private long duplicateChunks;
  private long nearDuplicatesInAll;

  /**
   * @param reader closed with this source
   * @param late whether chunks are pooled out of their surroundings
   * @param old the index as it is, if what it has can be taken over; not closed here
   */
  DocumentSource(
      DocumentReader reader,
      DocumentChunks chunks,
      boolean late,
      IndexingOptions options,
      IndexBuilder builder,
      @Nullable VectorIndex old) {
    this.reader = reader;
    this.chunks = chunks;
    this.late = late;
    this.options = options;
    this.builder = builder;
    this.old = old;
  }

  @Override
  public long size() {
    return kilobytes(reader.size());
  }

  private static long kilobytes(long bytes) {
    return (bytes + 999) / 1000;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && (current != null || reader.hasNext())) {
      if (current != null) {
        current.advance();
        continue;
      }
      switch (reader.next()) {
        case DocumentResult.Read(Document document, List<String> its) -> {
          its.forEach(note -> note(document.file() + ": " + note));
          take(document);
        }
        case DocumentResult.Unchanged(String file) -> takeOver(file);
        case DocumentResult.Skipped skip -> {
          skippedInAll++;
          if (skipped.size() < DocumentsReport.MOST) {
            skipped.add(skip);
          }
        }
      }
    }
    return !ready.isEmpty();
  }

  private void note(String note) {
    if (notes.size() < FEW) {
      notes.add(note);
    }
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void take(Document document) {
    documents++;
    ids.add(document.id());
    finder
        .add(document.id(), document.text())
        .ifPresent(
            like -> {
              nearDuplicatesInAll++;
              if (nearDuplicates.size() < FEW) {
                nearDuplicates.add(
                    new DocumentsReport.Duplicate(document.id(), like.id(), like.similarity()));
              }
            });
    current = new Cutting(document, chunks.of(document));
  }

  /** A document on its way: of a huge one not all chunks are there at once. */
  private final class Cutting {
    private final Document document;
    private final List<Span> spans;
    private final Set<String> labels = new HashSet<>();
    private int next;
    private int given;

    Cutting(Document document, List<Span> spans) {
      this.document = document;
      this.spans = spans;
    }

    /** Adds an entry to those that are ready, if one is left. */
    void advance() {
      List<Entry.Item> items = items();
      if (items.isEmpty()) {
        end();
      } else if (late) {
        addStretch(document.text(), items);
      } else {
        Entry.Item item = items.getFirst();
        add(item.fields().getOrDefault("text", ""), item.label(), item.fields());
      }
    }

    /** The next chunk, or where they know their surroundings, those of a long piece of text. */
    private List<Entry.Item> items() {
      var items = new ArrayList<Entry.Item>();
      int start = -1;
      while (next < spans.size()) {
        Span span = spans.get(next);
        if (start >= 0 && (!late || span.end() - start > STRETCH)) {
          break;
        }
        next++;
        String label = spans.size() == 1 ? document.id() : document.id() + "#" + next;
        if (isWanted(label, document.file(), span.of(document.text()))) {
          start = start < 0 ? span.start() : start;
          items.add(new Entry.Item(label, span, fields(document, span, next)));
          given++;
          if (options.add()) {
            labels.add(label);
          }
        }
      }
      return items;
    }

    private void end() {
      counts.put(document.id(), given);
      current = null;
      forget(document.id(), labels);
    }
  }

  private void add(String text, String label, Map<String, String> fields) {
    ready.add(
        new Entry(
            text, List.of(new Entry.Item(label, null, fields)), kilobytes(reader.position())));
  }

  private void addStretch(String text, List<Entry.Item> items) {
    int start = start(items.getFirst());
    int end = items.stream().mapToInt(DocumentSource::end).max().orElse(start);
    List<Entry.Item> its =
        items.stream()
            .map(
                item ->
                    new Entry.Item(
                        item.label(),
                        new Span(start(item) - start, end(item) - start),
                        item.fields()))
            .toList();
    ready.add(new Entry(text.substring(start, end), its, kilobytes(reader.position())));
  }

  private static int start(Entry.Item item) {
    return item.span() == null ? 0 : item.span().start();
  }

  private static int end(Entry.Item item) {
    return item.span() == null ? 0 : item.span().end();
  }

  private static Map<String, String> fields(Document document, Span span, int number) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("text", span.of(document.text()));
    fields.put("document", document.id());
    if (!document.file().equals(document.id())) {
      fields.put("file", document.file());
    }
    String section = document.sectionAt(span.start());
    if (!section.isEmpty()) {
      fields.put("section", section);
    }
    int page = document.pageAt(span.start());
    if (page > 0) {
      fields.put("page", Integer.toString(page));
    }
    fields.put("chunk", Integer.toString(number));
    fields.put("start", Integer.toString(span.start()));
    fields.put("end", Integer.toString(span.end()));
    document
        .fields()
        .forEach((name, value) -> fields.put(TAKEN.contains(name) ? "own." + name : name, value));
    return fields;
  }

  /** Keeps what the index has of a file. */
  private void takeOver(String file) {
    documents++;
    unchanged++;
    ids.add(file);
    VectorIndex before = old;
    if (before == null) {
      throw new IllegalStateException("nothing is known of " + file);
    }
    List<VectorIndex.Entry> entries = before.entries(of(file), Integer.MAX_VALUE);
    counts.put(file, entries.size());
    entries.stream()
        .sorted(Comparator.comparingInt(DocumentSource::number))
        .forEach(
            entry -> {
              String text = entry.fields().getOrDefault("text", "");
              if (isWanted(entry.label(), file, text)) {
                add(text, entry.label(), entry.fields());
              }
            });
  }

  private static Filter of(String document) {
    return new Filter.In("document", Set.of(document));
  }

  private static int number(VectorIndex.Entry entry) {
    return Integer.parseInt(entry.fields().getOrDefault("chunk", "0"));
  }

  /** Whether a chunk goes into the index; tells where its words stood before. */
  private boolean isWanted(String label, String file, String text) {
    long key = key(text);
    int before = words.getOrDefault(key, -1);
    if (before < 0) {
      words.put(key, ids.size() - 1);
      return true;
    }
    duplicateChunks++;
    if (duplicates.size() < FEW) {
      duplicates.add(new DocumentsReport.Duplicate(label, ids.get(before), 1));
    }
    if (options.skipDuplicates()) {
      unsettled.add(file);
    }
    return !options.skipDuplicates();
  }

  /** Of the words, whatever their case and what is between them. */
  private long key(String text) {
    String plain = BETWEEN_WORDS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    byte[] bytes = (plain.isEmpty() ? text : plain).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.wrap(digest.digest(bytes)).getLong();
  }

  /** Where the index keeps what it has, chunks that a document has no more go all the same. */
  private void forget(String document, Set<String> labels) {
    VectorIndex before = old;
    if (!options.add() || before == null) {
      return;
    }
    for (VectorIndex.Entry entry : before.entries(of(document), Integer.MAX_VALUE)) {
      if (!labels.contains(entry.label())) {
        builder.remove(entry.label());
      }
    }
  }

  /** Of the files read, those that need not be looked into while they stay as they are. */
  Map<String, Settled> settled() {
    Map<String, Settled> settled = new LinkedHashMap<>();
    reader
        .hashes()
        .forEach(
            (file, hash) -> {
              if (!unsettled.contains(file)) {
                settled.put(file, new Settled(hash, counts.getOrDefault(file, 0)));
              }
            });
    return settled;
  }

  DocumentsReport report() {
    return new DocumentsReport(
        documents,
        unchanged,
        skipped,
        skippedInAll,
        notes,
        duplicateChunks,
        duplicates,
        nearDuplicates,
        nearDuplicatesInAll);
  }

  @Override
  public List<String> warnings() {
    return finder.isFull()
        ? List.of(
            "near-duplicates were looked for among the first %,d documents only"
                .formatted(DuplicateFinder.MOST))
        : List.of();
  }

  @Override
  public void close() {
    reader.close();
  }
}
