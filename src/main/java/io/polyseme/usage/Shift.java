package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Semantic change: how far the usages of a word in one part of a corpus are from those in another,
 * by the average pairwise distance and the prototype distance, on equal samples, with a permutation
 * test, and beside a control in which whole texts are shuffled between the parts: what is left
 * there is no change but noise of the sample. Words are compared by their forms as well as by their
 * meaning unless the index puts lemmas in their place (Laicher et al. 2021).
 */
public final class Shift {
  private final Usages usages;
  private final PartOfCorpus before;
  private final PartOfCorpus after;
  private final ShiftOptions options;

  /**
   * @param usages stay the caller's to close
   * @throws PolysemeException if a part has no usages at all
   */
  public Shift(Usages usages, PartOfCorpus before, PartOfCorpus after, ShiftOptions options) {
    this.usages = usages;
    this.before = before;
    this.after = after;
    this.options = options;
    for (PartOfCorpus part : List.of(before, after)) {
      if (usages.index().entries(part.filter(), 1).isEmpty()) {
        throw new PolysemeException(
            "no usage of %s is in the part \"%s\""
                .formatted(usages.index().info().name(), part.name()));
      }
    }
  }

  /**
   * How far a lemma's two parts are apart.
   *
   * @throws PolysemeException if it has too few usages in a part
   */
  public WordShift of(String lemma, Cancel cancel) {
    var sides = new Sides(lemma);
    if (sides.least() < options.least()) {
      throw new PolysemeException(
          "\"%s\" has %d usages in \"%s\" and %d in \"%s\": at least %d are needed in each"
              .formatted(
                  lemma,
                  sides.first.size(),
                  before.name(),
                  sides.second.size(),
                  after.name(),
                  options.least()));
    }
    return compared(sides, cancel);
  }

  /**
   * All lemmas with enough usages in both parts, that with the greatest change beyond the control
   * first.
   *
   * @param measure by which they are ranked
   */
  public List<WordShift> ranked(WordShift.Measure measure, Progress progress, Cancel cancel) {
    List<String> lemmas =
        new TreeMap<>(usages.lemmas())
            .entrySet().stream()
                .filter(entry -> entry.getValue() >= 2 * options.least())
                .map(Map.Entry::getKey)
                .toList();
    var ranked = new ArrayList<WordShift>();
    for (int i = 0; i < lemmas.size(); i++) {
      cancel.check();
      progress.update("comparing usages", i, lemmas.size());
      var sides = new Sides(lemmas.get(i));
      if (sides.least() >= options.least()) {
        ranked.add(compared(sides, cancel));
      }
    }
    progress.update("comparing usages", lemmas.size(), lemmas.size());
    ranked.sort(
        Comparator.comparingDouble((WordShift it) -> -it.excess(measure))
            .thenComparing(WordShift::lemma));
    return List.copyOf(ranked);
  }

  /**
   * The p-values of many words, corrected so that of the words with at most q so large a share is
   * expected to be false (Benjamini and Hochberg 1995).
   *
   * @param p from 0 to 1
   * @return in the order of p
   */
  public static double[] falseDiscoveryRates(double[] p) {
    Integer[] order = new Integer[p.length];
    java.util.Arrays.setAll(order, i -> i);
    java.util.Arrays.sort(order, Comparator.comparingDouble((Integer i) -> p[i]));
    var rates = new double[p.length];
    double least = 1;
    for (int rank = p.length; rank > 0; rank--) {
      int i = order[rank - 1];
      least = Math.min(least, p[i] * p.length / rank);
      rates[i] = least;
    }
    return rates;
  }

  /** The usages of a lemma in the two parts. */
  private final class Sides {
    final String lemma;
    final List<VectorIndex.Entry> first = new ArrayList<>();
    final List<VectorIndex.Entry> second = new ArrayList<>();

    Sides(String lemma) {
      this.lemma = lemma;
      for (VectorIndex.Entry entry :
          usages.index().entries(Filter.equal(Usages.LEMMA, lemma), Integer.MAX_VALUE)) {
        boolean there = before.has(entry.fields());
        if (there) {
          first.add(entry);
        }
        if (after.has(entry.fields())) {
          if (there) {
            throw new PolysemeException(
                "the parts \"%s\" and \"%s\" overlap: %s is in both"
                    .formatted(before.name(), after.name(), entry.label()));
          }
          second.add(entry);
        }
      }
    }

    int least() {
      return Math.min(first.size(), second.size());
    }
  }

  private WordShift compared(Sides sides, Cancel cancel) {
    int size = Math.min(sides.least(), options.usages());
    var random = new SplittableRandom(options.seed());
    var comparison = new Comparison(vectors(sides.first, sides.second, size, random.split()));
    boolean[] halves = Comparison.halves(2 * size);
    Comparison.Apart apart = comparison.of(halves);
    cancel.check();
    Comparison.Probabilities p = comparison.test(halves, options.permutations(), random.split());
    double apd = 0;
    double prt = 0;
    int controls = 0;
    for (int c = 0; c < options.controls(); c++) {
      cancel.check();
      Optional<Comparison.Apart> control = control(sides, size, random.split());
      if (control.isPresent()) {
        apd += control.get().apd();
        prt += control.get().prt();
        controls++;
      }
    }
    return new WordShift(
        sides.lemma,
        sides.first.size(),
        sides.second.size(),
        size,
        apart.apd(),
        p.apd(),
        apart.prt(),
        p.prt(),
        controls == 0 ? Double.NaN : apd / controls,
        controls == 0 ? Double.NaN : prt / controls);
  }

  private List<float[]> vectors(
      List<VectorIndex.Entry> first,
      List<VectorIndex.Entry> second,
      int size,
      SplittableRandom random) {
    var chosen = new ArrayList<VectorIndex.Entry>(2 * size);
    chosen.addAll(Sampling.of(first, size, random));
    chosen.addAll(Sampling.of(second, size, random));
    return usages.background().applyAll(chosen.stream().map(VectorIndex.Entry::vector).toList());
  }

  /**
   * As if texts were shuffled between the parts: a text's usages stay together, and as many as
   * before are in the first part, or as near as texts allow. Empty where a text has them all.
   */
  private Optional<Comparison.Apart> control(Sides sides, int size, SplittableRandom random) {
    Map<String, List<VectorIndex.Entry>> texts = new LinkedHashMap<>();
    for (List<VectorIndex.Entry> side : List.of(sides.first, sides.second)) {
      for (VectorIndex.Entry entry : side) {
        Usage usage = Usage.of(entry.label(), entry.fields());
        texts
            .computeIfAbsent(usage.document() + ":" + usage.line(), _ -> new ArrayList<>())
            .add(entry);
      }
    }
    var shuffled = new ArrayList<>(texts.values());
    Collections.shuffle(shuffled, new Random(random.nextLong()));
    var first = new ArrayList<VectorIndex.Entry>();
    var second = new ArrayList<VectorIndex.Entry>();
    for (List<VectorIndex.Entry> text : shuffled) {
      (first.size() < sides.first.size() ? first : second).addAll(text);
    }
    int fewest = Math.min(size, Math.min(first.size(), second.size()));
    if (fewest < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Comparison(vectors(first, second, fewest, random)).of(Comparison.halves(2 * fewest)));
  }
}
