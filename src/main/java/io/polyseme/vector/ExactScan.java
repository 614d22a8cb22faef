package io.polyseme.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares queries with every row, exactly. Where there is an int8 copy of the rows, queries by the
 * cosine read that first and look in full only at the rows that its bound cannot rule out: the
 * answers are the same. Large matrices are shared out among the threads of the common pool in
 * blocks of rows; the outcome does not depend on how many there are. Thread-safe.
 */
public final class ExactScan {
  /** Below this many numbers one thread is quicker than telling others. */
  private static final long LARGE = 1 << 20;

  /** Rows that a thread takes at a time: their codes stay in its cache for many queries. */
  private static final int CHUNK = 16 * QuantisedRows.BLOCK;

  /** So many queries are answered together at most, which bounds the memory for their answers. */
  private static final int TOGETHER = 4096;

  /** Added to the denominator (Levy and Goldberg 2014), which must not be 0. */
  private static final double EPSILON = 0.001;

  private final Rows rows;
  private final MemorySegment inverseNorms;
  private final @Nullable QuantisedRows quantised;
  private final Similarity similarity;
  private final IntBinaryOperator labels;

  /** Null for those that are fastest at the time of a search. */
  private final @Nullable Kernels kernels;

  /**
   * A query and which rows may be its answers, asked of those only that would be among the best.
   */
  public record Question(Query query, IntPredicate accepted) {}

  /**
   * @param inverseNorms float32 for each row, 1 / its Euclidean length and 0 for the zero vector;
   *     read only where the similarity is the cosine
   * @param quantised a copy of these rows; null where there is none
   * @param labels compares the labels of two rows, as a comparator does; called by many threads
   */
  public ExactScan(
      Rows rows,
      MemorySegment inverseNorms,
      @Nullable QuantisedRows quantised,
      Similarity similarity,
      IntBinaryOperator labels) {
    this(rows, inverseNorms, quantised, similarity, labels, null);
  }

  private ExactScan(
      Rows rows,
      MemorySegment inverseNorms,
      @Nullable QuantisedRows quantised,
      Similarity similarity,
      IntBinaryOperator labels,
      @Nullable Kernels kernels) {
    this.kernels = kernels;
    this.rows = rows;
    this.inverseNorms = inverseNorms;
    this.quantised = quantised;
    this.similarity = similarity;
    this.labels = labels;
  }

  /** By the cosine, labels in the order of rows, and always by these kernels. */
  static ExactScan of(
      Rows rows, MemorySegment inverseNorms, @Nullable QuantisedRows quantised, Kernels kernels) {
    return new ExactScan(
        rows, inverseNorms, quantised, Similarity.COSINE, Integer::compare, kernels);
  }

  private Kernels kernels() {
    return kernels == null ? WarmUp.kernels() : kernels;
  }

  /**
   * The k best rows that are accepted. The query's own filter and excluded labels are left to
   * {@code accepted}.
   *
   * @param accepted called by many threads
   * @throws IllegalArgumentException if the dimensions differ, or the query asks for 3CosMul where
   *     the similarity is not the cosine
   */
  public TopK.Best search(Query query, IntPredicate accepted) {
    return search(List.of(new Question(query, accepted))).getFirst();
  }

  /**
   * The answers to many questions, as one by one, in one pass over the rows for thousands of them.
   *
   * @throws IllegalArgumentException as {@link #search(Query, IntPredicate)} does
   */
  public List<TopK.Best> search(List<Question> questions) {
    var answers = new ArrayList<TopK.Best>();
    for (int from = 0; from < questions.size(); from += TOGETHER) {
      answers.addAll(
          together(questions.subList(from, Math.min(from + TOGETHER, questions.size()))));
    }
    return answers;
  }

  private List<TopK.Best> together(List<Question> questions) {
    var bounded = new ArrayList<Task>();
    var plain = new ArrayList<Task>();
    var tasks = new ArrayList<Task>();
    for (Question question : questions) {
      Task task = task(question);
      tasks.add(task);
      (task.unit != null ? bounded : plain).add(task);
    }
    IntStream workers = IntStream.range(0, workers());
    var next = new AtomicInteger();
    Supplier<Worker> work =
        () -> {
          var worker = new Worker(bounded, plain);
          int chunk;
          while ((chunk = next.getAndIncrement()) * (long) CHUNK < rows.count()) {
            worker.scan(chunk * CHUNK, (int) Math.min(rows.count(), (chunk + 1L) * CHUNK));
          }
          return worker;
        };
    List<Worker> done = workers.parallel().mapToObj(_ -> work.get()).toList();
    for (int i = 0; i < bounded.size(); i++) {
      merge(bounded.get(i), done, i, true);
    }
    for (int i = 0; i < plain.size(); i++) {
      merge(plain.get(i), done, i, false);
    }
    if (kernels == null) {
      WarmUp.begin();
    }
    return tasks.stream().map(task -> task.best.drain()).toList();
  }

