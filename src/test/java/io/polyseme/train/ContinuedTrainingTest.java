package io.polyseme.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Vectors;
import io.polyseme.words.FastTextFile;
import io.polyseme.words.SubwordRule;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that begin with what was learned before. */
@Timeout(120)
class ContinuedTrainingTest {
  private static final TrainingOptions SMALL =
      TrainingOptions.builder().dimension(16).threads(1).sample(0).epochs(3).minCount(3).build();
  private static final SubwordRule GRAMS = new SubwordRule(2, 3, 500);

  @TempDir Path folder;

  /** Lines with words of one group each. */
  private Path text(String name, int groups, int firstGroup) throws IOException {
    var random = new Random(name.hashCode());
    var lines = new ArrayList<String>();
    for (int i = 0; i < 1500; i++) {
      int group = firstGroup + random.nextInt(groups);
      var line = new StringBuilder();
      for (int n = 0; n < 8; n++) {
        line.append("g").append(group).append("m").append(random.nextInt(5)).append(' ');
      }
      lines.add(line.toString());
    }
    return Files.write(folder.resolve(name), lines);
  }

  private TrainedVectors train(Path text, TrainingOptions options, TrainingStart start) {
    try (TrainingCorpus corpus =
        TrainingCorpus.read(
            List.of(text),
            folder.resolve("work"),
            options,
            start,
            Progress.NONE,
            Cancel.create())) {
      return WordVectorTrainer.train(
          corpus, options, TrainingRun.DEFAULT.withStart(start), Cancel.create());
    }
  }

  private static float[] vector(TrainedVectors vectors, String word) {
    var vector = new float[vectors.dimension()];
    vectors.copyRow(vectors.row(word), vector);
    return vector;
  }

  private Path model(TrainingOptions options) throws IOException {
    Path file = folder.resolve("model.bin");
    train(text("one.txt", 4, 0), options, TrainingStart.RANDOM)
        .writeFastText(file, Progress.NONE, Cancel.create());
    return file;
  }

