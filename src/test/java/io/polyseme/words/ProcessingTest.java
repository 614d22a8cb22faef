package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Progress;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import io.polyseme.words.Processing.AllButTheTop;
import io.polyseme.words.Processing.Components;
import io.polyseme.words.Processing.Quantise;
import io.polyseme.words.Processing.RemoveMean;
import io.polyseme.words.Processing.Step;
import io.polyseme.words.Processing.UnitLength;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessingTest {
  private static final int DIMENSION = 12;
  private static final int COUNT = 5000;

  @TempDir Path folder;

  /** Words about a mean far from 0, spread unevenly; the last is the zero vector. */
  private WordVectors space() {
    var random = new Random(2);
    Path file = folder.resolve("given.words");
    var info =
        new SpaceInfo(
            "given", 0, DIMENSION, Similarity.COSINE, Maker.UNKNOWN, Map.of("language", "en"));
    try (var writer = WordVectorsWriter.create(file, info)) {
      for (int i = 0; i < COUNT; i++) {
        var vector = new float[DIMENSION];
        float shared = (float) random.nextGaussian();
        for (int d = 0; d < DIMENSION && i < COUNT - 1; d++) {
          vector[d] = 3 + 5 * shared + (float) random.nextGaussian() / (d + 1);
        }
        writer.add("w" + i, vector);
      }
      writer.commit();
    }
    return WordVectors.open(file);
  }

  private record Done(WordVectors words, Processing.Report report) implements AutoCloseable {
    @Override
    public void close() {
      words.close();
    }
  }

  private Done process(WordVectors space, Step... steps) {
    Path out = folder.resolve("made.words");
    Processing.Report report =
        new Processing(List.of(steps))
            .apply(space, space.info(), "made", out, Progress.NONE, Cancel.create());
    return new Done(WordVectors.open(out), report);
  }

  private static double[] mean(WordVectors words) {
    var mean = new double[words.dimension()];
    words.forEach(
        (_, vector) -> {
          for (int d = 0; d < mean.length; d++) {
            mean[d] += vector[d] / words.size();
          }
        });
    return mean;
  }

  @Test
  void theMeanIsTakenAway() {
    try (var space = space();
        var done = process(space, new RemoveMean())) {
      assertEquals(space.labels(), done.words.labels());
      double[] mean = mean(space);
      assertArrayEquals(new double[DIMENSION], mean(done.words), 1e-5);
      float[] before = space.vector("w17").orElseThrow();
      float[] after = done.words.vector("w17").orElseThrow();
      for (int d = 0; d < DIMENSION; d++) {
        assertEquals(before[d] - mean[d], after[d], 1e-5);
      }
      assertEquals("mean removed", done.words.info().properties().get(Processing.PROPERTY));
      assertEquals("en", done.words.info().properties().get("language"));
    }
  }

  @Test
  void whatIsSharedByAllIsTheTop() {
    try (var space = space();
        var done = process(space, new AllButTheTop(0))) {
      // The default for 12 dimensions is 1 component: nearly (1, ..., 1), along which words vary.
      assertArrayEquals(new double[DIMENSION], mean(done.words), 1e-5);
      double before = 0;
      double after = 0;
      double[] mean = mean(space);
      for (int i = 0; i < COUNT; i++) {
        float[] given = space.vector("w" + i).orElseThrow();
        float[] made = done.words.vector("w" + i).orElseThrow();
        double alongBefore = 0;
        double alongAfter = 0;
        for (int d = 0; d < DIMENSION; d++) {
          alongBefore += given[d] - mean[d];
          alongAfter += made[d];
        }
        before += alongBefore * alongBefore;
        after += alongAfter * alongAfter;
      }
      assertTrue(after < 1e-3 * before, after + " of " + before);
      assertThrows(
          IllegalArgumentException.class, () -> process(space, new AllButTheTop(DIMENSION)));
    }
  }

  @Test
  void componentsKeepTheDistancesThatCount() {
    try (var space = space();
        var done = process(space, new Components(DIMENSION))) {
      assertEquals(1, done.report.explained(), 1e-6);
      float[] a = space.vector("w1").orElseThrow();
      float[] b = space.vector("w2").orElseThrow();
      Vectors.addScaled(a, b, -1);
      float[] x = done.words.vector("w1").orElseThrow();
      Vectors.addScaled(x, done.words.vector("w2").orElseThrow(), -1);
      assertEquals(Vectors.squaredNorm(a), Vectors.squaredNorm(x), 1e-2);
    }
    try (var space = space();
        var done = process(space, new Components(1))) {
      assertEquals(1, done.words.dimension());
      assertTrue(done.report.explained() > 0.95 && done.report.explained() < 1);
    }
  }

  @Test
  void stepsAreDoneInTheirOrder() {
    try (var space = space();
        var unitLast = process(space, new RemoveMean(), new UnitLength())) {
      for (int i = 0; i < COUNT; i++) {
        assertEquals(1, Vectors.squaredNorm(unitLast.words.vector("w" + i).orElseThrow()), 1e-5);
      }
      assertEquals(
          "mean removed, unit length", unitLast.words.info().properties().get(Processing.PROPERTY));
      try (var more = process(unitLast.words, new Components(3))) {
        assertEquals(
            "mean removed, unit length, 3 components",
            more.words.info().properties().get(Processing.PROPERTY));
        assertEquals(3, more.words.info().dimension());
      }
    }
    try (var space = space();
        var meanLast = process(space, new UnitLength(), new RemoveMean())) {
      assertArrayEquals(new double[DIMENSION], mean(meanLast.words), 1e-5);
    }
  }

  @Test
  void eightBitsAreWithinHalfAStep() {
    try (var space = space();
        var done = process(space, new Quantise())) {
      for (int i = 0; i < COUNT; i++) {
        float[] given = space.vector("w" + i).orElseThrow();
        float[] made = done.words.vector("w" + i).orElseThrow();
        float greatest = 0;
        for (float x : given) {
          greatest = Math.max(greatest, Math.abs(x));
        }
        for (int d = 0; d < DIMENSION; d++) {
          assertEquals(given[d], made[d], greatest / 254 * 1.001 + 1e-9);
        }
      }
      assertTrue(done.report.meanCosine() > 0.9999 && done.report.meanCosine() < 1);
      assertTrue(done.report.leastCosine() <= done.report.meanCosine());
      try (var again = process(done.words, new Quantise())) {
        assertEquals(1, again.report.leastCosine(), 1e-6);
      }
    }
  }

  @Test
  void nothingIsLeftOfWhatWasCancelled() {
    Cancel cancelled = Cancel.create();
    cancelled.cancel();
    Path out = folder.resolve("none.words");
    try (var space = space()) {
      var processing = new Processing(List.of(new RemoveMean()));
      assertThrows(
          CancelledException.class,
          () -> processing.apply(space, space.info(), "none", out, Progress.NONE, cancelled));
    }
    assertFalse(Files.exists(out));
    assertThrows(IllegalArgumentException.class, () -> new Processing(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Components(0));
    assertThrows(IllegalArgumentException.class, () -> new AllButTheTop(-1));
  }
}
