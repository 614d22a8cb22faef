package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.evaluate.RetrievalScores.Comparison;
import io.polyseme.evaluate.RetrievalSet.Part;
import io.polyseme.evaluate.RetrievalSet.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the queries of test collections in several ways, and holds each against the best of those
 * that it should not be worse than: both together, say, against words alone and vectors alone. Not
 * thread-safe.
 */
public final class RetrievalTrial {
  private final Map<String, Ranker> rankers;
  private final List<String> alone;
  private final RetrievalOptions options;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * @param rankers by their names, in the order in which they are reported; at least one
   * @param alone the names of those that each of the others is held against, or rather against the
   *     best of them; none for no comparison
   */
  public RetrievalTrial(
      Map<String, Ranker> rankers,
      List<String> alone,
      RetrievalOptions options,
      Progress progress,
      Cancel cancel) {
    if (rankers.isEmpty() || !rankers.keySet().containsAll(alone)) {
      throw new IllegalArgumentException(
          "%s are not all among the rankers, %s".formatted(alone, rankers.keySet()));
    }
    this.rankers = new LinkedHashMap<>(rankers);
    this.alone = List.copyOf(alone);
    this.options = options;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Asks the queries of sets.
   *
   * @param sets of different names, whose documents' ids are those that the rankers give: {@link
   *     RetrievalSet#scoped} where several sets are searched together
   * @throws io.polyseme.CancelledException if cancelled
   */
  public RetrievalScores score(List<RetrievalSet> sets) {
    Map<String, List<Score>> scores = new LinkedHashMap<>();
    rankers.keySet().forEach(name -> scores.put(name, new ArrayList<>()));
    var comparisons = new ArrayList<Comparison>();
    for (RetrievalSet set : sets) {
      for (AnsweredQueries answered : ask(set)) {
        var resampled = answered.resample(options.resamples(), options.seed(), cancel);
        for (String name : rankers.keySet()) {
          for (RetrievalMeasure measure : RetrievalMeasure.ALL) {
            scores.get(name).add(answered.score(name, measure, resampled));
            if (!alone.isEmpty() && !alone.contains(name)) {
              comparisons.add(answered.compare(name, alone, measure, resampled, options, cancel));
            }
          }
        }
      }
    }
    return new RetrievalScores(scores, comparisons);
  }

  /** The answers to the queries of a set, and, where all are asked, to each half of them. */
  private List<AnsweredQueries> ask(RetrievalSet set) {
    List<Query> queries = set.queries(options.part());
    AnsweredQueries answered =
        AnsweredQueries.of(
            RetrievalScores.section(set, options.part()),
            set.isKnownItem() ? RetrievalMeasure.MRR_10 : RetrievalMeasure.NDCG_10,
            rankers.keySet(),
            queries.size());
    for (int q = 0; q < queries.size(); q++) {
      Map<String, Integer> grades = set.judgements().get(queries.get(q).id());
      for (Map.Entry<String, Ranker> ranker : rankers.entrySet()) {
        cancel.check();
        List<String> ranking =
            ranker.getValue().rank(queries.get(q).text(), RetrievalMeasure.DEEPEST);
        Map<RetrievalMeasure, double[]> values = answered.values().get(ranker.getKey());
        for (RetrievalMeasure measure : RetrievalMeasure.ALL) {
          values.get(measure)[q] = measure.of(ranking, grades);
        }
      }
      progress.update("asking " + set.name(), q + 1, queries.size());
    }
    if (options.part() != Part.ALL || queries.size() < 2) {
      return List.of(answered);
    }
    return List.of(
        answered,
        answered.half(RetrievalScores.section(set, Part.ODD), Part.ODD),
        answered.half(RetrievalScores.section(set, Part.EVEN), Part.EVEN));
  }
}