  private int workers() {
    boolean large = (long) rows.count() * rows.dimension() >= LARGE;
    return large ? ForkJoinPool.getCommonPoolParallelism() + 1 : 1;
  }

  private static void merge(Task task, List<Worker> workers, int number, boolean bounded) {
    for (Worker worker : workers) {
      task.best.offerAll((bounded ? worker.bounded : worker.plain).get(number));
    }
  }

  /**
   * A question as it is worked on.
   *
   * @param unit the target, where the int8 copy can be asked for it; otherwise null
   * @param floor what the k-th best has at least, as far as any thread knows
   */
  private record Task(
      Question question,
      Score score,
      float @Nullable [] unit,
      TopK best,
      DoubleAccumulator floor) {}

  private Task task(Question question) {
    Query query = question.query;
    if (query.dimension() != rows.dimension()) {
      throw new IllegalArgumentException(
          "the query has %d dimensions, and the space %d; they must come from the same model"
              .formatted(query.dimension(), rows.dimension()));
    }
    int k = Math.max(1, Math.min(query.k(), rows.count()));
    // Where a good part of all is asked for, nearly everything has to be looked at anyway.
    boolean bounded =
        quantised != null
            && similarity == Similarity.COSINE
            && query.method() == Method.COS_ADD
            && k <= rows.count() / 16;
    float[] unit = bounded ? Vectors.unit(query.target(similarity)) : null;
    Score score = unit == null ? score(query) : cosine(unit);
    return new Task(
        question,
        score,
        unit,
        new TopK(k, labels),
        new DoubleAccumulator(Math::max, Double.NEGATIVE_INFINITY));
  }

  /** One thread's share of the rows. */
  private final class Worker {
    private final List<Task> boundedTasks;
    private final List<Task> plainTasks;
    final List<TopK> bounded;
    final List<TopK> plain;
    private final float[][] units;
    private final float[] thresholds;
    private final long[] masks = new long[Kernels.QUERIES];
    private final Kernels kernels = kernels();
    private final Kernels.Scratch scratch = new Kernels.Scratch();

    Worker(List<Task> boundedTasks, List<Task> plainTasks) {
      this.boundedTasks = boundedTasks;
      this.plainTasks = plainTasks;
      this.bounded = boundedTasks.stream().map(t -> new TopK(t.best.k(), labels)).toList();
      this.plain = plainTasks.stream().map(t -> new TopK(t.best.k(), labels)).toList();
      this.units = boundedTasks.stream().map(Task::unit).toArray(float[][]::new);
      this.thresholds = new float[units.length];
    }

    void scan(int from, int to) {
      for (int i = 0; i < plainTasks.size(); i++) {
        Task task = plainTasks.get(i);
        TopK best = plain.get(i);
        for (int row = from; row < to; row++) {
          if (task.score.may(row, best.least())) {
            offer(task, best, row);
          }
        }
      }
      for (int first = 0; first < units.length; first += Kernels.QUERIES) {
        int n = Math.min(Kernels.QUERIES, units.length - first);
        for (int block = from / QuantisedRows.BLOCK; block * QuantisedRows.BLOCK < to; block++) {
          for (int q = first; q < first + n; q++) {
            thresholds[q] = threshold(boundedTasks.get(q), bounded.get(q));
          }
          kernels.candidates(units, first, n, quantised, block, thresholds, masks, scratch);
          for (int q = 0; q < n; q++) {
            if (masks[q] != 0) {
              offer(boundedTasks.get(first + q), bounded.get(first + q), block, masks[q]);
            }
          }
        }
      }
    }

    private float threshold(Task task, TopK best) {
      double least = Math.max(best.least(), task.floor.get());
      return least == Double.NEGATIVE_INFINITY
          ? Float.NEGATIVE_INFINITY
          : Math.nextDown((float) (least - margin(rows.dimension())));
    }

    private void offer(Task task, TopK best, int block, long mask) {
      double before = best.least();
      for (long m = mask; m != 0; m &= m - 1) {
        int row = block * QuantisedRows.BLOCK + Long.numberOfTrailingZeros(m);
        if (row < rows.count()) {
          offer(task, best, row);
        }
      }
      if (best.least() > before) {
        task.floor.accumulate(best.least());
      }
    }

