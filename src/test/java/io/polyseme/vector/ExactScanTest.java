package io.polyseme.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the int8 copy rules out would not have been an answer. */
@Timeout(60)
class ExactScanTest {
  private static final int[] COUNTS = {1, 63, 64, 65, 700, 5000};
  private static final int[] DIMENSIONS = {1, 3, 16, 100, 129, 384};

  private record Data(Rows rows, MemorySegment inverseNorms, QuantisedRows quantised) {}

  /** Rows of several kinds: plain, near one another, zero, with one great number, tiny and huge. */
  private static Data data(Arena arena, int count, int dimension, Random random) {
    Rows rows = Rows.allocate(arena, count, dimension);
    MemorySegment norms = arena.allocate(4L * count, 64);
    var before = new float[dimension];
    for (int r = 0; r < count; r++) {
      var row = new float[dimension];
      float size = (float) Math.pow(10, random.nextInt(-6, 7));
      int kind = random.nextInt(8);
      for (int d = 0; d < dimension && kind != 0; d++) {
        row[d] =
            kind == 1 || kind == 2
                ? before[d] * (1 + 1e-4f * kind * (float) random.nextGaussian())
                : size * (float) random.nextGaussian();
      }
      if (kind == 3) {
        row[random.nextInt(dimension)] *= 1000;
      }
      if (kind == 4 && r > 0) {
        rows.get(random.nextInt(r), row);
      }
      rows.set(r, row);
      before = row;
      double squares = 0;
      for (float x : row) {
        squares += (double) x * x;
      }
      norms.setAtIndex(
          ValueLayout.JAVA_FLOAT, r, squares == 0 ? 0 : (float) (1 / Math.sqrt(squares)));
    }
    QuantisedRows quantised = QuantisedRows.allocate(arena, count, dimension);
    quantised.quantise(rows, norms);
    return new Data(rows, norms, quantised);
  }

  @Test
  void answersAsWithoutTheCopy() {
    for (int seed = 0; seed < 3; seed++) {
      for (int count : COUNTS) {
        for (int dimension : DIMENSIONS) {
          var random = new Random(1000L * count + 10L * dimension + seed);
          String which = "count %d, dimension %d, seed %d".formatted(count, dimension, seed);
          try (Arena arena = Arena.ofShared()) {
            Data data = data(arena, count, dimension, random);
            ExactScan plain = ExactScan.of(data.rows, data.inverseNorms, null, new Kernels());
            List<ExactScan> quick =
                List.of(
                    ExactScan.of(data.rows, data.inverseNorms, data.quantised, Kernels.BEST),
                    ExactScan.of(data.rows, data.inverseNorms, data.quantised, new Kernels()),
                    ExactScan.of(data.rows, data.inverseNorms, null, Kernels.BEST));
            var questions = new ArrayList<ExactScan.Question>();
            for (int q = 0; q < 9; q++) {
              var target = new float[dimension];
              if (q % 2 == 0) {
                data.rows.get(random.nextInt(count), target);
              }
              target[random.nextInt(dimension)] += 0.1f;
              IntPredicate accepted = q % 3 == 0 ? row -> row % 5 != 1 : row -> true;
              questions.add(
                  new ExactScan.Question(
                      Query.near(target, 1 + random.nextInt(Math.max(1, count / 16))), accepted));
            }
            for (ExactScan scan : quick) {
              List<TopK.Best> together = scan.search(questions);
              for (int q = 0; q < questions.size(); q++) {
                ExactScan.Question question = questions.get(q);
                TopK.Best right = plain.search(question.query(), question.accepted());
                TopK.Best alone = scan.search(question.query(), question.accepted());
                assertArrayEquals(right.rows(), alone.rows(), which);
                assertArrayEquals(right.scores(), alone.scores(), which);
                assertArrayEquals(right.rows(), together.get(q).rows(), which);
                assertArrayEquals(right.scores(), together.get(q).scores(), which);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void plainJavaRulesOutWhatSimdDoes() {
    for (int dimension : DIMENSIONS) {
      var random = new Random(dimension);
      try (Arena arena = Arena.ofShared()) {
        Data data = data(arena, 640, dimension, random);
        var queries = new float[Kernels.QUERIES][dimension];
        for (float[] query : queries) {
          for (int d = 0; d < dimension; d++) {
            query[d] = (float) random.nextGaussian();
          }
        }
        var thresholds = new float[] {-0.5f, 0, 0.1f, 0.6f};
        var scratch = new Kernels.Scratch();
        for (int n = 1; n <= Kernels.QUERIES; n++) {
          for (int block = 0; block < data.quantised.blocks(); block++) {
            var masks = new long[Kernels.QUERIES];
            var plain = new long[Kernels.QUERIES];
            Kernels.BEST.candidates(
                queries, 0, n, data.quantised, block, thresholds, masks, scratch);
            new Kernels()
                .candidates(queries, 0, n, data.quantised, block, thresholds, plain, scratch);
            for (int q = 0; q < n; q++) {
              // What lies on the threshold may fall to either side by rounding.
              assertTrue(Long.bitCount(masks[q] ^ plain[q]) <= 1);
            }
          }
        }
      }
    }
    assertEquals(64, QuantisedRows.padded(1));
    assertEquals(128, QuantisedRows.padded(65));
  }
}
