package io.polyseme.sense;

import java.util.Locale;
import java.util.Optional;

/** The parts of speech that sense inventories tell apart. */
public enum PartOfSpeech {
  NOUN("n"),
  VERB("v"),
  ADJECTIVE("a"),
  ADVERB("r"),
  /** Every other: particles, measure words, pronouns. WordNet has none of them. */
  OTHER("x");

  private final String letter;

  PartOfSpeech(String letter) {
    this.letter = letter;
  }

  /** WordNet's letter: n, v, a, r; x for others. */
  public String letter() {
    return letter;
  }

  /**
   * Reads the ways in which files name a part of speech: WordNet's letters (s is an adjective too),
   * names, the tags of Universal Dependencies and of the Penn Treebank.
   *
   * @return empty where the name is none of these
   */
  public static Optional<PartOfSpeech> parse(String name) {
    return Optional.ofNullable(
        switch (name.strip().toLowerCase(Locale.ROOT)) {
          case "n", "noun", "propn", "nn", "nns", "nnp", "nnps", "名词" -> NOUN;
          case "v", "verb", "aux", "vb", "vbd", "vbg", "vbn", "vbp", "vbz", "md", "动词" -> VERB;
          case "a", "s", "adj", "adjective", "jj", "jjr", "jjs", "形容词" -> ADJECTIVE;
          case "r", "adv", "adverb", "rb", "rbr", "rbs", "wrb", "副词" -> ADVERB;
          case "x", "other" -> OTHER;
          default -> null;
        });
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
