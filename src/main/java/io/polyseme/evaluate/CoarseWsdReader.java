package io.polyseme.evaluate;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads CoarseWSD-20: a folder for each word, with its senses, texts and their labels. */
final class CoarseWsdReader {
  static final String EXPECTED =
      "a folder of CoarseWSD-20 (a folder for each word, with classes_map.txt, train.data.txt,"
          + " train.gold.txt, test.data.txt and test.gold.txt)";

  private static final String CLASSES = "classes_map.txt";

  private CoarseWsdReader() {}

  /** Whether a folder is the set's, or one of its words'. */
  static boolean isThere(Path folder) {
    return Files.exists(folder.resolve(CLASSES)) || !folders(folder).isEmpty();
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(f -> Files.exists(f.resolve(CLASSES))).sorted().toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * @param names the folders' names; all of them where this is empty
   * @throws PolysemeException if a file is missing or a line malformed, there is no such word, or
   *     one that is named has no test part
   */
  static List<Word> read(Path folder, Collection<String> names) {
    if (names.isEmpty() && Files.exists(folder.resolve(CLASSES))) {
      return List.of(readWord(folder));
    }
    List<Path> there = folders(folder);
    if (names.isEmpty()) {
      return there.stream().map(CoarseWsdReader::readWord).toList();
    }
    var words = new ArrayList<Word>();
    for (String name : names) {
      List<String> all = there.stream().map(f -> f.getFileName().toString()).toList();
      if (!all.contains(name)) {
        throw CoarseSenses.unknown(folder, name, all);
      }
      Path path = folder.resolve(name);
      Word word = readWord(path);
      if (word.test().isEmpty()) {
        throw new PolysemeException(
            "%s has no test part; test.data.txt and test.gold.txt are expected there"
                .formatted(path));
      }
      words.add(word);
    }
    return words;
  }

  private static Word readWord(Path folder) {
    Map<String, String> senses = readSenses(folder.resolve(CLASSES));
    boolean tested =
        Files.exists(folder.resolve("test.data.txt"))
            || Files.exists(folder.resolve("test.gold.txt"));
    return new Word(
        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
        senses,
        readExamples(folder, "train", senses),
        tested ? readExamples(folder, "test", senses) : List.of());
  }

  private static Map<String, String> readSenses(Path path) {
    String text =
        TestFile.read(path, "a JSON object from sense numbers to names").lines().stream()
            .map(TestFile.Line::text)
            .collect(Collectors.joining("\n"));
    var senses = new LinkedHashMap<String, String>();
    try {
      for (Map.Entry<String, JsonElement> entry :
          JsonParser.parseString(text).getAsJsonObject().entrySet()) {
        senses.put(entry.getKey(), entry.getValue().getAsString());
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new PolysemeException(
          "%s is no JSON object from sense numbers to names: %s".formatted(path, e.getMessage()),
          e);
    }
    return senses;
  }

  private static List<Example> readExamples(Path folder, String part, Map<String, String> senses) {
    TestFile data =
        TestFile.read(
            folder.resolve(part + ".data.txt"), "the index of a token, a tab and a text a line");
    TestFile gold =
        TestFile.read(
            folder.resolve(part + ".gold.txt"), "the number of a sense for each line of the texts");
    if (data.lines().size() != gold.lines().size()) {
      throw new PolysemeException(
          "%s has %d lines and %s has %d; a sense is needed for each text"
              .formatted(data.path(), data.lines().size(), gold.path(), gold.lines().size()));
    }
    var examples = new ArrayList<Example>();
    for (int i = 0; i < data.lines().size(); i++) {
      TestFile.Line label = gold.lines().get(i);
      String sense = label.text().strip();
      if (!senses.containsKey(sense)) {
        throw gold.malformed(
            label, "not a sense of %s, which has %s".formatted(CLASSES, senses.keySet()));
      }
      examples.add(example(data, data.lines().get(i), sense));
    }
    return examples;
  }

  private static Example example(TestFile file, TestFile.Line line, String sense) {
    int tab = line.text().indexOf('\t');
    if (tab < 0) {
      throw file.malformed(line, "no tab between the token's index and the text");
    }
    int index;
    try {
      index = Integer.parseInt(line.text().substring(0, tab).strip());
    } catch (NumberFormatException _) {
      throw file.malformed(line, "the token's index is no number");
    }
    String text = line.text().substring(tab + 1);
    List<Span> tokens = tokens(text);
    if (index < 0 || index >= tokens.size()) {
      throw file.malformed(
          line, "there is no token %d among the text's %d".formatted(index, tokens.size()));
    }
    return new Example(text, tokens.get(index), sense);
  }

  /**
   * What stands between white space. The set's indices were counted by Python, to which no-break
   * spaces are white space, as they are not to {@link Character#isWhitespace}.
   */
  private static List<Span> tokens(String text) {
    var tokens = new ArrayList<Span>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean space = i == text.length() || isSpace(text.charAt(i));
      if (!space && start < 0) {
        start = i;
      } else if (space && start >= 0) {
        tokens.add(new Span(start, i));
        start = -1;
      }
    }
    return tokens;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
