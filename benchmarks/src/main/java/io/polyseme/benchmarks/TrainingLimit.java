package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.train.TrainingCorpus;
import io.polyseme.train.TrainingOptions;
import io.polyseme.train.TrainingRun;
import io.polyseme.train.TrainingStart;
import io.polyseme.train.WordVectorTrainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * How far training word vectors is from what this machine can do: the arithmetic of a skip-gram
 * epoch beside the most multiply-adds that registers allow, the rows it moves beside rows read and
 * written in random order with nothing else done, what a prediction costs by its dimensions, by the
 * size of the vocabulary and by threads, and what that lets one expect of more cores.
 *
 * <p>{@code TrainingLimit TEXT}. Measure with nothing else running.
 */
public final class TrainingLimit {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int TRIALS = 5;
  private static final int DIMENSION = 112; // 100, filled up to whole registers

  /** Outputs that a prediction is scored against: the word and five negatives. */
  private static final int OUTPUTS = 6;

  /** Words of a window that share negatives. */
  private static final int SHARED = 2;

  private TrainingLimit() {}

  /** What a training came to. */
  private record Trained(int dimension, int threads, long words, double predictions, double s) {
    double nanos() {
      return 1e9 * s / predictions;
    }

    /** Scores, gradients of inputs and of outputs: three products, two operations each. */
    double operations() {
      return predictions * OUTPUTS * 3 * 2 * dimension / s;
    }

    /**
     * Rows of outputs and inputs read once and written once; what stays in registers is not
     * counted.
     */
    double bytes() {
      double rows = (double) OUTPUTS / SHARED + 1;
      return predictions * rows * 2 * Float.BYTES * dimension / s;
    }
  }

  @FunctionalInterface
  private interface Work {
    /** Works for about a tenth of a second and returns what was done a second. */
    double perSecond();
  }

  public static void main(String[] arguments) throws Exception {
    Path text = Path.of(arguments[0]);
    int threads = Runtime.getRuntime().availableProcessors();
    say("%s; load %.2f%n%n", Machine.describe(), Machine.load());

    double[] peak = {
      together(1, TrainingLimit::multiplyAdds), together(threads, TrainingLimit::multiplyAdds)
    };
    say(
        "multiply-adds in registers        %7.1f GFLOP/s in 1 thread, %7.1f in %d%n",
        peak[0] / 1e9, peak[1] / 1e9, threads);
    int[] vocabularies = {500, 5_000, 50_000, 1_000_000};
    double[][] rows = new double[vocabularies.length][];
    for (int i = 0; i < rows.length; i++) {
      var both = new float[vocabularies[i] * 2 * DIMENSION];
      rows[i] = new double[] {together(1, () -> rows(both)), together(threads, () -> rows(both))};
      say(
          "rows of %,9d words (%,6d MB)  %7.1f GB/s in 1 thread, %7.1f in %d%n",
          vocabularies[i], both.length / 262_144L, rows[i][0] / 1e9, rows[i][1] / 1e9, threads);
    }

    say(
        "%n%10s %10s %7s %12s %12s %9s %7s %7s %7s%n",
        "dimensions",
        "vocabulary",
        "threads",
        "words/s",
        "predictions/s",
        "ns",
        "GFLOP/s",
        "of peak",
        "GB/s");
    var fit = new ArrayList<Trained>();
    for (int dimension : new int[] {16, DIMENSION, 208, 304}) {
      fit.add(train(text, dimension, 1_000_000, 1, peak[0]));
    }
    train(text, DIMENSION, 500, 1, peak[0]);
    Trained both = train(text, DIMENSION, 1_000_000, threads, peak[1]);
    Trained one = fit.get(1);

    double slope = slope(fit);
    double rest =
        fit.stream().mapToDouble(t -> t.nanos() - slope * t.dimension()).average().orElseThrow();
    say(
        "%na prediction costs %.0f ns and %.2f ns for each dimension: at %d, %.0f %% of the time is with vectors,%n"
            + "which are then multiplied at %.0f %% of the peak%n",
        rest,
        slope,
        DIMENSION,
        100 * slope * DIMENSION / (rest + slope * DIMENSION),
        100 * OUTPUTS * 3 * 2 / slope / (peak[0] / 1e9));
    say("%d threads train %.2f times as fast as one%n", threads, one.s() / both.s());
    double[] reading = {reading(text, 1), reading(text, threads)};
    say(
        "reading the text takes %.2f s in 1 thread and %.2f in %d%n",
        reading[0], reading[1], threads);
    double serial = Math.max(0, (reading[1] * threads - reading[0]) / (threads - 1));
    // Amdahl's law through what one and two threads take: as if what they wait for each other for
    // grew no less.
    double together = Math.max(0, (threads * both.s() - one.s()) / (threads - 1));
    say("projected, whole epochs: at most if threads never met, at least if they met as here%n");
    for (int cores : new int[] {1, 2, 4, 8, 16, 32, 64}) {
      double most = serial + (reading[0] - serial) / cores + one.s() / cores;
      double least =
          serial + (reading[0] - serial) / cores + together + (one.s() - together) / cores;
      say(
          "  %2d cores %6.2f to %6.2f s, %,12.0f to %,12.0f words/s, rows of %6.1f GB/s at most%n",
          cores, most, least, one.words() / most, one.words() / least, cores * one.bytes() / 1e9);
    }
  }

