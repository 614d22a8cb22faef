package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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

  /** How many bytes a file's format is told by. */
  private static final int PREFIX = 1024;

  /** UTF-8's, a character a byte. */
  private static final String BOM = "\u00EF\u00BB\u00BF";

  private SenseSamples() {}

  /** What a file holds. */
  private enum Format {
    SENSEVAL("Senseval's XML"),
    SEMEME("SememeWSD");

    final String name;

    Format(String name) {
      this.name = name;
    }

    /**
     * By the first character that is not blank; null for none of them. No more is read, nor
     * decoded, since what else lies in a folder may be large, or no UTF-8.
     */
    static @Nullable Format of(Path file) {
      String first;
      try (InputStream in = Files.newInputStream(file)) {
        first =
            new String(in.readNBytes(PREFIX), StandardCharsets.ISO_8859_1)
                .replaceFirst("^" + BOM, "")
                .strip();
      } catch (IOException e) {
        throw new PolysemeException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
      }
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
      Format format = Format.of(at);
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
      TestFile file = TestFile.read(at, EXPECTED);
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
