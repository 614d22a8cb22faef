package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class VectorIndexTest {
  private static final Predicate<Integer> ALL = i -> true;

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void exactSearchFindsWhatPlainArithmeticFinds(Similarity similarity) {
    Data data = Data.random(1, 3000, 24);
    var random = new Random(2);
    try (VectorIndex index =
        data.index(temp.resolve("i"), IndexOptions.DEFAULT.withSimilarity(similarity))) {
      for (int i = 0; i < 40; i++) {
        Query query =
            Query.of(
                    List.of(
                        new Query.Operand(data.vectors().get(random.nextInt(3000)), 1),
                        new Query.Operand(Data.gaussian(random, 24), -0.5f)),
                    1 + random.nextInt(20))
                .withPrecision(Precision.EXACT);
        Answer answer = index.search(query);
        assertTrue(answer.exact());
        assertEquals(3000, answer.visited());
        assertSame(data.search(query, similarity, ALL), answer);
        assertEquals(answer, index.exact().search(query.withPrecision(Precision.AUTO)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Encoding.class)
  void theGraphFindsMostOfWhatThereIs(Encoding encoding) {
    Data data = Data.random(3, 6000, 64);
    double least =
        switch (encoding) {
          case FLOAT32, INT8 -> 0.97;
          case INT4 -> 0.95;
          case INT1 -> 0.85;
        };
    try (VectorIndex index =
        data.index(temp.resolve("i"), IndexOptions.DEFAULT.withEncoding(encoding))) {
      Recall recall = index.measureRecall(200, 10, 150, 7, Progress.NONE, Cancel.create());
      assertTrue(recall.recall() >= least, recall::toString);
      assertEquals(200, recall.sampled());
      assertTrue(recall.meanVisited() < 6000, recall::toString);
      Query query = Query.near(data.vectors().get(5), 5);
      Answer answer = index.search(query.withPrecision(Precision.approximate(300)));
      assertFalse(answer.exact());
      assertEquals("entry5", answer.hits().getFirst().label());
      // Scores come from the full vectors, whatever the graph reads.
      assertEquals(1, answer.hits().getFirst().score(), 1e-5);
      assertSame(data.search(query, Similarity.COSINE, ALL).subList(0, 1), query.withK(1), index);
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void theGraphServesEverySimilarity(Similarity similarity) {
    Data data = Data.random(4, 2500, 32);
    for (Encoding encoding : Encoding.values()) {
      IndexOptions options = IndexOptions.DEFAULT.withSimilarity(similarity).withEncoding(encoding);
      try (VectorIndex index = data.index(temp.resolve("" + encoding), options)) {
        Recall recall = index.measureRecall(100, 10, 100, 7, Progress.NONE, Cancel.create());
        double least = encoding == Encoding.INT1 ? 0.7 : 0.93;
        assertTrue(recall.recall() >= least, () -> encoding + " " + recall);
        assertTrue(recall.meanVisited() < 2500, () -> encoding + " " + recall);
      }
    }
  }

  @Test
  void filtersHoldExactlyAndThroughTheGraph() {
    Data data = Data.random(5, 6000, 32);
    Filter even = Filter.equal("parity", "even");
    Filter early =
        new Filter.In("hundred", Set.of("h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "nowhere"));
    Filter one = Filter.equal(Filter.LABEL, "entry77");
    Map<Filter, Predicate<Integer>> filters =
        Map.of(
            even,
            i -> i % 2 == 0,
            even.not(),
            i -> i % 2 != 0,
            early,
            i -> i < 800,
            even.and(early),
            i -> i % 2 == 0 && i < 800,
            even.or(early),
            i -> i % 2 == 0 || i < 800,
            one,
            i -> i == 77,
            one.not(),
            i -> i != 77,
            Filter.equal("parity", "neither"),
            i -> false,
            Filter.equal("nothing", "x").not(),
            i -> true);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      var random = new Random(6);
      filters.forEach(
          (filter, accepted) -> {
            int found = 0;
            int all = 0;
            for (int i = 0; i < 20; i++) {
              Query query =
                  Query.near(data.vectors().get(random.nextInt(6000)), 10).withFilter(filter);
              List<Data.Right> right = data.search(query, Similarity.COSINE, accepted);
              assertSame(right, index.search(query.withPrecision(Precision.EXACT)));
              Answer answer = index.search(query.withPrecision(Precision.approximate(100)));
              assertEquals(right.size(), answer.hits().size(), filter::toString);
              var labels = new HashSet<String>();
              for (Hit hit : answer.hits()) {
                assertTrue(accepted.test(data.labels().indexOf(hit.label())), filter::toString);
                assertTrue(labels.add(hit.label()));
              }
              all += right.size();
              found += (int) right.stream().filter(r -> labels.contains(r.label())).count();
            }
            assertTrue(found >= 0.95 * all, filter + ": " + found + " of " + all);
          });
    }
  }

  @Test
  void longValuesAndNamesCanBeFilteredToo() {
    String text = "a long text ".repeat(10_000);
    String name = "n".repeat(100_000);
    try (IndexBuilder builder = builder()) {
      builder.add("a", new float[] {1, 0}, Map.of("text", text, name, "x"));
      builder.add("b", new float[] {1, 1}, Map.of("text", text + "."));
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      Query query = Query.near(new float[] {1, 1}, 3);
      assertEquals(
          List.of("a"), labels(index.search(query.withFilter(Filter.equal("text", text)))));
      assertEquals(List.of("a"), labels(index.search(query.withFilter(Filter.equal(name, "x")))));
      assertEquals(text, index.fields("a").orElseThrow().get("text"));
    }
  }

  @Test
  void excludedLabelsMakeRoomForOthers() {
    Data data = Data.random(7, 5000, 32);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      Query query = Query.near(data.vectors().get(10), 10);
      List<String> nearest = labels(index.search(query.withPrecision(Precision.EXACT)));
      Query without = query.withExcluded(Set.of(nearest.get(0), nearest.get(3), "not there"));
      for (Precision precision : List.of(Precision.EXACT, Precision.approximate(200))) {
        Answer answer = index.search(without.withPrecision(precision));
        assertSame(data.search(without, Similarity.COSINE, ALL), answer);
      }
      assertEquals(
          List.of(),
          index
              .search(
                  query
                      .withFilter(Filter.equal(Filter.LABEL, "entry3"))
                      .withExcluded(Set.of("entry3")))
              .hits());
    }
  }

  @Test
  void equalScoresComeInTheOrderOfLabels() {
    try (IndexBuilder builder = builder()) {
      for (String label : List.of("d", "b", "猫", "c", "a", "狗")) {
        builder.add(label, new float[] {1, 2, 3}, Map.of());
      }
      builder.add("z", new float[] {1, 2, 2}, Map.of());
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      Query query = Query.near(new float[] {1, 2, 3}, 3);
      assertEquals(List.of("a", "b", "c"), labels(index.search(query)));
      assertEquals(
          List.of("a", "b", "c", "d", "狗", "猫", "z"), labels(index.search(query.withK(100))));
    }
  }

  @Test
  void cosMulIsTheFormulaAndTheGraphComesNear() {
    Data data = Data.random(8, 6000, 32);
    var random = new Random(9);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      int found = 0;
      for (int i = 0; i < 20; i++) {
        Query query =
            Query.of(
                    List.of(
                        new Query.Operand(data.vectors().get(random.nextInt(6000)), 1),
                        new Query.Operand(data.vectors().get(random.nextInt(6000)), -1),
                        new Query.Operand(data.vectors().get(random.nextInt(6000)), 2)),
                    10)
                .withMethod(Method.COS_MUL);
        List<Data.Right> right = data.search(query, Similarity.COSINE, ALL);
        Answer exact = index.search(query.withPrecision(Precision.EXACT));
        assertSame(right, exact);
        assertEquals(List.of(), exact.warnings());
        Answer answer = index.search(query.withPrecision(Precision.approximate(100)));
        assertFalse(answer.exact());
        assertTrue(answer.warnings().getFirst().contains("re-ranked"));
        List<String> labels = labels(answer);
        found += (int) right.stream().filter(r -> labels.contains(r.label())).count();
      }
      assertTrue(found >= 190, "found " + found + " of 200");
    }
  }

  @Test
  void cosMulWorksWhereTheTermsCancelOutAsASum() {
    Data data = Data.random(10, 5000, 16);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      float[] x = data.vectors().getFirst();
      Query query = Query.of(List.of(new Query.Operand(x, 1), new Query.Operand(x, -1)), 5);
      assertThrows(IllegalArgumentException.class, () -> index.search(query));
      Query product = query.withMethod(Method.COS_MUL).withPrecision(Precision.approximate(100));
      assertEquals(5, index.search(product).hits().size());
    }
  }

  @Test
  void vectorsFieldsAndLabelsComeBack() {
    Data data = Data.random(11, 2000, 20);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      assertEquals(data.labels(), index.labels().toList());
      int i = 0;
      for (VectorIndex.Entry entry : (Iterable<VectorIndex.Entry>) index.entries()::iterator) {
        assertEquals(data.labels().get(i), entry.label());
        assertEquals(data.fields().get(i), entry.fields());
        float[] vector = index.vector(entry.label()).orElseThrow();
        assertArrayEquals(vector, entry.vector());
        assertEquals(1, Data.similarity(data.vectors().get(i), vector, Similarity.COSINE), 1e-6);
        assertEquals(1, Data.similarity(vector, vector, Similarity.DOT_PRODUCT), 1e-5);
        i++;
      }
      assertEquals(2000, i);
      assertTrue(index.vector("entry2000").isEmpty());
      assertTrue(index.vector("x".repeat(100_000)).isEmpty());
      float[] copy = index.vector("entry1").orElseThrow();
      copy[0] = 17;
      assertFalse(copy[0] == index.vector("entry1").orElseThrow()[0]);
      Answer answer = index.search(Query.near(data.vectors().get(1500), 1));
      assertEquals(data.fields().get(1500), answer.hits().getFirst().fields());
    }
  }

  @Test
  void otherSimilaritiesKeepTheVectorAsItIs() {
    Data data = Data.random(12, 100, 20);
    IndexOptions options = IndexOptions.DEFAULT.withSimilarity(Similarity.EUCLIDEAN);
    try (VectorIndex index = data.index(temp.resolve("i"), options)) {
      assertArrayEquals(data.vector("entry42"), index.vector("entry42").orElseThrow());
    }
  }

  @Test
  void saysWhatItIs() {
    Data data = Data.random(13, 700, 20);
    IndexOptions options = new IndexOptions(Similarity.COSINE, Encoding.INT8, 8, 50);
    try (VectorIndex index = data.index(temp.resolve("i"), options)) {
      assertEquals(700, index.info().size());
      assertEquals(20, index.info().dimension());
      assertEquals(Similarity.COSINE, index.info().similarity());
      assertEquals(Data.MAKER, index.info().maker());
      assertEquals("8", index.info().properties().get("m"));
      assertEquals("int8", index.info().properties().get("encoding"));
      assertEquals(Recipe.of("test").withOptions(options), index.recipe());
      assertEquals(index.info(), index.exact().info());
    }
  }

  @Test
  void knowsNamesThatAreNear() {
    try (IndexBuilder builder = builder()) {
      for (String label :
          List.of("king", "kings", "kingdom", "ring", "queen", "Paris", "最大", "最小", "ox")) {
        builder.add(label, new float[] {1, label.length()}, Map.of());
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(List.of("king", "kings", "ring"), index.nearNames("kingg", 3));
      assertEquals("king", index.nearNames("KING", 3).getFirst());
      assertEquals("Paris", index.nearNames("paris", 1).getFirst());
      assertTrue(index.nearNames("最多", 5).contains("最大"));
      assertEquals(List.of(), index.nearNames("", 5));
      assertEquals(List.of(), index.nearNames("zzzzzzzz", 5));
      assertEquals(List.of(), index.nearNames("\uD83D\uDE00", 5));
      assertEquals(List.of(), index.nearNames("\uD83D", 5));
      assertEquals(List.of(), index.nearNames("x".repeat(50_000), 5));
    }
  }

  @Test
  void anEmptyIndexAnswersWithNothing() {
    try (IndexBuilder builder = builder()) {
      assertEquals(0, builder.commit(Progress.NONE, Cancel.create()).size());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(List.of(), index.search(Query.near(new float[] {1, 2}, 5)).hits());
      assertEquals(0, index.info().size());
      assertEquals(0, index.labels().count());
      assertTrue(index.vector("x").isEmpty());
      assertEquals(List.of(), index.nearNames("x", 3));
      assertEquals(0, index.measureRecall(5, 5, 0, 1, Progress.NONE, Cancel.create()).sampled());
    }
  }

  @Test
  void moreNeighboursThanThereAreIsAll() {
    Data data = Data.random(14, 900, 8);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      for (Precision precision :
          List.of(Precision.EXACT, Precision.AUTO, Precision.approximate(Integer.MAX_VALUE))) {
        Query query = Query.near(data.vectors().getFirst(), Integer.MAX_VALUE);
        assertEquals(900, index.search(query.withPrecision(precision)).hits().size());
        Query mul = query.withMethod(Method.COS_MUL).withPrecision(precision);
        assertEquals(900, index.search(mul).hits().size());
      }
    }
  }

  @Test
  void refusesWhatItCannotAnswer() {
    Data data = Data.random(15, 50, 8);
    IndexOptions options = IndexOptions.DEFAULT.withSimilarity(Similarity.DOT_PRODUCT);
    try (VectorIndex index = data.index(temp.resolve("i"), options)) {
      Query query = Query.near(new float[9], 5);
      String message =
          assertThrows(IllegalArgumentException.class, () -> index.search(query)).getMessage();
      assertTrue(message.contains("9") && message.contains("8"), message);
      assertThrows(
          IllegalArgumentException.class,
          () -> index.search(Query.near(new float[8], 5).withMethod(Method.COS_MUL)));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              index
                  .exact()
                  .search(Query.near(new float[8], 5).withPrecision(Precision.approximate(10))));
    }
  }

  @Test
  void aClosedIndexSaysSo() {
    Data data = Data.random(16, 50, 8);
    VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT);
    var twin = index.exact();
    twin.close();
    assertEquals(1, twin.search(Query.near(data.vectors().getFirst(), 1)).hits().size());
    var labels = index.labels();
    index.close();
    index.close();
    Query query = Query.near(data.vectors().getFirst(), 1);
    assertThrows(IllegalStateException.class, () -> index.search(query));
    assertThrows(IllegalStateException.class, () -> twin.search(query));
    assertThrows(IllegalStateException.class, () -> index.vector("entry1"));
    assertThrows(IllegalStateException.class, () -> index.nearNames("entry1", 2));
    assertThrows(IllegalStateException.class, labels::toList);
    assertThrows(IllegalStateException.class, index::info);
  }

  @Test
  void eightThreadsSearchWhileOneCloses() throws Exception {
    Data data = Data.random(17, 4000, 32);
    VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT);
    Query query = Query.near(data.vectors().get(9), 10).withPrecision(Precision.approximate(50));
    Answer right = index.search(query);
    try (var threads = Executors.newFixedThreadPool(8)) {
      Callable<Integer> searching =
          () -> {
            int done = 0;
            while (true) {
              try {
                assertEquals(right, index.search(query));
                assertEquals(32, index.vector("entry3").orElseThrow().length);
                done++;
              } catch (IllegalStateException closed) {
                return done;
              }
            }
          };
      List<Future<Integer>> searches =
          java.util.stream.IntStream.range(0, 8).mapToObj(i -> threads.submit(searching)).toList();
      Thread.sleep(300);
      index.close();
      int all = 0;
      for (Future<Integer> search : searches) {
        all += search.get();
      }
      assertTrue(all > 0);
    }
  }

  @Test
  void measuringCanBeCancelled() {
    Data data = Data.random(18, 1000, 8);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      Cancel cancel = Cancel.create();
      cancel.cancel();
      assertThrows(
          io.polyseme.CancelledException.class,
          () -> index.measureRecall(10, 10, 0, 1, Progress.NONE, cancel));
    }
  }

  private IndexBuilder builder() {
    return VectorIndex.builder(temp.resolve("i"), Recipe.of("test"), Maker.UNKNOWN);
  }

  private static List<String> labels(Answer answer) {
    return answer.hits().stream().map(Hit::label).toList();
  }

  private static void assertSame(List<Data.Right> right, Query query, VectorIndex index) {
    assertSame(right, index.search(query.withPrecision(Precision.EXACT)));
  }

  /** The same scores; and the same labels, but where scores are equal to the last digits. */
  private static void assertSame(List<Data.Right> right, Answer answer) {
    assertEquals(right.size(), answer.hits().size());
    for (int i = 0; i < right.size(); i++) {
      Hit hit = answer.hits().get(i);
      assertEquals(i + 1, hit.rank());
      double tolerance = 1e-5 * Math.max(1, Math.abs(right.get(i).score()));
      assertEquals(right.get(i).score(), hit.score(), tolerance);
      boolean clear =
          (i == 0 || right.get(i - 1).score() - right.get(i).score() > tolerance)
              && (i + 1 == right.size()
                  || right.get(i).score() - right.get(i + 1).score() > tolerance);
      if (clear && i + 1 < right.size()) {
        assertEquals(right.get(i).label(), hit.label());
      }
    }
  }
}
