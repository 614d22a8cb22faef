package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encodes the glosses and examples of senses when they are first asked for. Thread-safe. */
final class LazyVectors implements SenseVectors {
  /** Found on SemCor's documents, the frequencies counted in others of them. */
  static final SenseWeights WEIGHTS = SenseWeights.of(5, 0, 5, 1, 1);

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
    Map<String, Sense> missing = new LinkedHashMap<>();
    for (Sense sense : senses) {
      if (!known.containsKey(sense.id())) {
        missing.put(sense.id(), sense);
      }
    }
    if (!missing.isEmpty()) {
      SenseTexts.gather(missing.values(), space, inventory, encoder, Progress.NONE, cancel)
          .forEach(
              (id, of) -> known.put(id, of.known(of.mean(space, List.of()), 0, of.gloss(space))));
    }
  }

  /** Nothing is labelled here, and nothing need be encoded to say so. */
  @Override
  public Known counted(Sense sense) {
    return Known.NOTHING;
  }

  @Override
  public synchronized Known of(Sense sense) {
    Known of = known.get(sense.id());
    if (of == null) { // another thread's senses took the place of this one's
      prepare(List.of(sense), Cancel.create());
      of = known.getOrDefault(sense.id(), Known.NOTHING);
    }
    return of;
  }
}
