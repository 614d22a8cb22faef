package io.polyseme.vector;

import java.util.Arrays;
import java.util.function.IntBinaryOperator;

/**
 * Keeps the k best rows seen, in a heap of two arrays: no garbage per row. Equal scores are kept in
 * the order of their labels, so that the outcome does not depend on the order of offers. Not
 * thread-safe.
 */
public final class TopK {
  private final IntBinaryOperator labels;
  private final int k;
  private int[] rows;
  private double[] scores;
  private int size;

  /**
   * @param k how many, from 1
   * @param labels compares the labels of two rows, as a comparator does
   */
  public TopK(int k, IntBinaryOperator labels) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
    this.k = k;
    this.labels = labels;
    this.rows = new int[Math.min(k, 64)];
    this.scores = new double[rows.length];
  }

  /** How many there are so far, at most k. */
  public int size() {
    return size;
  }

  /**
   * The least score that a further row must have: the worst kept; -infinity while there is room.
   */
  public double least() {
    return size < k ? Double.NEGATIVE_INFINITY : scores[0];
  }

  /** Whether {@link #offer} would keep it. NaN never. */
  public boolean wants(int row, double score) {
    return size < k ? score == score : score >= scores[0] && worse(rows[0], scores[0], row, score);
  }

  /** Takes a row, if it is among the k best so far. */
  public void offer(int row, double score) {
    if (!wants(row, score)) {
      return;
    }
    if (size < k) {
      if (size == rows.length) {
        int capacity = (int) Math.min(k, 2L * size);
        rows = Arrays.copyOf(rows, capacity);
        scores = Arrays.copyOf(scores, capacity);
      }
      int at = size++;
      while (at > 0) {
        int parent = (at - 1) / 2;
        if (!worse(row, score, rows[parent], scores[parent])) {
          break;
        }
        rows[at] = rows[parent];
        scores[at] = scores[parent];
        at = parent;
      }
      rows[at] = row;
      scores[at] = score;
    } else {
      sink(row, score);
    }
  }

  /** Offers everything that another holds. */
  public void offerAll(TopK other) {
    for (int i = 0; i < other.size; i++) {
      offer(other.rows[i], other.scores[i]);
    }
  }

  /** Takes the worst of those kept out; its row. */
  private int pop() {
    int worst = rows[0];
    size--;
    if (size > 0) {
      sink(rows[size], scores[size]);
    }
    return worst;
  }

  /** Empties the collector: what it held, best first. */
  public Best drain() {
    var bestRows = new int[size];
    var bestScores = new double[size];
    for (int i = size - 1; i >= 0; i--) {
      bestScores[i] = scores[0];
      bestRows[i] = pop();
    }
    return new Best(bestRows, bestScores);
  }

  private void sink(int row, double score) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size
          && worse(rows[child + 1], scores[child + 1], rows[child], scores[child])) {
        child++;
      }
      if (!worse(rows[child], scores[child], row, score)) {
        break;
      }
      rows[at] = rows[child];
      scores[at] = scores[child];
      at = child;
    }
    rows[at] = row;
    scores[at] = score;
  }

  private boolean worse(int row, double score, int other, double otherScore) {
    return score != otherScore ? score < otherScore : labels.applyAsInt(row, other) > 0;
  }

  /**
   * The outcome, best first.
   *
   * @param rows int[n]
   * @param scores double[n]
   */
  public record Best(int[] rows, double[] scores) {}
}
