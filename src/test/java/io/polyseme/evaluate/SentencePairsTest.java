package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.SentencePairs.Pair;
import io.polyseme.evaluate.SentencePairs.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SentencePairsTest {
  private static final List<Pair> TWO =
      List.of(
          new Pair("A cat sleeps.", "The cat is \"asleep\".", 4.5),
          new Pair("It rains.", "Trains are late.", 0));

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private SentencePairs read(String text) throws IOException {
    return SentencePairs.read(write("set/pairs.txt", text));
  }

  private static void assertTwo(SentencePairs read) {
    assertEquals(List.of(new Section("set/pairs", "", TWO, 0)), read.sections());
    assertEquals(List.of(), read.notes());
  }

  @Test
  void theStsBenchmark() throws IOException {
    assertTwo(
        read(
            "main-news\thead\t2016\t0003\t4.500\tA cat sleeps.\tThe cat is \"asleep\".\n"
                + "main-forums\tdeft\t2014\t12\t0.000\tIt rains. \t Trains are late.\there\tthere\n"));
  }

  @Test
  void sentencesAndAScore() throws IOException {
    assertTwo(read("A cat sleeps.\tThe cat is \"asleep\".\t4.5\nIt rains.\tTrains are late.\t0\n"));
    assertTwo(
        read(
            "\uFEFFA cat sleeps.\tThe cat is \"asleep\".\t4.5\r\n\r\nIt rains.\tTrains are late.\t0"));
    assertTwo(
        read("1\tA cat sleeps.\tThe cat is \"asleep\".\t4.5\n2\tIt rains.\tTrains are late.\t0\n"));
    SentencePairs chinese = read("今天天气怎么样\t天气好吗\t1\n怎么还款\t2\t0\n3\t三\t1\n");
    assertEquals(
        List.of(new Pair("今天天气怎么样", "天气好吗", 1), new Pair("怎么还款", "2", 0), new Pair("3", "三", 1)),
        chinese.sections().getFirst().pairs(),
        "a sentence may be a number");
  }

  @Test
  void aScoreAndSentences() throws IOException {
    assertTwo(read("4.5\tA cat sleeps.\tThe cat is \"asleep\".\n0\tIt rains.\tTrains are late.\n"));
    SentencePairs some =
        read(
            "\tOne dog.\tTwo dogs.\n4.5\tA cat sleeps.\tThe cat is \"asleep\".\n"
                + "\tThree dogs.\tFour.\n0\tIt rains.\tTrains are late.\tsource\tsource\n");
    assertEquals(List.of(new Section("set/pairs", "", TWO, 2)), some.sections());
    assertEquals(
        List.of("set/pairs: 2 of 4 pairs have no score, and are no part of the test"),
        some.notes());
  }

  @Test
  void scoresBeside() throws IOException {
    Path pairs =
        write(
            "task/STS.input.pets.txt",
            "A cat sleeps.\tThe cat is \"asleep\".\nOne dog.\tTwo dogs.\nIt rains.\tTrains are late.\n");
    Path scores = write("task/STS.gs.pets.txt", "4.5\n\n0\n");
    SentencePairs read = SentencePairs.read(pairs);
    assertEquals(List.of(new Section("task/STS.input.pets", "", TWO, 1)), read.sections());
    assertEquals(read.sections(), SentencePairs.read(folder.resolve("task")).sections());
    Files.writeString(scores, "4.5\nhigh\n0\n");
    assertMessage(pairs, scores + ", line 2: not a score: \"high\"");
    Files.writeString(scores, "4.5\n");
    assertMessage(pairs, pairs + " has 3 lines and " + scores + " has 1;");
    Files.delete(scores);
    assertMessage(pairs, pairs + " has no sentence pairs with scores;");
  }

  @Test
  void columnsWithAHeading() throws IOException {
    assertTwo(
        read(
            "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
                + "1\tA cat sleeps.\tThe cat is \"asleep\".\t4.5\tENTAILMENT\n"
                + "4\tIt rains.\tTrains are late.\t0\tNEUTRAL\n"));
    assertTwo(
        read(
            "index\tgenre\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
                + "0\tnews\tx\ty\tA cat sleeps.\tThe cat is \"asleep\".\t4.5\n"
                + "1\tnews\tx\ty\tIt rains.\tTrains are late.\t0\n"));
    assertTwo(
        read(
            "label\ttext_b\ttext_a\n4.5\tThe cat is \"asleep\".\tA cat sleeps.\n0\tTrains are late.\tIt rains.\n"));
    SentencePairs unnamed =
        read(
            "satz\tanderer satz\twert\nA cat sleeps.\tThe cat is \"asleep\".\t4.5\nIt rains.\tTrains are late.\t0\n");
    assertEquals(TWO, unnamed.sections().getFirst().pairs());
    assertTrue(
        unnamed
            .notes()
            .getFirst()
            .endsWith("the first line is read as a heading: \"satz\tanderer satz\twert\""),
        unnamed.notes().toString());
  }

  @Test
  void jsonLines() throws IOException {
    assertTwo(
        read(
            "{\"sentence1\": \"A cat sleeps.\", \"sentence2\": \"The cat is \\\"asleep\\\".\", \"label\": \"4.5\"}\n"
                + "{\"score\": 0, \"label\": 7, \"sentence1\": \"It rains.\", \"sentence2\": \"Trains are late.\"}\n"));
    SentencePairs some =
        read(
            "{\"sentence1\": \"a\", \"sentence2\": \"b\"}\n{\"sentence1\": \"c\", \"sentence2\": \"d\", \"score\": 1}\n");
    assertEquals(1, some.sections().getFirst().unscored());
  }

  @Test
  void malformedLinesAreNamed() throws IOException {
    String good = "A cat.\tThe cat.\t4.5\nIt rains.\tTrains.\t0\n";
    assertMalformed(
        good + "One dog.\tTwo dogs.\n", "line 3: 2 columns, and the others have 3: \"One dog.");
    assertMalformed(good + "a\tb\thigh\n", "line 3: the score \"high\" is no number");
    assertMalformed(good + "a\tb\tNaN\n", "line 3: the score \"NaN\" is no number");
    assertMalformed(good + "a\tb\t1d\n", "line 3: the score \"1d\" is no number");
    assertMalformed(good + "a\tb\t1e999\n", "line 3: the score \"1e999\" is no number");
    assertMalformed(good + "\t b\t1\n", "line 3: a sentence is empty");
    assertMalformed(
        "1\ta\tb\t1\n2\ta\tb\t0\n3\ta\tb\n", "line 3: 3 columns, and the others have 4");
    assertMalformed("A cat, 1.\tThe cat.\tx\n" + good, "line 1: the score \"x\" is no number");
    assertMalformed(
        "main\tf\t2016\t1\t4.5\tA cat.\tThe cat.\nmain\tf\t2016\t2\t4.5\tA cat.\n",
        "line 2: 6 columns, and the others have 7 or more");
    assertMalformed(
        "sentence_A\tsentence_B\tscore\nA cat.\tThe cat.\t1\nA cat.\tThe cat.\n",
        "line 3: 2 columns, and the heading asks for 3");
    assertMalformed(
        "{\"sentence1\": \"a\", \"sentence2\": \"b\", \"score\": 1}\n{oh\n",
        "line 2: not a JSON object");
    assertMalformed(
        "{\"sentence1\": \"a\", \"sentence2\": \"b\", \"score\": 1}\n{\"sentence1\": \"a\", \"score\": 1}\n",
        "line 2: no second sentence (sentence2)");
    assertMalformed("", "has no sentence pairs with scores");
    assertMalformed("Only some text\nof a readme.\n", "has no sentence pairs with scores");
    assertMalformed("\tOne dog.\tTwo dogs.\n", "has no pair with a score, and is left out");
    Path latin1 = folder.resolve("set/pairs.txt");
    Files.write(latin1, (good + "Ein Hörnchen.\tb\t1\n").getBytes(StandardCharsets.ISO_8859_1));
    assertMessage(latin1, "line 3: not UTF-8");
    Path missing = folder.resolve("none");
    assertMessage(missing, missing + " does not exist; a file of sentence pairs");
  }

  private void assertMalformed(String text, String expected) throws IOException {
    Path file = write("set/pairs.txt", text);
    assertMessage(file, expected);
    assertMessage(file, file.toString());
  }

  private static void assertMessage(Path path, String expected) {
    String message =
        assertThrows(PolysemeException.class, () -> SentencePairs.read(path)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void foldersAreWalked() throws IOException {
    write("sts/2012/animals.test.tsv", "1\tA cat.\tA dog.\n2\tA cat.\tTwo cats.\n");
    write("sts/2012/weather.test.tsv", "3\tRain.\tSnow.\n\tSun.\tMoon.\n");
    write("sts/2012/weather.train.tsv", "3\tRain.\tHail.\n");
    write("sts/2012/readme.txt", "Of the year 2012,\nhow it was made.\n");
    write("sts/zh/a/dev.txt", "猫\t狗\t1\n");
    write("sts/zh/b/dev.txt", "猫\t狗\t0\n");
    write("sts/.hidden/dev.txt", "one\ttwo\t1\n");
    Files.write(write("sts/picture.png", ""), new byte[] {1, 0, 9, '\t', 0, '\n'});
    SentencePairs read = SentencePairs.read(folder.resolve("sts"));
    assertEquals(
        List.of(
            "sts/2012/animals.test",
            "sts/2012/weather.test",
            "sts/2012/weather.train",
            "sts/zh/a/dev",
            "sts/zh/b/dev"),
        read.sections().stream().map(Section::name).toList());
    assertEquals(
        List.of("sts/2012/all.test", "sts/2012/all.test", "", "", ""),
        read.sections().stream().map(Section::task).toList(),
        "one file alone is no task of several");
    assertEquals(
        List.of(
            "passed over, being no sentence pairs with scores: sts/2012/readme.txt, sts/picture.png",
            "sts/2012/weather.test: 1 of 2 pairs have no score, and are no part of the test"),
        read.notes());
    assertMessage(Files.createDirectory(folder.resolve("empty")), "there are no pairs with scores");
  }

  @Test
  void filesAreReadOnceAndNamedApart() throws IOException {
    Path a = write("x/set/dev.txt", "one\ttwo\t1\n");
    Path b = write("y/set/dev.txt", "one\ttwo\t1\n");
    Path c = write("y/other/dev.txt", "one\ttwo\t1\n");
    SentencePairs read = SentencePairs.read(List.of(a, b, a, c));
    assertEquals(
        List.of(a.toString(), b.toString(), "other/dev"),
        read.sections().stream().map(Section::name).toList());
    Files.createSymbolicLink(folder.resolve("x/again"), folder.resolve("x"));
    Files.createSymbolicLink(folder.resolve("x/set/link.txt"), a);
    assertEquals(
        List.of("x/set/dev"),
        SentencePairs.read(folder.resolve("x")).sections().stream().map(Section::name).toList());
  }

  /** Pairs of "base" with another sentence each, whose cosine with it is as given. */
  private static final class Angles {
    final Map<String, float[]> vectors = new HashMap<>();
    final List<List<String>> asked = new ArrayList<>();

    Angles() {
      vectors.put("base", new float[] {2, 0});
    }

    List<Pair> pairs(String prefix, double[] scores, double... cosines) {
      var pairs = new ArrayList<Pair>();
      for (int i = 0; i < scores.length; i++) {
        pairs.add(new Pair("base", prefix + i, scores[i]));
        double y = cosines[i];
        vectors.put(prefix + i, new float[] {(float) y, (float) Math.sqrt(1 - y * y)});
      }
      return pairs;
    }

    SentenceVectors function(int batch) {
      return SentenceVectors.of(
          batch,
          texts -> {
            asked.add(texts);
            return texts.stream().map(vectors::get).toList();
          });
    }
  }

  private static Evaluation score(SentencePairs set, SentenceVectors vectors) {
    return set.score(vectors, SentenceOptions.DEFAULT, Progress.NONE, Cancel.create());
  }

  private static SentencePairs set(List<Pair> pairs) {
    return new SentencePairs(List.of(new Section("set", "", pairs, 0)), List.of());
  }

  private static final double[] A = {5, 3.2, 3.2, 1, 0, 4.6, 2, 2, 2, 4.8};
  private static final double[] COSINES_A = {0.9, 0.6, 0.7, 0.2, 0.1, 0.6, 0.6, 0.3, 0.4, 0.8};
  private static final double[] B = {1, 4, 2, 3, 0, 2.5};
  private static final double[] COSINES_B = {0.15, 0.95, 0.5, 0.35, 0.5, 0.05};
  private static final double[] LABELS = {0, 1, 1, 0, 1, 0, 0, 1};
  private static final double[] COSINES_L = {0.2, 0.8, 0.6, 0.6, 0.9, 0.1, 0.3, 0.25};

  /** The values are those of scipy 1.10.1, spearmanr and pearsonr; both sides have equal values. */
  @Test
  void correlationsAreTheReferences() {
    var angles = new Angles();
    var set =
        new SentencePairs(
            List.of(
                new Section("year/a", "year/all", angles.pairs("a", A, COSINES_A), 3),
                new Section("year/b", "year/all", angles.pairs("b", B, COSINES_B), 0),
                new Section("labels", "", angles.pairs("l", LABELS, COSINES_L), 0)),
            List.of("noted"));
    Evaluation evaluation = score(set, angles.function(7));
    assertEquals(
        List.of("year/a", "year/b", "year/all", "labels", "mean"),
        evaluation.scores().stream().map(Score::section).distinct().toList());
    assertEquals(List.of("noted"), evaluation.warnings());
    assertScore(0.9283534144450599, 0.9111959211730991, 10, "year/a", evaluation);
    assertScore(0.20291986247835697, 0.40240162264624446, 6, "year/b", evaluation);
    assertScore(0.7332470077762292, 0.7257189479401807, 16, "year/all", evaluation);
    assertScore(0.6037034299432968, 0.6087816931992786, 8, "labels", evaluation);
    assertScore(
        (0.7332470077762292 + 0.6037034299432968) / 2,
        (0.7257189479401807 + 0.6087816931992786) / 2,
        24,
        "mean",
        evaluation);
    assertEquals(
        4, angles.asked.size(), "25 different sentences, seven at a time: " + angles.asked);
    assertEquals(
        25, angles.asked.stream().flatMap(List::stream).distinct().count(), "each of them once");
    for (Score score : evaluation.scores()) {
      assertTrue(
          score.low() < score.value() && score.value() < score.high() && score.high() <= 1,
          score.toString());
    }
    assertEquals(evaluation, score(set, angles.function(100)), "the seed decides");
  }

  private static void assertScore(
      double spearman, double pearson, int n, String section, Evaluation evaluation) {
    assertEquals(spearman, evaluation.score(section, "spearman").value(), 1e-7, section);
    assertEquals(pearson, evaluation.score(section, "pearson").value(), 1e-7, section);
    assertEquals(n, evaluation.score(section, "spearman").n(), section);
    assertEquals(n, evaluation.score(section, "pearson").total(), section);
  }

  @Test
  void equalSentencesAndZeroVectors() {
    var vectors =
        Map.of("a", new float[] {0.1f, 0.3f}, "zero", new float[2], "b", new float[] {-3, -9});
    SentencePairs set =
        set(List.of(new Pair("a", "a", 3), new Pair("a", "zero", 2), new Pair("b", "a", 1)));
    var function = SentenceVectors.of(1, texts -> List.of(vectors.get(texts.getFirst())));
    Score score = score(set, function).score("set", "pearson");
    assertEquals(1, score.value(), 1e-12, "the cosines are 1, 0 and -1");
    assertEquals(-1, score.low(), "three pairs say nothing");
    assertEquals(1, score.high());
  }

  /** Gives each sentence two layers, or none where it starts with "no". */
  private static void twoLayers(
      java.util.Iterator<TextInput> inputs,
      java.util.function.Consumer<EncodeResult> sink,
      Cancel cancel) {
    for (long i = 0; inputs.hasNext(); i++) {
      TextInput input = inputs.next();
      String text = input.text();
      if (text.startsWith("no")) {
        sink.accept(new EncodeResult.Failed(i, input, new PolysemeException("nothing there")));
        continue;
      }
      float x = text.startsWith("NaN") ? Float.NaN : text.length();
      var layers =
          List.of(
              new LayerVector("0", new float[] {x, 10}),
              new LayerVector("1", new float[] {x, -x, 3}));
      sink.accept(
          new EncodeResult.Done(
              i,
              new Encoded(
                  text,
                  List.of(),
                  layers,
                  3,
                  text.contains("?") ? 1 : 0,
                  text.length() > 8 ? 2 : 1,
                  List.of())));
    }
  }

  @Test
  void layersAndWhatIsLeftOut() {
    SentencePairs set =
        set(
            List.of(
                new Pair("a", "bb", 3),
                new Pair("a", "no", 2),
                new Pair("NaN", "bb", 2),
                new Pair("no", "none", 1),
                new Pair("a", "ccccccccc?", 1),
                new Pair("bb", "dddd", 2),
                new Pair("a", "dddd", 2)));
    Evaluation evaluation = score(set, SentencePairsTest::twoLayers);
    assertEquals(
        List.of("0 spearman", "0 pearson", "1 spearman", "1 pearson"),
        evaluation.scores().stream().map(s -> s.layer() + " " + s.metric()).toList());
    for (Score score : evaluation.scores()) {
      assertEquals(4, score.n());
      assertEquals(7, score.total());
    }
    assertEquals(
        List.of(
            "3 of 7 sentences could not be encoded, and their pairs are left out; the first: nothing there",
            "1 of 7 sentences have a token that the model does not know",
            "1 of 7 sentences are longer than the model's window: their vectors are means over several"),
        evaluation.warnings());
    SentencePairs nothing = set(List.of(new Pair("no", "none", 1)));
    String message =
        assertThrows(PolysemeException.class, () -> score(nothing, SentencePairsTest::twoLayers))
            .getMessage();
    assertEquals("no sentence could be encoded; the first: nothing there", message);
  }

  @Test
  void twoModelsOnTheSamePairs() {
    long seed = 20170803;
    var random = new Random(seed);
    var pairs = new ArrayList<Pair>();
    var vectors = new HashMap<String, float[]>();
    for (int i = 0; i < 2500; i++) {
      var a = new float[8];
      var b = new float[8];
      double shared = random.nextDouble();
      for (int j = 0; j < a.length; j++) {
        a[j] = (float) random.nextGaussian();
        b[j] = (float) (shared * a[j] + (1 - shared) * random.nextGaussian());
      }
      vectors.put("a" + i, a);
      vectors.put("b" + i, b);
      pairs.add(new Pair("a" + i, "b" + i, Math.rint(5 * shared)));
    }
    var like = SentenceVectors.of(1000, texts -> texts.stream().map(vectors::get).toList());
    var scaled =
        SentenceVectors.of(
            999,
            texts ->
                texts.stream()
                    .map(
                        text -> {
                          float[] scaledVector = vectors.get(text).clone();
                          for (int j = 0; j < scaledVector.length; j++) {
                            scaledVector[j] *= 4;
                          }
                          return scaledVector;
                        })
                    .toList());
    var coarse =
        SentenceVectors.of(
            64,
            texts ->
                texts.stream()
                    .map(
                        text -> {
                          float[] rounded = vectors.get(text).clone();
                          for (int j = 0; j < rounded.length; j++) {
                            rounded[j] = Math.round(3 * rounded[j]);
                          }
                          return rounded;
                        })
                    .toList());
    SentencePairs set = set(pairs);
    SentenceComparison same = compare(set, like, scaled);
    assertEquals(same.first(), same.second());
    assertEquals(score(set, like), same.first(), "as it is alone");
    for (Score difference : same.differences()) {
      assertEquals(0, difference.value());
      assertEquals(0, difference.low());
      assertEquals(0, difference.high());
    }
    SentenceComparison.Agreement agreement = same.agreements().getFirst();
    assertEquals(5000, agreement.sentences());
    assertEquals(1, agreement.least(), 1e-12);
    assertEquals(1, agreement.mean(), 1e-12);

    SentenceComparison worse = compare(set, like, coarse);
    Score before = worse.first().score("set", "spearman");
    Score after = worse.second().score("set", "spearman");
    Score difference = worse.differences().getFirst();
    assertEquals(after.value() - before.value(), difference.value(), 1e-12);
    assertTrue(difference.high() < 0, "seed " + seed + ": " + difference);
    assertTrue(
        difference.high() - difference.low() < 0.7 * (before.high() - before.low()),
        "pairing takes out what both share, seed " + seed + ": " + worse);
    SentenceComparison.Agreement rounded = worse.agreements().getFirst();
    assertTrue(rounded.mean() > 0.9 && rounded.least() < rounded.mean(), rounded.toString());
    float[] least = vectors.get(rounded.leastAlike());
    var leastRounded = new float[least.length];
    for (int j = 0; j < least.length; j++) {
      leastRounded[j] = Math.round(3 * least[j]);
    }
    assertEquals(rounded.least(), Directions.cosine(least, leastRounded), 1e-12);
  }

  private static SentenceComparison compare(
      SentencePairs set, SentenceVectors first, SentenceVectors second) {
    return set.compare(first, second, SentenceOptions.DEFAULT, Progress.NONE, Cancel.create());
  }

  @Test
  void onlyWhatBothModelsHaveIsCompared() {
    SentencePairs set =
        set(
            IntStream.range(0, 9)
                .mapToObj(i -> new Pair("a", (i == 4 ? "no" : "b") + "x".repeat(i), i))
                .toList());
    SentenceVectors two = SentencePairsTest::twoLayers;
    SentenceVectors other =
        (inputs, sink, cancel) ->
            SentencePairsTest.twoLayers(
                inputs,
                result ->
                    sink.accept(
                        result instanceof EncodeResult.Done(long i, Encoded e)
                            ? new EncodeResult.Done(i, renamed(e))
                            : result),
                cancel);
    SentenceComparison comparison = compare(set, two, other);
    assertEquals(
        List.of("0 / x0", "0 / x0", "1 / x1", "1 / x1"),
        comparison.differences().stream().map(Score::layer).toList());
    comparison.differences().forEach(score -> assertEquals(8, score.n()));
    comparison.second().scores().forEach(score -> assertEquals(8, score.n()));
    assertEquals(
        List.of("0 / x0"),
        comparison.agreements().stream().map(SentenceComparison.Agreement::layer).toList(),
        "layers of different dimensions have no cosine");
    SentenceVectors one =
        SentenceVectors.of(9, texts -> texts.stream().map(_ -> new float[2]).toList());
    String message =
        assertThrows(IllegalArgumentException.class, () -> compare(set, two, one)).getMessage();
    assertTrue(message.contains("2 and 1 layers"), message);
  }

  private static Encoded renamed(Encoded encoded) {
    var layers = new ArrayList<LayerVector>();
    for (LayerVector layer : encoded.sentence()) {
      float[] vector = layer.vector();
      layers.add(
          new LayerVector(
              "x" + layer.layer(), vector.length == 2 ? vector : new float[] {vector[0], 1, 1, 1}));
    }
    return new Encoded(encoded.text(), List.of(), layers, 1, 0, 1, List.of());
  }

  @Test
  void vectorsThatDoNotKeepTheirWordAreRefused() {
    SentencePairs set = set(TWO);
    for (SentenceVectors broken :
        List.<SentenceVectors>of(
            (_, _, _) -> {},
            (inputs, sink, cancel) -> {
              twoLayers(List.of(TextInput.of("a"), TextInput.of("b")).iterator(), sink, cancel);
              twoLayers(inputs, sink, cancel);
            },
            SentenceVectors.of(2, _ -> List.of()))) {
      assertThrows(IllegalArgumentException.class, () -> score(set, broken));
    }
    assertThrows(IllegalArgumentException.class, () -> SentenceVectors.of(0, _ -> List.of()));
    assertThrows(IllegalArgumentException.class, () -> SentenceOptions.DEFAULT.withResamples(0));
  }

  @Test
  void canBeCancelled() {
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () ->
            set(TWO)
                .score(
                    SentenceVectors.of(1, _ -> List.of(new float[1])),
                    SentenceOptions.DEFAULT,
                    Progress.NONE,
                    cancel));
  }
}
