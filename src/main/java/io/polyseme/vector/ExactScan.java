package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntBinaryOperator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Compares a query with every row. Large matrices are shared out among the threads of the common
 * pool in blocks of rows; the outcome does not depend on how many there are. Thread-safe.
 */
public final class ExactScan {
  /** Below this many numbers one thread is quicker than telling others. */
  private static final long LARGE = 1 << 20;

  /** Added to the denominator (Levy and Goldberg 2014), which must not be 0. */
  private static final double EPSILON = 0.001;

  private final Rows rows;
  private final MemorySegment inverseNorms;
  private final Similarity similarity;
  private final IntBinaryOperator labels;

  /**
   * @param inverseNorms float32 for each row, 1 / its Euclidean length and 0 for the zero vector;
   *     read only where the similarity is the cosine
   * @param labels compares the labels of two rows, as a comparator does; called by many threads
   */
  public ExactScan(
      Rows rows, MemorySegment inverseNorms, Similarity similarity, IntBinaryOperator labels) {
    this.rows = rows;
    this.inverseNorms = inverseNorms;
    this.similarity = similarity;
    this.labels = labels;
  }

  /**
   * The k best rows that are accepted. The query's own filter and excluded labels are left to
   * {@code accepted}, which is asked only of rows that would be among the best.
   *
   * @param accepted called by many threads
   * @throws IllegalArgumentException if the dimensions differ, or the query asks for 3CosMul where
   *     the similarity is not the cosine
   */
  public TopK.Best search(Query query, IntPredicate accepted) {
    if (query.dimension() != rows.dimension()) {
      throw new IllegalArgumentException(
          "the query has %d dimensions, and the space %d; they must come from the same model"
              .formatted(query.dimension(), rows.dimension()));
    }
    Score score = score(query);
    int k = Math.max(1, Math.min(query.k(), rows.count()));
    int threads = ForkJoinPool.getCommonPoolParallelism() + 1;
    if (threads == 1 || (long) rows.count() * rows.dimension() < LARGE) {
      return scan(score, k, accepted, 0, rows.count()).drain();
    }
    int blocks = Math.min(rows.count(), 4 * threads);
    var all = new TopK(k, labels);
    IntStream.range(0, blocks)
        .parallel()
        .mapToObj(
            b ->
                scan(
                    score,
                    k,
                    accepted,
                    (int) ((long) rows.count() * b / blocks),
                    (int) ((long) rows.count() * (b + 1) / blocks)))
        .toList()
        .forEach(all::offerAll);
    return all.drain();
  }

  private TopK scan(Score score, int k, IntPredicate accepted, int from, int to) {
    var best = new TopK(k, labels);
    for (int row = from; row < to; row++) {
      double s = score.of(row);
      if (best.wants(row, s) && accepted.test(row)) {
        best.offer(row, s);
      }
    }
    return best;
  }

  private interface Score {
    double of(int row);
  }

  private Score score(Query query) {
    Kernels kernels = Kernels.BEST;
    MemorySegment memory = rows.memory();
    if (query.method() == Method.COS_MUL) {
      return product(query);
    }
    float[] target = query.target(similarity);
    return switch (similarity) {
      case COSINE -> {
        float[] unit = Vectors.unit(target);
        yield row -> cosine(kernels, unit, row);
      }
      case DOT_PRODUCT -> row -> kernels.dot(target, memory, rows.offset(row));
      case EUCLIDEAN ->
          row -> 1 / (1.0 + kernels.squaredDistance(target, memory, rows.offset(row)));
    };
  }

  private Score product(Query query) {
    if (similarity != Similarity.COSINE) {
      throw new IllegalArgumentException(
          "3CosMul needs the cosine, and the space is made for " + similarity);
    }
    Kernels kernels = Kernels.BEST;
    List<float[]> units = new ArrayList<>();
    var weights = new double[query.operands().size()];
    for (Query.Operand operand : query.operands()) {
      weights[units.size()] = operand.weight();
      units.add(Vectors.unit(operand.vector()));
    }
    boolean quotient = false;
    for (double weight : weights) {
      quotient |= weight < 0;
    }
    double epsilon = quotient ? EPSILON : 0;
    return row -> {
      double above = 1;
      double below = 1;
      for (int i = 0; i < weights.length; i++) {
        double s = (1 + cosine(kernels, units.get(i), row)) / 2;
        double weight = Math.abs(weights[i]);
        double power = weight == 1 ? s : Math.pow(s, weight);
        if (weights[i] > 0) {
          above *= power;
        } else {
          below *= power;
        }
      }
      return above / (below + epsilon);
    };
  }

  private double cosine(Kernels kernels, float[] unit, int row) {
    double dot = kernels.dot(unit, rows.memory(), rows.offset(row));
    double cosine = dot * inverseNorms.getAtIndex(ValueLayout.JAVA_FLOAT, row);
    return Math.clamp(cosine, -1, 1);
  }
}
