package io.polyseme.analogy;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.BlockProducts;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Many analogy questions, by any method, put to every row at once. Each method is a function of the
 * candidate's dot products with a few vectors, so a block of candidates is multiplied once by all
 * the different vectors, and every question is then scored from that table: twenty thousand
 * questions cost little more than their thousand words. Not thread-safe; {@link #best} uses threads
 * of its own.
 */
public final class AnalogyScan {
  /** Every row may be an answer. */
  public static final IntPredicate ANY = _ -> true;

  /** 3CosMul's guard against division by zero, as {@link io.polyseme.vector.Method} says. */
  private static final float EPSILON = 0.001f;

  /** The least squared length of a direction from c. */
  private static final float NEAR = 1e-6f;

  private final LabelledRows rows;
  private final int size;
  private final List<float[]> vectors = new ArrayList<>();
  private final List<Question> questions = new ArrayList<>();

  /**
   * @param a number of the vector; with LRCos that of the weights
   * @param shift what the method adds, before {@code scale}
   * @param scale positive: what makes the score that the method is defined by of what ranks alike
   */
  private record Question(
      AnalogyMethod method,
      int a,
      int b,
      int c,
      double shift,
      double scale,
      int k,
      IntPredicate accepted) {}

  /**
   * @param size only the first so many rows may be answers
   */
  public AnalogyScan(LabelledRows rows, int size) {
    this.rows = rows;
    this.size = size;
  }

  /**
   * Takes a vector that questions are asked with.
   *
   * @param vector float[dimension]; copied
   * @return its number
   * @throws IllegalArgumentException for the zero vector
   */
  public int add(float[] vector) {
    vectors.add(Vectors.unit(vector));
    return vectors.size() - 1;
  }

  /**
   * Asks: a is to b as c is to what?
   *
   * @param a the number of a vector, as b and c
   * @param k how many answers, from 1
   * @param accepted which rows may be answers; asked only of those that would be among the best, by
   *     many threads
   * @return the question's number
   * @throws IllegalArgumentException if the method learns from pairs
   */
  public int ask(AnalogyMethod method, int a, int b, int c, int k, IntPredicate accepted) {
    float[] unitA = vectors.get(a);
    float[] unitB = vectors.get(b);
    float[] unitC = vectors.get(c);
    double shift = 0;
    double scale = 1;
    switch (method) {
      case COS_ADD -> scale = inverse(lengthOfSum(unitB, unitA, unitC));
      case PAIR_DIRECTION -> {
        for (int i = 0; i < unitA.length; i++) {
          shift -= ((double) unitB[i] - unitA[i]) * unitC[i];
        }
        scale = inverse(lengthOfSum(unitB, unitA, new float[unitA.length]));
      }
      case COS_MUL, SIMILAR_TO_B, SIMILAR_TO_ANY -> {}
      case COS_AVG, LR_COS ->
          throw new IllegalArgumentException(
              method + " learns from pairs: a Relation is to be asked");
    }
    return ask(new Question(method, a, b, c, shift, scale, k, accepted));
  }

  /**
   * Asks a relation: what is to c as the targets are to the sources?
   *
   * @param c the number of a vector
   * @return the question's number
   */
  public int ask(Relation relation, int c, int k, IntPredicate accepted) {
    int learned = vectors.size();
    vectors.add(relation.asked(vectors.get(c)));
    return ask(
        new Question(relation.method(), learned, learned, c, relation.intercept(), 1, k, accepted));
  }

  private int ask(Question question) {
    if (question.k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + question.k);
    }
    questions.add(question);
    return questions.size() - 1;
  }

  private static double lengthOfSum(float[] b, float[] a, float[] c) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double x = (double) b[i] - a[i] + c[i];
      squares += x * x;
    }
    return Math.sqrt(squares);
  }

  /** 0 where there is nothing but rounding: such a question has no best answer. */
  private static double inverse(double length) {
    return length < 1e-6 ? 0 : 1 / length;
  }

  /**
   * Answers the questions.
   *
   * @param threads at least 1; the answers do not depend on it
   * @return for each question the best rows; equal scores in the order of the labels
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<TopK.Best> best(int threads, Progress progress, Cancel cancel) {
    List<Worker> workers =
        new BlockProducts(rows, size, vectors)
            .forEach(Worker::new, threads, "answering analogies", progress, cancel);
    var answers = new ArrayList<TopK.Best>(questions.size());
    for (int q = 0; q < questions.size(); q++) {
      TopK all = workers.getFirst().best[q];
      for (Worker other : workers.subList(1, workers.size())) {
        all.offerAll(other.best[q]);
      }
      TopK.Best best = all.drain();
      double[] scores = best.scores();
      for (int i = 0; i < scores.length; i++) {
        scores[i] *= questions.get(q).scale;
      }
      answers.add(best);
    }
    return answers;
  }

  private int compareLabels(int row, int other) {
    return rows.label(row).compareTo(rows.label(other));
  }

  /** One thread's share: the best of the candidates that it has seen. */
  private final class Worker implements BlockProducts.Taker {
    private final Question[] asked = questions.toArray(Question[]::new);
    private final float[] least = new float[asked.length];
    private final float[] scores = new float[BlockProducts.BLOCK];
    final TopK[] best = new TopK[asked.length];

    Worker() {
      Arrays.fill(least, Float.NEGATIVE_INFINITY);
      for (int q = 0; q < best.length; q++) {
        best[q] = new TopK(Math.clamp(size, 1, asked[q].k), AnalogyScan.this::compareLabels);
      }
    }

    @Override
    public void take(int first, int count, float[][] table) {
      for (int q = 0; q < asked.length; q++) {
        Question question = asked[q];
        float[] a = table[question.a];
        float[] b = table[question.b];
        float[] c = table[question.c];
        switch (question.method) {
          case COS_ADD -> look(q, add(a, b, c), first, count);
          case COS_MUL -> look(q, multiply(a, b, c), first, count);
          case PAIR_DIRECTION -> look(q, direction(a, b, c, (float) question.shift), first, count);
          case SIMILAR_TO_B -> look(q, c, first, count);
          case SIMILAR_TO_ANY -> look(q, greatest(a, b, c), first, count);
          case COS_AVG -> look(q, a, first, count);
          case LR_COS -> classify(q, a, c, first, count);
        }
      }
    }

    // Loops that the JIT makes vector code of: arithmetic alone, and one index for all arrays.

    private float[] add(float[] a, float[] b, float[] c) {
      float[] into = scores;
      for (int i = 0; i < BlockProducts.BLOCK; i++) {
        into[i] = b[i] - a[i] + c[i];
      }
      return into;
    }

    private float[] multiply(float[] a, float[] b, float[] c) {
      float[] into = scores;
      for (int i = 0; i < BlockProducts.BLOCK; i++) {
        into[i] = (1 + b[i]) * (1 + c[i]) / (4 * ((1 + a[i]) / 2 + EPSILON));
      }
      return into;
    }

    private float[] direction(float[] a, float[] b, float[] c, float shift) {
      float[] into = scores;
      for (int i = 0; i < BlockProducts.BLOCK; i++) {
        float squared = Math.max(2 - 2 * c[i], NEAR);
        into[i] = (b[i] - a[i] + shift) / (float) Math.sqrt(squared);
      }
      return into;
    }

    private float[] greatest(float[] a, float[] b, float[] c) {
      float[] into = scores;
      for (int i = 0; i < BlockProducts.BLOCK; i++) {
        into[i] = Math.max(Math.max(a[i], b[i]), c[i]);
      }
      return into;
    }

    private void look(int q, float[] numbers, int first, int count) {
      int i = BlockProducts.firstAtLeast(numbers, 0, count, least[q]);
      while (i < count) {
        offer(q, first + i, numbers[i]);
        i = BlockProducts.firstAtLeast(numbers, i + 1, count, least[q]);
      }
    }

    /** A probability is at most 1, so the cosine alone rules nearly all candidates out. */
    private void classify(int q, float[] weighted, float[] c, int first, int count) {
      int i = BlockProducts.firstAtLeast(c, 0, count, bound(q));
      while (i < count) {
        double logit = weighted[i] + asked[q].shift;
        offer(q, first + i, c[i] / (1 + Math.exp(-logit)));
        i = BlockProducts.firstAtLeast(c, i + 1, count, bound(q));
      }
    }

    private float bound(int q) {
      return least[q] > 0 ? least[q] : Float.NEGATIVE_INFINITY;
    }

    private void offer(int q, int row, double score) {
      TopK top = best[q];
      if (top.wants(row, score) && asked[q].accepted.test(row)) {
        top.offer(row, score);
        // Rounded down, so that nothing is passed over.
        least[q] = Math.nextDown((float) top.least());
      }
    }
  }
}
