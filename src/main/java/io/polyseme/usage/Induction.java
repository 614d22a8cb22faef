package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.cluster.Keywords;
import io.polyseme.cluster.ScoredWord;
import io.polyseme.index.VectorIndex;
import io.polyseme.lexicon.FunctionWords;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.vector.Background;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Word sense induction: the usages of a word clustered by their vectors ({@link Clusters}), and
 * what each cluster is: its most typical usages, the words that are in its contexts more than in
 * others, and the sense of an inventory that it is nearest to. The same index, options and seed
 * give the same senses.
 */
public final class Induction {
  private static final int FEW = 20;

  /** A sense whose own vector is less near to the mean of the usages than this is another one. */
  private static final double LEAST_FIT = 0.35;

  private static final int MOST = 1_000_000;

  private final Usages usages;
  private final @Nullable SenseInventory inventory;
  private final InductionOptions options;

  /**
   * @param usages stay the caller's to close
   * @param inventory whose senses are named; stays the caller's to close; null for none
   */
  public Induction(Usages usages, @Nullable SenseInventory inventory, InductionOptions options) {
    this.usages = usages;
    this.inventory = inventory;
    this.options = options;
  }

  /**
   * The senses of a lemma of the index.
   *
   * @throws PolysemeException if it has fewer than two usages, or fewer than the senses asked for
   */
  public InducedSenses of(String lemma, Cancel cancel) {
    List<VectorIndex.Entry> entries =
        usages.index().entries(Filter.equal(Usages.LEMMA, lemma), MOST);
    if (entries.size() < 2) {
      throw new PolysemeException(
          "\"%s\" is used %s in %s: senses are found by comparing usages"
              .formatted(
                  lemma, entries.isEmpty() ? "never" : "once", usages.index().info().name()));
    }
    if (options.senses() > entries.size()) {
      throw new PolysemeException(
          "\"%s\" is used %d times in %s, and cannot have %d senses there"
              .formatted(lemma, entries.size(), usages.index().info().name(), options.senses()));
    }
    var warnings = new ArrayList<String>();
    if (entries.size() < FEW) {
      warnings.add(
          "%d usages are few: senses that are found in them may be chance"
              .formatted(entries.size()));
    }
    Background background = usages.background();
    List<VectorIndex.Entry> sample = sample(entries, options);
    List<float[]> vectors = vectors(background, sample);
    Clusters clusters = Clusters.of(vectors, options.senses(), options.seed(), cancel);
    List<float[]> means = means(vectors, clusters);
    Map<String, Integer> clustered = new HashMap<>();
    for (int i = 0; i < sample.size(); i++) {
      clustered.put(sample.get(i).label(), clusters.of().get(i));
    }
    if (sample.size() < entries.size()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "of %,d usages %,d were clustered, and the others given to the nearest sense",
              entries.size(),
              sample.size()));
    }
    List<List<Placed>> members = new ArrayList<>();
    means.forEach(_ -> members.add(new ArrayList<>()));
    for (VectorIndex.Entry entry : entries) {
      float[] vector = background.apply(entry.vector());
      Integer known = clustered.get(entry.label());
      int cluster = known == null ? nearest(means, vector) : known;
      members.get(cluster).add(new Placed(entry, Vectors.dot(means.get(cluster), vector)));
    }
    List<List<ScoredWord>> words = words(lemma, members);
    List<NearestSense> nearest = nearest(lemma, means);
    // The others may have changed which is the most frequent.
    List<Integer> order = new ArrayList<>();
    for (int c = 0; c < means.size(); c++) {
      order.add(c);
    }
    order.sort(Comparator.comparingInt((Integer c) -> -members.get(c).size()));
    var senses = new ArrayList<InducedSense>();
    Map<String, Integer> assignment = new LinkedHashMap<>();
    for (int c : order) {
      int number = senses.size() + 1;
      members.get(c).forEach(it -> assignment.put(it.entry.label(), number));
      senses.add(
          new InducedSense(
              number,
              members.get(c).size(),
              typical(members.get(c)),
              words.get(c),
              nearest.isEmpty() ? null : nearest.get(c)));
    }
    return new InducedSenses(
        lemma, entries.size(), sample.size(), clusters.silhouette(), senses, assignment, warnings);
  }

  private record Placed(VectorIndex.Entry entry, double score) {}

  private static List<float[]> vectors(Background background, List<VectorIndex.Entry> entries) {
    return background.applyAll(entries.stream().map(VectorIndex.Entry::vector).toList());
  }

  /** All, or so many chosen at random, in the order of the corpus. */
  private static List<VectorIndex.Entry> sample(
      List<VectorIndex.Entry> entries, InductionOptions options) {
    return entries.size() <= options.usages()
        ? entries
        : Sampling.of(entries, options.usages(), new SplittableRandom(options.seed()));
  }

  /** Of unit length, so that a dot product with a unit vector is the cosine. */
  private static List<float[]> means(List<float[]> vectors, Clusters clusters) {
    var means = new ArrayList<float[]>();
    for (int c = 0; c < clusters.count(); c++) {
      var of = new ArrayList<float[]>();
      for (int i = 0; i < vectors.size(); i++) {
        if (clusters.of().get(i) == c) {
          of.add(vectors.get(i));
        }
      }
      means.add(Vectors.unitOrZero(Means.of(of)));
    }
    return means;
  }

  private static int nearest(List<float[]> means, float[] vector) {
    int nearest = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < means.size(); c++) {
      double score = Vectors.dot(means.get(c), vector);
      if (score > most) {
        most = score;
        nearest = c;
      }
    }
    return nearest;
  }

  private List<RankedUsage> typical(List<Placed> members) {
    List<Placed> best =
        members.stream()
            .sorted(
                Comparator.comparingDouble((Placed it) -> -it.score)
                    .thenComparing(it -> it.entry.label()))
            .toList();
    var typical = new ArrayList<RankedUsage>();
    Set<String> texts = new HashSet<>();
    for (Placed it : best) {
      if (typical.size() == options.examples()) {
        break;
      }
      Usage usage = Usage.of(it.entry.label(), it.entry.fields());
      if (texts.add(usage.text())) { // corpora repeat themselves
        typical.add(new RankedUsage(typical.size() + 1, Math.clamp(it.score, -1, 1), usage));
      }
    }
    return typical;
  }

  private List<List<ScoredWord>> words(String lemma, List<List<Placed>> members) {
    Analyser analyser = usages.search().analyser();
    Map<String, String> lemmas = new HashMap<>();
    var keywords = new Keywords(members.size());
    Set<String> seen = new HashSet<>();
    for (int c = 0; c < members.size(); c++) {
      for (Placed it : members.get(c)) {
        String text = it.entry.fields().getOrDefault("text", "");
        if (!seen.add(text)) {
          continue; // sentences that stand on every page are no evidence
        }
        Set<String> words = new HashSet<>();
        for (Span span : usages.search().words(text)) {
          String form = span.of(text).toLowerCase(Locale.ROOT);
          String word =
              lemmas.computeIfAbsent(
                  form,
                  _ -> {
                    List<String> of = analyser.lemmasOf(form);
                    return of.isEmpty() ? form : of.getFirst();
                  });
          if (!word.equals(lemma) && !form.equals(lemma) && !FunctionWords.contains(form)) {
            words.add(word);
          }
        }
        keywords.add(c, words);
      }
    }
    return IntStream.range(0, members.size())
        .mapToObj(c -> keywords.of(c, options.examples() * 2))
        .toList();
  }

  /** For each mean the nearest of the inventory's senses; empty where it has none of the lemma. */
  private List<NearestSense> nearest(String lemma, List<float[]> means) {
    if (inventory == null) {
      return List.of();
    }
    List<Sense> senses = inventory.senses(lemma, null);
    if (senses.isEmpty()) {
      return List.of();
    }
    List<float[]> vectors =
        senses.stream()
            .map(sense -> usages.background().apply(usages.meaning(sense).vector()))
            .toList();
    var nearest = new ArrayList<NearestSense>();
    for (float[] mean : means) {
      int best = nearest(vectors, mean);
      double score = Math.clamp(Vectors.dot(vectors.get(best), mean), -1.0, 1.0);
      nearest.add(new NearestSense(senses.get(best), score, score >= LEAST_FIT));
    }
    return nearest;
  }
}
