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
import io.polyseme.words.CombinationOptions.Method;
import io.polyseme.words.CombinationOptions.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Spaces with known cosines, combined. */
@Timeout(60)
class CombinationTest {
  private static final int COUNT = 200;

  @TempDir Path folder;

  private final List<WordVectors> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(WordVectors::close);
  }

  /**
   * Words w{first}, w{first + 1} and so on; counted where the frequency of the first is positive.
   */
  private WordVectors write(String name, int first, long frequency, float[]... vectors) {
    Path file = folder.resolve(name + ".words");
    var info =
        new SpaceInfo(name, 0, vectors[0].length, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(file, info)) {
      for (int i = 0; i < vectors.length; i++) {
        writer.add("w" + (first + i), vectors[i], frequency > 0 ? frequency - i : -1);
      }
      writer.commit();
    }
    WordVectors space = WordVectors.open(file);
    opened.add(space);
    return space;
  }

  private static float[][] random(int count, int dimension, long seed) {
    var random = new Random(seed);
    var vectors = new float[count][dimension];
    for (float[] vector : vectors) {
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) (random.nextGaussian() + 0.3);
      }
    }
    return vectors;
  }

  private Combination.Report combine(CombinationOptions options, WordVectors... spaces) {
    return Combination.combine(
        List.of(spaces), options, "made", made(), Progress.NONE, Cancel.create());
  }

  private Path made() {
    return folder.resolve("made.words");
  }

  private static double cosine(WordVectors space, int a, int b) {
    return Vectors.cosine(space.vector("w" + a).orElseThrow(), space.vector("w" + b).orElseThrow());
  }

  @Test
  void aConcatenationsCosineIsTheWeightedMeanOfCosines() {
    WordVectors a = write("a", 0, 0, random(COUNT, 5, 1));
    WordVectors b = write("b", 0, 0, random(COUNT, 8, 2));
    Combination.Report report =
        combine(CombinationOptions.DEFAULT.withWeights(List.of(1.0, 0.5)), a, b);
    assertEquals(new Combination.Report(COUNT, 13, COUNT, List.of(COUNT, COUNT), false), report);
    try (WordVectors made = WordVectors.open(made())) {
      for (int i = 1; i < COUNT; i++) {
        double mean = (cosine(a, 0, i) + 0.25 * cosine(b, 0, i)) / 1.25;
        assertEquals(mean, cosine(made, 0, i), 1e-5);
      }
      assertEquals("a, b", made.info().properties().get(Combination.SPACES));
      assertEquals("concatenate, common", made.info().properties().get(Combination.PROPERTY));
      assertEquals("1.0, 0.5", made.info().properties().get("weights"));
    }
  }

  @Test
  void takesTheMeanAway() {
    float[][] vectors = random(COUNT, 5, 1);
    var mean = new double[5];
    for (float[] vector : vectors) {
      for (int d = 0; d < 5; d++) {
        mean[d] += vector[d] / (double) COUNT;
      }
    }
    WordVectors a = write("a", 0, 0, vectors);
    WordVectors b = write("b", 0, 0, random(COUNT, 8, 2));
    combine(CombinationOptions.DEFAULT.withCentred(true), a, b);
    try (WordVectors made = WordVectors.open(made())) {
      float[] first = made.vector("w0").orElseThrow();
      double length = 0;
      for (int d = 0; d < 5; d++) {
        length += Math.pow(vectors[0][d] - mean[d], 2);
      }
      for (int d = 0; d < 5; d++) {
        assertEquals((vectors[0][d] - mean[d]) / Math.sqrt(length), first[d], 1e-5);
      }
    }
  }

  /** A space, and the same turned and in more dimensions: the mean of both is the same again. */
  @Test
  void anAverageOfASpaceAndItselfTurnedIsThatSpace() {
    float[][] vectors = random(COUNT, 3, 1);
    // A rotation about the axis (1, 1, 1), into the last three of five dimensions.
    float[][] turned = new float[COUNT][];
    for (int i = 0; i < COUNT; i++) {
      float[] v = vectors[i];
      turned[i] = new float[] {0, 0, 2 * v[2], 2 * v[0], 2 * v[1]};
    }
    WordVectors a = write("a", 0, 0, vectors);
    WordVectors b = write("b", 0, 0, turned);
    for (WordVectors[] spaces : new WordVectors[][] {{a, b}, {b, a}}) {
      assertEquals(
          5, combine(CombinationOptions.DEFAULT.withMethod(Method.AVERAGE), spaces).dimension());
      try (WordVectors made = WordVectors.open(made())) {
        for (int i = 0; i < COUNT; i++) {
          assertEquals(cosine(a, 7, i), cosine(made, 7, i), 1e-5);
          assertEquals(1, Vectors.squaredNorm(made.vector("w" + i).orElseThrow()), 1e-5);
        }
      }
    }
  }

  @Test
  void anAverageHasWeights() {
    WordVectors a = write("a", 0, 0, random(COUNT, 6, 1)); // w0 to w199
    WordVectors b = write("b", 10, 0, random(COUNT, 4, 2)); // w10 to w209
    Combination.Report report =
        combine(
            CombinationOptions.DEFAULT
                .withMethod(Method.AVERAGE)
                .withVocabulary(Vocabulary.ALL)
                .withWeights(List.of(3.0, 1.0)),
            a,
            b);
    assertEquals(List.of(COUNT, COUNT), report.present());
    assertEquals(COUNT - 10, report.common());
    List<Dictionary.Pair> pairs =
        IntStream.range(10, COUNT).mapToObj(i -> new Dictionary.Pair("w" + i, "w" + i)).toList();
    Alignment alignment =
        Alignment.learn(
            b, a, new Dictionary(pairs), AlignmentOptions.DEFAULT, Progress.NONE, Cancel.create());
    try (WordVectors made = WordVectors.open(made())) {
      for (int i = 0; i < COUNT + 10; i++) {
        var mean = new float[6];
        a.vector("w" + i).ifPresent(v -> Vectors.addScaled(mean, Vectors.unit(v), 3));
        b.vector("w" + i).ifPresent(v -> Vectors.addScaled(mean, alignment.map(v), 1));
        // Of the one space that has it, whatever the weight.
        Vectors.scale(mean, 1f / (i < 10 ? 3 : i < COUNT ? 4 : 1));
        assertArrayEquals(mean, made.vector("w" + i).orElseThrow(), 1e-5f);
      }
    }
  }

  @Test
  void takesTheWordsOfAnySpaceOrOfAll() {
    WordVectors a = write("a", 0, 0, random(6, 2, 1)); // w0 to w5
    WordVectors b = write("b", 4, 100, random(5, 3, 2)); // w4 to w8, counted
    assertEquals(
        new Combination.Report(2, 5, 2, List.of(2, 2), true),
        combine(CombinationOptions.DEFAULT, a, b));
    try (WordVectors made = WordVectors.open(made())) {
      assertEquals(List.of("w4", "w5"), made.labels());
      assertEquals(OptionalLong.of(99), made.frequency(1));
    }
    assertEquals(
        new Combination.Report(9, 5, 2, List.of(6, 5), false),
        combine(CombinationOptions.DEFAULT.withVocabulary(Vocabulary.ALL), a, b));
    try (WordVectors made = WordVectors.open(made())) {
      assertEquals(List.of("w4", "w5", "w6", "w7", "w8", "w0", "w1", "w2", "w3"), made.labels());
      float[] left = made.vector("w8").orElseThrow();
      assertArrayEquals(new float[2], new float[] {left[0], left[1]});
      assertEquals(1, Vectors.squaredNorm(left), 1e-5);
      assertEquals(OptionalLong.empty(), made.frequency(0));
    }
  }

  @Test
  void doesNotDependOnThreads() throws IOException {
    WordVectors a = write("a", 0, 0, random(COUNT, 20, 1));
    WordVectors b = write("b", 10, 0, random(COUNT, 30, 2));
    CombinationOptions options = CombinationOptions.DEFAULT.withMethod(Method.AVERAGE);
    combine(options.withThreads(1), a, b);
    byte[] one = Files.readAllBytes(made());
    combine(options.withThreads(4), a, b);
    assertArrayEquals(one, Files.readAllBytes(made()));
  }

  @Test
  void saysWhatCannotBeCombined() throws IOException {
    WordVectors a = write("a", 0, 0, random(6, 2, 1));
    WordVectors b = write("b", 4, 0, random(6, 3, 2));
    WordVectors far = write("far", 100, 0, random(6, 3, 3));
    WordVectors wide = write("wide", 0, 0, random(3, 9_999, 4));
    for (Vocabulary vocabulary : Vocabulary.values()) {
      CombinationOptions options = CombinationOptions.DEFAULT.withVocabulary(vocabulary);
      var none = assertThrows(PolysemeException.class, () -> combine(options, a, far));
      assertTrue(none.getMessage().contains("no word in common"), none.getMessage());
    }
    CombinationOptions all = CombinationOptions.DEFAULT.withVocabulary(Vocabulary.ALL);
    var third = assertThrows(PolysemeException.class, () -> combine(all, a, b, far));
    assertTrue(third.getMessage().contains("far has no word"), third.getMessage());
    var chain =
        assertThrows(
            PolysemeException.class,
            () ->
                combine(
                    all.withMethod(Method.AVERAGE), write("long", 0, 0, random(3, 4, 5)), a, b));
    assertTrue(chain.getMessage().contains("b cannot be aligned to long"), chain.getMessage());
    var large =
        assertThrows(PolysemeException.class, () -> combine(CombinationOptions.DEFAULT, a, wide));
    assertTrue(large.getMessage().contains("10,001 dimensions"), large.getMessage());
    assertThrows(IllegalArgumentException.class, () -> combine(CombinationOptions.DEFAULT, a));
    assertThrows(
        IllegalArgumentException.class,
        () -> combine(CombinationOptions.DEFAULT.withWeights(List.of(1.0)), a, b));
    for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> CombinationOptions.DEFAULT.withWeights(List.of(1.0, weight)));
    }
    var over =
        assertThrows(
            PolysemeException.class,
            () ->
                Combination.combine(
                    List.of(a, b),
                    CombinationOptions.DEFAULT,
                    "b",
                    folder.resolve("b.words"),
                    Progress.NONE,
                    Cancel.create()));
    assertTrue(over.getMessage().contains("written over"), over.getMessage());
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () ->
            Combination.combine(
                List.of(a, b), CombinationOptions.DEFAULT, "made", made(), Progress.NONE, cancel));
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.getFileName().toString().contains("made")));
    }
  }
}
