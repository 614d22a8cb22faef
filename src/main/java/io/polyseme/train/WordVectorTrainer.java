package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Trains word vectors by predicting words from the words around them, with negative sampling. The
 * threads share out the text in units and write without locks, so that with more than one the
 * vectors differ a little from run to run; with one they are the same for the same text, options
 * and seed on one machine.
 */
public final class WordVectorTrainer {
  private static final long TELL_MILLIS = 100;

  /**
   * So many words are gone through in plain Java before SIMD code, which is slow until it is
   * compiled, is quicker.
   */
  private static final long FEW_WORDS = 1_000_000;

  private final TrainingTask task;
  private final TrainingListener listener;
  private final Cancel cancel;
  private final long[] before;
  private final long total;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong words = new AtomicLong();
  private volatile boolean pause;
  private double loss = Double.NaN;

  private WordVectorTrainer(TrainingTask task, TrainingListener listener, Cancel cancel) {
    this.task = task;
    this.listener = listener;
    this.cancel = cancel;
    TrainingCorpus corpus = task.corpus();
    total = corpus.total() * task.options().epochs();
    before = new long[corpus.units()];
    for (int unit = 1; unit < before.length; unit++) {
      before[unit] = before[unit - 1] + corpus.unitWords(unit - 1);
    }
  }

  /** How many bytes of the heap a training takes. */
  public static long bytes(TrainingCorpus corpus, TrainingOptions options) {
    int rows = options.rows(corpus.size());
    long weights =
        Weights.bytes(options.dimension(), corpus.size(), rows, TrainingKernels.BEST.lanes());
    return weights + 40L * corpus.size() + (options.subwords() == null ? 0 : 80L * corpus.size());
  }

  /**
   * Trains.
   *
   * @throws PolysemeException if the heap is too small, or the numbers grow beyond all bounds,
   *     which a smaller learning rate prevents
   * @throws CancelledException if cancelled
   */
  public static TrainedVectors train(
      TrainingCorpus corpus, TrainingOptions options, TrainingListener listener, Cancel cancel) {
    boolean few = corpus.total() * options.epochs() * options.dimension() < FEW_WORDS * 100;
    return train(
        corpus,
        options,
        few ? new TrainingKernels() : TrainingKernels.BEST,
        listener,
        cancel);
  }

  static TrainedVectors train(
      TrainingCorpus corpus,
      TrainingOptions options,
      TrainingKernels kernels,
      TrainingListener listener,
      Cancel cancel) {
    requireMemory(bytes(corpus, options));
    Weights weights =
        Weights.random(
            options.dimension(),
            corpus.size(),
            options.rows(corpus.size()),
            kernels.lanes(),
            options.seed());
    TrainingTask task = TrainingTask.of(corpus, options, weights, kernels);
    new WordVectorTrainer(task, listener, cancel).run();
    return new TrainedVectors(task);
  }

  private static void requireMemory(long needed) {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
    if (needed > free) {
      throw new PolysemeException(
          ("the training takes %,d MB of memory, and Java has %,d MB left: give it more (-Xmx%dm),"
                  + " or take fewer dimensions or words (a larger least count, a limit)")
              .formatted(
                  needed >> 20, free >> 20, (needed + runtime.maxMemory() - free >> 20) + 256));
    }
  }

  private void run() {
    int threads = task.options().threads();
    long start = System.nanoTime();
    List<TrainingWorker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(task.worker());
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("polyseme-train-", 0).factory());
    try {
      var running = new ArrayList<Future<?>>();
      for (TrainingWorker worker : workers) {
        running.add(executor.submit(() -> work(worker)));
      }
      for (Future<?> worker : running) {
        while (!ended(worker)) {
          tell(start);
          cancel.check();
        }
      }
      tell(start);
    } finally {
      pause = true;
      // Nobody may write to the weights any more when this returns.
      executor.close();
    }
  }

  private static boolean ended(Future<?> worker) {
    try {
      worker.get(TELL_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  private void work(TrainingWorker worker) {
    int units = task.corpus().units();
    long steps = (long) units * task.options().epochs();
    long step;
    while (!pause && (step = next.getAndIncrement()) < steps) {
      int unit = (int) (step % units);
      worker.run(step, step / units * task.corpus().total() + before[unit]);
      words.addAndGet(task.corpus().unitWords(unit));
      learned(worker.takeLoss(), worker.takeMeasured());
    }
  }

  /** Keeps a mean of the loss in which what was long ago counts ever less. */
  private synchronized void learned(double sum, long predictions) {
    if (predictions > 0) {
      double mean = sum / predictions;
      loss = Double.isNaN(loss) ? mean : 0.9 * loss + 0.1 * mean;
      if (!Double.isFinite(loss)) {
        throw new PolysemeException(
            "the training diverged: take a smaller learning rate than "
                + task.options().firstRate());
      }
    }
  }

  private synchronized double loss() {
    return loss;
  }

  private void tell(long start) {
    long done = words.get();
    double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
    double pace = done / seconds;
    int epochs = task.options().epochs();
    listener.update(
        new TrainingProgress(
            done,
            total,
            (int) Math.min(epochs, 1 + done / task.corpus().total()),
            epochs,
            loss(),
            task.options().firstRate() * Math.max(1e-4, 1 - (double) done / total),
            pace,
            Duration.ofMillis(pace > 0 ? (long) (1000 * (total - done) / pace) : 0)));
  }
}
