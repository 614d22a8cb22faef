package io.polyseme.sense;

import java.util.List;

/**
 * A sense with how likely it is where the word stands.
 *
 * @param probability from 0 to 1; those of a word's senses sum to 1
 * @param evidence what spoke for it, strongest first; of the first ranked sense more than of others
 */
public record RankedSense(Sense sense, double probability, List<Evidence> evidence) {
  public RankedSense {
    evidence = List.copyOf(evidence);
  }
}
