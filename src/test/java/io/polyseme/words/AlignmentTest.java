package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import io.polyseme.words.Dictionary.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A space and the same one turned, in as many, more or fewer dimensions. */
@Timeout(60)
class AlignmentTest {
  private static final int COUNT = 600;

  @TempDir Path folder;

  private WordVectors write(String name, float[][] vectors) {
    Path file = folder.resolve(name + ".words");
    var info =
        new SpaceInfo(name, 0, vectors[0].length, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(file, info)) {
      for (int i = 0; i < vectors.length; i++) {
        writer.add(name + i, vectors[i]);
      }
      writer.commit();
    }
    return WordVectors.open(file);
  }

  private static float[][] random(int count, int dimension, long seed) {
    var random = new Random(seed);
    var vectors = new float[count][dimension];
    for (float[] vector : vectors) {
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  /** Orthonormal vectors, by Gram and Schmidt. */
  private static float[][] orthonormal(int count, int dimension, long seed) {
    float[][] vectors = random(count, dimension, seed);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        Vectors.addScaled(vectors[i], vectors[j], -Vectors.dot(vectors[i], vectors[j]));
      }
      vectors[i] = Vectors.unit(vectors[i]);
    }
    return vectors;
  }

  /** Each vector's numbers as weights of the axes, with noise. */
  private static float[][] turned(float[][] vectors, float[][] axes, double noise, long seed) {
    var random = new Random(seed);
    return Arrays.stream(vectors)
        .map(
            vector -> {
              var turned = new float[axes[0].length];
              for (int d = 0; d < vector.length; d++) {
                Vectors.addScaled(turned, axes[d], vector[d]);
              }
              for (int d = 0; d < turned.length; d++) {
                turned[d] += (float) (noise * random.nextGaussian());
              }
              return turned;
            })
        .toArray(float[][]::new);
  }

  private static Dictionary pairs(int from, int to) {
    return new Dictionary(
        IntStream.range(from, to).mapToObj(i -> new Pair("a" + i, "b" + i)).toList());
  }

  private static Alignment learn(
      WordVectors a, WordVectors b, Dictionary pairs, AlignmentOptions options) {
    return Alignment.learn(a, b, pairs, options, Progress.NONE, Cancel.create());
  }

  @Test
  void aTurnIsFoundInAsManyAndInMoreDimensions() {
    float[][] vectors = random(COUNT, 20, 1);
    for (int dimension : new int[] {20, 33}) {
      float[][] axes = orthonormal(20, dimension, 2);
      try (var a = write("a", vectors);
          var b = write("b", turned(vectors, axes, 0, 3))) {
        Alignment alignment = learn(a, b, pairs(0, 60), AlignmentOptions.DEFAULT);
        for (int i = 0; i < COUNT; i++) {
          float[] mapped = alignment.map(vectors[i]);
          assertEquals(1, Vectors.squaredNorm(mapped), 1e-4);
          assertEquals(1, Vectors.cosine(mapped, b.vector("b" + i).orElseThrow()), 1e-5);
        }
        Alignment.Evaluation evaluation =
            alignment.evaluate(pairs(60, COUNT), Progress.NONE, Cancel.create());
        assertEquals(540, evaluation.words());
        assertEquals(new Alignment.Precision(1, 1), evaluation.cosine());
        assertEquals(new Alignment.Precision(1, 1), evaluation.csls());
        Path out = folder.resolve("mapped.words");
        alignment.write(a.info(), "mapped", "b", out, Progress.NONE, Cancel.create());
        try (var mapped = WordVectors.open(out)) {
          assertEquals(a.labels(), mapped.labels());
          assertEquals(dimension, mapped.dimension());
          assertEquals("b", mapped.info().properties().get(Alignment.PROPERTY));
          assertEquals(
              1,
              Vectors.cosine(mapped.vector("a599").orElseThrow(), alignment.map(vectors[599])),
              1e-6);
        }
      }
    }
  }

