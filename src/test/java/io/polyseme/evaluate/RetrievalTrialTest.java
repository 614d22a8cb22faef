package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.evaluate.RetrievalScores.Comparison;
import io.polyseme.evaluate.RetrievalSet.Document;
import io.polyseme.evaluate.RetrievalSet.Part;
import io.polyseme.evaluate.RetrievalSet.Query;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetrievalTrialTest {
  private static final int QUERIES = 40;

  /** Forty queries, each the number of its one document. */
  private static RetrievalSet set() {
    List<Document> documents =
        IntStream.range(0, QUERIES).mapToObj(i -> new Document("d" + i, "text " + i)).toList();
    List<Query> queries =
        IntStream.range(0, QUERIES).mapToObj(i -> new Query("q" + i, "" + i)).toList();
    return new RetrievalSet(
        "numbers",
        documents,
        queries,
        IntStream.range(0, QUERIES)
            .boxed()
            .collect(Collectors.toMap(i -> "q" + i, i -> Map.of("d" + i, 1))),
        List.of());
  }

  /** The document at the first rank for every {@code every}th query, at the second for others. */
  private static Ranker right(int every) {
    return (query, depth) -> {
      assertEquals(100, depth);
      boolean first = Integer.parseInt(query) % every == 0;
      return first ? List.of("d" + query, "x") : List.of("x", "d" + query);
    };
  }

  private static RetrievalScores score(RetrievalOptions options) {
    Map<String, Ranker> rankers = new LinkedHashMap<>();
    rankers.put("words", right(4));
    rankers.put("vectors", right(2));
    rankers.put("both", right(1));
    return new RetrievalTrial(
            rankers, List.of("words", "vectors"), options, Progress.NONE, Cancel.create())
        .score(List.of(set()));
  }

  @Test
  void eachWayIsScoredAndHeldAgainstTheBetterOfTheOthers() {
    RetrievalScores scores = score(RetrievalOptions.DEFAULT);
    assertEquals(
        (1 + 0.5 * 3) / 4,
        scores.score("words", "numbers", RetrievalMeasure.MRR_10).value(),
        1e-12);
    Score vectors = scores.score("vectors", "numbers", RetrievalMeasure.MRR_10);
    assertEquals(0.75, vectors.value(), 1e-12);
    // A mean of forty figures of 0.5 and 1: by the normal distribution 0.75 and 0.0775 about it.
    assertEquals(0.6725, vectors.low(), 0.015);
    assertEquals(0.8275, vectors.high(), 0.015);
    assertEquals(QUERIES, vectors.n());
    assertEquals(1, scores.score("both", "numbers", RetrievalMeasure.NDCG_10).value(), 1e-12);
    Comparison mrr =
        scores.comparisons().stream()
            .filter(c -> c.section().equals("numbers") && c.primary())
            .findFirst()
            .orElseThrow();
    assertEquals("MRR@10", mrr.metric());
    assertEquals("both", mrr.name());
    assertEquals("vectors", mrr.other());
    assertEquals(0.25, mrr.difference(), 1e-12);
    assertTrue(mrr.low() > 0.1 && mrr.high() < 0.4, mrr.toString());
    // Twenty queries differ, all one way: 2 of 2^20 exchanges, below what 100,000 can show.
    assertEquals(2e-5, mrr.p(), 2e-5);
  }

  @Test
  void halvesAreOfTheOddAndTheEvenQueries() {
    RetrievalScores scores = score(RetrievalOptions.DEFAULT.withResamples(100));
    assertEquals(
        1, scores.score("vectors", "numbers (odd queries)", RetrievalMeasure.MRR_10).value());
    assertEquals(
        0.5, scores.score("vectors", "numbers (even queries)", RetrievalMeasure.MRR_10).value());
    RetrievalScores odd = score(RetrievalOptions.DEFAULT.withPart(Part.ODD).withResamples(100));
    assertEquals(
        List.of("numbers (odd queries)"),
        odd.scores().get("words").stream().map(Score::section).distinct().toList());
    assertEquals(
        0.75, odd.score("words", "numbers (odd queries)", RetrievalMeasure.MRR_10).value());
    assertEquals(odd, score(RetrievalOptions.DEFAULT.withPart(Part.ODD).withResamples(100)));
  }

  @Test
  void whatIsNotRankedCannotBeComparedWith() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new RetrievalTrial(
                Map.of("words", right(1)),
                List.of("vectors"),
                RetrievalOptions.DEFAULT,
                Progress.NONE,
                Cancel.create()));
    assertThrows(
        IllegalArgumentException.class,
        () -> score(RetrievalOptions.DEFAULT).score("neither", "numbers", RetrievalMeasure.MRR_10));
  }
}
