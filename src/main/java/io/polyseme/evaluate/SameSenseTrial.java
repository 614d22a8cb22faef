package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.Intervals.Interval;
import io.polyseme.sense.SameSense;
import io.polyseme.sense.UsageStates;
import io.polyseme.vector.Term;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Same sense or not, told of pairs of contexts: learned of a training part, or by cross-validation
 * where a set has none. Only the sets' own texts are encoded. Not thread-safe.
 */
public final class SameSenseTrial {
  /** The share of pairs that are rightly told. */
  public static final String ACCURACY = "accuracy";

  /** What is right if every pair is given the answer that more of the set's pairs have. */
  public static final String COMMONER = "commoner answer";

  private final ContextVectors vectors;
  private final String model;
  private final String fingerprint;
  private final List<SameSense.Method> methods;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * @param vectors of words and of sentences, as {@link UsageStates#request()} asks for them
   * @param model the encoder's name
   * @param fingerprint as {@link EncoderInfo} has it
   * @param methods those that are tried
   */
  public SameSenseTrial(
      ContextVectors vectors,
      String model,
      String fingerprint,
      List<SameSense.Method> methods,
      Progress progress,
      Cancel cancel) {
    this.vectors = vectors;
    this.model = model;
    this.fingerprint = fingerprint;
    this.methods = List.copyOf(methods);
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Encoded pairs.
   *
   * @param lemmas of each
   * @param total how many pairs there are with those that could not be encoded
   */
  private record Table(
      UsageStates states,
      List<SameSense.Example> examples,
      List<String> lemmas,
      int total,
      List<String> failures) {}

  /**
   * Learns by each method.
   *
   * @throws PolysemeException if the pairs do not allow it
   */
  public Map<SameSense.Method, SameSense> learn(List<ContextPairs> sets) {
    Table table = encode(sets);
    Map<SameSense.Method, SameSense> learned = new EnumMap<>(SameSense.Method.class);
    methods.forEach(method -> learned.put(method, learn(method, table, table.examples)));
    return learned;
  }

  private SameSense learn(SameSense.Method method, Table table, List<SameSense.Example> examples) {
    cancel.check();
    progress.update("learning", 0, -1);
    return SameSense.learn(method, table.states, examples, model, fingerprint);
  }

  /** Tells a set's pairs, and counts. */
  public Map<SameSense.Method, Evaluation> test(
      Map<SameSense.Method, SameSense> learned, ContextPairs set) {
    Table table = encode(List.of(set));
    Map<SameSense.Method, Evaluation> evaluations = new EnumMap<>(SameSense.Method.class);
    learned.forEach(
        (method, told) -> {
          int right = 0;
          for (SameSense.Example example : table.examples) {
            right += isRight(told, table, example) ? 1 : 0;
          }
          evaluations.put(method, evaluation(set, table, told.layers(), right));
        });
    return evaluations;
  }

  private static boolean isRight(SameSense told, Table table, SameSense.Example example) {
    return told.tell(table.states, example.first(), example.second()).same() == example.same();
  }

  /**
   * Learns of all folds of a set but one and tells that one, each in its turn. The pairs of a lemma
   * are in one fold, so that none is told by its own.
   *
   * @param folds at least 2
   * @param seed for dealing the lemmas out
   * @throws PolysemeException if the set has fewer lemmas than there are folds
   */
  public Map<SameSense.Method, Evaluation> crossValidate(ContextPairs set, int folds, long seed) {
    if (folds < 2) {
      throw new IllegalArgumentException("folds must be at least 2: " + folds);
    }
    var lemmas =
        new ArrayList<>(new TreeSet<>(set.pairs().stream().map(ContextPairs.Pair::lemma).toList()));
    if (lemmas.size() < folds) {
      throw new PolysemeException(
          "%s has pairs of %d words, too few for %d folds; name a training part"
              .formatted(set.name(), lemmas.size(), folds));
    }
    Collections.shuffle(lemmas, new Random(seed));
    Map<String, Integer> fold = new HashMap<>();
    for (int i = 0; i < lemmas.size(); i++) {
      fold.put(lemmas.get(i), i % folds);
    }
    Table table = encode(List.of(set));
    Map<SameSense.Method, Evaluation> evaluations = new EnumMap<>(SameSense.Method.class);
    for (SameSense.Method method : methods) {
      int right = 0;
      for (int f = 0; f < folds; f++) {
        var others = new ArrayList<SameSense.Example>();
        var told = new ArrayList<SameSense.Example>();
        for (int i = 0; i < table.examples.size(); i++) {
          (fold.get(table.lemmas.get(i)) == f ? told : others).add(table.examples.get(i));
        }
        SameSense learned = learn(method, table, others);
        for (SameSense.Example example : told) {
          right += isRight(learned, table, example) ? 1 : 0;
        }
      }
      evaluations.put(method, evaluation(set, table, "by %d folds".formatted(folds), right));
    }
    return evaluations;
  }

  private static Evaluation evaluation(ContextPairs set, Table table, String layers, int right) {
    int n = table.examples.size();
    int same = (int) table.examples.stream().filter(SameSense.Example::same).count();
    var scores = new ArrayList<Score>();
    scores.add(share(set, table, layers, ACCURACY, right));
    scores.add(share(set, table, "", COMMONER, Math.max(same, n - same)));
    return new Evaluation(scores, table.failures);
  }

  private static Score share(
      ContextPairs set, Table table, String layers, String metric, int right) {
    int n = table.examples.size();
    Interval interval = Intervals.wilson(right, n);
    return new Score(
        set.name(),
        layers,
        metric,
        n == 0 ? Double.NaN : (double) right / n,
        interval.low(),
        interval.high(),
        n,
        table.total);
  }

  private Table encode(List<ContextPairs> sets) {
    List<ContextPairs.Pair> pairs = sets.stream().flatMap(set -> set.pairs().stream()).toList();
    var states = new UsageStates();
    var rows = new int[2 * pairs.size()];
    var failures = new ArrayList<String>();
    vectors.encodeAll(
        pairs.stream()
            .flatMap(pair -> Stream.of(pair.first(), pair.second()))
            .map(SameSenseTrial::input)
            .iterator(),
        result -> {
          int at = (int) result.index();
          switch (result) {
            case EncodeResult.Done done -> rows[at] = states.add(done.encoded());
            case EncodeResult.Failed failed -> {
              rows[at] = -1;
              failures.add(failed.error().getMessage());
            }
          }
          progress.update("encoding " + sets.getFirst().name(), at + 1L, rows.length);
        },
        cancel);
    var examples = new ArrayList<SameSense.Example>();
    var lemmas = new ArrayList<String>();
    for (int i = 0; i < pairs.size(); i++) {
      if (rows[2 * i] >= 0 && rows[2 * i + 1] >= 0) {
        examples.add(new SameSense.Example(rows[2 * i], rows[2 * i + 1], pairs.get(i).same()));
        lemmas.add(pairs.get(i).lemma());
      }
    }
    return new Table(
        states,
        examples,
        lemmas,
        pairs.size(),
        failures.isEmpty()
            ? List.of()
            : List.of(
                "%s: %d of %d texts could not be encoded, and their pairs are left out; the first: %s"
                    .formatted(
                        sets.getFirst().name(),
                        failures.size(),
                        rows.length,
                        failures.getFirst())));
  }

  private static TextInput input(Term.Usage usage) {
    return TextInput.of(usage.text(), usage.span());
  }
}
