package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Retrofitting, against steps by hand and the solution of its linear equations. */
@Timeout(60)
class RetrofittingTest {
  @TempDir Path folder;

  private WordVectors write(Map<String, float[]> vectors) {
    Path file = folder.resolve("space.words");
    int dimension = vectors.values().iterator().next().length;
    var maker = new Maker("an encoder", "", "", "");
    var info = new SpaceInfo("space", 0, dimension, Similarity.COSINE, maker, Map.of("k", "v"));
    try (var writer = WordVectorsWriter.create(file, info)) {
      long[] frequency = {1000};
      vectors.forEach((word, vector) -> writer.add(word, vector, frequency[0]--));
      writer.commit();
    }
    return WordVectors.open(file);
  }

  private Map<String, float[]> plane() {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    vectors.put("a", new float[] {2, 0});
    vectors.put("b", new float[] {0, 1});
    vectors.put("c", new float[] {3, 4});
    vectors.put("new_york", new float[] {-1, 0});
    vectors.put("zero", new float[] {0, 0});
    return vectors;
  }

  private Path made() {
    return folder.resolve("made.words");
  }

  private Retrofitting.Report retrofit(
      WordVectors space, List<List<String>> lists, RetrofitOptions options) {
    return Retrofitting.retrofit(
        space,
        new WordRelations("mine", lists),
        options,
        "made",
        made(),
        Progress.NONE,
        Cancel.create());
  }

  @Test
  void movesWordsInTurn() {
    RetrofitOptions once = RetrofitOptions.DEFAULT.withIterations(1);
    try (WordVectors space = write(plane())) {
      Retrofitting.Report report = retrofit(space, List.of(List.of("a", "b", "none")), once);
      assertEquals(2, report.related());
      assertEquals(1, report.relations());
      assertEquals(1, report.lacking());
      // a to (½, ½); then b, halfway to where a is now, to (¼, ¾).
      assertEquals((Math.sqrt(0.5) + Math.sqrt(0.125)) / 2, report.change(), 1e-6);
      try (WordVectors made = WordVectors.open(made())) {
        assertArrayEquals(new float[] {0.5f, 0.5f}, made.vector("a").orElseThrow(), 1e-6f);
        assertArrayEquals(new float[] {0.25f, 0.75f}, made.vector("b").orElseThrow(), 1e-6f);
        assertArrayEquals(new float[] {0.6f, 0.8f}, made.vector("c").orElseThrow(), 1e-6f);
        assertArrayEquals(new float[2], made.vector("zero").orElseThrow());
        assertEquals(OptionalLong.of(1000), made.frequency(0));
        assertEquals(space.labels(), made.labels());
        assertEquals("v", made.info().properties().get("k"));
        assertEquals(
            "mine, 1 iterations, alpha 1.0, beta 1 / degree",
            made.info().properties().get(Retrofitting.PROPERTY));
        assertEquals("space (an encoder)", made.info().properties().get(Combination.SPACES));
        assertEquals(Maker.UNKNOWN, made.info().maker());
      }
      // α = 3 and β = 1: a to (3 a + b + c) / 5.
      retrofit(space, List.of(List.of("a", "b", "c")), once.withAlpha(3).withBeta(1));
      try (WordVectors made = WordVectors.open(made())) {
        assertArrayEquals(
            new float[] {(3 + 0.6f) / 5, (1 + 0.8f) / 5}, made.vector("a").orElseThrow(), 1e-6f);
      }
    }
  }

  @Test
  void relationsHoldBothWaysAndCountOnce() {
    RetrofitOptions once = RetrofitOptions.DEFAULT.withIterations(1);
    try (WordVectors space = write(plane())) {
      retrofit(space, List.of(List.of("b", "a")), once);
      byte[] told = bytes();
      List<List<String>> again =
          List.of(List.of("b", "a"), List.of("a", "b"), List.of("a", "a"), List.of("b", "a", "a"));
      assertEquals(1, retrofit(space, again, once).relations());
      assertArrayEquals(told, bytes());
    }
  }

