package io.polyseme.index;

import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.VectorUtil;

/**
 * The score of a stored vector for a query. The same vector always gets the same score, whether it
 * was found through the graph or by looking at all, so that ties are ties. Thread-safe.
 */
interface Scorer {
  /** Added to the denominator of 3CosMul. */
  double EPSILON = 0.001;

  double score(float[] vector);

  static Scorer of(Query query, Similarity similarity) {
    return switch (query.method()) {
      case COS_ADD -> similarity(target(query, similarity), similarity);
      case COS_MUL -> product(query);
    };
  }

  /** The similarity to one vector, which is of unit length where that is the cosine. */
  static Scorer similarity(float[] target, Similarity similarity) {
    return switch (similarity) {
      case COSINE -> x -> Math.clamp(VectorUtil.dotProduct(target, x), -1f, 1f);
      case DOT_PRODUCT -> x -> VectorUtil.dotProduct(target, x);
      case EUCLIDEAN -> x -> 1 / (1 + (double) VectorUtil.squareDistance(target, x));
    };
  }

  private static Scorer product(Query query) {
    var positive = new ArrayList<Query.Operand>();
    var negative = new ArrayList<Query.Operand>();
    for (Query.Operand operand : query.operands()) {
      var unit = new Query.Operand(Vectors.unit(operand.vector()), Math.abs(operand.weight()));
      if (operand.weight() > 0) {
        positive.add(unit);
      } else if (operand.weight() < 0) {
        negative.add(unit);
      }
    }
    List<float[]> above = positive.stream().map(Query.Operand::vector).toList();
    List<float[]> below = negative.stream().map(Query.Operand::vector).toList();
    return x ->
        product(x, above, positive) / (below.isEmpty() ? 1 : product(x, below, negative) + EPSILON);
  }

  private static double product(float[] x, List<float[]> vectors, List<Query.Operand> operands) {
    double product = 1;
    for (int i = 0; i < vectors.size(); i++) {
      double cosine = Math.clamp(VectorUtil.dotProduct(vectors.get(i), x), -1f, 1f);
      double s = (1 + cosine) / 2;
      float weight = operands.get(i).weight();
      product *= weight == 1 ? s : Math.pow(s, weight);
    }
    return product;
  }

  /** What the graph is searched for. */
  static float[] target(Query query, Similarity similarity) {
    float[] target = query.target(similarity);
    return similarity == Similarity.COSINE ? Vectors.unit(target) : target;
  }
}