  private static Trained train(Path text, int dimension, int vocabulary, int threads, double peak)
      throws Exception {
    TrainingOptions options =
        TrainingOptions.builder()
            .dimension(dimension)
            .maxVocabulary(vocabulary)
            .sample(1e-4)
            .epochs(1)
            .threads(threads)
            .build();
    Path folder = Files.createTempDirectory("polyseme-limit-");
    try (TrainingCorpus corpus =
        TrainingCorpus.read(
            List.of(text), folder, options, TrainingStart.RANDOM, Progress.NONE, Cancel.create())) {
      double best = Double.POSITIVE_INFINITY;
      for (int trial = 0; trial < 3; trial++) { // the first compiles
        long start = System.nanoTime();
        WordVectorTrainer.train(corpus, options, TrainingRun.DEFAULT, Cancel.create());
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
      var trained =
          new Trained(dimension, threads, corpus.total(), predictions(corpus, options), best);
      say(
          "%10d %,10d %7d %,12.0f %,12.0f %9.1f %7.1f %6.0f%% %7.1f%n",
          dimension,
          corpus.size(),
          threads,
          corpus.total() / best,
          trained.predictions() / best,
          trained.nanos(),
          trained.operations() / 1e9,
          100 * trained.operations() / peak,
          trained.bytes() / 1e9);
      return trained;
    } finally {
      Files.deleteIfExists(folder);
    }
  }

  /**
   * How many are to be expected of the words that subsampling keeps; a window is cut at a
   * sentence's ends.
   */
  private static double predictions(TrainingCorpus corpus, TrainingOptions options) {
    double kept = 0;
    for (int word = 0; word < corpus.size(); word++) {
      double share = options.sample() * corpus.total() / corpus.count(word);
      kept += corpus.count(word) * Math.min(1, Math.sqrt(share) + share);
    }
    double window = options.window();
    double lost = 0;
    for (int offset = 1; offset <= window; offset++) {
      lost += 2 * offset * (window + 1 - offset) / window;
    }
    return kept * (window + 1) - corpus.report().sentences() * lost;
  }

  private static double reading(Path text, int threads) throws Exception {
    TrainingOptions options = TrainingOptions.builder().threads(threads).build();
    Path folder = Files.createTempDirectory("polyseme-limit-");
    double best = Double.POSITIVE_INFINITY;
    for (int trial = 0; trial < 3; trial++) {
      long start = System.nanoTime();
      TrainingCorpus.read(
              List.of(text), folder, options, TrainingStart.RANDOM, Progress.NONE, Cancel.create())
          .close();
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    Files.deleteIfExists(folder);
    return best;
  }

  /** Nanoseconds a dimension, by least squares. */
  private static double slope(List<Trained> trained) {
    double x = trained.stream().mapToDouble(Trained::dimension).average().orElseThrow();
    double y = trained.stream().mapToDouble(Trained::nanos).average().orElseThrow();
    double above = trained.stream().mapToDouble(t -> (t.dimension() - x) * (t.nanos() - y)).sum();
    return above
        / trained.stream().mapToDouble(t -> (t.dimension() - x) * (t.dimension() - x)).sum();
  }

  /** The best of several trials of so many threads at once, all together. */
  private static double together(int threads, Work work) throws Exception {
    double best = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int trial = -2; trial < TRIALS; trial++) {
        var barrier = new CyclicBarrier(threads);
        var running = new ArrayList<Future<Double>>();
        for (int i = 0; i < threads; i++) {
          running.add(
              executor.submit(
                  () -> {
                    barrier.await();
                    return work.perSecond();
                  }));
        }
        double sum = 0;
        for (Future<Double> each : running) {
          sum += each.get();
        }
        if (trial >= 0) {
          best = Math.max(best, sum);
        }
      }
    }
    return best;
  }