  private byte[] bytes() {
    try {
      return Files.readAllBytes(made());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void findsWordsHoweverTheyAreWritten() {
    try (WordVectors space = write(plane())) {
      assertEquals(
          2, retrofit(space, List.of(List.of("New York", "A")), RetrofitOptions.DEFAULT).related());
    }
  }

  /** (α + Σβ) qᵢ − Σ βᵢⱼ qⱼ = α q̂ᵢ, solved by EJML. */
  @Test
  void comesToTheSolution() {
    int count = 40;
    int dimension = 6;
    var random = new Random(5);
    Map<String, float[]> vectors = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      var vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      vectors.put("w" + i, vector);
    }
    var related = new boolean[count][count];
    List<List<String>> lists = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int a = random.nextInt(count);
      int b = random.nextInt(count);
      related[a][b] = a != b;
      related[b][a] = a != b;
      lists.add(List.of("w" + a, "w" + b));
    }
    for (RetrofitOptions options :
        List.of(RetrofitOptions.DEFAULT, RetrofitOptions.DEFAULT.withAlpha(0.7).withBeta(0.4))) {
      var left = new DMatrixRMaj(count, count);
      var right = new DMatrixRMaj(count, dimension);
      for (int i = 0; i < count; i++) {
        int degree = 0;
        for (int j = 0; j < count; j++) {
          degree += related[i][j] ? 1 : 0;
        }
        double beta = degree == 0 ? 0 : options.beta().orElse(1.0 / degree);
        left.set(i, i, options.alpha() + beta * degree);
        for (int j = 0; j < count; j++) {
          if (related[i][j]) {
            left.set(i, j, -beta);
          }
        }
        float[] unit = Vectors.unit(vectors.get("w" + i));
        for (int d = 0; d < dimension; d++) {
          right.set(i, d, options.alpha() * unit[d]);
        }
      }
      var solution = new DMatrixRMaj(count, dimension);
      assertTrue(CommonOps_DDRM.solve(left, right, solution));
      try (WordVectors space = write(vectors)) {
        assertEquals(0, retrofit(space, lists, options.withIterations(200)).change(), 1e-6);
        try (WordVectors made = WordVectors.open(made())) {
          for (int i = 0; i < count; i++) {
            float[] vector = made.vector("w" + i).orElseThrow();
            for (int d = 0; d < dimension; d++) {
              assertEquals(solution.get(i, d), vector[d], 1e-5);
            }
          }
        }
      }
    }
  }

  @Test
  void readsFilesOfRelatedWords() throws IOException {
    Path file = folder.resolve("lexicon");
    Files.writeString(file, "# mine\na b  c\n\nnew york\tbig apple\tnyc\n");
    assertEquals(
        new WordRelations(
            "lexicon", List.of(List.of("a", "b", "c"), List.of("new york", "big apple", "nyc"))),
        WordRelations.read(file));
    for (String bad : List.of("a b\nalone\n", "a\t\tb\n", "# nothing\n", "")) {
      Files.writeString(file, bad);
      assertThrows(PolysemeException.class, () -> WordRelations.read(file), bad);
    }
    Files.write(file, new byte[] {'a', ' ', (byte) 0xC3, '\n'});
    var bytes = assertThrows(PolysemeException.class, () -> WordRelations.read(file));
    assertTrue(bytes.getMessage().contains("UTF-8"), bytes.getMessage());
    Path none = folder.resolve("none");
    var missing = assertThrows(PolysemeException.class, () -> WordRelations.read(none));
    assertTrue(missing.getMessage().contains("there is no lexicon"), missing.getMessage());
  }

  @Test
  void saysWhatCannotBeRetrofitted() {
    try (WordVectors space = write(plane())) {
      for (List<String> list :
          List.of(
              List.of("x", "y"), List.of("a", "y"), List.of("a", "A"), List.of("x", "a", "b"))) {
        var none =
            assertThrows(
                PolysemeException.class,
                () -> retrofit(space, List.of(list), RetrofitOptions.DEFAULT));
        assertTrue(none.getMessage().contains("no two words of space"), none.getMessage());
      }
      var relations = new WordRelations("mine", List.of(List.of("a", "b")));
      var over =
          assertThrows(
              PolysemeException.class,
              () ->
                  Retrofitting.retrofit(
                      space,
                      relations,
                      RetrofitOptions.DEFAULT,
                      "space",
                      folder.resolve("space.words"),
                      Progress.NONE,
                      Cancel.create()));
      assertTrue(over.getMessage().contains("written over"), over.getMessage());
      Cancel cancel = Cancel.create();
      cancel.cancel();
      assertThrows(
          CancelledException.class,
          () ->
              Retrofitting.retrofit(
                  space,
                  relations,
                  RetrofitOptions.DEFAULT,
                  "made",
                  made(),
                  Progress.NONE,
                  cancel));
      assertFalse(Files.exists(made()));
    }
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> RetrofitOptions.DEFAULT.withAlpha(bad));
      assertThrows(IllegalArgumentException.class, () -> RetrofitOptions.DEFAULT.withBeta(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> RetrofitOptions.DEFAULT.withIterations(0));
  }
}
