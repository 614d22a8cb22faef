package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Spearman's and Pearson's correlation of what people said with what was measured, and the
 * resamples that their intervals are taken from.
 *
 * @param spearman NaN with fewer than two pairs, or where a side does not vary
 * @param spearmans of each resample, NaN where a side did not vary; none where {@code spearman} is
 *     NaN, or there are three pairs or fewer
 * @param n how many pairs were scored
 * @param total how many there are
 */
record CorrelationFigures(
    String section,
    String layer,
    double spearman,
    double pearson,
    double[] spearmans,
    double[] pearsons,
    int n,
    int total) {
  static final String SPEARMAN = "spearman";
  static final String PEARSON = "pearson";

  /**
   * @param human one number a pair, of the pairs that were scored
   * @param measured as many
   */
  static CorrelationFigures of(
      String section,
      String layer,
      double[] human,
      double[] measured,
      int total,
      int resamples,
      long seed,
      Cancel cancel) {
    int n = human.length;
    double rho = n < 2 ? Double.NaN : Correlation.spearman(human, measured);
    double r = n < 2 ? Double.NaN : Correlation.pearson(human, measured);
    var bootstrap = new CorrelationBootstrap(human, measured, seed);
    if (n > 3 && !Double.isNaN(rho)) {
      bootstrap.resample(resamples, cancel);
    }
    return new CorrelationFigures(
        section, layer, rho, r, bootstrap.spearman(), bootstrap.pearson(), n, total);
  }

  /**
   * The means over sets whose resamples were drawn apart. A set without a correlation is left out;
   * where one is too small to be resampled, the mean has no resamples either.
   */
  static CorrelationFigures mean(String section, String layer, List<CorrelationFigures> sets) {
    List<CorrelationFigures> valued =
        sets.stream().filter(set -> !Double.isNaN(set.spearman)).toList();
    return new CorrelationFigures(
        section,
        layer,
        mean(valued, CorrelationFigures::spearman),
        mean(valued, CorrelationFigures::pearson),
        means(valued, CorrelationFigures::spearmans),
        means(valued, CorrelationFigures::pearsons),
        sets.stream().mapToInt(CorrelationFigures::n).sum(),
        sets.stream().mapToInt(CorrelationFigures::total).sum());
  }

  private static double mean(
      List<CorrelationFigures> sets, ToDoubleFunction<CorrelationFigures> value) {
    return sets.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  private static double[] means(
      List<CorrelationFigures> sets, Function<CorrelationFigures, double[]> resampled) {
    var means =
        new double[sets.stream().mapToInt(set -> resampled.apply(set).length).min().orElse(0)];
    for (CorrelationFigures set : sets) {
      for (int i = 0; i < means.length; i++) {
        means[i] += resampled.apply(set)[i] / sets.size();
      }
    }
    return means;
  }

  /** With intervals of bootstrap percentiles; from -1 to 1 where there are no resamples. */
  List<Score> scores() {
    return scores(new Interval(-1, 1));
  }

  private List<Score> scores(Interval unknown) {
    return List.of(
        score(SPEARMAN, spearman, spearmans, unknown), score(PEARSON, pearson, pearsons, unknown));
  }

  /**
   * How much more than other figures these are, which are of the same pairs with resamples of the
   * same seed: the intervals are of the paired bootstrap.
   *
   * @param called the layer's name, which the two may have different ones of
   */
  List<Score> minus(CorrelationFigures other, String called) {
    var difference =
        new CorrelationFigures(
            section,
            called,
            spearman - other.spearman,
            pearson - other.pearson,
            minus(spearmans, other.spearmans),
            minus(pearsons, other.pearsons),
            n,
            total);
    return difference.scores(new Interval(-2, 2));
  }

  private static double[] minus(double[] a, double[] b) {
    var differences = new double[Math.min(a.length, b.length)];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = a[i] - b[i];
    }
    return differences;
  }

  private Score score(String metric, double value, double[] resampled, Interval unknown) {
    Interval interval =
        Double.isNaN(value)
            ? Interval.NONE
            : resampled.length == 0 ? unknown : Intervals.percentile(resampled);
    return new Score(section, layer, metric, value, interval.low(), interval.high(), n, total);
  }
}
