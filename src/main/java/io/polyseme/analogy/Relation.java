package io.polyseme.analogy;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.LogisticRegression;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * A relation learned from example pairs of words: their mean offset ({@link AnalogyMethod#COS_AVG})
 * or the class of their targets ({@link AnalogyMethod#LR_COS}). Immutable and thread-safe.
 */
public final class Relation {
  private final AnalogyMethod method;
  private final float[] learned;
  private final double intercept;

  /**
   * An example.
   *
   * @param source float[dimension], not zero; kept, and not to be changed
   * @param target what is to the source as is to be learned; likewise
   */
  public record Pair(float[] source, float[] target) {}

  private Relation(AnalogyMethod method, float[] learned, double intercept) {
    this.method = method;
    this.learned = learned;
    this.intercept = intercept;
  }

  /**
   * Learns the mean of target - source, each of unit length.
   *
   * @param pairs at least one
   */
  public static Relation offset(List<Pair> pairs) {
    check(pairs);
    var sum = new double[pairs.getFirst().source.length];
    for (Pair pair : pairs) {
      float[] source = Vectors.unit(pair.source);
      float[] target = Vectors.unit(pair.target);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += (double) target[i] - source[i];
      }
    }
    var mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / pairs.size());
    }
    return new Relation(AnalogyMethod.COS_AVG, mean, 0);
  }

  /**
   * Learns to tell the targets from the sources and other words, each of unit length, by logistic
   * regression with the penalty |w|² / 2 (C = 1) and both classes weighted alike.
   *
   * @param pairs at least one
   * @param others words that are no targets, not zero; the paper takes as many as there are pairs
   *     ({@link #randomWords})
   */
  public static Relation targets(List<Pair> pairs, List<float[]> others) {
    check(pairs);
    var rows = new ArrayList<float[]>();
    pairs.forEach(pair -> rows.add(Vectors.unit(pair.target)));
    pairs.forEach(pair -> rows.add(Vectors.unit(pair.source)));
    others.forEach(other -> rows.add(Vectors.unit(other)));
    LogisticRegression fit = LogisticRegression.fit(rows.toArray(float[][]::new), pairs.size());
    return new Relation(AnalogyMethod.LR_COS, fit.weights(), fit.intercept());
  }

  private static void check(List<Pair> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("a relation is learned from one pair at least");
    }
  }

  /**
   * Draws rows at random, without replacement; fewer than {@code count} where there are no more.
   *
   * @param size only among the first so many
   * @param accepted rows that may be drawn; the zero vector never is
   * @param seed the same seed draws the same rows
   */
  public static List<float[]> randomWords(
      LabelledRows rows, int size, int count, IntPredicate accepted, long seed) {
    var random = new SplittableRandom(seed);
    // The beginning of a shuffle, without the array: what was swapped away is remembered.
    Map<Integer, Integer> swapped = new HashMap<>();
    var drawn = new ArrayList<float[]>();
    for (int i = 0; i < size && drawn.size() < count; i++) {
      int at = random.nextInt(i, size);
      int row = swapped.getOrDefault(at, at);
      swapped.put(at, swapped.getOrDefault(i, i));
      if (accepted.test(row)) {
        var vector = new float[rows.dimension()];
        rows.copyRow(row, vector);
        if (Vectors.squaredNorm(vector) > 0) {
          drawn.add(vector);
        }
      }
    }
    return drawn;
  }

  /** {@link AnalogyMethod#COS_AVG} or {@link AnalogyMethod#LR_COS}. */
  public AnalogyMethod method() {
    return method;
  }

  double intercept() {
    return intercept;
  }

  /** The vector that candidates are multiplied with when c, of unit length, is asked about. */
  float[] asked(float[] c) {
    if (method == AnalogyMethod.LR_COS) {
      return learned;
    }
    float[] target = c.clone();
    Vectors.addScaled(target, learned, 1);
    return Vectors.squaredNorm(target) < 1e-12f ? target : Vectors.unit(target);
  }

  /**
   * What is to a word as the targets are to the sources, among all rows.
   *
   * @param word float[dimension], not zero
   * @param k how many answers, from 1
   * @param accepted labels that may be answers; called by many threads
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Answer ask(
      LabelledRows rows, float[] word, int k, Predicate<String> accepted, Cancel cancel) {
    var scan = new AnalogyScan(rows, rows.size());
    scan.ask(this, scan.add(word), k, row -> accepted.test(rows.label(row)));
    return answer(scan, rows, cancel);
  }

  /** The answer to a scan's only question. */
  static Answer answer(AnalogyScan scan, LabelledRows rows, Cancel cancel) {
    TopK.Best best =
        scan.best(Math.max(1, Runtime.getRuntime().availableProcessors()), Progress.NONE, cancel)
            .getFirst();
    var hits = new ArrayList<Hit>();
    for (int i = 0; i < best.rows().length; i++) {
      hits.add(new Hit(i + 1, rows.label(best.rows()[i]), best.scores()[i], Map.of()));
    }
    return new Answer(hits, true, rows.size(), List.of());
  }
}
