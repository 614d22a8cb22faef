package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.polyseme.evaluate.RetrievalMeasure.Kind;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetrievalMeasureTest {
  /** Wikipedia, "Discounted cumulative gain": grades 3, 2, 3, 0, 1, 2, and 3 and 2 not found. */
  private static final List<String> RANKING = List.of("d1", "d2", "d3", "d4", "d5", "d6");

  private static final Map<String, Integer> GRADES =
      Map.of("d1", 3, "d2", 2, "d3", 3, "d4", 0, "d5", 1, "d6", 2, "d7", 3, "d8", 2);

  private static double ndcg(int depth, List<String> ranking, Map<String, Integer> grades) {
    return new RetrievalMeasure(Kind.NDCG, depth).of(ranking, grades);
  }

  @Test
  void ndcgIsAsWikipediaComputesIt() {
    assertEquals(0.785, ndcg(6, RANKING, GRADES), 5e-4);
  }

  /** The examples of scikit-learn's ndcg_score, whose gains and discounts are trec_eval's. */
  @Test
  void ndcgIsAsScikitLearnComputesIt() {
    Map<String, Integer> grades = Map.of("a", 10, "b", 0, "c", 0, "d", 1, "e", 5);
    assertEquals(0.6957, ndcg(5, List.of("e", "d", "c", "b", "a"), grades), 5e-5);
    List<String> worse = List.of("b", "c", "d", "a", "e");
    assertEquals(0.4937, ndcg(5, worse, grades), 5e-5);
    assertEquals(0.3520, ndcg(4, worse, grades), 5e-5);
    assertEquals(1, ndcg(4, List.of("a", "e", "d", "b", "c"), grades), 0);
  }

  @Test
  void theIdealIsOfAllJudgedDocumentsAndEndsAtTheDepth() {
    Map<String, Integer> twenty =
        IntStream.range(0, 20)
            .boxed()
            .collect(java.util.stream.Collectors.toMap(i -> "d" + i, _ -> 1));
    List<String> ten = IntStream.range(0, 10).mapToObj(i -> "d" + i).toList();
    assertEquals(1, ndcg(10, ten, twenty), 1e-12);
    assertEquals(0.5, RetrievalMeasure.RECALL_10.of(ten, twenty), 1e-12);
    assertEquals(
        1 / (1 + 1 / 1.5849625007), ndcg(10, List.of("d0"), Map.of("d0", 2, "x", 2)), 1e-9);
  }

  /** The examples of Wikipedia, "Mean reciprocal rank": 1/3, 1/2 and 1. */
  @Test
  void reciprocalRankIsOfTheFirstRelevant() {
    assertEquals(
        1.0 / 3, RetrievalMeasure.MRR_10.of(List.of("catten", "cati", "cats"), Map.of("cats", 1)));
    assertEquals(
        0.5, RetrievalMeasure.MRR_10.of(List.of("torii", "tori", "x"), Map.of("tori", 1, "x", 2)));
    List<String> eleven = IntStream.range(0, 11).mapToObj(i -> "d" + i).toList();
    assertEquals(0, RetrievalMeasure.MRR_10.of(eleven, Map.of("d10", 3)));
    assertEquals(0.1, RetrievalMeasure.MRR_10.of(eleven, Map.of("d9", 3)));
  }

  @Test
  void gradesOfZeroAndLessAreNotRelevant() {
    Map<String, Integer> grades = Map.of("a", 0, "b", -1, "c", 1, "d", 4);
    List<String> ranking = List.of("a", "b", "c");
    assertEquals(0.5, RetrievalMeasure.RECALL_100.of(ranking, grades));
    assertEquals(1.0 / 3, RetrievalMeasure.MRR_10.of(ranking, grades));
    assertEquals(0.5 / (4 + 1 / 1.5849625007), ndcg(10, ranking, grades), 1e-9);
    assertEquals(0, ndcg(10, ranking, Map.of("a", 0)));
    assertEquals(0, ndcg(10, List.of(), grades));
  }

  @Test
  void whatIsNoRankingIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> RetrievalMeasure.NDCG_10.of(List.of("a", "b", "a"), Map.of("a", 1)));
    assertThrows(IllegalArgumentException.class, () -> new RetrievalMeasure(Kind.NDCG, 0));
  }

  @Test
  void measuresAreCalledAsTheFieldDoes() {
    assertEquals(
        List.of("nDCG@10", "MRR@10", "recall@10", "recall@100"),
        RetrievalMeasure.ALL.stream().map(RetrievalMeasure::toString).toList());
  }
}
