package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.encoder.Encoder;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Encodes the glosses and examples of senses when they are first asked for. Thread-safe. */
final class LazyVectors implements SenseVectors {
  /** Chosen by hand, by no test set: there is nothing labelled here to find them by. */
  static final SenseWeights WEIGHTS = SenseWeights.of(8, Double.NaN, 2, 0.5, 1);

  private static final int REMEMBERED = 20_000;

  private final SenseInventory inventory;
  private final Encoder encoder;
  private final UsageSpace space;
  private final Map<String, Known> known = new HashMap<>();

  private LazyVectors(SenseInventory inventory, Encoder encoder, UsageSpace space) {
    this.inventory = inventory;
    this.encoder = encoder;
    this.space = space;
  }

  static LazyVectors of(SenseInventory inventory, Encoder encoder, Cancel cancel) {
    return of(inventory, encoder, SenseTexts.standardised(inventory, encoder, cancel));
  }

  static LazyVectors of(SenseInventory inventory, Encoder encoder, UsageSpace space) {
    return new LazyVectors(inventory, encoder, space);
  }

  @Override
  public UsageSpace space() {
    return space;
  }

  @Override
  public SenseWeights weights() {
    return WEIGHTS;
  }

  @Override
  public synchronized void prepare(Collection<Sense> senses, Cancel cancel) {
    if (known.size() > REMEMBERED) {
      known.clear();
    }
    Map<String, GatheredSense> missing = new LinkedHashMap<>();
    for (Sense sense : senses) {
      if (!known.containsKey(sense.id())) {
        missing.put(sense.id(), new GatheredSense(sense));
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    SenseTexts.encode(
        missing.values().stream()
            .flatMap(of -> SenseTexts.all(of.sense(), inventory, encoder))
            .iterator(),
        space,
        encoder,
        (text, vectors) -> missing.get(text.sense().id()).add(text, space.place(vectors)),
        cancel);
    missing.forEach((id, of) -> known.put(id, of.known()));
  }

  @Override
  public synchronized Known of(Sense sense) {
    return known.getOrDefault(sense.id(), Known.NOTHING);
  }
}
