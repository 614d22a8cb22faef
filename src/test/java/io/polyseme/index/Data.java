package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** Random vectors with labels and fields, and the plain arithmetic to check an index against. */
record Data(List<String> labels, List<float[]> vectors, List<Map<String, String>> fields) {
  static final Maker MAKER = new Maker("model", "0123456789abcdef0123", "2", "mean");

  /** Clustered, as vectors of texts are: uniformly random ones have no near neighbours. */
  static Data random(long seed, int size, int dimension) {
    var random = new Random(seed);
    var centres = new float[Math.max(1, size / 25)][];
    for (int c = 0; c < centres.length; c++) {
      centres[c] = gaussian(random, dimension);
    }
    var data = new Data(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < size; i++) {
      float[] vector = gaussian(random, dimension);
      float[] centre = centres[random.nextInt(centres.length)];
      for (int d = 0; d < dimension; d++) {
        vector[d] = centre[d] + 0.7f * vector[d];
      }
      data.labels.add("entry" + i);
      data.vectors.add(vector);
      data.fields.add(Map.of("parity", i % 2 == 0 ? "even" : "odd", "hundred", "h" + i / 100));
    }
    return data;
  }

  static float[] gaussian(Random random, int dimension) {
    var vector = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      vector[d] = (float) random.nextGaussian();
    }
    return vector;
  }

  int size() {
    return labels.size();
  }

  float[] vector(String label) {
    return vectors.get(labels.indexOf(label));
  }

  VectorIndex index(Path folder, IndexOptions options) {
    build(folder, options);
    return VectorIndex.open(folder);
  }

  IndexBuilder.Summary build(Path folder, IndexOptions options) {
    Recipe recipe = Recipe.of("test").withOptions(options);
    try (IndexBuilder builder = VectorIndex.builder(folder, recipe, MAKER)) {
      addTo(builder);
      return builder.commit(Progress.NONE, Cancel.create());
    }
  }

  void addTo(IndexBuilder builder) {
    for (int i = 0; i < size(); i++) {
      builder.add(labels.get(i), vectors.get(i), fields.get(i), "text " + i);
    }
  }

  record Right(String label, double score) {}

  /** The right answer, in double precision. */
  List<Right> search(Query query, Similarity similarity, Predicate<Integer> accepted) {
    var all = new ArrayList<Right>();
    float[] target = query.target(similarity);
    for (int i = 0; i < size(); i++) {
      if (accepted.test(i) && !query.excluded().contains(labels.get(i))) {
        float[] x = vectors.get(i);
        double score =
            switch (query.method()) {
              case COS_ADD -> similarity(target, x, similarity);
              case COS_MUL -> product(query, x);
            };
        all.add(new Right(labels.get(i), score));
      }
    }
    all.sort(Comparator.comparingDouble(Right::score).reversed().thenComparing(Right::label));
    return all.subList(0, Math.min(query.k(), all.size()));
  }

  static double similarity(float[] a, float[] b, Similarity similarity) {
    double dot = 0;
    double squaresA = 0;
    double squaresB = 0;
    double distance = 0;
    for (int d = 0; d < a.length; d++) {
      dot += (double) a[d] * b[d];
      squaresA += (double) a[d] * a[d];
      squaresB += (double) b[d] * b[d];
      distance += ((double) a[d] - b[d]) * ((double) a[d] - b[d]);
    }
    return switch (similarity) {
      case COSINE -> dot / Math.sqrt(squaresA * squaresB);
      case DOT_PRODUCT -> dot;
      case EUCLIDEAN -> 1 / (1 + distance);
    };
  }

  private static double product(Query query, float[] x) {
    double above = 1;
    double below = 1;
    boolean negative = false;
    for (Query.Operand operand : query.operands()) {
      double s = (1 + similarity(operand.vector(), x, Similarity.COSINE)) / 2;
      if (operand.weight() > 0) {
        above *= Math.pow(s, operand.weight());
      } else {
        below *= Math.pow(s, -operand.weight());
        negative = true;
      }
    }
    return negative ? above / (below + 0.001) : above;
  }
}
