package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/**
 * Words of one space with their translations in another: what an {@link Alignment} is learned from
 * and measured on. A word may have several translations. Immutable.
 *
 * @param pairs in order, each once
 */
public record Dictionary(List<Pair> pairs) {
  /** A word of the source space and its translation in the target space. */
  public record Pair(String source, String target) {}

  /** A dictionary in two parts. */
  public record Split(Dictionary train, Dictionary test) {}

  public Dictionary {
    pairs = List.copyOf(new LinkedHashSet<>(pairs));
  }

  /**
   * Reads a file: a pair a line, with a tab between, or white space where neither word has any;
   * empty lines and lines that begin with # are skipped.
   *
   * @throws PolysemeException if it cannot be read, or a line is no pair
   */
  public static Dictionary read(Path file) {
    List<Pair> pairs = new ArrayList<>();
    for (WordLines.Line line : WordLines.read(file, "dictionary")) {
      List<String> words = line.words();
      if (words.size() != 2 || words.contains("")) {
        throw new PolysemeException(
            "line %d of %s is no pair of words with a tab between: \"%s\""
                .formatted(line.number(), file, line.text()));
      }
      pairs.add(new Pair(words.getFirst(), words.getLast()));
    }
    if (pairs.isEmpty()) {
      throw new PolysemeException("the dictionary " + file + " has no pairs");
    }
    return new Dictionary(pairs);
  }

  /**
   * Parts it by chance into what is learned from and what is held out, so that all translations of
   * a source word are in one part.
   *
   * @param heldOut the share of the source words that are held out, between 0 and 1
   * @throws IllegalArgumentException if either part would be empty
   */
  public Split split(double heldOut, long seed) {
    List<String> sources =
        new ArrayList<>(new LinkedHashSet<>(pairs.stream().map(Pair::source).toList()));
    int held = (int) Math.round(heldOut * sources.size());
    if (!(heldOut > 0 && heldOut < 1) || held < 1 || held >= sources.size()) {
      throw new IllegalArgumentException(
          "holding out %s of %d words leaves one part empty; give a share between 0 and 1"
              .formatted(heldOut, sources.size()));
    }
    Collections.shuffle(sources, new Random(seed));
    var test = new LinkedHashSet<>(sources.subList(0, held));
    return new Split(
        new Dictionary(pairs.stream().filter(pair -> !test.contains(pair.source())).toList()),
        new Dictionary(pairs.stream().filter(pair -> test.contains(pair.source())).toList()));
  }
}
