package io.polyseme.insight;

import java.util.Locale;

/**
 * The head that finds a relation best, chosen on one half of the sentences and scored on the other,
 * beside controls that were chosen on the same half.
 *
 * @param relation a syntactic relation, or {@code pronoun}
 * @param direction from which of the two words it looks
 * @param head the head
 * @param chosenBy its accuracy on the half that it was chosen on
 * @param accuracy how often the word that it looks at most is a right one, on the other half
 * @param low the lower end of the 95 % interval (Wilson's)
 * @param high its upper end
 * @param items how many questions that half has
 * @param offset the fixed distance that was best: -1 is the candidate before
 * @param offsetAccuracy how often that is right
 * @param shuffled how often the best of as many heads is right whose attention was shuffled
 * @param chance how often a candidate at random is right
 */
public record RelationHead(
    String relation,
    Direction direction,
    HeadRef head,
    double chosenBy,
    double accuracy,
    double low,
    double high,
    int items,
    int offset,
    double offsetAccuracy,
    double shuffled,
    double chance) {
  /** Who looks at whom. */
  public enum Direction {
    /** A dependent at its head. */
    TO_HEAD,
    /** A head at one of its dependents in that relation. */
    TO_DEPENDENT,
    /** A pronoun at the noun that it means, among all words of the sentence. */
    TO_ANTECEDENT,
    /** The same, among the sentence's nouns alone. */
    TO_ANTECEDENT_AMONG_NOUNS;

    /** The name in small letters, with hyphens. */
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What the head has beyond the better control. */
  public double gain() {
    return accuracy - Math.max(offsetAccuracy, shuffled);
  }
}
