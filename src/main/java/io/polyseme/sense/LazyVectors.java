package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.encoder.Encoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Encodes the glosses and examples of senses when they are first asked for. Thread-safe. */
final class LazyVectors implements SenseVectors {
  /** By hand on WordNet's nouns before any test set was looked at. */
  static final SenseWeights WEIGHTS = new SenseWeights(6, 8, 0.5, 1);

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
    var texts = new ArrayList<SenseTexts.Text>();
    for (Sense sense : senses) {
      if (!known.containsKey(sense.id())) {
        SenseTexts.gloss(sense).ifPresent(texts::add);
        texts.addAll(SenseTexts.examples(sense, inventory, encoder));
      }
    }
    Map<String, Gathered> gathered = new HashMap<>();
    senses.forEach(sense -> gathered.put(sense.id(), new Gathered()));
    SenseTexts.encode(
        texts.iterator(),
        space,
        encoder,
        (text, vectors) -> {
          Gathered of = gathered.get(text.sense().id());
          float[] placed = space.place(vectors);
          if (text.gloss()) {
            of.gloss.add(placed);
          } else {
            of.usages.add(placed);
          }
        },
        cancel);
    gathered.forEach((id, of) -> known.computeIfAbsent(id, _ -> of.known()));
  }

  /** The vectors of one sense's texts. */
  private static final class Gathered {
    final List<float[]> usages = new ArrayList<>();
    final List<float[]> gloss = new ArrayList<>();

    Known known() {
      float[] mean = usages.isEmpty() ? null : new float[usages.getFirst().length];
      for (float[] usage : usages) {
        for (int d = 0; d < mean.length; d++) {
          mean[d] += usage[d];
        }
      }
      return new Known(
          mean == null ? null : UsageSpace.unit(mean),
          0,
          usages.size(),
          gloss.isEmpty() ? null : gloss.getFirst());
    }
  }

  @Override
  public synchronized Known of(Sense sense) {
    return known.getOrDefault(sense.id(), Known.NOTHING);
  }
}
