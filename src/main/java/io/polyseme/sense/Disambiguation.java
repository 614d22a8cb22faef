package io.polyseme.sense;

import java.util.List;

/**
 * The senses of a word where it stands.
 *
 * @param word with its place in the text
 * @param senses likeliest first; at least one
 */
public record Disambiguation(AnalysedWord word, List<RankedSense> senses) {
  public Disambiguation {
    senses = List.copyOf(senses);
    if (senses.isEmpty()) {
      throw new IllegalArgumentException("no senses for \"" + word.lemma() + "\"");
    }
  }

  /** The likeliest sense. */
  public RankedSense best() {
    return senses.getFirst();
  }
}