  private static FastTextFile open(Path file) {
    return WordFiles.openFastText(file, Progress.NONE, Cancel.create());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aModelGoesOnWithNewWords(boolean subwords) throws IOException {
    TrainingOptions options = SMALL.toBuilder().subwords(subwords ? GRAMS : null).build();
    Path file = model(options);
    Path more = text("two.txt", 4, 2); // two groups of before, and two new ones
    try (WordVectors old = WordVectors.open(file);
        FastTextFile before = open(file)) {
      assertEquals(20, before.model().words().size());
      TrainingStart start = TrainingStart.of(before.model());
      TrainedVectors after = train(more, options, start);
      assertEquals(30, after.size());
      long counted = 0;
      for (int row = 0; row < after.size(); row++) {
        counted += after.frequency(row).orElseThrow();
      }
      assertEquals(24_000, counted);
      if (!subwords) {
        // The new text does not have these.
        assertArrayEquals(old.vector("g0m0").orElseThrow(), vector(after, "g0m0"));
      }
      assertFalse(Arrays.equals(old.vector("g2m0").orElseThrow(), vector(after, "g2m0")));
      assertTrue(
          Vectors.cosine(vector(after, "g5m0"), vector(after, "g5m1"))
              > Vectors.cosine(vector(after, "g5m0"), vector(after, "g2m1")));

      // With next to no learning all is as it was, n-grams and outputs too.
      TrainedVectors same =
          train(more, options.toBuilder().learningRate(1e-30).epochs(1).build(), start);
      for (String word : before.model().words()) {
        assertArrayEquals(old.vector(word).orElseThrow(), vector(same, word), 1e-6f);
      }
      Path again = folder.resolve("again.bin");
      same.writeFastText(again, Progress.NONE, Cancel.create());
      try (FastTextFile written = open(again)) {
        int was = before.model().words().indexOf("g1m1");
        int is = written.model().words().indexOf("g1m1");
        var expected = new float[16];
        var actual = new float[16];
        before.model().outputs().copy(was, expected);
        written.model().outputs().copy(is, actual);
        assertArrayEquals(expected, actual, 1e-6f);
        assertTrue(!Arrays.equals(new float[16], expected));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SKIP_GRAM, false, false",
    "SKIP_GRAM, true, false",
    "CBOW, false, false",
    "CBOW, true, false",
    "CBOW, false, true",
    "CBOW, true, true"
  })
  void frozenWordsStay(WordModel kind, boolean subwords, boolean positionWeights)
      throws IOException {
    TrainingOptions options =
        SMALL.toBuilder()
            .model(kind)
            .positionWeights(positionWeights)
            .subwords(subwords ? GRAMS : null)
            .learningRate(0.1)
            .build();
    Path file = model(options);
    Path more = text("two.txt", 4, 2);
    try (FastTextFile before = open(file);
        WordVectors old = WordVectors.open(file)) {
      TrainedVectors after =
          train(more, options, TrainingStart.of(before.model()).withFrozen(_ -> true));
      for (String word : before.model().words()) {
        assertArrayEquals(old.vector(word).orElseThrow(), vector(after, word), 1e-6f, word);
      }
      TrainedVectors begun =
          train(
              more,
              options.toBuilder().learningRate(1e-30).build(),
              TrainingStart.of(before.model()));
      assertFalse(Arrays.equals(vector(begun, "g5m1"), vector(after, "g5m1")));

      TrainedVectors some =
          train(more, options, TrainingStart.of(before.model()).withFrozen("g2m0"::equals));
      if (!subwords) {
        assertArrayEquals(old.vector("g2m0").orElseThrow(), vector(some, "g2m0"));
        assertFalse(Arrays.equals(old.vector("g2m1").orElseThrow(), vector(some, "g2m1")));
      }
    }
  }

  @Test
  void whatDoesNotFitIsTold() throws IOException {
    Path file = model(SMALL.toBuilder().subwords(GRAMS).build());
    Path more = text("two.txt", 4, 2);
    try (FastTextFile before = open(file);
        WordVectors vectors = WordVectors.open(file)) {
      TrainingStart start = TrainingStart.of(before.model());
      assertTold("goes on with its own", () -> train(more, SMALL, start));
      assertTold(
          "16 dimensions, and 20",
          () -> train(more, SMALL.toBuilder().dimension(20).subwords(GRAMS).build(), start));
      assertTold(
          "n-grams cannot begin",
          () -> train(more, SMALL.toBuilder().subwords(GRAMS).build(), TrainingStart.of(vectors)));
      Path other = Files.writeString(folder.resolve("other.txt"), "some words only\n".repeat(9));
      assertTold("none of the text", () -> train(other, SMALL, TrainingStart.of(vectors)));
    }
  }

  @Test
  void damagedModelsAreTold() throws IOException {
    Path file = model(SMALL.toBuilder().subwords(GRAMS).build());
    byte[] bytes = Files.readAllBytes(file);
    Path cut = folder.resolve("cut.bin");
    for (int length = bytes.length - 1; length > 0; length -= 997) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertThrows(PolysemeException.class, () -> open(cut).close(), "at " + length);
    }
    var random = new Random(4);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(700)] ^= (byte) (1 << random.nextInt(8));
      Files.write(cut, damaged);
      try (FastTextFile opened = open(cut)) {
        assertEquals(16, opened.model().dimension());
      } catch (PolysemeException e) {
        assertFalse(e.getMessage().isEmpty());
      }
    }
    Path words = folder.resolve("model.words");
    try (WordVectors vectors = WordVectors.open(file)) {
      assertEquals(20, vectors.size());
    }
    train(text("one.txt", 4, 0), SMALL, TrainingStart.RANDOM)
        .write(words, "words", Progress.NONE, Cancel.create());
    assertTold("is no model of fastText's", () -> open(words).close());
  }

  @Test
  void eachEpochIsTold() throws IOException {
    var epochs = new ArrayList<Integer>();
    var sizes = new ArrayList<float[]>();
    var told = new ArrayList<TrainingProgress>();
    try (TrainingCorpus corpus =
        TrainingCorpus.read(
            List.of(text("one.txt", 4, 0)),
            folder.resolve("work"),
            SMALL,
            TrainingStart.RANDOM,
            Progress.NONE,
            Cancel.create())) {
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void update(TrainingProgress progress) {
              assertTrue(progress.epoch() <= 3);
              told.add(progress);
            }

            @Override
            public boolean waitsForEpochs() {
              return true;
            }

            @Override
            public void epochEnded(int epoch, TrainedVectors vectors) {
              epochs.add(epoch);
              assertEquals(epoch * corpus.total(), told.getLast().words());
              assertTrue(told.getLast().loss() > 0);
              sizes.add(vector(vectors, "g1m1"));
            }
          };
      TrainedVectors last =
          WordVectorTrainer.train(
              corpus, SMALL, TrainingRun.DEFAULT.withListener(listener), Cancel.create());
      assertEquals(List.of(1, 2, 3), epochs);
      assertFalse(Arrays.equals(sizes.get(0), sizes.get(1)));
      assertArrayEquals(vector(last, "g1m1"), sizes.getLast());
    }
  }

  private static void assertTold(String part, org.junit.jupiter.api.function.Executable action) {
    PolysemeException error = assertThrows(PolysemeException.class, action);
    assertTrue(error.getMessage().contains(part), error.getMessage());
  }
}
