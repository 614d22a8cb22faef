package io.polyseme.evaluate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.evaluate.ContextPairs.Pair;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The formats of {@link ContextPairs}. */
final class ContextPairsReader {
  private static final String OPEN = "<word>";
  private static final String CLOSE = "</word>";

  private ContextPairsReader() {}

  static List<Pair> wic(Path dataFile, Path goldFile) {
    TestFile data =
        TestFile.read(dataFile, "a word, its part of speech, two indices and two texts a line");
    TestFile gold = TestFile.read(goldFile, "T or F for each line of the texts");
    if (data.lines().size() != gold.lines().size()) {
      throw new PolysemeException(
          "%s has %d lines and %s has %d; an answer is needed for each pair"
              .formatted(dataFile, data.lines().size(), goldFile, gold.lines().size()));
    }
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < data.lines().size(); i++) {
      TestFile.Line line = data.lines().get(i);
      String[] columns = line.text().split("\t", -1);
      if (columns.length != 5) {
        throw data.malformed(
            line,
            "%d columns where a word, its part of speech, two indices and two texts should be"
                .formatted(columns.length));
      }
      String[] indices = columns[2].strip().split("-", -1);
      if (indices.length != 2) {
        throw data.malformed(line, "no two indices such as 2-5");
      }
      pairs.add(
          new Pair(
              columns[0].strip(),
              tokenised(data, line, columns[3], indices[0]),
              tokenised(data, line, columns[4], indices[1]),
              answer(gold, gold.lines().get(i), gold.lines().get(i).text())));
    }
    return pairs;
  }

  private static Term.Usage tokenised(
      TestFile file, TestFile.Line line, String text, String index) {
    List<String> tokens = Arrays.asList(text.split(" ", -1));
    try {
      return Tokenised.usage(tokens, Integer.parseInt(index));
    } catch (NumberFormatException _) {
      throw file.malformed(line, "the index \"%s\" is no number".formatted(index));
    } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
      throw file.malformed(
          line, "there is no token %s among a text's %d".formatted(index, tokens.size()));
    }
  }

  private static boolean answer(TestFile file, TestFile.Line line, String answer) {
    return switch (answer.strip()) {
      case "T" -> true;
      case "F" -> false;
      default -> throw file.malformed(line, "the answer is neither T nor F");
    };
  }

  static List<Pair> multilingual(Path dataFile, Path goldFile) {
    Map<String, Boolean> answers = new HashMap<>();
    List<JsonObject> golds = objects(goldFile, "a JSON array of objects with id and tag");
    for (int i = 0; i < golds.size(); i++) {
      String tag = text(goldFile, golds, i, "tag");
      if (!tag.equals("T") && !tag.equals("F")) {
        throw malformed(goldFile, i, "the tag is neither T nor F: \"%s\"".formatted(tag));
      }
      String id = text(goldFile, golds, i, "id");
      if (answers.put(id, tag.equals("T")) != null) {
        throw malformed(goldFile, i, "there is a second answer to %s".formatted(id));
      }
    }
    List<JsonObject> items =
        objects(dataFile, "a JSON array of objects with id, lemma, sentences and offsets");
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < items.size(); i++) {
      String id = text(dataFile, items, i, "id");
      Boolean same = answers.get(id);
      if (same == null) {
        throw malformed(dataFile, i, "%s has no answer to %s".formatted(goldFile, id));
      }
      pairs.add(
          new Pair(
              text(dataFile, items, i, "lemma"),
              offsets(dataFile, items, i, "1"),
              offsets(dataFile, items, i, "2"),
              same));
    }
    return pairs;
  }

  private static List<JsonObject> objects(Path path, String expected) {
    String text =
        TestFile.read(path, expected).lines().stream()
            .map(TestFile.Line::text)
            .collect(Collectors.joining("\n"));
    try {
      return JsonParser.parseString(text).getAsJsonArray().asList().stream()
          .map(JsonElement::getAsJsonObject)
          .toList();
    } catch (JsonParseException | IllegalStateException e) {
      throw new PolysemeException("%s is not %s: %s".formatted(path, expected, e.getMessage()), e);
    }
  }

  private static PolysemeException malformed(Path path, int item, String problem) {
    return new PolysemeException("%s, item %d: %s".formatted(path, item + 1, problem));
  }

  private static String text(Path path, List<JsonObject> items, int item, String key) {
    JsonElement value = items.get(item).get(key);
    if (value == null || !value.isJsonPrimitive()) {
      throw malformed(path, item, "it has no \"%s\"".formatted(key));
    }
    return value.getAsString();
  }

  /**
   * Offsets count code points. Across languages a second text has ranges, of which one is taken.
   */
  private static Term.Usage offsets(Path path, List<JsonObject> items, int item, String which) {
    String text = text(path, items, item, "sentence" + which);
    String start;
    String end;
    if (items.get(item).has("ranges" + which)) {
      String[] range = text(path, items, item, "ranges" + which).split(",")[0].split("-", -1);
      if (range.length != 2) {
        throw malformed(path, item, "ranges%s is not of the form 3-8,10-12".formatted(which));
      }
      start = range[0];
      end = range[1];
    } else {
      start = text(path, items, item, "start" + which);
      end = text(path, items, item, "end" + which);
    }
    try {
      int from = text.offsetByCodePoints(0, Integer.parseInt(start.strip()));
      int to = text.offsetByCodePoints(0, Integer.parseInt(end.strip()));
      if (from >= to) {
        throw malformed(path, item, "the word ends at %s before it begins".formatted(end));
      }
      return new Term.Usage(text, new Span(from, to));
    } catch (NumberFormatException | IndexOutOfBoundsException _) {
      throw malformed(
          path, item, "%s to %s is no place in sentence%s".formatted(start, end, which));
    }
  }

  /**
   * There are no lemmas: the first form stands for one, in lower case, so that at least a word and
   * the same at the beginning of a sentence come into one fold.
   */
  static List<Pair> marked(Path path) {
    TestFile file =
        TestFile.read(path, "two contexts with %sword%s and T or F a line".formatted(OPEN, CLOSE));
    var pairs = new ArrayList<Pair>();
    for (TestFile.Line line : file.lines()) {
      if (line.text().isBlank() || line.number() == 1 && line.text().startsWith("context1")) {
        continue;
      }
      String[] columns = line.text().split("\t", -1);
      if (columns.length != 3) {
        throw file.malformed(
            line, "%d columns where two contexts and T or F should be".formatted(columns.length));
      }
      Term.Usage first = MarkedText.usage(file, line, columns[0], OPEN, CLOSE);
      pairs.add(
          new Pair(
              first.word().toLowerCase(Locale.ROOT),
              first,
              MarkedText.usage(file, line, columns[1], OPEN, CLOSE),
              answer(file, line, columns[2])));
    }
    return pairs;
  }
}
