package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * How polysemous the words of a corpus are: the spread of their usages, and into how many clusters
 * they fall. Self-similarity was proposed by Ethayarajh 2019 ("How Contextual are Contextualized
 * Word Representations?"), who takes off what any two words have in common; standardising the
 * dimensions does that here.
 */
public final class Polysemy {
  private final Usages usages;
  private final PolysemyOptions options;

  /**
   * @param usages stay the caller's to close
   */
  public Polysemy(Usages usages, PolysemyOptions options) {
    this.usages = usages;
    this.options = options;
  }

  /**
   * The lemmas with enough usages, the one with the greatest spread first.
   *
   * @param filter which usages count; {@link Filter#ALL} for all
   * @return empty where no lemma has so many
   */
  public List<WordSpread> ranked(Filter filter, Progress progress, Cancel cancel) {
    List<String> lemmas =
        new TreeMap<>(usages.lemmas())
            .entrySet().stream()
                .filter(entry -> entry.getValue() >= options.least())
                .map(java.util.Map.Entry::getKey)
                .toList();
    var ranked = new ArrayList<WordSpread>();
    for (int i = 0; i < lemmas.size(); i++) {
      cancel.check();
      progress.update("comparing usages", i, lemmas.size());
      List<VectorIndex.Entry> entries =
          usages
              .index()
              .entries(Filter.equal(Usages.LEMMA, lemmas.get(i)).and(filter), Integer.MAX_VALUE);
      if (entries.size() >= options.least()) {
        ranked.add(spread(lemmas.get(i), entries, cancel));
      }
    }
    progress.update("comparing usages", lemmas.size(), lemmas.size());
    ranked.sort(
        Comparator.comparingDouble((WordSpread it) -> -it.spread())
            .thenComparing(WordSpread::lemma));
    return List.copyOf(ranked);
  }

  private WordSpread spread(String lemma, List<VectorIndex.Entry> entries, Cancel cancel) {
    List<VectorIndex.Entry> sample =
        entries.size() <= options.usages()
            ? entries
            : Sampling.of(entries, options.usages(), new SplittableRandom(options.seed()));
    List<float[]> vectors =
        usages.background().applyAll(sample.stream().map(VectorIndex.Entry::vector).toList());
    Clusters clusters = Clusters.of(vectors, 0, options.seed(), cancel);
    return new WordSpread(
        lemma, entries.size(), Distances.within(vectors), clusters.count(), clusters.silhouette());
  }
}
