package io.polyseme.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Term;
import io.polyseme.words.SubwordRule;
import io.polyseme.words.UnknownWords;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Training on a text whose words keep company by a plan. */
@Timeout(120)
class WordVectorTrainerTest {
  private static final int GROUPS = 8;
  private static final int MEMBERS = 6;

  @TempDir Path folder;

  private Path text;

  private static final TrainingOptions SMALL =
      TrainingOptions.builder().dimension(24).threads(1).sample(0).epochs(5).seed(7).build();

  /** Each sentence has words of one group, and some that stand anywhere. */
  @BeforeEach
  void write() throws IOException {
    var random = new Random(11);
    var lines = new ArrayList<String>();
    for (int i = 0; i < 4000; i++) {
      var line = new StringBuilder();
      int group = random.nextInt(GROUPS);
      for (int n = 0; n < 10; n++) {
        line.append(
            random.nextInt(4) == 0
                ? "any" + random.nextInt(10)
                : "g" + group + "m" + random.nextInt(MEMBERS));
        line.append(' ');
      }
      lines.add(line.toString());
    }
    text = Files.write(folder.resolve("text.txt"), lines);
  }

  private TrainingCorpus corpus(TrainingOptions options) {
    return TrainingCorpus.read(
        List.of(text),
        folder.resolve("work"),
        options,
        TrainingStart.RANDOM,
        Progress.NONE,
        Cancel.create());
  }

  private TrainedVectors train(TrainingOptions options) {
    try (TrainingCorpus corpus = corpus(options)) {
      return WordVectorTrainer.train(corpus, options, TrainingRun.DEFAULT, Cancel.create());
    }
  }

