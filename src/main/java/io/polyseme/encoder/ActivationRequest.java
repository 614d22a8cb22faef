package io.polyseme.encoder;

import io.polyseme.encoder.graph.Tap;
import java.util.Map;
import java.util.Set;

/**
 * Which values inside a model are wanted, and what of it is replaced meanwhile.
 *
 * @param taps the values
 * @param replaced values float[tokens, n] that become others, for all that reads them
 */
public record ActivationRequest(Set<Tap> taps, Map<Tap, Replacement> replaced) {
  public ActivationRequest {
    taps = Set.copyOf(taps);
    replaced = Map.copyOf(replaced);
    if (taps.isEmpty()) {
      throw new IllegalArgumentException("no inner value is asked for");
    }
  }

  /** Of a model as it is. */
  public static ActivationRequest of(Set<? extends Tap> taps) {
    return new ActivationRequest(Set.copyOf(taps), Map.of());
  }

  public static ActivationRequest of(Tap... taps) {
    return of(Set.of(taps));
  }

  /** The same values with other parts replaced. */
  public ActivationRequest withReplaced(Map<? extends Tap, Replacement> parts) {
    return new ActivationRequest(taps, Map.copyOf(parts));
  }
}