  @Test
  void intoFewerDimensionsItIsAProjection() {
    // Nearly all of the source space lies in as many dimensions as the target has.
    float[][] inner = random(COUNT, 12, 4);
    try (var a = write("a", turned(inner, orthonormal(12, 30, 5), 0.01, 6));
        var b = write("b", inner)) {
      Alignment.Evaluation evaluation =
          learn(a, b, pairs(0, 100), AlignmentOptions.DEFAULT)
              .evaluate(pairs(100, COUNT), Progress.NONE, Cancel.create());
      assertTrue(evaluation.cosine().at1() > 0.99, evaluation.toString());
    }
  }

  @Test
  void fewPairsMapWhatTheySpanAndRefinementFindsTheRest() {
    float[][] vectors = random(COUNT, 20, 7);
    float[][] axes = orthonormal(20, 20, 8);
    try (var a = write("a", vectors);
        var b = write("b", turned(vectors, axes, 0.05, 9))) {
      Alignment few = learn(a, b, pairs(0, 12), AlignmentOptions.DEFAULT);
      for (int i = 0; i < 12; i++) {
        assertTrue(
            Vectors.cosine(few.map(vectors[i]), b.vector("b" + i).orElseThrow()) > 0.9,
            "pair " + i);
      }
      // The 12 pairs span 12 of 20 dimensions: the others are left out.
      double kept =
          IntStream.range(12, COUNT)
              .mapToDouble(i -> Vectors.squaredNorm(few.map(vectors[i])))
              .average()
              .orElseThrow();
      assertEquals(12 / 20.0, kept, 0.05);
      Alignment refined = learn(a, b, pairs(0, 12), AlignmentOptions.DEFAULT.withRefinements(5));
      double before = few.evaluate(pairs(12, COUNT), Progress.NONE, Cancel.create()).csls().at1();
      double after =
          refined.evaluate(pairs(12, COUNT), Progress.NONE, Cancel.create()).csls().at1();
      assertTrue(after > 0.99 && before < after, before + " " + after);
    }
  }

  @Test
  void cslsIsWhatItsDefinitionSays() {
    float[][] vectors = random(COUNT, 10, 10);
    float[][] axes = orthonormal(10, 10, 11);
    try (var a = write("a", vectors);
        var b = write("b", turned(vectors, axes, 0.8, 12))) {
      Alignment alignment =
          learn(a, b, pairs(0, 100), AlignmentOptions.DEFAULT.withVocabulary(400).withThreads(3));
      var cosines = new double[COUNT][COUNT];
      for (int i = 0; i < COUNT; i++) {
        float[] mapped = alignment.map(vectors[i]);
        for (int j = 0; j < COUNT; j++) {
          cosines[i][j] = Vectors.cosine(mapped, b.vector("b" + j).orElseThrow());
        }
      }
      List<String> words = List.of("a7", "a450", "a599");
      List<Alignment.Translation> found =
          alignment.translate(words, 3, Progress.NONE, Cancel.create());
      for (Alignment.Translation translation : found) {
        double[] row = cosines[Integer.parseInt(translation.word().substring(1))];
        double own = meanOfTen(Arrays.stream(row));
        var scores = new double[COUNT];
        for (int j = 0; j < COUNT; j++) {
          int column = j;
          // Of the source space, the first 400 words are neighbours.
          scores[j] =
              2 * row[j]
                  - own
                  - meanOfTen(IntStream.range(0, 400).mapToDouble(i -> cosines[i][column]));
        }
        check(row, translation.cosine());
        check(scores, translation.csls());
      }
      assertThrows(
          PolysemeException.class,
          () -> alignment.translate(List.of("nobody"), 1, Progress.NONE, Cancel.create()));
    }
  }

  private static double meanOfTen(java.util.stream.DoubleStream values) {
    return values.map(x -> -x).sorted().limit(10).map(x -> -x).average().orElseThrow();
  }

  private static void check(double[] scores, List<Hit> hits) {
    List<Integer> best =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(3)
            .toList();
    assertEquals(best.stream().map(i -> "b" + i).toList(), hits.stream().map(Hit::label).toList());
    for (int i = 0; i < best.size(); i++) {
      assertEquals(scores[best.get(i)], hits.get(i).score(), 1e-5);
    }
  }

