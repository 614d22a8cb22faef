package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.collection.ClassifierOptions.Method;
import io.polyseme.vector.LogisticRegression;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;

/** Scores each class for a vector of unit length; greater is likelier, on a scale of its own. */
interface ClassModel {
  /** How many examples of a class count as its nearest. */
  int NEAREST = 3;

  /** Vectors of unit length are near each other: a penalty of 1 would leave little of a slope. */
  double PENALTY = 0.1;

  double[] scores(float[] unit);

  /**
   * @param units the examples at unit length
   * @param classes the class of each, from 0
   * @param count how many classes; one without examples is never likely
   */
  static ClassModel of(
      Method method, List<float[]> units, int[] classes, int count, Cancel cancel) {
    List<List<float[]>> byClass = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      byClass.add(new ArrayList<>());
    }
    for (int i = 0; i < classes.length; i++) {
      byClass.get(classes[i]).add(units.get(i));
    }
    return switch (method) {
      case CENTROID -> centroid(byClass);
      case NEIGHBOURS -> neighbours(byClass);
      case LOGISTIC -> logistic(byClass, cancel);
    };
  }

  private static ClassModel centroid(List<List<float[]>> byClass) {
    var means = new ArrayList<float[]>();
    for (List<float[]> examples : byClass) {
      float[] mean = new float[0];
      if (!examples.isEmpty()) {
        mean = new float[examples.getFirst().length];
        for (float[] unit : examples) {
          Vectors.addScaled(mean, unit, 1);
        }
        mean = Vectors.unitOrZero(mean);
      }
      means.add(mean);
    }
    return unit ->
        means.stream()
            .mapToDouble(mean -> mean.length == 0 ? -1 : Vectors.dot(unit, mean))
            .toArray();
  }

  private static ClassModel neighbours(List<List<float[]>> byClass) {
    return unit ->
        byClass.stream()
            .mapToDouble(
                examples -> {
                  var best = new TopK(NEAREST, Integer::compare);
                  for (int i = 0; i < examples.size(); i++) {
                    best.offer(i, Vectors.dot(unit, examples.get(i)));
                  }
                  double sum = 0;
                  for (double score : best.drain().scores()) {
                    sum += score;
                  }
                  return examples.isEmpty() ? -1 : sum / Math.min(NEAREST, examples.size());
                })
            .toArray();
  }

  private static ClassModel logistic(List<List<float[]>> byClass, Cancel cancel) {
    var fits = new ArrayList<LogisticRegression>();
    for (List<float[]> examples : byClass) {
      cancel.check();
      var rows = new ArrayList<float[]>(examples);
      for (List<float[]> others : byClass) {
        if (others != examples) {
          rows.addAll(others);
        }
      }
      boolean both = !examples.isEmpty() && examples.size() < rows.size();
      fits.add(
          both
              ? LogisticRegression.fit(rows.toArray(float[][]::new), examples.size(), PENALTY)
              : new LogisticRegression(new float[rows.getFirst().length], -100));
    }
    return unit ->
        fits.stream()
            .mapToDouble(fit -> Vectors.dot(unit, fit.weights()) + fit.intercept())
            .toArray();
  }
}
