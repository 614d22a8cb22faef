package io.polyseme.search;

import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusFormat;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.lexicon.WordNet;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** How many entries there are; -1 where that is not known. */
  long size();

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
                new Entry(synset.definition(), List.of(new Entry.Item(synset.id(), null, fields))));
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

  /**
   * The lines of a text file, or of all {@code .txt} files below a folder, each one passage.
   *
   * @param words finds the words of a line where these are indexed; null where the line is
   */
  static Source lines(Path from, @Nullable Function<String, List<Span>> words) {
    List<Path> files = files(from);
    return new Lines(from, files, count(files), words);
  }

  private static List<Path> files(Path from) {
    if (Files.isRegularFile(from)) {
      return List.of(from);
    }
    if (!Files.isDirectory(from)) {
      throw new PolysemeException("there is no file or folder " + from);
    }
    try (Stream<Path> walk = Files.walk(from)) {
      List<Path> files =
          walk.filter(p -> p.toString().endsWith(".txt") && Files.isRegularFile(p))
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new PolysemeException("there is no .txt file in " + from);
      }
      return files;
    } catch (IOException | UncheckedIOException e) {
      throw new PolysemeException("cannot read the folder " + from + ": " + e.getMessage(), e);
    }
  }

  private static long count(List<Path> files) {
    long count = 0;
    for (Path file : files) {
      try (CorpusReader reader = Lines.open(file)) {
        while (reader.hasNext()) {
          count += Lines.text(file, reader.next()).isBlank() ? 0 : 1;
        }
      }
    }
    return count;
  }

  /** Reads file after file, line after line. */
  final class Lines implements Source {
    private final Path root;
    private final Iterator<Path> files;
    private final long size;
    private final @Nullable Function<String, List<Span>> words;
    private @Nullable Path file;
    private @Nullable CorpusReader reader;
    private @Nullable CorpusText line;

    private Lines(
        Path root, List<Path> files, long size, @Nullable Function<String, List<Span>> words) {
      this.root = root;
      this.files = files.iterator();
      this.size = size;
      this.words = words;
    }

    private static CorpusReader open(Path file) {
      return CorpusReader.open(file, CorpusOptions.DEFAULT.withFormat(CorpusFormat.LINES));
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
      while (line == null) {
        if (reader == null) {
          if (!files.hasNext()) {
            return false;
          }
          file = files.next();
          reader = open(file);
        }
        if (!reader.hasNext()) {
          close();
        } else {
          line = reader.next();
          if (text(file, line).isBlank()) {
            line = null;
          }
        }
      }
      return true;
    }

    @Override
    public Entry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String text = line.text();
      long number = line.line();
      line = null;
      String document =
          root.equals(file) ? file.getFileName().toString() : root.relativize(file).toString();
      String place = document + ":" + number;
      if (words == null) {
        return new Entry(
            text, List.of(new Entry.Item(place, null, fields(text, document, number))));
      }
      var items = new ArrayList<Entry.Item>();
      for (Span span : words.apply(text)) {
        Map<String, String> fields = fields(text, document, number);
        fields.put("word", span.of(text));
        fields.put("start", Integer.toString(span.start()));
        fields.put("end", Integer.toString(span.end()));
        items.add(new Entry.Item(place + ":" + span.start(), span, fields));
      }
      return new Entry(text, items);
    }

    private static Map<String, String> fields(String text, String document, long line) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("text", text);
      fields.put("document", document);
      fields.put("line", Long.toString(line));
      return fields;
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
