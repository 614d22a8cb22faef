package io.polyseme.sense;

/** How {@link SameSense} tells of two usages. Immutable. */
sealed interface PairRule permits PairThreshold, PairHead {
  /** Tells of two rows, whose layers and dimensions are the space's. */
  SameSense.Answer tell(StandardSpace space, UsageStates states, int first, int second);
}