  /** Sixteen chains of multiply-adds, so that none waits for the one before. */
  private static double multiplyAdds() {
    long start = System.nanoTime();
    long done = 0;
    float seen = 0;
    while (System.nanoTime() - start < 200_000_000) {
      seen += chains(100_000);
      done += 100_000;
    }
    double perSecond = 16.0 * 2 * LANES * done / ((System.nanoTime() - start) / 1e9);
    return seen == 1 ? 0 : perSecond; // that nothing is left out as unused
  }

  private static float chains(int count) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
    FloatVector i = x, j = x, k = x, l = x, m = x, n = x, o = x, p = x;
    FloatVector y = FloatVector.broadcast(SPECIES, 0.999f);
    for (int t = 0; t < count; t++) {
      a = a.fma(y, x);
      b = b.fma(y, x);
      c = c.fma(y, x);
      d = d.fma(y, x);
      e = e.fma(y, x);
      f = f.fma(y, x);
      g = g.fma(y, x);
      h = h.fma(y, x);
      i = i.fma(y, x);
      j = j.fma(y, x);
      k = k.fma(y, x);
      l = l.fma(y, x);
      m = m.fma(y, x);
      n = n.fma(y, x);
      o = o.fma(y, x);
      p = p.fma(y, x);
    }
    return a.add(b)
        .add(c)
        .add(d)
        .add(e)
        .add(f)
        .add(g)
        .add(h)
        .add(i)
        .add(j)
        .add(k)
        .add(l)
        .add(m)
        .add(n)
        .add(o)
        .add(p)
        .lane(0);
  }

  /** Bytes a second of rows that are read and written in random order. */
  private static double rows(float[] both) {
    int rows = both.length / DIMENSION;
    int[] order = new Random(Thread.currentThread().threadId()).ints(1 << 16, 0, rows).toArray();
    long start = System.nanoTime();
    long done = 0;
    while (System.nanoTime() - start < 300_000_000) {
      touch(both, order);
      done += order.length;
    }
    return done * 2.0 * Float.BYTES * DIMENSION / ((System.nanoTime() - start) / 1e9);
  }

  private static void touch(float[] both, int[] order) {
    FloatVector y = FloatVector.broadcast(SPECIES, 0.999f);
    for (int row : order) {
      for (int at = row * DIMENSION, end = at + DIMENSION; at < end; at += LANES) {
        FloatVector.fromArray(SPECIES, both, at).mul(y).intoArray(both, at);
      }
    }
  }

  private static void say(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format, arguments);
  }
}
