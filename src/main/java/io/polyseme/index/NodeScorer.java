package io.polyseme.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.util.VectorUtil;

/**
 * How near nodes of a graph are to one target: greater is nearer. With the cosine and the dot
 * product it is their estimate; with the Euclidean distance it is minus the squared distance.
 *
 * <p>Not thread-safe.
 */
abstract class NodeScorer {
  private static final int LINE = 64;

  /** A row's cache lines beyond these are fetched well enough in order. */
  private static final int LINES = 8;

  private final MemorySegment rows;
  private final int stride;
  private final int lines;

  /** Keeps the loads of {@link #fetch} from being optimised away. */
  private int fetched;

  NodeScorer(MemorySegment rows, int stride) {
    this.rows = rows;
    this.stride = stride;
    this.lines = Math.min(LINES, (stride + LINE - 1) / LINE);
  }

  /** Sets what is looked for. */
  abstract void target(float[] target);

  /**
   * Scores some nodes. Their rows lie anywhere in memory: all are touched first, so that the
   * processor fetches them at once, and not one after the other.
   */
  final void score(int[] nodes, int count, float[] scores) {
    fetch(nodes, count);
    scoreAll(nodes, count, scores);
  }

  private void fetch(int[] nodes, int count) {
    int sum = fetched;
    for (int i = 0; i < count; i++) {
      long at = (long) nodes[i] * stride;
      for (int line = 0; line < lines; line++) {
        sum += rows.get(ValueLayout.JAVA_BYTE, at + (long) line * LINE);
      }
    }
    fetched = sum;
  }

  abstract void scoreAll(int[] nodes, int count, float[] scores);

  /** Full vectors, in the order of the nodes. */
  static NodeScorer full(MemorySegment rows, int dimension, VectorSimilarityFunction similarity) {
    return new Full(rows, dimension, similarity);
  }

  private static final class Full extends NodeScorer {
    private final MemorySegment rows;
    private final int stride;
    private final VectorSimilarityFunction similarity;
    private float[] target = new float[0];

    Full(MemorySegment rows, int dimension, VectorSimilarityFunction similarity) {
      super(rows, 4 * dimension);
      this.rows = rows;
      this.stride = 4 * dimension;
      this.similarity = similarity;
    }

    @Override
    void target(float[] target) {
      this.target = target;
    }

    @Override
    void scoreAll(int[] nodes, int count, float[] scores) {
      CodeKernels kernels = CodeKernels.BEST;
      if (similarity == VectorSimilarityFunction.EUCLIDEAN) {
        for (int i = 0; i < count; i++) {
          scores[i] = -kernels.squaredDistance(target, rows, (long) nodes[i] * stride);
        }
      } else {
        for (int i = 0; i < count; i++) {
          scores[i] = kernels.dot(target, rows, (long) nodes[i] * stride);
        }
      }
    }
  }

  /** As Lucene would put the similarity: never negative. */
  static float toLucene(float score, VectorSimilarityFunction similarity) {
    return switch (similarity) {
      case EUCLIDEAN -> 1 / (1 + Math.max(0, -score));
      case DOT_PRODUCT, COSINE -> VectorUtil.normalizeToUnitInterval(Math.clamp(score, -1f, 1f));
      case MAXIMUM_INNER_PRODUCT -> VectorUtil.scaleMaxInnerProductScore(score);
    };
  }
}