    private void offer(Task task, TopK best, int row) {
      double s = task.score.of(row);
      if (best.wants(row, s) && task.question.accepted.test(row)) {
        best.offer(row, s);
      }
    }
  }

  /**
   * How a row is scored: first quickly, in float32 and by SIMD, with rounding that depends on the
   * processor and the JIT; then, if it may be among the best, in float64 and always in one order.
   */
  private interface Score {
    /** Whether the row may score this much; where it does, never false. */
    boolean may(int row, double least);

    double of(int row);
  }

  private Score score(Query query) {
    Kernels kernels = kernels();
    MemorySegment memory = rows.memory();
    if (query.method() == Method.COS_MUL) {
      return product(query);
    }
    float[] target = query.target(similarity);
    return switch (similarity) {
      case COSINE -> cosine(Vectors.unit(target));
      case DOT_PRODUCT -> {
        double length = Math.sqrt(Vectors.squaredNorm(target)) * margin(rows.dimension());
        yield new Score() {
          @Override
          public boolean may(int row, double least) {
            float inverse = inverseNorms.getAtIndex(ValueLayout.JAVA_FLOAT, row);
            double quick = kernels.dot(target, memory, rows.offset(row));
            return !(quick < least - (inverse == 0 ? 0 : length / inverse));
          }

          @Override
          public double of(int row) {
            return Kernels.exactDot(target, row(row));
          }
        };
      }
      case EUCLIDEAN -> {
        double factor = 1 - margin(rows.dimension());
        yield new Score() {
          @Override
          public boolean may(int row, double least) {
            float quick = kernels.squaredDistance(target, memory, rows.offset(row));
            return !(1 / (1 + quick * factor) < least);
          }

          @Override
          public double of(int row) {
            return 1 / (1 + Kernels.exactSquaredDistance(target, row(row)));
          }
        };
      }
    };
  }

  /**
   * What rounding can change a sum of products in float32 by, for vectors of unit length: each of
   * two sums at most about (d + 8) ε.
   */
  static double margin(int dimension) {
    return 2.2 * (dimension + 8) * 0x1p-24;
  }

  private Score cosine(float[] unit) {
    Kernels kernels = kernels();
    double margin = margin(rows.dimension());
    return new Score() {
      @Override
      public boolean may(int row, double least) {
        // Not >=: what overflows to NaN here has to be looked at in full.
        return !(quickCosine(kernels, unit, row) < least - margin);
      }

      @Override
      public double of(int row) {
        return exactCosine(unit, row);
      }
    };
  }

  private Score product(Query query) {
    if (similarity != Similarity.COSINE) {
      throw new IllegalArgumentException(
          "3CosMul needs the cosine, and the space is made for " + similarity);
    }
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
    Kernels kernels = kernels();
    double epsilon = quotient ? EPSILON : 0;
    double margin = margin(rows.dimension());
    return new Score() {
      @Override
      public boolean may(int row, double least) {
        // The most that the quotient can be: every factor by the margin to its advantage.
        double above = 1;
        double below = 1;
        for (int i = 0; i < weights.length; i++) {
          double cosine = quickCosine(kernels, units.get(i), row);
          if (weights[i] > 0) {
            above *= power((1 + cosine + margin) / 2, weights[i]);
          } else {
            below *= power(Math.max(0, 1 + cosine - margin) / 2, -weights[i]);
          }
        }
        return !(above / (below + epsilon) < least);
      }

      @Override
      public double of(int row) {
        double above = 1;
        double below = 1;
        for (int i = 0; i < weights.length; i++) {
          double s = (1 + exactCosine(units.get(i), row)) / 2;
          if (weights[i] > 0) {
            above *= power(s, weights[i]);
          } else {
            below *= power(s, -weights[i]);
          }
        }
        return above / (below + epsilon);
      }
    };
  }

  private static double power(double s, double weight) {
    return weight == 1 ? s : Math.pow(s, weight);
  }

  private double quickCosine(Kernels kernels, float[] unit, int row) {
    return kernels.dot(unit, rows.memory(), rows.offset(row))
        * inverseNorms.getAtIndex(ValueLayout.JAVA_FLOAT, row);
  }

  private float[] row(int row) {
    var vector = new float[rows.dimension()];
    rows.get(row, vector);
    return vector;
  }

  private double exactCosine(float[] unit, int row) {
    double dot = Kernels.exactDot(unit, row(row));
    double cosine = dot * inverseNorms.getAtIndex(ValueLayout.JAVA_FLOAT, row);
    return Math.clamp(cosine, -1, 1);
  }
}
