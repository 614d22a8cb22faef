package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads sets whose words have labelled texts but no test part; the format is told by the files. */
final class SenseSamples {
  private static final String EXPECTED =
      "a lexical sample in Senseval's XML, SememeWSD, a folder of such files, or "
          + CoarseWsdReader.EXPECTED;

  private SenseSamples() {}

  /** What a file holds. */
  private enum Format {
    SENSEVAL("Senseval's XML"),
    SEMEME("SememeWSD");

    final String name;

    Format(String name) {
      this.name = name;
    }

    /** By the first line that is not blank; null for none of them. */
    static @Nullable Format of(TestFile file) {
      String first =
          file.lines().stream()
              .map(line -> line.text().strip())
              .filter(text -> !text.isEmpty())
              .findFirst()
              .orElse("");
      return first.startsWith("<") ? SENSEVAL : first.startsWith("{") ? SEMEME : null;
    }
  }

  /**
   * A text and the word it is of.
   *
   * @param word its name
   */
  record Labelled(String word, Example example) {}

  /**
   * @param path a file or a folder
   * @param names the words'; all of them where this is empty
   */
  static CoarseSenses read(Path path, Collection<String> names) {
    if (!Files.exists(path)) {
      throw new PolysemeException(
          "%s does not exist; %s is expected there".formatted(path, EXPECTED));
    }
    List<Path> files = Files.isDirectory(path) ? filesOf(path) : List.of(path);
    var labelled = new ArrayList<Labelled>();
    Format found = null;
    Path first = path;
    for (Path at : files) {
      TestFile file = TestFile.read(at, EXPECTED);
      Format format = Format.of(file);
      if (format == null) {
        if (files.size() == 1) {
          break;
        }
        continue; // a README, say
      }
      if (found != null && format != found) {
        throw new PolysemeException(
            "%s is %s and %s is %s: one of them must be named"
                .formatted(first, found.name, at, format.name));
      }
      if (found == null) {
        found = format;
        first = at;
      }
      labelled.addAll(
          format == Format.SENSEVAL ? SensevalReader.read(file) : SememeReader.read(file));
    }
    if (found == null) {
      throw new PolysemeException(
          "%s holds no labelled words; %s is expected there".formatted(path, EXPECTED));
    }
    return new CoarseSenses(
        words(path, labelled, names),
        found == Format.SENSEVAL ? Division.HALVES : Division.LEAVE_ONE_OUT);
  }

  private static List<Path> filesOf(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static List<Word> words(Path path, List<Labelled> labelled, Collection<String> names) {
    Map<String, List<Example>> examples = new LinkedHashMap<>();
    labelled.forEach(
        it -> examples.computeIfAbsent(it.word, _ -> new ArrayList<>()).add(it.example));
    for (String name : names) {
      if (!examples.containsKey(name)) {
        throw CoarseSenses.unknown(path, name, examples.keySet());
      }
    }
    return (names.isEmpty() ? examples.keySet() : names)
        .stream().map(name -> word(name, examples.get(name))).toList();
  }

  /** A word whose senses have no names but those the texts give them. */
  private static Word word(String name, List<Example> examples) {
    Map<String, String> senses = new LinkedHashMap<>();
    new TreeSet<>(examples.stream().map(Example::sense).toList())
        .forEach(sense -> senses.put(sense, sense));
    return new Word(name, senses, examples, List.of());
  }
}
