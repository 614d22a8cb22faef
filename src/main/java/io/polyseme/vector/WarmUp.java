package io.polyseme.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Has the SIMD kernels compiled in the background. Until they are, each of their steps makes an
 * object, and a first query by them would take half a second; plain Java is quicker for that long,
 * with the same answers.
 */
final class WarmUp {
  /** Compiled code is at least so many times faster than what comes before. */
  private static final int FASTER = 20;

  /** A method is compiled for good only after some hundred calls; there are 16 or more a round. */
  private static final int LEAST_ROUNDS = 60;

  private static final int MOST_ROUNDS = 2000;
  private static final int COUNT = 16 * QuantisedRows.BLOCK;
  private static final int DIMENSION = 32;

  private static final Kernels PLAIN = new Kernels();
  private static volatile boolean done = !Kernels.BEST.simd();

  private static final AtomicBoolean begun = new AtomicBoolean(done);

  private WarmUp() {}

  /** The kernels that are fastest now. */
  static Kernels kernels() {
    return done ? Kernels.BEST : PLAIN;
  }

  /** Called after a search: begins, once, so as not to get in the way of the first answer. */
  static void begin() {
    if (!done && begun.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("polyseme-warm-up").start(WarmUp::run);
    }
  }

  /** Searches as a query does, so that just what it calls is compiled. */
  private static void run() {
    try (Arena arena = Arena.ofShared()) {
      Rows rows = Rows.allocate(arena, COUNT, DIMENSION);
      MemorySegment norms = arena.allocate(4L * COUNT, 64);
      var random = new Random(1);
      var row = new float[DIMENSION];
      for (int r = 0; r < COUNT; r++) {
        for (int d = 0; d < DIMENSION; d++) {
          row[d] = (float) random.nextGaussian();
        }
        rows.set(r, row);
        norms.setAtIndex(
            ValueLayout.JAVA_FLOAT, r, (float) (1 / Math.sqrt(Vectors.squaredNorm(row))));
      }
      QuantisedRows quantised = QuantisedRows.allocate(arena, COUNT, DIMENSION);
      quantised.quantise(rows, norms);
      List<ExactScan> scans =
          Stream.of(quantised, null)
              .map(copy -> ExactScan.of(rows, norms, copy, Kernels.BEST))
              .toList();
      ExactScan.Question one = new ExactScan.Question(Query.near(row, 10), _ -> true);
      List<ExactScan.Question> questions = Collections.nCopies(Kernels.QUERIES + 1, one);
      long before = 0;
      for (int round = 0; round < MOST_ROUNDS; round++) {
        long start = System.nanoTime();
        scans.forEach(scan -> scan.search(questions));
        long took = System.nanoTime() - start;
        // The first round loads classes too; the second is what compiled code is faster than.
        before = round == 1 ? took : before;
        if (round > LEAST_ROUNDS && FASTER * took < before) {
          break;
        }
      }
    } finally {
      done = true;
    }
  }
}
