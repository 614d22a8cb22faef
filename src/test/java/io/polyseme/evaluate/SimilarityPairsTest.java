package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Intervals;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.evaluate.SimilarityPairs.Pair;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SimilarityPairsTest {
  @TempDir Path folder;

  private SimilarityPairs read(String text) throws IOException {
    Path file = folder.resolve("pairs.txt");
    Files.writeString(file, text);
    return SimilarityPairs.read(file);
  }

  @Test
  void readsTheSetsFormats() throws IOException {
    var expected = List.of(new Pair("love", "sex", 6.77), new Pair("tiger", "cat", 7.35));
    assertEquals(expected, read("love\tsex\t6.77\r\ntiger\tcat\t7.35\r\n").pairs());
    assertEquals(
        expected, read("Word 1,Word 2,Human (mean)\nlove,sex,6.77\ntiger,cat,7.35").pairs());
    assertEquals(expected, read("# who and when\nlove sex 6.77\n\ntiger  cat 7.35\n").pairs());
    assertEquals(expected, read("\uFEFFlove;sex;6.77\ntiger;cat;7.35\n").pairs());
    assertEquals(
        expected,
        read("word1\tword2\tPOS\tSimLex999\tconc(w1)\nlove\tsex\tN\t6.77\t2.1\ntiger\tcat\tN\t7.35\t4\n")
            .pairs(),
        "SimLex-999 has a part of speech before the score");
    assertEquals(
        expected,
        read("love\tsex\t6.77\t9\t8\t3\ntiger\tcat\t7.35\t7\t7\t8\n").pairs(),
        "RareWords has single ratings after the mean");
    assertEquals(expected, read("love-n sex-n 6.77\ntiger-n cat-n 7.35\n").pairs(), "MEN's lemmas");
    assertEquals(
        List.of(new Pair("x-n", "cat", 1), new Pair("tiger-n", "cat-n", 2)),
        read("x-n cat 1\ntiger-n cat-n 2\n").pairs(),
        "a tag that not every word has is none");
    assertEquals(
        expected,
        read("1\tlove\tn\tsex\tn\tall <b> love </b> 5\tno <b> sex </b> 7\t6.77\t7\t6\n"
                + "2\ttiger\tn\tcat\tn\ta\tb\t7.35\t7\t8\n")
            .pairs(),
        "SCWS has a number, parts of speech and contexts");
    assertEquals(List.of(new Pair("New York", "李白", 9.2)), read("New York\t李白\t9.2\r\n").pairs());
    assertEquals("pairs", read("a b 1").name());
  }

  @Test
  void malformedFilesAreNamedWithTheLine() throws IOException {
    assertMessage("a\tb\t1\na\tb\n", "line 2: not two words and a number: \"a\tb\"");
    assertMessage("a\tb\t1\na\tb\thigh\n", "line 2");
    assertMessage("a\tb\t1\n\tb\t2\n", "line 2");
    assertMessage("a\tb\t1\na\tb\tNaN\n", "line 2");
    assertMessage("", "has no pairs of words");
    assertMessage("only a heading\n", "has no pairs of words");
    Path missing = folder.resolve("none.txt");
    String message =
        assertThrows(PolysemeException.class, () -> SimilarityPairs.readAll(missing)).getMessage();
    assertTrue(message.startsWith(missing + " does not exist; a text file of"), message);
  }

  private void assertMessage(String text, String expected) {
    String message = assertThrows(PolysemeException.class, () -> read(text)).getMessage();
    assertTrue(message.contains("pairs.txt") && message.contains(expected), message);
  }

  @Test
  void aFolderIsReadByName() throws IOException {
    Path sets = Files.createDirectory(folder.resolve("sets"));
    assertTrue(
        assertThrows(PolysemeException.class, () -> SimilarityPairs.readAll(sets))
            .getMessage()
            .startsWith(sets + " has no .txt, .csv or .tsv file"));
    Files.writeString(sets.resolve("b.TXT"), "a b 1");
    Files.writeString(sets.resolve("a.csv"), "a,b,1");
    Files.writeString(sets.resolve("notes.md"), "none of it");
    assertEquals(
        List.of("a", "b"),
        SimilarityPairs.readAll(sets).stream().map(SimilarityPairs::name).toList());
  }

  /** Pairs "base", "w0" ... whose human scores are x, and a lookup in which their cosines are y. */
  private static Evaluation correlate(double[] x, double... y) {
    var pairs = new ArrayList<Pair>();
    var space = new NaiveSpace().with("base", 2, 0);
    for (int i = 0; i < x.length; i++) {
      pairs.add(new Pair("base", "w" + i, x[i]));
      space.with("w" + i, (float) y[i], (float) Math.sqrt(1 - y[i] * y[i]));
    }
    return new SimilarityPairs("set", pairs)
        .score(WordLookup.labels(space), 1, Progress.NONE, Cancel.create());
  }

  private static double[] times(double factor, double... values) {
    double[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  @Test
  void spearmanIsTheReferencesValue() {
    // The example of scipy.stats.spearmanr's reference page; 7 is there twice.
    Score tied =
        correlate(new double[] {1, 2, 3, 4, 5}, times(0.1, 5, 6, 7, 8, 7)).score("set", "spearman");
    assertEquals(0.8207826816681233, tied.value(), 1e-12);
    assertEquals(5, tied.n());
    assertEquals(1, tied.coverage());
    // IQ and hours of television, the example of Wikipedia's "Spearman's rank correlation
    // coefficient": -29/165.
    Score score =
        correlate(
                new double[] {106, 100, 86, 101, 99, 103, 97, 113, 112, 110},
                times(0.01, 7, 27, 2, 50, 28, 29, 20, 12, 6, 17))
            .score("set", "spearman");
    assertEquals(-29 / 165.0, score.value(), 1e-12);
  }

  @Test
  void pearsonIsTheReferencesValue() {
    // Anscombe (1973), "Graphs in Statistical Analysis", first set; R's cor.test on it prints
    // 0.8164205.
    Score score =
        correlate(
                new double[] {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5},
                times(0.05, 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68))
            .score("set", "pearson");
    assertEquals(0.8164205, score.value(), 1e-6);
  }

  /** Resamples drawn, sorted and ranked one by one, by another generator: near, and no more. */
  @Test
  void intervalsAreThoseOfANaiveBootstrap() {
    long seed = 19930515;
    var random = new Random(seed);
    var x = new double[120];
    var y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(11);
      y[i] = Math.clamp(0.05 * x[i] + 0.2 * random.nextGaussian(), -0.99, 0.99);
    }
    var rhos = new double[4000];
    var rs = new double[rhos.length];
    for (int resample = 0; resample < rhos.length; resample++) {
      var drawnX = new double[x.length];
      var drawnY = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int at = random.nextInt(x.length);
        drawnX[i] = x[at];
        drawnY[i] = y[at];
      }
      rhos[resample] = Correlation.spearman(drawnX, drawnY);
      rs[resample] = Correlation.pearson(drawnX, drawnY);
    }
    Evaluation evaluation = correlate(x, y);
    assertNear(Intervals.percentile(rhos), evaluation.score("set", "spearman"), seed);
    assertNear(Intervals.percentile(rs), evaluation.score("set", "pearson"), seed);
    assertEquals(evaluation, correlate(x, y), "the seed decides");
  }

  private static void assertNear(Intervals.Interval expected, Score score, long seed) {
    assertEquals(expected.low(), score.low(), 0.02, "seed " + seed);
    assertEquals(expected.high(), score.high(), 0.02, "seed " + seed);
    assertTrue(score.low() < score.value() && score.value() < score.high());
  }

  @Test
  void tooFewOrEqualPairsGiveNoCorrelation() {
    Score none = correlate(new double[] {1}, 0.5).score("set", "spearman");
    assertTrue(Double.isNaN(none.value()) && Double.isNaN(none.low()));
    Score same = correlate(new double[] {1, 2, 3}, 0.5, 0.5, 0.5).score("set", "pearson");
    assertTrue(Double.isNaN(same.value()));
    Score three = correlate(new double[] {1, 2, 3}, 0.1, 0.2, 0.3).score("set", "spearman");
    assertEquals(1, three.value(), 1e-12);
    assertEquals(-1, three.low());
    Score five =
        correlate(new double[] {1, 2, 3, 4, 5}, 0.1, 0.2, 0.3, 0.4, 0.5).score("set", "spearman");
    assertEquals(1, five.value(), 1e-12);
    assertEquals(1, five.high(), 1e-12);
  }

  @Test
  void unknownWordsAreLeftOutAndCounted() throws IOException {
    var space =
        new NaiveSpace()
            .with("a", 1, 0)
            .with("b", 1, 0.1f)
            .with("c", 1, 1)
            .with("zero", 0, 0)
            .with("Z", 1, 2);
    SimilarityPairs set = read("a b 3\nA C 2\na Z 1\na z 1\na zero 1\nnot a 1\n");
    Evaluation exact = set.score(WordLookup.labels(space), 1, Progress.NONE, Cancel.create());
    Score score = exact.score("pairs", "spearman");
    assertEquals(2, score.n());
    assertEquals(4, score.skipped());
    assertEquals(List.of("pairs: 4 of 6 pairs have a word that is not known"), exact.warnings());
    Score folded =
        set.score(
                WordLookup.labels(space).spelled(Spelling.FOLDED),
                1,
                Progress.NONE,
                Cancel.create())
            .score("pairs", "spearman");
    assertEquals(3, folded.n(), "z is no lower case of Z");
    assertEquals(0.5, folded.coverage());
    assertEquals(1, folded.value(), 1e-12);
  }

  @Test
  void aResolverMayNotKnowAWord() throws IOException {
    TermResolver resolver =
        term -> {
          String word = ((Term.Word) term).word();
          if (word.equals("no")) {
            throw new UnknownTermException(word, "here", List.of());
          }
          return new float[] {word.length(), 1};
        };
    Score score =
        read("a bb 1\na no 2\nbb ccc 3\n")
            .score(WordLookup.resolving(resolver), 1, Progress.NONE, Cancel.create())
            .score("pairs", "pearson");
    assertEquals(2, score.n());
    assertEquals(1, score.value(), 1e-12);
  }

  @Test
  void canBeCancelled() throws IOException {
    Cancel cancel = Cancel.create();
    cancel.cancel();
    SimilarityPairs set = read("a b 1");
    assertThrows(
        CancelledException.class,
        () -> set.score(WordLookup.labels(new NaiveSpace()), 1, Progress.NONE, cancel));
  }
}
