package io.polyseme.search;

import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.lexicon.WordNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the entries of an index come from. Closed after the last. */
interface Source extends Iterator<Entry>, AutoCloseable {
  /** The sources that a recipe can name, besides {@code words:SPACE}. */
  List<String> NAMES = List.of("wordnet-glosses", "lines", "usages");

  /** The field of a usage that says which part of speech the word is; only tagged ones have it. */
  String POS = "pos";

  /** How many texts there are to go through; of each come one entry or more. */
  long size();

  /** What the person who builds the index should know of what was read; complete at the end. */
  default List<String> warnings() {
    return List.of();
  }

  @Override
  void close();

  /**
   * WordNet's definitions, labelled by their synsets.
   *
   * @param topics the lexicographer files they are taken from; all where this is empty
   */
  static Source wordNet(Set<String> topics) {
    var entries = new ArrayList<Entry>(118_000);
    Set<String> seen = new TreeSet<>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(
          synset -> {
            seen.add(synset.topic());
            if (!topics.isEmpty() && !topics.contains(synset.topic())) {
              return;
            }
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("text", synset.definition());
            fields.put("lemmas", String.join(", ", synset.lemmas()));
            fields.put("pos", synset.pos());
            fields.put("topic", synset.topic());
            entries.add(
                new Entry(
                    synset.definition(),
                    List.of(new Entry.Item(synset.id(), null, fields)),
                    entries.size() + 1));
          });
    }
    if (!seen.containsAll(topics)) {
      throw new PolysemeException(
          "WordNet has no such part as one of %s; there are %s".formatted(topics, seen));
    }
    Iterator<Entry> iterator = entries.iterator();
    return new Source() {
      @Override
      public long size() {
        return entries.size();
      }

      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public Entry next() {
        return iterator.next();
      }

      @Override
      public void close() {}
    };
  }

  /** How the files of a folder are called that are read as texts; each may be packed by gzip. */
  List<String> ENDINGS = List.of(".txt", ".jsonl", ".ndjson", ".tsv");

  /** The texts of a file, or of all files below a folder, each one passage. */
  static Source lines(Path from, CorpusOptions options) {
    return new Lines(from, options, Source::passage);
  }

  /** Words of the sentences of such texts. */
  static Source usages(Path from, CorpusOptions options, UsageCutter cutter) {
    return new Lines(from, options, cutter::entries) {
      @Override
      public List<String> warnings() {
        return cutter.warnings(from);
      }
    };
  }

  /** The beginning of the first texts, of about so many characters. */
  static String sample(Path from, CorpusOptions options, int characters) {
    var sample = new StringBuilder();
    for (Path file : Lines.files(from)) {
      try (CorpusReader reader = Lines.open(file, options)) {
        sample.append(reader.sample(characters - sample.length()));
      }
      if (sample.length() >= characters) {
        break;
      }
    }
    return sample.toString();
  }

  private static List<Entry> passage(Passage passage) {
    return List.of(
        new Entry(
            passage.text(),
            List.of(new Entry.Item(passage.place(), null, passage.fields(passage.text()))),
            passage.number()));
  }

  /**
   * A text of a file.
   *
   * @param document the file
   * @param line where it stands in it
   * @param own what else the file says of it
   * @param number its place among all, from 1
   */
  record Passage(String text, String document, long line, Map<String, String> own, long number) {
    /** Fields that an index has of itself; a text's own of the same name get a prefix. */
    private static final Set<String> TAKEN =
        Set.of("label", "text", "document", "line", "word", "start", "end", "lemma", POS);

    String place() {
      return document + ":" + line;
    }

    /** The fields of an entry, before those that are its alone. */
    Map<String, String> fields(String shown) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("text", shown);
      fields.put("document", document);
      fields.put("line", Long.toString(line));
      own.forEach((name, value) -> fields.put(TAKEN.contains(name) ? "own." + name : name, value));
      return fields;
    }
  }

  /** Reads file after file, text after text. */
  class Lines implements Source {
    private final Path root;
    private final CorpusOptions options;
    private final Function<Passage, List<Entry>> cut;
    private final Iterator<Path> files;
    private final long size;
    private final Deque<Entry> ready = new ArrayDeque<>();
    private @Nullable Path file;
    private @Nullable CorpusReader reader;
    private long number;

    private Lines(Path root, CorpusOptions options, Function<Passage, List<Entry>> cut) {
      this.root = root;
      this.options = options.withFields(true);
      this.cut = cut;
      List<Path> all = files(root);
      this.files = all.iterator();
      this.size = count(all, options);
    }

    private static List<Path> files(Path from) {
      if (Files.isRegularFile(from)) {
        return List.of(from);
      }
      if (!Files.isDirectory(from)) {
        throw new PolysemeException("there is no file or folder " + from);
      }
      try (Stream<Path> walk = Files.walk(from)) {
        List<Path> files = walk.filter(p -> isText(p) && Files.isRegularFile(p)).sorted().toList();
        if (files.isEmpty()) {
          throw new PolysemeException(
              "there is no file that ends with %s in %s"
                  .formatted(String.join(", ", ENDINGS), from));
        }
        return files;
      } catch (IOException | UncheckedIOException e) {
        throw new PolysemeException("cannot read the folder " + from + ": " + e.getMessage(), e);
      }
    }

    private static boolean isText(Path file) {
      String name = file.toString();
      String unpacked = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
      return ENDINGS.stream().anyMatch(unpacked::endsWith);
    }

    private static long count(List<Path> files, CorpusOptions options) {
      long count = 0;
      for (Path file : files) {
        try (CorpusReader reader = open(file, options)) {
          while (reader.hasNext()) {
            count += text(file, reader.next()).isBlank() ? 0 : 1;
          }
        }
      }
      return count;
    }

    private static CorpusReader open(Path file, CorpusOptions options) {
      return CorpusReader.open(file, options);
    }

    /** The text of a line. An index is of whole files: one line that is no text ends it. */
    private static String text(Path file, CorpusText line) {
      if (!line.readable()) {
        throw new PolysemeException("%s, line %d: %s".formatted(file, line.line(), line.problem()));
      }
      return line.text();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty()) {
        if (reader == null) {
          if (!files.hasNext()) {
            return false;
          }
          file = files.next();
          reader = open(file, options);
        }
        if (!reader.hasNext()) {
          close();
        } else {
          CorpusText line = reader.next();
          String text = text(file, line);
          if (!text.isBlank()) {
            ready.addAll(cut.apply(passage(line, text)));
          }
        }
      }
      return true;
    }

    private Passage passage(CorpusText line, String text) {
      Map<String, String> own = new LinkedHashMap<>();
      String id = line.id();
      if (id != null && !id.isEmpty()) {
        own.put(options.idField(), id);
      }
      own.putAll(line.fields());
      String document =
          root.equals(file) ? file.getFileName().toString() : root.relativize(file).toString();
      return new Passage(text, document, line.line(), own, ++number);
    }

    @Override
    public Entry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.close();
        reader = null;
      }
    }
  }
}
