package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import io.polyseme.evaluate.RetrievalScores.Comparison;
import io.polyseme.evaluate.RetrievalSet.Part;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Some queries with what each way of searching came to on them.
 *
 * @param values by the way's name and the measure, a figure a query
 */
record AnsweredQueries(
    String section, RetrievalMeasure primary, Map<String, Map<RetrievalMeasure, double[]>> values) {

  /** Room for the figures. */
  static AnsweredQueries of(
      String section, RetrievalMeasure primary, Iterable<String> names, int queries) {
    Map<String, Map<RetrievalMeasure, double[]>> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, room(queries)));
    return new AnsweredQueries(section, primary, values);
  }

  private static Map<RetrievalMeasure, double[]> room(int size) {
    Map<RetrievalMeasure, double[]> room = new LinkedHashMap<>();
    RetrievalMeasure.ALL.forEach(measure -> room.put(measure, new double[size]));
    return room;
  }

  AnsweredQueries half(String name, Part part) {
    int[] queries = IntStream.range(0, size()).filter(part::has).toArray();
    AnsweredQueries half = of(name, primary, values.keySet(), queries.length);
    values.forEach(
        (ranker, own) ->
            own.forEach(
                (measure, all) ->
                    Arrays.setAll(half.values.get(ranker).get(measure), i -> all[queries[i]])));
    return half;
  }

  private int size() {
    return values.values().iterator().next().get(primary).length;
  }

  private double mean(String name, RetrievalMeasure measure) {
    return Arrays.stream(values.get(name).get(measure)).average().orElse(Double.NaN);
  }

  /**
   * Means of resamples of the queries, drawn with replacement (Efron 1979): every way and measure
   * from the same ones, so that their differences are paired.
   */
  Map<String, Map<RetrievalMeasure, double[]>> resample(int count, long seed, Cancel cancel) {
    int n = size();
    Map<String, Map<RetrievalMeasure, double[]>> means = new LinkedHashMap<>();
    values.keySet().forEach(name -> means.put(name, room(count)));
    var random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      cancel.check();
      int draw = i;
      int[] drawn = random.ints(n, 0, n).toArray();
      values.forEach(
          (name, own) ->
              own.forEach(
                  (measure, all) ->
                      means.get(name).get(measure)[draw] =
                          Arrays.stream(drawn).mapToDouble(q -> all[q]).average().orElseThrow()));
    }
    return means;
  }

  Score score(
      String name,
      RetrievalMeasure measure,
      Map<String, Map<RetrievalMeasure, double[]>> resampled) {
    Interval interval = Intervals.percentile(resampled.get(name).get(measure));
    return new Score(
        section,
        "",
        measure.toString(),
        mean(name, measure),
        interval.low(),
        interval.high(),
        size(),
        size());
  }

  /**
   * Holds one way against the best of others.
   *
   * @param others at least one
   */
  Comparison compare(
      String name,
      List<String> others,
      RetrievalMeasure measure,
      Map<String, Map<RetrievalMeasure, double[]>> resampled,
      RetrievalOptions options,
      Cancel cancel) {
    String best = others.getFirst();
    for (String other : others) {
      best = mean(other, measure) > mean(best, measure) ? other : best;
    }
    double[] own = resampled.get(name).get(measure);
    double[] bests = resampled.get(best).get(measure);
    var differences = new double[own.length];
    Arrays.setAll(differences, i -> own[i] - bests[i]);
    Interval interval = Intervals.percentile(differences);
    return new Comparison(
        section,
        measure.toString(),
        measure.equals(primary),
        name,
        best,
        mean(name, measure) - mean(best, measure),
        interval.low(),
        interval.high(),
        PairedTest.p(
            values.get(name).get(measure),
            values.get(best).get(measure),
            options.exchanges(),
            options.seed(),
            cancel));
  }
}
