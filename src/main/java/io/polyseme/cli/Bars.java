package io.polyseme.cli;

import io.polyseme.Progress;
import java.io.PrintStream;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Progress bars on standard error for work that takes longer than two seconds. */
final class Bars implements Progress, AutoCloseable {
  private static final long PATIENCE_NANOS = 2_000_000_000L;
  private static final int COLUMNS = 80;

  private final PrintStream err;
  private final boolean shown;
  private @Nullable String task;
  private long start;
  private @Nullable ProgressBar bar;

  Bars(PrintStream err, boolean shown) {
    this.err = err;
    this.shown = shown;
  }

  @Override
  public void update(String task, long done, long total) {
    update(task, done, total, 1, "", null);
  }

  /**
   * As {@link #update(String, long, long)}, of bytes, with a note behind the bar: of how fast it
   * goes, say.
   */
  void updateBytes(String task, long done, long total, Supplier<String> note) {
    boolean large = total > 10_000_000;
    update(task, done, total, large ? 1_000_000 : 1000, large ? " MB" : " kB", note);
  }

  /** As {@link #update(String, long, long)}, of many things, with a note behind the bar. */
  void update(String task, long done, long total, Supplier<String> note) {
    boolean large = total > 10_000_000;
    update(task, done, total, large ? 1_000_000 : 1000, large ? " M" : " k", note);
  }

  private synchronized void update(
      String task,
      long done,
      long total,
      long unit,
      String unitName,
      @Nullable Supplier<String> note) {
    if (!shown) {
      return;
    }
    if (!task.equals(this.task)) {
      clear();
      this.task = task;
      this.start = System.nanoTime();
    }
    boolean toGo = done < total || total < 0 && note != null;
    if (bar == null && toGo && System.nanoTime() - start > PATIENCE_NANOS) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setUnit(unitName, unit)
              .startsFrom(done, java.time.Duration.ofNanos(System.nanoTime() - start))
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(250)
              .clearDisplayOnFinish()
              .setConsumer(new ConsoleProgressBarConsumer(err, COLUMNS))
              .build();
    }
    if (bar != null) {
      if (note != null) {
        bar.setExtraMessage(note.get());
      }
      bar.stepTo(done);
    }
  }

  /** Takes the bar off the screen; a further update brings one back. */
  synchronized void clear() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    task = null;
  }

  @Override
  public void close() {
    clear();
  }
}
