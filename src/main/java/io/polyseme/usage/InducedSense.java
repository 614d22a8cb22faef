package io.polyseme.usage;

import io.polyseme.cluster.ScoredWord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sense that was found in the usages of a word.
 *
 * @param number from 1, the most frequent first
 * @param size how many usages it has
 * @param typical the usages nearest to their mean, nearest first
 * @param words what sets its contexts apart from those of the other senses
 * @param nearest of the inventory; null where there is no inventory, or the word is not in it
 */
public record InducedSense(
    int number,
    int size,
    List<RankedUsage> typical,
    List<ScoredWord> words,
    @Nullable NearestSense nearest) {
  public InducedSense {
    typical = List.copyOf(typical);
    words = List.copyOf(words);
  }
}
