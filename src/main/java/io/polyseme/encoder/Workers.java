package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The threads of one encoder. Work that is begun first is done first. */
final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  Workers(int threads) {
    this.threads = threads;
    this.executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("polyseme-encoder-", 0).factory());
  }

  /**
   * Does parts 0 to count - 1, several at once. A part that fails keeps the others from beginning.
   */
  CompletableFuture<Void> inParallel(int count, IntConsumer part, Stop stop) {
    var next = new AtomicInteger();
    var all = new CompletableFuture<?>[Math.min(threads, count)];
    for (int i = 0; i < all.length; i++) {
      all[i] =
          CompletableFuture.runAsync(
              () -> {
                while (!stop.isSet()) {
                  int n = next.getAndIncrement();
                  if (n >= count) {
                    return;
                  }
                  try {
                    part.accept(n);
                  } catch (RuntimeException | Error e) {
                    stop.set();
                    throw e;
                  }
                }
              },
              executor);
    }
    return CompletableFuture.allOf(all);
  }

  /** Work that the threads are doing. */
  record Work(CompletableFuture<Void> done, Stop stop) {

    /**
     * Returns once it is done.
     *
     * @throws CancelledException if cancelled or interrupted; no thread works on it any more then
     */
    void await(Cancel cancel) {
      try {
        while (true) {
          cancel.check();
          try {
            done.get(50, TimeUnit.MILLISECONDS);
            return;
          } catch (TimeoutException e) {
            // not yet: ask again whether to go on
          }
        }
      } catch (CancelledException e) {
        abandon();
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        abandon();
        throw new CancelledException("interrupted");
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          default -> throw new PolysemeException("encoding failed: " + e.getCause(), e);
        }
      }
    }

    /** Returns once no thread works on it any more. */
    void abandon() {
      stop.set();
      done.handle((_, _) -> null).join();
    }
  }

  /** Lets what was begun come to its end, and takes nothing more. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
