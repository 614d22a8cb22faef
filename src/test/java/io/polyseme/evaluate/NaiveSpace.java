package io.polyseme.evaluate;

import io.polyseme.vector.Answer;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Method;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.VectorSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A space that searches in the most obvious way, in doubles, to check faster ones against. */
final class NaiveSpace implements VectorSpace {
  private final Map<String, float[]> vectors = new LinkedHashMap<>();

  NaiveSpace with(String label, float... vector) {
    vectors.put(label, vector);
    return this;
  }

  List<String> labels() {
    return List.copyOf(vectors.keySet());
  }

  @Override
  public SpaceInfo info() {
    return new SpaceInfo(
        "naive",
        vectors.size(),
        vectors.values().iterator().next().length,
        Similarity.COSINE,
        Maker.UNKNOWN,
        Map.of());
  }

  @Override
  public Optional<float[]> vector(String label) {
    return Optional.ofNullable(vectors.get(label)).map(float[]::clone);
  }

  @Override
  public List<String> nearNames(String label, int limit) {
    return List.of();
  }

  @Override
  public Answer search(Query query) {
    record Scored(String label, double score) {}
    var all = new ArrayList<Scored>();
    for (String label : vectors.keySet()) {
      if (!query.excluded().contains(label)) {
        all.add(new Scored(label, score(vectors.get(label), query)));
      }
    }
    all.sort(Comparator.comparingDouble(Scored::score).reversed().thenComparing(Scored::label));
    var hits = new ArrayList<Hit>();
    for (Scored s : all.subList(0, Math.min(query.k(), all.size()))) {
      hits.add(new Hit(hits.size() + 1, s.label, s.score, Map.of()));
    }
    return new Answer(hits, true, vectors.size(), List.of());
  }

  private static double score(float[] x, Query query) {
    if (query.method() == Method.COS_ADD) {
      return cosine(x, query.target(Similarity.COSINE));
    }
    double score = 1;
    for (Query.Operand operand : query.operands()) {
      double s = (1 + cosine(x, operand.vector())) / 2;
      score = operand.weight() > 0 ? score * s : score / (s + 0.001);
    }
    return score;
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
  }

  @Override
  public VectorSpace exact() {
    return this;
  }

  @Override
  public void close() {}
}
