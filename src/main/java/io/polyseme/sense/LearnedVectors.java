package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.Cancel;
import io.polyseme.encoder.Encoder;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What was learned from labelled usages, in memory. */
final class LearnedVectors implements SenseVectors {
  /**
   * Where the search for weights begins, and what is taken where there is too little to find them.
   */
  private static final SenseWeights START = SenseWeights.of(30, 0.1, 1, 0.8, 0.3);

  private static final int FEWEST_TO_FIT = 500;

  /** One document of so many is held out to calibrate by. */
  private static final int HELD_OUT = 5;

  private final UsageSpace space;
  private final Map<String, SenseLearner.Usages> senses;
  private final SenseWeights weights;
  private final Map<String, float[]> glosses;
  private final Map<String, float[]> placed = new HashMap<>();

  /** The directions of senses that were asked for. */
  private final Map<String, float[]> means = new HashMap<>();

  private LearnedVectors(
      UsageSpace space,
      Map<String, SenseLearner.Usages> senses,
      SenseWeights weights,
      Map<String, float[]> glosses) {
    this.space = space;
    this.senses = senses;
    this.weights = weights;
    this.glosses = glosses;
  }

  /**
   * Learns from labelled usages. How sure its answers may be is found on a part of the documents
   * that is held out at first.
   *
   * @param rows of the table, those to learn from
   * @param glosses vectors of glosses by sense, before whitening; not all need be there
   */
  static LearnedVectors learn(
      SenseInventory inventory,
      Encoder encoder,
      UsageSpace base,
      UsageTable usages,
      IntArrayList rows,
      Map<String, float[]> glosses) {
    var documents = new TreeSet<String>();
    for (int i = 0; i < rows.size(); i++) {
      documents.add(usages.get(rows.get(i)).document());
    }
    Map<String, Integer> number = new HashMap<>();
    documents.forEach(document -> number.put(document, number.size()));
    var part = new IntArrayList();
    var rest = new IntArrayList();
    for (int i = 0; i < rows.size(); i++) {
      int row = rows.get(i);
      boolean held = number.get(usages.get(row).document()) % HELD_OUT == HELD_OUT - 1;
      (held ? rest : part).add(row);
    }
    SenseWeights weights = START;
    if (rest.size() >= FEWEST_TO_FIT) {
      var first = learn(base, usages, part, START, glosses);
      List<SenseWeights.Labelled> items =
          labelled(Disambiguator.of(inventory, encoder, first), first.space, usages, rest);
      weights = items.size() < FEWEST_TO_FIT ? START : START.fitted(items);
    }
    return learn(base, usages, rows, weights, glosses);
  }

  private static LearnedVectors learn(
      UsageSpace base,
      UsageTable usages,
      IntArrayList rows,
      SenseWeights weights,
      Map<String, float[]> glosses) {
    UsageSpace space = SenseLearner.space(base, usages, rows);
    return new LearnedVectors(space, SenseLearner.senses(space, usages, rows), weights, glosses);
  }

  private static List<SenseWeights.Labelled> labelled(
      Disambiguator disambiguator, UsageSpace space, UsageTable usages, IntArrayList rows) {
    List<SenseWeights.Labelled> items = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      UsageTable.Usage usage = usages.get(rows.get(i));
      var word =
          new AnalysedWord(usage.word().span(), List.of(usage.word().lemma()), usage.word().pos());
      List<Sense> senses = disambiguator.senses(word);
      int right = -1;
      for (int s = 0; s < senses.size(); s++) {
        right = senses.get(s).id().equals(usage.senses().getFirst()) ? s : right;
      }
      if (senses.size() > 1 && right >= 0) {
        float[] placed = space.whiten(usages.vector(rows.get(i)));
        items.add(new SenseWeights.Labelled(disambiguator.features(word, placed), right));
      }
    }
    return items;
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
    SenseLearner.Usages usages = senses.get(sense.id());
    float[] mean =
        usages == null
            ? null
            : means.computeIfAbsent(sense.id(), _ -> Vectors.unitOrZero(usages.sum()));
    return new Known(mean, usages == null ? 0 : usages.count(), 0, gloss(sense));
  }

  /** Each sense's usages in the learned space, by its id. */
  Map<String, SenseLearner.Usages> senses() {
    return senses;
  }

  private float @Nullable [] gloss(Sense sense) {
    float[] before = glosses.get(sense.id());
    return before == null ? null : placed.computeIfAbsent(sense.id(), _ -> space.whiten(before));
  }
}
