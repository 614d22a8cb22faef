package io.polyseme.analogy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.analogy.WordQuestions.Unknown;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.words.UnknownWords;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WordVectorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twelve words with small whole numbers. Reference values are those of gensim 4.2.0 (Debian 12's
 * python3-gensim) over the same vectors in a KeyedVectors, unless another source is named.
 */
@Timeout(60)
class WordQuestionsTest {
  private static final List<String> WORDS =
      List.of(
          "obama",
          "speaks",
          "media",
          "illinois",
          "president",
          "greets",
          "press",
          "chicago",
          "band",
          "gave",
          "concert",
          "japan");
  private static final float[][] VECTORS = {
    {-1, 4, 1, -2},
    {-2, 2, 2, 4},
    {2, 3, 4, 5},
    {5, 3, 2, 1},
    {-1, -5, 2, -5},
    {2, 5, 1, -2},
    {0, 3, 3, 2},
    {0, -5, -5, -3},
    {3, 4, 1, -1},
    {4, 2, -2, -2},
    {3, -2, -5, -4},
    {-5, -5, 1, 2}
  };

  /**
   * Six texts, and the optimal transport of each pair i &lt; j by linprog (HiGHS) of SciPy 1.10.1,
   * with unit vectors and without. gensim's wmdistance, which rounds more, is within 1.1e-5 of
   * them.
   */
  private static final List<List<String>> TEXTS =
      List.of(
          List.of("obama", "speaks", "media", "illinois"),
          List.of("president", "greets", "press", "chicago"),
          List.of("band", "gave", "concert", "japan"),
          List.of("obama", "obama", "speaks", "president", "press", "media", "media"),
          List.of("chicago"),
          List.of("obama", "speaks", "unknown"));

  private static final double[][] DISTANCES = {
    {0, 1, 1.146892848, 7.591271663},
    {0, 2, 1.183125929, 7.395181001},
    {0, 3, 0.414901183, 2.627550713},
    {0, 4, 1.840061808, 12.550277752},
    {0, 5, 0.477426505, 2.886517590},
    {1, 2, 0.869691760, 5.457690315},
    {1, 3, 0.851310416, 5.801605666},
    {1, 4, 1.181309574, 7.898032048},
    {1, 5, 1.156954310, 7.038038265},
    {2, 3, 1.253138294, 7.823129154},
    {2, 4, 1.218430065, 8.423631432},
    {2, 5, 1.310923478, 7.658611802},
    {3, 4, 1.748997899, 11.858922157},
    {3, 5, 0.530509589, 3.263795749},
    {4, 5, 1.819223901, 11.598458921}
  };

  @TempDir Path folder;
  private WordVectors space;
  private WordQuestions questions;

  @BeforeEach
  void open() {
    space = space("news", WORDS, VECTORS, Similarity.COSINE);
    questions = new WordQuestions(space, space);
  }

  @AfterEach
  void close() {
    space.close();
  }

  private WordVectors space(
      String name, List<String> words, float[][] vectors, Similarity similarity) {
    Path file = folder.resolve(name + ".words");
    var info = new SpaceInfo(name, 0, vectors[0].length, similarity, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(file, info)) {
      for (int i = 0; i < vectors.length; i++) {
        writer.add(words.get(i), vectors[i]);
      }
      writer.commit();
    }
    return WordVectors.open(file);
  }

  private static List<String> labels(List<Hit> hits) {
    return hits.stream().map(Hit::label).toList();
  }

  @Test
  void similaritiesAreThoseOfGensim() {
    assertEquals(0.161165, questions.similarity("obama", "speaks"), 1e-6);
    assertEquals(1 + 0.527371, questions.distance("obama", "chicago"), 1e-6);
    // The cosine of get_mean_vector(..., pre_normalize=True) of both lists.
    assertEquals(
        0.5851847,
        questions.similarity(List.of("obama", "speaks"), List.of("president", "greets", "press")),
        1e-6);
    assertEquals(
        questions.similarity("obama", "press"),
        questions.similarity(List.of("obama"), List.of("press")),
        1e-6);
    assertThrows(
        IllegalArgumentException.class, () -> questions.similarity(List.of(), List.of("press")));
    assertThrows(UnknownTermException.class, () -> questions.similarity("obama", "pres"));
  }

