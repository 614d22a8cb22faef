package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Parallel;
import io.polyseme.vector.RandomOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures by cross-validation how well a relation is learned: each pair is asked of what was
 * learned from the others, and its target is to be found among the targets of all pairs, and
 * further words where there are any, but for the word that is asked about. Pairs that share a word
 * are held out together, since one would give the other away.
 *
 * @param pairs at least ten, each once
 * @param others words that can be answers beside the targets. Where these are of one kind,
 *     superlatives say, any adjective's is near to it; adjectives among the candidates make it
 *     harder
 * @param methods what is measured; a linear map beside its control, which is learned from shuffled
 *     pairs. The mean offset of shuffled pairs is the same as that of the pairs, so that its
 *     control is {@link RelationMethod#SOURCE}
 * @param folds into how many parts the pairs are divided
 * @param seed of the division and the shuffles
 * @param threads how many work at once, from 1; no result depends on it
 */
public record RelationTrial(
    List<WordPair> pairs,
    Set<String> others,
    Set<RelationMethod> methods,
    int folds,
    long seed,
    int threads) {
  /** The fewest pairs that are measured. */
  public static final int LEAST_PAIRS = 10;

  /** The most pairs that a linear map is learned from. */
  public static final int MOST_PAIRS = 500;

  public RelationTrial {
    pairs = List.copyOf(new LinkedHashSet<>(pairs));
    others = Collections.unmodifiableSet(new LinkedHashSet<>(others));
    methods = Set.copyOf(methods);
    if (folds < 2) {
      throw new IllegalArgumentException("at least two folds are needed: " + folds);
    }
    if (pairs.size() < Math.max(LEAST_PAIRS, folds)) {
      throw new PolysemeException(
          "a relation is measured by %d pairs or more, and there are %d different ones"
              .formatted(Math.max(LEAST_PAIRS, folds), pairs.size()));
    }
    if (methods.contains(RelationMethod.LINEAR) && pairs.size() > MOST_PAIRS) {
      throw new PolysemeException(
          "there are %d pairs, and a linear map is learned from %d at most: give fewer, or measure the offset alone"
              .formatted(pairs.size(), MOST_PAIRS));
    }
  }

  /** Five folds, every method, no further candidates. */
  public static RelationTrial of(List<WordPair> pairs) {
    return new RelationTrial(
        pairs,
        Set.of(),
        Set.of(RelationMethod.values()),
        5,
        1,
        Math.max(1, Runtime.getRuntime().availableProcessors()));
  }

  public RelationTrial withOthers(Set<String> others) {
    return new RelationTrial(pairs, others, methods, folds, seed, threads);
  }

  public RelationTrial withMethods(Set<RelationMethod> methods) {
    return new RelationTrial(pairs, others, methods, folds, seed, threads);
  }

  public RelationTrial withFolds(int folds) {
    return new RelationTrial(pairs, others, methods, folds, seed, threads);
  }

  public RelationTrial withSeed(long seed) {
    return new RelationTrial(pairs, others, methods, folds, seed, threads);
  }

  public RelationTrial withThreads(int threads) {
    return new RelationTrial(pairs, others, methods, folds, seed, threads);
  }

  /** The words that vectors are needed of. */
  public Set<String> words() {
    Set<String> words = new LinkedHashSet<>();
    pairs.forEach(pair -> words.add(pair.source()));
    pairs.forEach(pair -> words.add(pair.target()));
    words.addAll(others);
    return words;
  }

  /** One thing that is measured. */
  private record Task(
      WordStates states, int layer, RelationMethod method, boolean shuffled, int[] ranks) {}

  /**
   * Measures all layers.
   *
   * @param states of an encoder, and of word spaces to compare it with; pairs with a word that one
   *     does not have are left out of its figures
   * @throws PolysemeException if too few pairs have vectors
   * @throws io.polyseme.CancelledException if cancelled
   */
  public RelationReport measure(List<WordStates> states, Progress progress, Cancel cancel) {
    int[] groups = groups();
    var tasks = new ArrayList<Task>();
    for (WordStates of : states) {
      List<WordPair> known = known(of);
      if (known.size() < LEAST_PAIRS) {
        throw new PolysemeException(
            "%s has both words of %d of %d pairs, and a relation is measured by %d or more"
                .formatted(of.name(), known.size(), pairs.size(), LEAST_PAIRS));
      }
      for (int layer = 0; layer < of.layers().size(); layer++) {
        for (RelationMethod method : RelationMethod.values()) {
          for (boolean shuffled : new boolean[] {false, true}) {
            if (methods.contains(method) && (method == RelationMethod.LINEAR || !shuffled)) {
              tasks.add(new Task(of, layer, method, shuffled, new int[pairs.size()]));
            }
          }
        }
      }
    }
    Parallel.forEach(
        tasks.size() * folds,
        threads,
        () -> "",
        (_, part) -> rank(tasks.get(part / folds), part % folds, groups),
        "learning the relation",
        progress,
        cancel);
    return report(tasks, groups);
  }

  private List<WordPair> known(WordStates states) {
    return pairs.stream()
        .filter(pair -> states.has(pair.source()) && states.has(pair.target()))
        .toList();
  }

  /** Numbers from 0, shuffled, that are the same for pairs that share a word. */
  private int[] groups() {
    var group = new int[pairs.size()];
    Arrays.setAll(group, i -> i);
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < group.length; i++) {
      for (String word : List.of(pairs.get(i).source(), pairs.get(i).target())) {
        Integer before = first.putIfAbsent(word, i);
        if (before != null) {
          int from = group[i];
          int to = group[before];
          for (int j = 0; j < group.length; j++) {
            group[j] = group[j] == from ? to : group[j];
          }
        }
      }
    }
    int[] distinct = Arrays.stream(group).distinct().toArray();
    int[] order = RandomOrder.shuffled(distinct.length, new SplittableRandom(seed));
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < distinct.length; i++) {
      places.put(distinct[i], order[i]);
    }
    return Arrays.stream(group).map(places::get).toArray();
  }

  /** Learns from the other folds, and ranks what is asked in one. */
  private void rank(Task task, int fold, int[] groups) {
    WordStates states = task.states;
    var sources = new ArrayList<float[]>();
    var targets = new ArrayList<float[]>();
    var asked = new ArrayList<Integer>();
    Set<String> candidates = new LinkedHashSet<>();
    for (int i = 0; i < pairs.size(); i++) {
      WordPair pair = pairs.get(i);
      if (!states.has(pair.source()) || !states.has(pair.target())) {
        continue;
      }
      candidates.add(pair.target());
      if (groups[i] % folds == fold) {
        asked.add(i);
      } else {
        sources.add(states.vector(task.layer, pair.source()));
        targets.add(states.vector(task.layer, pair.target()));
      }
    }
    others.stream().filter(states::has).forEach(candidates::add);
    if (task.method == RelationMethod.LINEAR && sources.size() < LearnedRelation.LEAST_FOR_LINEAR) {
      throw new PolysemeException(
          "a linear map is learned from %d pairs or more, and with %d folds there are %d: give more pairs, or measure the offset alone"
              .formatted(LearnedRelation.LEAST_FOR_LINEAR, folds, sources.size()));
    }
    if (task.shuffled) {
      int[] order = RandomOrder.shuffled(targets.size(), new SplittableRandom(seed + 1 + fold));
      targets = new ArrayList<>(Arrays.stream(order).mapToObj(targets::get).toList());
    }
    LearnedRelation relation = LearnedRelation.learn(sources, targets, task.method);
    List<String> names = List.copyOf(candidates);
    List<float[]> vectors = names.stream().map(word -> states.vector(task.layer, word)).toList();
    for (int i : asked) {
      WordPair pair = pairs.get(i);
      double[] scores = relation.scores(states.vector(task.layer, pair.source()), vectors);
      int right = names.indexOf(pair.target());
      int rank = 1;
      for (int c = 0; c < scores.length; c++) {
        boolean counts = c != right && !names.get(c).equals(pair.source());
        rank += counts && scores[c] >= scores[right] ? 1 : 0;
      }
      task.ranks[i] = rank;
    }
  }

  private RelationReport report(List<Task> tasks, int[] groups) {
    int overlapping = (int) pairs.stream().filter(WordPair::overlaps).count();
    boolean[] subsets = overlapping == 0 ? new boolean[] {false} : new boolean[] {false, true};
    var scores = new ArrayList<RelationScore>();
    Map<String, List<Task>> byLayer = new LinkedHashMap<>();
    for (Task task : tasks) {
      for (boolean apart : subsets) {
        scores.add(score(task, apart, _ -> true));
      }
      if (!task.shuffled && task.states.layers().size() > 1) {
        byLayer
            .computeIfAbsent(task.states.name() + " " + task.method, _ -> new ArrayList<>())
            .add(task);
      }
    }
    var choices = new ArrayList<RelationChoice>();
    // Folds go by the remainder, so that halves go by what is left of that.
    IntPredicate first = i -> groups[i] / folds % 2 == 0;
    for (List<Task> layers : byLayer.values()) {
      for (boolean apart : subsets) {
        choose(layers, apart, first, choices);
      }
    }
    return new RelationReport(pairs.size(), overlapping, scores, choices);
  }

  private void choose(
      List<Task> layers, boolean apart, IntPredicate first, List<RelationChoice> choices) {
    Task best = layers.getFirst();
    double most = Double.NEGATIVE_INFINITY;
    for (Task task : layers) {
      double reciprocal = score(task, apart, first).reciprocal().value();
      if (reciprocal > most) {
        most = reciprocal;
        best = task;
      }
    }
    RelationScore other = score(best, apart, first.negate());
    if (most > 0 && other.reciprocal().n() > 0) {
      choices.add(new RelationChoice(best.method, apart, most, other));
    }
  }

  private RelationScore score(Task task, boolean apart, IntPredicate which) {
    int[] ranks =
        IntStream.range(0, pairs.size())
            .filter(which)
            .filter(i -> task.ranks[i] > 0 && !(apart && pairs.get(i).overlaps()))
            .map(i -> task.ranks[i])
            .toArray();
    return new RelationScore(
        task.states.name(),
        task.states.layers().get(task.layer),
        task.method,
        task.shuffled,
        apart,
        Estimate.mean(Arrays.stream(ranks).mapToDouble(r -> r == 1 ? 1 : 0).toArray(), seed),
        Estimate.mean(Arrays.stream(ranks).mapToDouble(r -> r <= 5 ? 1 : 0).toArray(), seed),
        Estimate.mean(Arrays.stream(ranks).mapToDouble(r -> 1.0 / r).toArray(), seed),
        (int)
            Stream.concat(
                    known(task.states).stream().map(WordPair::target),
                    others.stream().filter(task.states::has))
                .distinct()
                .count());
  }
}
