package io.polyseme.insight;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an attention head looks at, on average over the words and marks of many texts.
 *
 * @param head which one it is
 * @param shares of its attention, 0 to 1, each over the words where there was something of the kind
 *     to look at; of {@link HeadPattern#BROAD} the entropy as a share of the greatest there can be;
 *     NaN where there never was
 * @param distance how far it looks, special tokens apart, in words and marks
 * @param job what it does most beyond what even attention would; null where that is nothing clear
 * @param score the job's share; 0 without a job
 */
public record HeadProfile(
    HeadRef head,
    Map<HeadPattern, Double> shares,
    double distance,
    @Nullable HeadPattern job,
    double score) {
  public HeadProfile {
    shares = Map.copyOf(shares);
  }
}
