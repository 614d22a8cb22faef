package io.polyseme.vector;

import io.polyseme.CancelledException;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of work done by several threads, a bounded number at a time, whose results are taken in
 * the order in which they were given. With one thread the work is done by the caller. For one
 * caller; {@link #close()} waits for what is running.
 */
public final class Ordered<T> implements AutoCloseable {
  private final @Nullable ExecutorService workers;
  private final ArrayDeque<FutureTask<T>> running = new ArrayDeque<>();
  private final int most;

  public Ordered(int threads) {
    this.workers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("polyseme-ordered-", 0).factory());
    this.most = threads == 1 ? 1 : threads + 2;
  }

  public boolean isEmpty() {
    return running.isEmpty();
  }

  /** Whether another piece may be given now. */
  public boolean hasRoom() {
    return running.size() < most;
  }

  public void give(Callable<T> work) {
    var task = new FutureTask<>(work);
    running.add(task);
    if (workers == null) {
      task.run();
    } else {
      workers.execute(task);
    }
  }

  /** The result of the piece that was given first; waits for it. */
  public T take() {
    try {
      return running.remove().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    for (Future<T> task : running) {
      task.cancel(false);
    }
    if (workers != null) {
      workers.close();
    }
  }
}
