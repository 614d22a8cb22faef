package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Progress;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BiEncoderTest {
  private static final int DIMENSION = 24;

  /** Of them the sense depends; the others are noise that is stronger. */
  private static final int TELLING = 4;

  private static final int WORDS = 400;
  private static final int SENSES = 3;
  private static final int USAGES = 60;

  /** Usages of words whose senses lie in directions of their own under noise. */
  private static final class Drawn {
    final UsageTable table = new UsageTable(DIMENSION);
    final List<BiEncoder.Word> words = new ArrayList<>();
    final float[][] sums = new float[WORDS * SENSES][DIMENSION];
    final int[] counts = new int[sums.length];
    final float[][] glosses = new float[sums.length][];
    final float[][] directions = new float[sums.length][];
    final Random random;

    Drawn(long seed) {
      random = new Random(seed);
      for (int word = 0; word < WORDS; word++) {
        var senses = new int[SENSES];
        var rows = new int[USAGES];
        var gold = new int[USAGES];
        var documents = new int[USAGES];
        for (int k = 0; k < SENSES; k++) {
          senses[k] = word * SENSES + k;
          directions[senses[k]] = noise(TELLING, 1);
          // A gloss shows its sense in other dimensions than usages do.
          var gloss = noise(DIMENSION, 0.5f);
          for (int d = 0; d < TELLING; d++) {
            gloss[DIMENSION - 1 - d] += 2 * directions[senses[k]][d];
          }
          glosses[senses[k]] = Vectors.unit(gloss);
        }
        for (int u = 0; u < USAGES; u++) {
          gold[u] = random.nextInt(SENSES);
          documents[u] = u / 3;
          rows[u] = table.size();
          float[] vector = usage(senses[gold[u]]);
          table.add(
              new UsageTable.Usage(
                  "d" + documents[u],
                  "",
                  new LabelledText.Word("", new Span(0, 0), "w" + word, null, List.of()),
                  List.of("s")),
              vector);
          Vectors.addScaled(sums[senses[gold[u]]], table.vector(rows[u]), 1);
          counts[senses[gold[u]]]++;
        }
        words.add(new BiEncoder.Word(senses, rows, gold, documents));
      }
    }

    float[] noise(int dimension, float width) {
      var noise = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        noise[d] = width * (float) random.nextGaussian();
      }
      return noise;
    }

    float[] usage(int sense) {
      float[] vector = noise(DIMENSION, 1.5f);
      for (int d = 0; d < TELLING; d++) {
        vector[d] = directions[sense][d] + 0.3f * (float) random.nextGaussian();
      }
      return Vectors.unit(vector);
    }

    BiEncoder.Trained train() {
      return BiEncoder.train(
          words,
          table,
          new BiEncoder.Senses(sums, counts, glosses, DIMENSION),
          Progress.NONE,
          Cancel.create());
    }

    /** The share of new usages that are nearest to their sense's mean, or to its gloss. */
    double right(float[][] usageMap, float[][] senseMap, float[][] senses) {
      int right = 0;
      int all = 0;
      var fresh = new Random(99);
      for (int word = 0; word < WORDS; word++) {
        for (int i = 0; i < 20; i++) {
          int gold = fresh.nextInt(SENSES);
          float[] usage = LinearMap.unit(usageMap, usage(word * SENSES + gold));
          int best = 0;
          double most = -2;
          for (int k = 0; k < SENSES; k++) {
            double cosine = Vectors.dot(usage, LinearMap.unit(senseMap, senses[word * SENSES + k]));
            if (cosine > most) {
              most = cosine;
              best = k;
            }
          }
          right += best == gold ? 1 : 0;
          all++;
        }
      }
      return (double) right / all;
    }
  }

  private static float[][] identity() {
    return LinearMap.identity(DIMENSION, DIMENSION).weights();
  }

  @Test
  void whatTellsSensesIsFoundUnderNoise() {
    var drawn = new Drawn(1);
    BiEncoder.Trained trained = drawn.train();
    double before = drawn.right(identity(), identity(), drawn.sums);
    double after = drawn.right(trained.usageMap(), trained.usageMap(), drawn.sums);
    assertTrue(after > before + 0.02, before + " before, " + after + " after");
    double gloss = drawn.right(trained.usageMap(), trained.glossMap(), drawn.glosses);
    assertTrue(gloss > 1.0 / SENSES + 0.15, () -> "by glosses " + gloss);
    assertTrue(trained.scale() > 0 && trained.shrinkage() > 0);
  }

  @Test
  void theOutcomeDoesNotDependOnTheNumberOfThreads() throws Exception {
    var drawn = new Drawn(2);
    BiEncoder.Trained many = drawn.train();
    try (var one = new ForkJoinPool(1)) {
      BiEncoder.Trained alone = one.submit(drawn::train).get();
      for (int i = 0; i < DIMENSION; i++) {
        assertArrayEquals(many.usageMap()[i], alone.usageMap()[i], 0);
        assertArrayEquals(many.glossMap()[i], alone.glossMap()[i], 0);
      }
      assertEquals(many.prior(), alone.prior());
    }
  }

  @Test
  void sensesWithoutGlossesOrUsages() {
    var drawn = new Drawn(3);
    for (int s = 0; s < drawn.glosses.length; s += 2) {
      drawn.glosses[s] = null;
    }
    BiEncoder.Trained trained = drawn.train();
    for (float[] row : trained.usageMap()) {
      for (float x : row) {
        assertTrue(Float.isFinite(x));
      }
    }
    assertTrue(drawn.right(trained.usageMap(), trained.usageMap(), drawn.sums) > 0.5);
  }

  @Test
  void whatIsCancelledEnds() {
    var drawn = new Drawn(4);
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () ->
            BiEncoder.train(
                drawn.words,
                drawn.table,
                new BiEncoder.Senses(drawn.sums, drawn.counts, drawn.glosses, DIMENSION),
                Progress.NONE,
                cancel));
  }

  /** The derivatives that come through a map are those of differences. */
  @Test
  void derivatives() {
    var random = new Random(5);
    var map = new float[3][4];
    var vectors = new float[2][4];
    var toward = new float[2][3];
    for (float[][] some : List.of(map, vectors, toward)) {
      for (float[] row : some) {
        for (int d = 0; d < row.length; d++) {
          row[d] = (float) random.nextGaussian();
        }
      }
    }
    var moved = new LinearMap(copy(map));
    moved.units(vectors).addGradient(toward);
    // Adam's first step goes against the sign of each derivative.
    moved.step(1e-3);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        float[][] up = copy(map);
        up[i][j] += 1e-2f;
        float[][] down = copy(map);
        down[i][j] -= 1e-2f;
        double slope = loss(up, vectors, toward) - loss(down, vectors, toward);
        assertEquals(-Math.signum(slope), Math.signum(moved.weights()[i][j] - map[i][j]));
      }
    }
  }

  private static double loss(float[][] map, float[][] vectors, float[][] toward) {
    double loss = 0;
    for (int i = 0; i < vectors.length; i++) {
      loss += Vectors.dot(LinearMap.unit(map, vectors[i]), toward[i]);
    }
    return loss;
  }

  private static float[][] copy(float[][] map) {
    var copy = new float[map.length][];
    for (int i = 0; i < map.length; i++) {
      copy[i] = map[i].clone();
    }
    return copy;
  }
}