  @Test
  void theSameWithAnyNumberOfThreads() {
    float[][] vectors = random(COUNT, 10, 13);
    try (var a = write("a", vectors);
        var b = write("b", turned(vectors, orthonormal(10, 10, 14), 0.5, 15))) {
      AlignmentOptions options = AlignmentOptions.DEFAULT.withRefinements(2);
      var one = learn(a, b, pairs(0, 50), options.withThreads(1));
      var four = learn(a, b, pairs(0, 50), options.withThreads(4));
      List<String> words = List.of("a60", "a61");
      assertEquals(
          one.translate(words, 5, Progress.NONE, Cancel.create()),
          four.translate(words, 5, Progress.NONE, Cancel.create()));
    }
  }

  @Test
  void wordsThatAreMissingAreNamed() {
    float[][] vectors = random(50, 5, 16);
    try (var a = write("a", vectors);
        var b = write("b", vectors)) {
      var some = new Dictionary(List.of(new Pair("a1", "b1"), new Pair("a2", "nobody")));
      Alignment alignment = learn(a, b, some, AlignmentOptions.DEFAULT);
      assertEquals(1, alignment.pairs());
      assertEquals(List.of(new Pair("a2", "nobody")), alignment.missing());
      Alignment.Evaluation evaluation = alignment.evaluate(some, Progress.NONE, Cancel.create());
      assertEquals(1, evaluation.words());
      assertEquals(List.of(new Pair("a2", "nobody")), evaluation.missing());
      var none = new Dictionary(List.of(new Pair("b1", "a1")));
      assertThrows(PolysemeException.class, () -> learn(a, b, none, AlignmentOptions.DEFAULT));
      Cancel cancelled = Cancel.create();
      cancelled.cancel();
      assertThrows(
          CancelledException.class,
          () -> Alignment.learn(a, b, some, AlignmentOptions.DEFAULT, Progress.NONE, cancelled));
    }
  }

  @Test
  void dictionariesAreReadAndParted() throws IOException {
    Path file = folder.resolve("d.tsv");
    Files.writeString(file, "# English, Chinese\ncat\t猫\n\nNew York\t纽约\ndog 狗\ncat\t猫咪\ncat\t猫\n");
    Dictionary read = Dictionary.read(file);
    assertEquals(
        List.of(
            new Pair("cat", "猫"),
            new Pair("New York", "纽约"),
            new Pair("dog", "狗"),
            new Pair("cat", "猫咪")),
        read.pairs());
    for (String bad : List.of("cat\n", "a\tb\tc\n", "a\t \n", "", "# nothing\n")) {
      Files.writeString(file, bad);
      var e = assertThrows(PolysemeException.class, () -> Dictionary.read(file));
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
    Files.write(file, new byte[] {(byte) 0xff, '\t', 'a'});
    assertThrows(PolysemeException.class, () -> Dictionary.read(file));
    assertThrows(PolysemeException.class, () -> Dictionary.read(folder.resolve("none")));

    Dictionary many = pairs(0, 100);
    Dictionary.Split split = many.split(0.2, 7);
    assertEquals(20, split.test().pairs().size());
    assertEquals(split, many.split(0.2, 7));
    Set<Pair> both = new HashSet<>(split.train().pairs());
    both.addAll(split.test().pairs());
    assertEquals(new HashSet<>(many.pairs()), both);
    for (long seed = 0; seed < 20; seed++) {
      Dictionary.Split cats = read.split(0.4, seed);
      Set<String> train =
          cats.train().pairs().stream().map(Pair::source).collect(Collectors.toSet());
      assertTrue(cats.test().pairs().stream().noneMatch(p -> train.contains(p.source())));
    }
    for (double share : new double[] {0, 1, -1, Double.NaN, 0.001}) {
      assertThrows(IllegalArgumentException.class, () -> many.split(share, 1));
    }
  }
}