  private static float[] all(TrainedVectors vectors) {
    var all = new float[vectors.size() * vectors.dimension()];
    var row = new float[vectors.dimension()];
    for (int i = 0; i < vectors.size(); i++) {
      vectors.copyRow(i, row);
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }

  /** How many of the nearest five of the words of groups are of the same group. */
  private static double found(WordVectors space) {
    int right = 0;
    for (int group = 0; group < GROUPS; group++) {
      for (int member = 0; member < MEMBERS; member++) {
        String word = "g" + group + "m" + member;
        float[] vector = space.vector(word).orElseThrow();
        for (Hit hit : space.search(Query.near(vector, MEMBERS)).hits()) {
          right += !hit.label().equals(word) && hit.label().startsWith("g" + group + "m") ? 1 : 0;
        }
      }
    }
    return (double) right / (GROUPS * MEMBERS * (MEMBERS - 1));
  }

  @ParameterizedTest
  @EnumSource(WordModel.class)
  void wordsThatKeepCompanyAreNear(WordModel model) {
    for (int threads : new int[] {1, 2}) {
      for (int negatives : new int[] {2, 5, 13}) {
        TrainedVectors trained =
            train(
                SMALL.toBuilder()
                    .model(model)
                    .threads(threads)
                    .negatives(negatives)
                    .learningRate(0.1)
                    .build());
        Path file = folder.resolve("space.words");
        trained.write(file, "planted", Progress.NONE, Cancel.create());
        try (WordVectors space = WordVectors.open(file)) {
          assertEquals(GROUPS * MEMBERS + 10, space.size());
          assertEquals(trained.frequency(0), space.frequency(0));
          assertTrue(found(space) > 0.95, model + " " + threads + " " + found(space));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WordModel.class)
  void oneThreadAndASeedAreTheSameEachTime(WordModel model) {
    TrainingOptions options = SMALL.toBuilder().model(model).epochs(2).build();
    float[] first = all(train(options));
    assertArrayEquals(first, all(train(options)));
    assertFalse(java.util.Arrays.equals(first, all(train(options.toBuilder().seed(8).build()))));
  }

  /**
   * Goes through a text as plainly as can be, in float64, with the words drawn that the others
   * draw.
   */
  private static final class Plain extends TrainingWorker {
    private final double[][] in;
    private final double[][] out;
    private final double[][] positions;
    private final int negatives;
    private final boolean cbow;
    private double rate = 0.05;
    private double loss;

    Plain(TrainingTask task) {
      super(task, 2 * task.options().window());
      negatives = task.options().negatives();
      cbow = task.options().model() == WordModel.CBOW;
      in = new double[weights.words][weights.dimension];
      out = new double[weights.words][weights.dimension];
      positions = new double[2 * window + 1][weights.dimension];
      for (double[] weightsOfPlace : positions) {
        java.util.Arrays.fill(weightsOfPlace, 1);
      }
      for (int i = 0; i < weights.words; i++) {
        for (int d = 0; d < weights.dimension; d++) {
          in[i][d] = weights.inputs[i * weights.width + d];
        }
      }
    }

    @Override
    void learn(int[] words, int count) {
      for (int centre = 0; centre < count; centre++) {
        int reach = drawnWindow();
        var window = new ArrayList<Integer>();
        var places = new ArrayList<Integer>();
        for (int i = centre - reach; i <= centre + reach; i++) {
          if (i >= 0 && i < count && i != centre) {
            window.add(words[i]);
            places.add(i - centre + this.window);
          }
        }
        if (cbow && !window.isEmpty()) {
          predict(words[centre], window, places);
        } else {
          for (int first = 0; first < window.size(); first += SkipGramWorker.SHARED) {
            predict(
                words[centre],
                window.subList(first, Math.min(window.size(), first + SkipGramWorker.SHARED)),
                List.of());
          }
        }
      }
    }

    private void predict(int word, List<Integer> window, List<Integer> places) {
      rate = rate();
      boolean measures = measures();
      begin(word);
      int left = fill(word, negatives);
      assertEquals(0, left);
      var changes = new double[window.size()][];
      var outChanges = new double[TrainingKernels.TILE][weights.dimension];
      List<double[]> inputs = new ArrayList<>();
      if (cbow) {
        var mean = new double[weights.dimension];
        for (int n = 0; n < window.size(); n++) {
          for (int d = 0; d < mean.length; d++) {
            mean[d] += in[window.get(n)][d] * positions[places.get(n)][d] / window.size();
          }
        }
        inputs.add(mean);
      } else {
        window.forEach(w -> inputs.add(in[w]));
      }
      var factorsOf = new double[inputs.size()][TrainingKernels.TILE];
      for (int n = 0; n < inputs.size(); n++) {
        double[] x = inputs.get(n);
        changes[n] = new double[x.length];
        for (int t = 0; t < TrainingKernels.TILE; t++) {
          if (factors[t] == 0) {
            continue;
          }
          double[] w = out[outputs[t] / weights.width];
          double dot = 0;
          for (int d = 0; d < x.length; d++) {
            dot += x[d] * w[d];
          }
          double logistic = 1 / (1 + Math.exp(-dot));
          if (measures) {
            loss -= factors[t] / rate * Math.log(labels[t] == 1 ? logistic : 1 - logistic);
          }
          factorsOf[n][t] = factors[t] * (labels[t] - logistic);
          for (int d = 0; d < x.length; d++) {
            changes[n][d] += factorsOf[n][t] * w[d];
          }
        }
      }
      // A word that stands in a window twice has moved when its second time comes.
      for (int n = 0; n < inputs.size(); n++) {
        double[] x = inputs.get(n);
        for (int d = 0; d < x.length; d++) {
          for (int t = 0; t < TrainingKernels.TILE; t++) {
            outChanges[t][d] += factorsOf[n][t] * x[d];
          }
          if (!cbow) {
            x[d] += changes[n][d];
          }
        }
      }
      if (cbow) {
        var before = new ArrayList<double[]>();
        window.forEach(w -> before.add(in[w].clone()));
        for (int n = 0; n < window.size(); n++) {
          double[] member = in[window.get(n)];
          double[] place = positions[places.get(n)];
          for (int d = 0; d < weights.dimension; d++) {
            double change = changes[0][d] / window.size();
            double was = before.get(n)[d];
            member[d] += change * place[d];
            if (weights.positions.length > 0) {
              place[d] += change * was;
            }
          }
        }
      }
      for (int t = 0; t < TrainingKernels.TILE; t++) {
        if (factors[t] != 0) {
          for (int d = 0; d < weights.dimension; d++) {
            out[outputs[t] / weights.width][d] += outChanges[t][d];
          }
        }
      }
      if (measures) {
        measured(inputs.size());
      }
    }
  }

  /**
   * A word that stands in a window twice moves in two steps there, which is what tolerances allow
   * for.
   */
  @ParameterizedTest
  @CsvSource({"SKIP_GRAM, false", "CBOW, false", "CBOW, true"})
  void vectorsAndLossAreThoseOfAPlainImplementation(WordModel model, boolean positionWeights) {
    TrainingOptions options =
        SMALL.toBuilder()
            .model(model)
            .positionWeights(positionWeights)
            .epochs(1)
            .sample(1e-2)
            .build();
    try (TrainingCorpus corpus = corpus(options)) {
      for (TrainingKernels kernels : List.of(new TrainingKernels(), TrainingKernels.BEST)) {
        TrainingTask task = task(corpus, options, kernels);
        TrainingWorker worker = task.worker();
        var plain = new Plain(task(corpus, options, kernels));
        for (int unit = 0; unit < corpus.units(); unit++) {
          worker.run(unit, unit * 1000L);
          plain.run(unit, unit * 1000L);
        }
        for (int word = 0; word < corpus.size(); word++) {
          for (int d = 0; d < options.dimension(); d++) {
            float x = task.weights().inputs[word * task.weights().width + d];
            assertEquals(plain.in[word][d], x, 2e-3, model + " " + word + " " + d);
          }
        }
        long measured = worker.takeMeasured();
        assertEquals(plain.takeMeasured(), measured);
        assertTrue(measured > 500);
        assertEquals(plain.loss / measured, worker.takeLoss() / measured, 1e-3);
      }
    }
  }

  private static TrainingTask task(
      TrainingCorpus corpus, TrainingOptions options, TrainingKernels kernels) {
    return TrainingTask.of(
        corpus,
        options,
        Weights.random(options, corpus.size(), kernels.lanes()),
        new boolean[0],
        kernels);
  }

  @Test
  void lossFallsFromWhatChanceHas() {
    var losses = new ArrayList<Double>();
    try (TrainingCorpus corpus = corpus(SMALL)) {
      WordVectorTrainer.train(
          corpus,
          SMALL.toBuilder().learningRate(1e-6).epochs(1).build(),
          TrainingRun.DEFAULT.withListener(progress -> losses.add(progress.loss())),
          Cancel.create());
      assertEquals(6 * Math.log(2), losses.getLast(), 1e-3);
      WordVectorTrainer.train(
          corpus,
          SMALL.toBuilder().epochs(20).build(),
          TrainingRun.DEFAULT.withListener(progress -> losses.add(progress.loss())),
          Cancel.create());
    }
    assertTrue(losses.getLast() < 3, "loss " + losses.getLast());
  }

  @Test
  void progressEndsWithAll() {
    var told = new ArrayList<TrainingProgress>();
    try (TrainingCorpus corpus = corpus(SMALL)) {
      WordVectorTrainer.train(
          corpus, SMALL, TrainingRun.DEFAULT.withListener(told::add), Cancel.create());
      assertEquals(5 * corpus.total(), told.getLast().words());
      assertEquals(told.getLast().totalWords(), told.getLast().words());
      assertEquals(5, told.getLast().epoch());
    }
  }

  @Test
  void canBeCancelled() {
    Cancel cancel = Cancel.create();
    TrainingOptions endless = SMALL.toBuilder().epochs(1_000_000).threads(2).build();
    try (TrainingCorpus corpus = corpus(endless)) {
      assertThrows(
          CancelledException.class,
          () ->
              WordVectorTrainer.train(
                  corpus, endless, TrainingRun.DEFAULT.withListener(_ -> cancel.cancel()), cancel));
    }
  }

  @Test
  void divergenceIsTold() {
    PolysemeException error =
        assertThrows(
            PolysemeException.class,
            () -> train(SMALL.toBuilder().learningRate(10).epochs(200).window(50).build()));
    assertTrue(error.getMessage().contains("learning rate"), error.getMessage());
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    for (TrainingOptions.Builder wrong :
        List.of(
            SMALL.toBuilder().dimension(0),
            SMALL.toBuilder().dimension(10_001),
            SMALL.toBuilder().negatives(0),
            SMALL.toBuilder().learningRate(-1),
            SMALL.toBuilder().learningRate(Double.NaN),
            SMALL.toBuilder().threads(0),
            SMALL.toBuilder().positionWeights(true),
            SMALL.toBuilder().minCount(0))) {
      assertThrows(IllegalArgumentException.class, wrong::build);
    }
  }

  @Test
  void manyDimensions() {
    TrainedVectors wide =
        train(SMALL.toBuilder().dimension(10_000).epochs(1).minCount(300).build());
    assertEquals(10_000, wide.dimension());
  }

  @Test
  void tinyVocabulary() throws IOException {
    Files.writeString(text, "a b a b b a\n".repeat(500));
    assertEquals(2, train(SMALL.toBuilder().negatives(7).build()).size());
    assertEquals(2, train(SMALL.toBuilder().model(WordModel.CBOW).build()).size());
  }

  @Test
  void aTrainingThatWasEndedGoesOn() throws IOException {
    Files.writeString(text, Files.readString(text).repeat(4)); // several units
    TrainingOptions options = SMALL.toBuilder().epochs(20).build();
    Path checkpoint = folder.resolve("checkpoint");
    TrainingRun kept = TrainingRun.DEFAULT.withCheckpoint(checkpoint, Duration.ofMillis(150));
    try (TrainingCorpus corpus = corpus(options)) {
      assertTrue(corpus.units() > 2);
      float[] whole =
          all(WordVectorTrainer.train(corpus, options, TrainingRun.DEFAULT, Cancel.create()));
      var resumed = new ArrayList<Long>();
      TrainedVectors result = null;
      while (result == null) {
        Cancel cancel = Cancel.create();
        long begun = System.nanoTime();
        boolean first = resumed.size() < 3;
        var one = new ArrayList<Long>();
        try {
          result =
              WordVectorTrainer.train(
                  corpus,
                  options,
                  kept.withListener(
                      progress -> {
                        one.add(progress.words());
                        if (first && System.nanoTime() - begun > 200_000_000L) {
                          cancel.cancel();
                        }
                      }),
                  cancel);
        } catch (CancelledException e) {
          assertTrue(Files.exists(checkpoint));
        }
        resumed.add(one.getFirst());
      }
      assertTrue(resumed.size() > 1 && resumed.getLast() > 0, "from " + resumed);
      assertArrayEquals(whole, all(result));

      TrainingOptions other = options.toBuilder().window(3).build();
      assertTold("another text or other options", () -> train(corpus, other, kept));
      byte[] bytes = Files.readAllBytes(checkpoint);
      bytes[bytes.length / 2] ^= 1;
      Files.write(checkpoint, bytes);
      assertTold("checksum", () -> train(corpus, options, kept));
      Files.write(checkpoint, java.util.Arrays.copyOf(bytes, bytes.length / 3));
      assertTold("cannot be read", () -> train(corpus, options, kept));
    }
  }

  private static void train(TrainingCorpus corpus, TrainingOptions options, TrainingRun run) {
    WordVectorTrainer.train(corpus, options, run, Cancel.create());
  }

  private static void assertTold(String why, org.junit.jupiter.api.function.Executable run) {
    PolysemeException error = assertThrows(PolysemeException.class, run);
    assertTrue(error.getMessage().contains(why), error.getMessage());
  }

  @Test
  void beginsWithVectorsThatAreThere() {
    TrainedVectors before = train(SMALL);
    TrainingOptions little = SMALL.toBuilder().learningRate(1e-6).epochs(1).build();
    try (TrainingCorpus corpus = corpus(little)) {
      TrainedVectors after =
          WordVectorTrainer.train(
              corpus,
              little,
              TrainingRun.DEFAULT.withStart(TrainingStart.of(before)),
              Cancel.create());
      assertArrayEquals(all(before), all(after), 1e-3f);
      TrainingOptions wider = little.toBuilder().dimension(25).build();
      assertTold(
          "24 dimensions",
          () -> train(corpus, wider, TrainingRun.DEFAULT.withStart(TrainingStart.of(before))));
    }
  }

  @Test
  void wordsOfNGrams() {
    var rule = new SubwordRule(2, 4, 5000);
    for (WordModel model : WordModel.values()) {
      TrainedVectors trained =
          train(SMALL.toBuilder().model(model).subwords(rule).learningRate(0.1).build());
      Path own = folder.resolve("own.words");
      Path fastText = folder.resolve("model.bin");
      trained.write(own, "own", Progress.NONE, Cancel.create());
      trained.writeFastText(fastText, Progress.NONE, Cancel.create());
      // Our reader of fastText's models is held against fastText's own in FastTextReaderTest.
      try (WordVectors space = WordVectors.open(own);
          WordVectors other = WordVectors.open(fastText)) {
        assertEquals(rule, other.subwordRule().orElseThrow());
        var vector = new float[trained.dimension()];
        for (int row = 0; row < trained.size(); row++) {
          trained.copyRow(row, vector);
          assertEquals(trained.label(row), other.label(row));
          assertEquals(trained.frequency(row), other.frequency(row));
          assertArrayEquals(vector, other.vector(other.label(row)).orElseThrow(), 1e-6f);
          assertArrayEquals(vector, space.vector(other.label(row)).orElseThrow(), 1e-6f);
        }
        if (model == WordModel.SKIP_GRAM) {
          assertTrue(found(space) > 0.95, "found " + found(space));
        }
        float[] unseen =
            space
                .resolver(UnknownWords.of(UnknownWords.Step.SUBWORDS))
                .resolve(new Term.Word("g3m"));
        assertEquals(
            "g3m", space.search(Query.near(unseen, 1)).hits().getFirst().label().substring(0, 3));
      }
    }
  }
}