  @Test
  void ranksAreThoseOfGensim() {
    // KeyedVectors.rank("obama", word) and rank("band", word) of every word.
    int[] ofObama = {0, 6, 7, 5, 8, 1, 3, 11, 2, 4, 9, 10};
    int[] ofBand = {4, 7, 6, 2, 9, 1, 5, 10, 0, 3, 7, 11};
    for (int i = 0; i < WORDS.size(); i++) {
      if (ofObama[i] > 0) {
        assertEquals(ofObama[i], questions.rank("obama", WORDS.get(i)), WORDS.get(i));
      }
      if (ofBand[i] > 0) {
        assertEquals(ofBand[i], questions.rank("band", WORDS.get(i)), WORDS.get(i));
      }
    }
    assertEquals(List.of("greets"), labels(questions.closerThan("obama", "band")));
    assertEquals(List.of(), questions.closerThan("obama", "obama"));
    // By another spelling it is the same word, and no neighbour of itself.
    assertEquals(
        List.of("greets"),
        labels(
            new WordQuestions(space, space.resolver(UnknownWords.FOLD))
                .closerThan("OBAMA", "band")));
  }

  @Test
  void closerWordsAreThoseThatADirectComputationFinds() {
    var random = new Random(11);
    var vectors = new float[3000][8];
    List<String> words = IntStream.range(0, 3000).mapToObj(i -> "w" + i).toList();
    for (float[] vector : vectors) {
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) random.nextGaussian();
      }
    }
    for (Similarity similarity : Similarity.values()) {
      try (var many = space("many-" + similarity, words, vectors, similarity)) {
        var asked = new WordQuestions(many, many);
        for (int n = 0; n < 20; n++) {
          int a = random.nextInt(3000);
          int b = random.nextInt(3000);
          long nearer =
              IntStream.range(0, 3000)
                  .filter(i -> i != a)
                  .filter(
                      i ->
                          score(similarity, vectors[a], vectors[i])
                              > score(similarity, vectors[a], vectors[b]) + 1e-6)
                  .count();
          // A word that is nearer by about as much as rounding makes may be counted or not.
          assertEquals(nearer + 1, asked.rank("w" + a, "w" + b), 1, similarity + " " + a + " " + b);
        }
      }
    }
  }

  private static double score(Similarity similarity, float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < a.length; d++) {
      dot += (double) a[d] * b[d];
      aa += (double) a[d] * a[d];
      bb += (double) b[d] * b[d];
    }
    return switch (similarity) {
      case COSINE -> dot / Math.sqrt(aa * bb);
      case DOT_PRODUCT -> dot;
      case EUCLIDEAN -> 1 / (1 + aa + bb - 2 * dot);
    };
  }

  @Test
  void listsOfWordsAreRanked() {
    // The first is KeyedVectors.most_similar_to_given and doesnt_match.
    assertEquals(
        List.of("band", "press", "japan"),
        labels(questions.ranked("obama", List.of("press", "band", "japan"))));
    List<Hit> odd = questions.oddOneOut(List.of("obama", "president", "band", "chicago"));
    assertEquals("chicago", odd.getFirst().label());
    assertEquals(List.of(1, 2, 3, 4), odd.stream().map(Hit::rank).toList());
    List<Hit> central = questions.centrality(List.of("obama", "band", "greets"));
    assertEquals("greets", central.getFirst().label());
    assertEquals((0.840963 + 0.957143) / 2, central.getFirst().score(), 1e-5);
    assertThrows(IllegalArgumentException.class, () -> questions.ranked("obama", List.of()));
    assertThrows(IllegalArgumentException.class, () -> questions.centrality(List.of("obama")));
    assertThrows(
        IllegalArgumentException.class, () -> questions.oddOneOut(List.of("obama", "band")));
  }

  @Test
  void averagesSkipOrRefuseWhatIsNotKnown() {
    var words = List.of("obama", "nobody", "press");
    assertThrows(UnknownTermException.class, () -> questions.average(words, Unknown.ERROR));
    WordQuestions.Average average = questions.average(words, Unknown.SKIP);
    assertEquals(List.of("nobody"), average.skipped());
    assertArrayEquals(
        questions.average(List.of("obama", "press"), Unknown.ERROR).vector(), average.vector());
    assertThrows(
        UnknownTermException.class,
        () -> questions.average(List.of("nobody", "noone"), Unknown.SKIP));
  }

  @Test
  void wordMoversDistancesAreOptimalTransports() {
    for (boolean unit : new boolean[] {true, false}) {
      var movers = new WordMovers(space, unit);
      List<WordMovers.Bag> bags = TEXTS.stream().map(movers::bag).toList();
      assertEquals(List.of("unknown"), bags.get(5).unknown());
      for (double[] pair : DISTANCES) {
        WordMovers.Bag a = bags.get((int) pair[0]);
        WordMovers.Bag b = bags.get((int) pair[1]);
        double distance = movers.distance(a, b);
        assertEquals(unit ? pair[2] : pair[3], distance, 1e-6);
        assertEquals(distance, movers.distance(b, a), 1e-9);
        assertTrue(movers.relaxed(a, b) <= distance + 1e-9);
        assertTrue(movers.centroids(a, b) <= distance + 1e-9);
        assertEquals(0, movers.distance(a, a), 1e-12);
      }
      WordMovers.Bag nothing = movers.bag(List.of("unknown"));
      assertEquals(Double.POSITIVE_INFINITY, movers.distance(nothing, bags.get(0)));
    }
  }

  @Test
  void transportIsTheBestOfAllAssignments() {
    // Of as many words each, all different, it is the cheapest of all one-to-one assignments.
    var random = new Random(5);
    var movers = new WordMovers(space, false);
    for (int n = 0; n < 30; n++) {
      List<String> shuffled = new ArrayList<>(WORDS);
      Collections.shuffle(shuffled, random);
      List<String> a = shuffled.subList(0, 5);
      List<String> b = shuffled.subList(5, 10);
      assertEquals(
          cheapest(a, new ArrayList<>(b), 0) / 5,
          movers.distance(movers.bag(a), movers.bag(b)),
          1e-6);
    }
  }

  private static double cheapest(List<String> a, List<String> b, int from) {
    if (from == a.size()) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (String other : List.copyOf(b)) {
      b.remove(other);
      least =
          Math.min(
              least,
              Math.sqrt(squares(a.get(from), other)) + cheapest(a, new ArrayList<>(b), from + 1));
      b.add(other);
    }
    return least;
  }

  private static double squares(String a, String b) {
    float[] x = VECTORS[WORDS.indexOf(a)];
    float[] y = VECTORS[WORDS.indexOf(b)];
    return IntStream.range(0, x.length).mapToDouble(d -> Math.pow(x[d] - y[d], 2)).sum();
  }

  @Test
  void prunedSearchFindsWhatAllDistancesSay() {
    var random = new Random(8);
    var movers = new WordMovers(space, true);
    List<WordMovers.Bag> bags = new ArrayList<>();
    for (int n = 0; n < 200; n++) {
      bags.add(
          movers.bag(
              random.ints(random.nextInt(1, 9), 0, WORDS.size()).mapToObj(WORDS::get).toList()));
    }
    bags.add(movers.bag(List.of("unknown")));
    for (int q = 0; q < 10; q++) {
      WordMovers.Bag query = bags.get(q);
      double[] all = bags.stream().mapToDouble(bag -> movers.distance(query, bag)).toArray();
      double[] sorted = Arrays.stream(all).sorted().limit(7).toArray();
      WordMovers.Nearest nearest = movers.nearest(query, bags, 7, Cancel.create());
      assertArrayEquals(
          sorted, nearest.found().stream().mapToDouble(WordMovers.Found::distance).toArray(), 1e-9);
      nearest.found().forEach(f -> assertEquals(all[f.text()], f.distance(), 1e-9));
      assertTrue(nearest.solved() + nearest.relaxed() < 200);
    }
    Cancel cancelled = Cancel.create();
    cancelled.cancel();
    assertThrows(CancelledException.class, () -> movers.nearest(bags.get(0), bags, 3, cancelled));
  }

  @Test
  void tokensAreWords() {
    var movers = new WordMovers(space, true);
    assertEquals(
        List.of("Obama", "speaks", "to", "the", "press"),
        movers.tokens("Obama speaks - to the press!"));
    assertFalse(movers.bag(movers.tokens("Obama speaks")).words().isEmpty());
    try (var chinese =
        space(
            "zh",
            List.of("大学", "大学生", "学生", "吃"),
            new float[][] {{1, 0}, {0, 1}, {1, 1}, {2, 1}},
            Similarity.COSINE)) {
      assertEquals(
          List.of("大学生", "吃", "面", "大学"), new WordMovers(chinese, true).tokens("大学生吃面，大学。"));
    }
  }
}
