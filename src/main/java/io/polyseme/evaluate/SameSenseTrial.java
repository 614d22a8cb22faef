package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.ContextPairs.Pair;
import io.polyseme.evaluate.EncodedPairs.Row;
import io.polyseme.sense.SameSense;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/**
 * Same sense or not, told of pairs of contexts: learned of a training part, or by cross-validation
 * where a set has none. Only the sets' own texts are encoded. Thread-safe if the encoder is.
 */
public final class SameSenseTrial {
  private static final String ACCURACY = "accuracy";
  private static final String COMMONER = "commoner answer";

  private final Encoder encoder;
  private final List<SameSense.Method> methods;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * @param encoder the caller's to close
   * @param methods those that are tried
   */
  public SameSenseTrial(
      Encoder encoder, List<SameSense.Method> methods, Progress progress, Cancel cancel) {
    this.encoder = encoder;
    this.methods = List.copyOf(methods);
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * What was learned.
   *
   * @param methods by each of the methods
   * @param warnings about pairs that are left out
   */
  public record Learned(Map<SameSense.Method, SameSense> methods, List<String> warnings) {
    public Learned {
      methods = Collections.unmodifiableMap(new EnumMap<>(methods));
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Learns by each method.
   *
   * @param sets at least one
   * @throws PolysemeException if the pairs do not allow it
   */
  public Learned learn(List<ContextPairs> sets) {
    EncodedPairs<Pair> pairs =
        encode("the training part", sets.stream().flatMap(set -> set.pairs().stream()).toList());
    Map<SameSense.Method, SameSense> learned = new EnumMap<>(SameSense.Method.class);
    for (SameSense.Method method : methods) {
      learned.put(method, learn(method, pairs, pairs.rows()));
    }
    return new Learned(learned, pairs.warnings());
  }

  private EncodedPairs<Pair> encode(String name, List<Pair> pairs) {
    return EncodedPairs.of(encoder, name, pairs, Pair::first, Pair::second, progress, cancel);
  }

  private SameSense learn(
      SameSense.Method method, EncodedPairs<Pair> pairs, List<Row<Pair>> learnedFrom) {
    cancel.check();
    progress.update("learning by " + method, 0, -1);
    return SameSense.learn(
        method,
        pairs.states(),
        learnedFrom.stream()
            .map(row -> new SameSense.Example(row.first(), row.second(), row.pair().same()))
            .toList(),
        encoder.info().card().name(),
        encoder.info().fingerprint());
  }

  /** Tells of a set's pairs. */
  public SameSenseScores test(Map<SameSense.Method, SameSense> learned, ContextPairs set) {
    EncodedPairs<Pair> pairs = encode(set.name(), set.pairs());
    Map<SameSense.Method, Score> accuracy = new EnumMap<>(SameSense.Method.class);
    learned.forEach(
        (method, told) ->
            accuracy.put(
                method,
                share(
                    set,
                    told.mix().toString(),
                    ACCURACY,
                    right(told, pairs, pairs.rows()),
                    pairs.rows().size())));
    return scores(set, accuracy, pairs);
  }

  private static int right(SameSense told, EncodedPairs<Pair> pairs, List<Row<Pair>> rows) {
    return (int)
        rows.stream()
            .filter(
                row ->
                    told.tell(pairs.states(), row.first(), row.second()).same()
                        == row.pair().same())
            .count();
  }

  /**
   * Learns of all folds of a set but one and tells that one, each in its turn. The pairs of a lemma
   * are in one fold, so that none is told by its own.
   *
   * @param folds at least 2
   * @param seed for dealing the lemmas out
   * @throws PolysemeException if the set has fewer lemmas than there are folds
   */
  public SameSenseScores crossValidate(ContextPairs set, int folds, long seed) {
    if (folds < 2) {
      throw new IllegalArgumentException("folds must be at least 2: " + folds);
    }
    Map<String, Integer> foldOf = deal(set, folds, seed);
    EncodedPairs<Pair> pairs = encode(set.name(), set.pairs());
    Map<SameSense.Method, Score> accuracy = new EnumMap<>(SameSense.Method.class);
    for (SameSense.Method method : methods) {
      int right = 0;
      for (int f = 0; f < folds; f++) {
        var told = new ArrayList<Row<Pair>>();
        var others = new ArrayList<Row<Pair>>();
        for (Row<Pair> row : pairs.rows()) {
          (foldOf.get(row.pair().lemma()) == f ? told : others).add(row);
        }
        right += right(learn(method, pairs, others), pairs, told);
      }
      accuracy.put(
          method, share(set, "by %d folds".formatted(folds), ACCURACY, right, pairs.rows().size()));
    }
    return scores(set, accuracy, pairs);
  }

  private static Map<String, Integer> deal(ContextPairs set, int folds, long seed) {
    var lemmas = new ArrayList<>(new TreeSet<>(set.pairs().stream().map(Pair::lemma).toList()));
    if (lemmas.size() < folds) {
      throw new PolysemeException(
          "%s has pairs of %d words, too few for %d folds; name a training part"
              .formatted(set.name(), lemmas.size(), folds));
    }
    Collections.shuffle(lemmas, new Random(seed));
    Map<String, Integer> foldOf = new HashMap<>();
    for (int i = 0; i < lemmas.size(); i++) {
      foldOf.put(lemmas.get(i), i % folds);
    }
    return foldOf;
  }

  private static SameSenseScores scores(
      ContextPairs set, Map<SameSense.Method, Score> accuracy, EncodedPairs<Pair> pairs) {
    int n = pairs.rows().size();
    int same = (int) pairs.rows().stream().filter(row -> row.pair().same()).count();
    return new SameSenseScores(
        accuracy, share(set, "", COMMONER, Math.max(same, n - same), n), pairs.warnings());
  }

  private static Score share(ContextPairs set, String layer, String metric, int right, int n) {
    return Score.share(set.name(), layer, metric, right, n, set.pairs().size());
  }
}
