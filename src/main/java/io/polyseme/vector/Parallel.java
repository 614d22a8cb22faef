package io.polyseme.vector;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Work in numbered parts that threads of its own share out among them. */
public final class Parallel {
  private Parallel() {}

  /** Does one part of the work with what belongs to one thread. */
  @FunctionalInterface
  public interface Part<W> {
    void run(W worker, int part);
  }

  /**
   * Does all parts, each once; which thread does which differs from run to run.
   *
   * @param parts how many there are, from 0
   * @param threads at least 1
   * @param workers makes what a thread needs, before the work begins
   * @param task what {@code progress} is told is being done
   * @return what was made for the threads
   * @throws CancelledException if cancelled; no thread works on it any more then
   */
  public static <W> List<W> forEach(
      int parts,
      int threads,
      Supplier<W> workers,
      Part<W> part,
      String task,
      Progress progress,
      Cancel cancel) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    var next = new AtomicInteger();
    var done = new AtomicInteger();
    var all = new ArrayList<W>();
    ExecutorService executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("polyseme-parts-", 0).factory());
    try {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < threads; i++) {
        W worker = workers.get();
        all.add(worker);
        running.add(
            executor.submit(
                () -> {
                  int n;
                  while ((n = next.getAndIncrement()) < parts) {
                    cancel.check();
                    part.run(worker, n);
                    synchronized (done) {
                      progress.update(task, done.incrementAndGet(), parts);
                    }
                  }
                }));
      }
      for (Future<?> worker : running) {
        worker.get();
      }
      return all;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new PolysemeException("the work could not be done: " + e.getCause(), e);
    } finally {
      executor.shutdownNow();
      // Whoever closes what is read next must not pull it from under a worker.
      executor.close();
    }
  }
}
