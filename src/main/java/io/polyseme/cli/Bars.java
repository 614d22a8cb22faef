package io.polyseme.cli;

import io.polyseme.Progress;
import java.io.PrintStream;
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
  public synchronized void update(String task, long done, long total) {
    if (!shown) {
      return;
    }
    if (!task.equals(this.task)) {
      close();
      this.task = task;
      this.start = System.nanoTime();
    }
    if (bar == null && System.nanoTime() - start > PATIENCE_NANOS && done < total) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .startsFrom(done, java.time.Duration.ofNanos(System.nanoTime() - start))
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(250)
              .clearDisplayOnFinish()
              .setConsumer(new ConsoleProgressBarConsumer(err, COLUMNS))
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    task = null;
  }
}
