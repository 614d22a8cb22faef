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
import org.jspecify.annotations.Nullable;

/**
 * Trains word vectors by predicting words from the words around them, with negative sampling. The
 * threads share out the text in units and write without locks, so that with more than one the
 * vectors differ a little from run to run; with one they are the same for the same text, options
 * and seed on one machine.
 */
public final class WordVectorTrainer {
  private static final long TELL_MILLIS = 100;

  /** What took longer is worth a checkpoint at its end, in case the vectors cannot be written. */
  private static final double LONG_SECONDS = 60;

  /**
   * So many words are gone through in plain Java before SIMD code, which is slow until it is
   * compiled, is quicker.
   */
  private static final long FEW_WORDS = 1_000_000;

  private final TrainingTask task;
  private final TrainingRun run;
  private final TrainedVectors vectors;
  private final @Nullable Checkpoint checkpoint;
  private final Cancel cancel;
  private final long[] before;
  private final long total;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong words = new AtomicLong();
  private volatile boolean pause;
  private volatile long until;
  private long saved;
  private double loss = Double.NaN;
  private long wordsAtStart;
  private long start;

  private WordVectorTrainer(
      TrainingTask task, TrainingRun run, TrainedVectors vectors, Cancel cancel) {
    this.task = task;
    this.run = run;
    this.vectors = vectors;
    this.checkpoint = run.checkpoint() == null ? null : new Checkpoint(run.checkpoint(), task);
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
    long weights = Weights.bytes(options, corpus.size(), TrainingKernels.BEST.lanes());
    return weights + 40L * corpus.size() + (options.subwords() == null ? 0 : 80L * corpus.size());
  }

  /**
   * Trains.
   *
   * @throws PolysemeException if the heap is too small, the numbers grow beyond all bounds, which a
   *     smaller learning rate prevents, or the checkpoint or the vectors to begin with do not fit
   * @param run what it begins with and leaves
   * @throws CancelledException if cancelled, once the checkpoint is written
   */
  public static TrainedVectors train(
      TrainingCorpus corpus, TrainingOptions options, TrainingRun run, Cancel cancel) {
    boolean few = corpus.total() * options.epochs() * options.dimension() < FEW_WORDS * 100;
    TrainingKernels kernels = few ? new TrainingKernels() : TrainingKernels.BEST;
    requireMemory(bytes(corpus, options));
    Weights weights = Weights.random(options, corpus.size(), kernels.lanes());
    boolean[] frozen = run.start().begin(weights, corpus, options);
    TrainingTask task = TrainingTask.of(corpus, options, weights, frozen, kernels);
    var vectors = new TrainedVectors(task, run.start());
    new WordVectorTrainer(task, run, vectors, cancel).run();
    vectors.requireFinite();
    return vectors;
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
    long steps = (long) task.corpus().units() * task.options().epochs();
    long done = checkpoint == null ? 0 : checkpoint.read();
    next.set(done);
    words.set(wordsBefore(done));
    wordsAtStart = words.get();
    start = System.nanoTime();
    saved = start;
    int units = task.corpus().units();
    boolean waits = run.listener().waitsForEpochs();
    int threads = task.options().threads();
    List<TrainingWorker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(task.worker());
    }
    // When it is closed, nobody writes to the weights any more.
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("polyseme-train-", 0).factory())) {
      try {
        while (next.get() < steps) {
          until = waits ? (next.get() / units + 1) * units : steps;
          stretch(executor, workers);
          cancel.check();
          if (waits && next.get() == until) {
            tell(); // an epoch may be over before anything was told of it
            run.listener().epochEnded((int) (until / units), vectors);
          }
          if (next.get() < steps ? isTimeToSave() : seconds() > LONG_SECONDS) {
            save();
          }
        }
      } finally {
        pause = true;
      }
    } catch (CancelledException e) {
      next.set(Math.min(next.get(), until));
      save();
      throw e;
    }
    tell();
  }

  /**
   * Trains until the epoch ends, or it is time for a checkpoint; all units begun are ended then.
   */
  private void stretch(ExecutorService executor, List<TrainingWorker> workers) {
    pause = false;
    var running = new ArrayList<Future<?>>();
    for (TrainingWorker worker : workers) {
      running.add(executor.submit(() -> work(worker)));
    }
    for (Future<?> worker : running) {
      while (!ended(worker)) {
        tell();
        cancel.check();
        if (isTimeToSave()) {
          pause = true;
        }
      }
    }
    // Each thread that found nothing more has counted one.
    next.set(Math.min(next.get(), until));
  }

  private boolean isTimeToSave() {
    return checkpoint != null && System.nanoTime() - saved > run.interval().toNanos();
  }

  /** Where the disk is full, what was saved before is still there, and the training can go on. */
  private void save() {
    if (checkpoint == null) {
      return;
    }
    saved = System.nanoTime();
    try {
      checkpoint.write(next.get());
    } catch (PolysemeException e) {
      System.getLogger(WordVectorTrainer.class.getName())
          .log(System.Logger.Level.WARNING, "no checkpoint", e);
    }
  }

  private double seconds() {
    return Math.max(1e-9, (System.nanoTime() - start) / 1e9);
  }

  /** How many words the steps before this one have. */
  private long wordsBefore(long step) {
    int units = task.corpus().units();
    return step / units * task.corpus().total() + before[(int) (step % units)];
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
    long step;
    while (!pause && (step = next.getAndIncrement()) < until) {
      worker.run(step, wordsBefore(step));
      words.addAndGet(task.corpus().unitWords((int) (step % units)));
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

  private void tell() {
    long done = words.get();
    double pace = (done - wordsAtStart) / seconds();
    int epochs = task.options().epochs();
    run.listener()
        .update(
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
