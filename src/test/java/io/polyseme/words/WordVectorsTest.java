package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.analogy.Analogies;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.analogy.AnalogyOptions;
import io.polyseme.analogy.Expressions;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Method;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WordVectorsTest {
  @TempDir Path folder;

  private static SpaceInfo info(int dimension, Similarity similarity) {
    return new SpaceInfo(
        "test",
        0,
        dimension,
        similarity,
        new Maker("m", "f", "4", "mean"),
        Map.of("language", "en"));
  }

  private Path random(int count, int dimension, Similarity similarity, float[][] into) {
    var random = new Random(count);
    Path file = folder.resolve(similarity + "-" + count);
    try (var writer = WordVectorsWriter.create(file, info(dimension, similarity))) {
      for (int i = 0; i < count; i++) {
        into[i] = new float[dimension];
        for (int d = 0; d < dimension && i != 7; d++) {
          into[i][d] = (float) random.nextGaussian();
        }
        assertTrue(writer.add("w" + i, into[i]));
      }
      writer.commit();
    }
    return file;
  }

  @Test
  void keepsEveryLabel() {
    var labels = List.of("king", "New York", "国王", "😀", "a", "Z", "é", "king ");
    Path file = folder.resolve("labels");
    try (var writer = WordVectorsWriter.create(file, info(3, Similarity.COSINE))) {
      for (int i = 0; i < labels.size(); i++) {
        assertTrue(writer.add(labels.get(i), new float[] {i, 1, -i}));
      }
      assertFalse(writer.add("king", new float[3]));
      assertThrows(IllegalArgumentException.class, () -> writer.add("", new float[3]));
      assertThrows(IllegalArgumentException.class, () -> writer.add("\ud800", new float[3]));
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> writer.add("bad", new float[] {0, Float.NaN, 0}));
      assertTrue(e.getMessage().contains("bad"));
      writer.commit();
    }
    try (var words = WordVectors.open(file)) {
      words.verify(Progress.NONE, Cancel.create());
      assertEquals(labels, words.labels());
      assertEquals(labels.size(), words.info().size());
      assertEquals("en", words.info().properties().get("language"));
      for (int i = 0; i < labels.size(); i++) {
        assertArrayEquals(new float[] {i, 1, -i}, words.vector(labels.get(i)).orElseThrow());
      }
      assertTrue(words.vector("queen").isEmpty());
      assertThrows(UnknownTermException.class, () -> words.resolve(new Term.Word("KING")));
      TermResolver folding = words.resolver(UnknownWords.FOLD);
      assertArrayEquals(new float[] {1, 1, -1}, folding.resolve(new Term.Word("New_York")));
      assertArrayEquals(new float[] {0, 1, 0}, folding.resolve(new Term.Word("KING")));
      assertEquals("", folding.resolution(new Term.Word("king")).note());
      assertTrue(folding.resolution(new Term.Word("KING")).note().contains("king"));
      TermResolver spelling = words.resolver(UnknownWords.of(UnknownWords.Step.SPELLING));
      assertEquals("king", spelling.resolution(new Term.Word("kign")).label());
      assertThrows(UnknownTermException.class, () -> spelling.resolve(new Term.Word("zzzzz")));
      var e = assertThrows(UnknownTermException.class, () -> words.resolve(new Term.Word("kign")));
      assertEquals("king", e.near().getFirst());
      assertThrows(IllegalArgumentException.class, () -> words.resolve(new Term.Text("king")));
    }
  }

  @Test
  void findsWhatADirectComputationFinds() {
    for (Similarity similarity : Similarity.values()) {
      for (int count : new int[] {20, 20_000}) {
        int dimension = 67;
        var vectors = new float[count][];
        try (var words = WordVectors.open(random(count, dimension, similarity, vectors))) {
          var operands =
              List.of(
                  new Query.Operand(vectors[1], 1),
                  new Query.Operand(vectors[2], -1),
                  new Query.Operand(vectors[3], 2));
          Query query =
              Query.of(operands, 10)
                  .withExcluded(Set.of("w1", "w3"))
                  .withFilter(Filter.equal("label", "w5").not());
          check(words, query, vectors, similarity);
          if (similarity == Similarity.COSINE) {
            check(words, query.withMethod(Method.COS_MUL), vectors, similarity);
          }
        }
      }
    }
  }

  private static double cosine(float[] a, float[] b) {
    double norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
    return norms == 0 ? 0 : dot(a, b) / norms;
  }

  private static double dot(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] * b[i]).sum();
  }

  private static void check(
      WordVectors words, Query query, float[][] vectors, Similarity similarity) {
    float[] target = query.target(similarity);
    var scores = new double[vectors.length];
    for (int i = 0; i < scores.length; i++) {
      float[] x = vectors[i];
      scores[i] =
          query.method() == Method.COS_MUL
              ? (1 + cosine(x, vectors[1]))
                  / 2
                  * Math.pow((1 + cosine(x, vectors[3])) / 2, 2)
                  / ((1 + cosine(x, vectors[2])) / 2 + 0.001)
              : switch (similarity) {
                case COSINE -> cosine(x, target);
                case DOT_PRODUCT -> dot(x, target);
                case EUCLIDEAN -> 1 / (1 + dot(x, x) + dot(target, target) - 2 * dot(x, target));
              };
    }
    List<Integer> best =
        IntStream.range(0, scores.length)
            .filter(i -> i != 1 && i != 3 && i != 5)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(10)
            .toList();
    List<Hit> hits = words.search(query).hits();
    assertEquals(best.stream().map(i -> "w" + i).toList(), hits.stream().map(Hit::label).toList());
    for (int i = 0; i < 10; i++) {
      assertEquals(
          scores[best.get(i)], hits.get(i).score(), 1e-4 * (1 + Math.abs(hits.get(i).score())));
    }
  }

  @Test
  void answersManyAsOne() {
    var vectors = new float[3000][];
    try (var words = WordVectors.open(random(3000, 40, Similarity.COSINE, vectors))) {
      var queries =
          IntStream.range(0, 50)
              .filter(i -> i != 7)
              .mapToObj(
                  i ->
                      Query.near(vectors[i], 1 + i % 12)
                          .withMethod(i % 9 == 0 ? Method.COS_MUL : Method.COS_ADD)
                          .withExcluded(i % 2 == 0 ? Set.of("w" + i) : Set.of()))
              .toList();
      assertEquals(queries.stream().map(words::search).toList(), words.searchAll(queries));
    }
  }

  @Test
  void filtersByLabelRankAndFrequency() {
    Path file = folder.resolve("counted");
    try (var writer = WordVectorsWriter.create(file, info(2, Similarity.COSINE))) {
      for (int i = 1; i <= 100; i++) {
        writer.add("w" + i, new float[] {1, i}, 1000 - i);
      }
      writer.commit();
    }
    try (var words = WordVectors.open(file)) {
      assertEquals(OptionalLong.of(999), words.frequency(0));
      Query query = Query.near(new float[] {0, 1}, 3);
      assertEquals(List.of("w100", "w99", "w98"), labels(words, query));
      assertEquals(
          List.of("w7", "w6", "w5"),
          labels(words, query.withFilter(new Filter.Range(WordVectors.RANK, 1, 7))));
      assertEquals(
          List.of("w20", "w19", "w18"),
          labels(words, query.withFilter(new Filter.Range(WordVectors.FREQUENCY, 980, 2000))));
      assertEquals(
          List.of("w91", "w81", "w71"),
          labels(words, query.withFilter(Filter.labels(Pattern.compile("w.1")))));
    }
  }

  private static List<String> labels(WordVectors words, Query query) {
    return words.search(query).hits().stream().map(Hit::label).toList();
  }

  @Test
  void saysWhereAFileIsDamaged() throws IOException {
    Path file = random(20_000, 67, Similarity.COSINE, new float[20_000][]);
    byte[] bytes = Files.readAllBytes(file);
    bytes[3_000_000] ^= 1;
    Files.write(file, bytes);
    try (var words = WordVectors.open(file)) {
      var e =
          assertThrows(PolysemeException.class, () -> words.verify(Progress.NONE, Cancel.create()));
      assertTrue(e.getMessage().contains("between the bytes 2,097,280 and 3,145,856 (vectors)"));
    }
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    try (var words = WordVectors.open(file)) {
      var e =
          assertThrows(PolysemeException.class, () -> words.verify(Progress.NONE, Cancel.create()));
      assertTrue(e.getMessage().contains("in its checksums"));
    }
  }

  @Test
  void hugeNumbersAreComparedToo() {
    // Their products overflow float32; their cosines do not.
    Path file = folder.resolve("huge");
    var ones = new float[16];
    var turning = new float[16];
    for (int i = 0; i < 16; i++) {
      ones[i] = 1;
      turning[i] = i % 4 < 2 ? 3e38f : -3e38f;
    }
    try (var writer = WordVectorsWriter.create(file, info(16, Similarity.COSINE))) {
      writer.add("q", ones);
      writer.add("m", turning);
      writer.commit();
    }
    try (var words = WordVectors.open(file)) {
      assertEquals(2, words.search(Query.near(ones, 10)).hits().size());
    }
  }

  @Test
  void damageOfLabelsIsSaid() throws IOException {
    byte[] good = Files.readAllBytes(random(100, 4, Similarity.COSINE, new float[100][]));
    Path file = folder.resolve("flipped");
    for (int at = Layout.START; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (at % 2 == 0 ? 0x40 : 0x81);
      Files.write(file, bad);
      try (var words = WordVectors.open(file)) {
        words.labels();
        words.row("w50");
        words.nearNames("w5", 3);
        words.search(Query.near(new float[] {1, 0, 0, 0}, 3));
      } catch (PolysemeException e) {
        assertTrue(e.getMessage().contains("damaged"), e.getMessage());
      } catch (IllegalArgumentException e) {
        // An operand that is not finite now.
        assertTrue(e.getMessage().contains("finite"), e.getMessage());
      }
    }
  }

  @Test
  void isSearchedWithoutACopyToo() {
    var vectors = new float[2000][];
    Path with = random(2000, 30, Similarity.COSINE, vectors);
    Path without = folder.resolve("without");
    try (var writer =
        WordVectorsWriter.create(
            without, info(30, Similarity.COSINE), WriteOptions.DEFAULT.withQuantised(false))) {
      for (int i = 0; i < vectors.length; i++) {
        writer.add("w" + i, vectors[i]);
      }
      writer.commit();
    }
    try (var a = WordVectors.open(with);
        var b = WordVectors.open(without)) {
      assertEquals(
          a.search(Query.near(vectors[3], 10)).hits(), b.search(Query.near(vectors[3], 10)).hits());
    }
  }

  @Test
  void answersAnalogies() {
    String[] names = {"king", "man", "woman", "queen", "King", "KiNg", "car"};
    float[][] vectors = {
      {1, 1, 0, 0},
      {0, 1, 0, 0},
      {0, 0, 1, 0},
      {1, 0, 1, 0.1f},
      {1, .9f, 0, 0},
      {1, .9f, .1f, 0},
      {0, 0, 0, 1}
    };
    Path file = folder.resolve("royal");
    try (var writer = WordVectorsWriter.create(file, info(4, Similarity.COSINE))) {
      for (int i = 0; i < names.length; i++) {
        writer.add(names[i], vectors[i]);
      }
      writer.commit();
    }
    try (var words = WordVectors.open(file)) {
      var expression = Expressions.parse("King - man + woman");
      var unknown = Expressions.parse("King - man + woman + wooman");
      assertThrows(
          UnknownTermException.class,
          () -> Analogies.ask(words, words, unknown, AnalogyOptions.DEFAULT));
      var skipped =
          Analogies.ask(words, words, unknown, AnalogyOptions.DEFAULT.withSkipUnknown(true));
      assertEquals("queen", skipped.hits().getFirst().label());
      assertTrue(skipped.warnings().getFirst().contains("wooman"));
      for (AnalogyMethod method : List.of(AnalogyMethod.COS_ADD, AnalogyMethod.COS_MUL)) {
        var labels =
            Analogies.ask(words, words, expression, AnalogyOptions.DEFAULT.withMethod(method))
                .hits()
                .stream()
                .map(Hit::label)
                .toList();
        assertEquals(
            List.of("queen", "car"),
            labels.stream()
                .sorted(Comparator.reverseOrder())
                .sorted(Comparator.comparing(l -> l.equals("car")))
                .toList());
      }
    }
  }

  @Test
  void refusesWhatIsNoSuchFile() throws IOException {
    byte[] good = Files.readAllBytes(random(20, 5, Similarity.COSINE, new float[20][]));
    Path file = folder.resolve("bad");
    var random = new Random(3);
    for (int length = 0; length < good.length; length += 1 + random.nextInt(40)) {
      Files.write(file, Arrays.copyOf(good, length));
      var e = assertThrows(PolysemeException.class, () -> WordVectors.open(file));
      assertTrue(e.getMessage().contains(file.toString()));
    }
    for (int i = 0; i < 200; i++) {
      byte[] bad = good.clone();
      int at = random.nextInt(bad.length);
      bad[at] = (byte) (bad[at] ^ 1 << random.nextInt(8));
      Files.write(file, bad);
      assertThrows(
          PolysemeException.class,
          () -> {
            try (var words = WordVectors.open(file)) {
              words.verify(Progress.NONE, Cancel.create());
            }
          });
    }
    assertThrows(PolysemeException.class, () -> WordVectors.open(folder));
    assertThrows(PolysemeException.class, () -> WordVectors.open(folder.resolve("missing")));
  }

  @Test
  void closesAfterCallsInFlight() throws Exception {
    var vectors = new float[5000][];
    var words = WordVectors.open(random(5000, 64, Similarity.COSINE, vectors));
    var threads =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              try {
                                while (true) {
                                  assertEquals(
                                      "w" + (i + 1),
                                      words
                                          .search(Query.near(vectors[i + 1], 1))
                                          .hits()
                                          .getFirst()
                                          .label());
                                }
                              } catch (IllegalStateException e) {
                                // Closed, as it should be.
                              }
                            }))
            .toList();
    Thread.sleep(100);
    words.close();
    words.close();
    for (Thread thread : threads) {
      thread.join(10_000);
      assertFalse(thread.isAlive());
    }
    assertThrows(IllegalStateException.class, words::info);
  }
}
