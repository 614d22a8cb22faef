package io.polyseme.sense;

/**
 * What spoke for a sense.
 *
 * @param kind where it comes from
 * @param text the example, gloss or words; for a corpus how many usages there were
 * @param score how like the word in its context it is: a cosine, for {@link Kind#FREQUENCY} a
 *     probability, for {@link Kind#WORDS} the sum of the words' weights
 */
public record Evidence(Kind kind, String text, double score) {
  /** Where evidence comes from. */
  public enum Kind {
    /** A labelled corpus: the mean of the word's usages in this sense. */
    CORPUS,
    /** An example of the inventory. */
    EXAMPLE,
    /** The inventory's definition. */
    GLOSS,
    /** A neighbour in the inventory, for a sense with nothing of its own. */
    NEIGHBOUR,
    /** How often the sense occurs at all. */
    FREQUENCY,
    /** Words that text and glosses share. */
    WORDS;

    /** In lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
