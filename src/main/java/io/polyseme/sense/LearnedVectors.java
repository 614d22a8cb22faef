package io.polyseme.sense;

import io.polyseme.Cancel;
import java.util.Collection;
import java.util.Map;

/** What was learned of senses, in memory. Immutable and thread-safe. */
final class LearnedVectors implements SenseVectors {
  private final UsageSpace space;
  private final Map<String, Known> senses;
  private final SenseWeights weights;

  LearnedVectors(UsageSpace space, Map<String, Known> senses, SenseWeights weights) {
    this.space = space;
    this.senses = Map.copyOf(senses);
    this.weights = weights;
  }

  LearnedVectors withWeights(SenseWeights other) {
    return new LearnedVectors(space, senses, other);
  }

  @Override
  public UsageSpace space() {
    return space;
  }

  @Override
  public SenseWeights weights() {
    return weights;
  }

  @Override
  public void prepare(Collection<Sense> senses, Cancel cancel) {}

  @Override
  public Known of(Sense sense) {
    return senses.getOrDefault(sense.id(), Known.NOTHING);
  }
}
