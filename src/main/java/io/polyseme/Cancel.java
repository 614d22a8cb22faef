package io.polyseme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets a bulk call be ended early. Long work asks {@link #check()} at short intervals; an interrupt
 * of the thread counts as a cancel too. Thread-safe.
 */
public class Cancel {
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final long deadline;
  private final boolean bounded;

  private Cancel(boolean bounded, long deadline) {
    this.bounded = bounded;
    this.deadline = deadline;
  }

  /** Cancelled only by {@link #cancel()} or by interrupting the working thread. */
  public static Cancel create() {
    return new Cancel(false, 0);
  }

  /** As {@link #create()}, and by itself once the time is up. */
  public static Cancel after(Duration time) {
    return new Cancel(true, System.nanoTime() + time.toNanos());
  }

  /** Ends the work at its next check. */
  public void cancel() {
    cancelled.set(true);
  }

  /**
   * Returns at once where the work may go on.
   *
   * @throws CancelledException where it may not; the thread's interrupt flag is left set
   */
  public void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException("interrupted");
    }
    if (cancelled.get()) {
      throw new CancelledException("cancelled");
    }
    if (bounded && System.nanoTime() - deadline >= 0) {
      throw new CancelledException("the time allowed was up");
    }
  }
}
