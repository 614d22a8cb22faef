package io.polyseme.document;

import io.polyseme.CancelledException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs parsers of other people's files: one that hangs is left behind, one that needs more memory
 * or stack than there is has its file skipped.
 */
final class Guarded {
  private Guarded() {}

  /**
   * What the work gives.
   *
   * @throws SkipException if it takes too long or fails in whatever way
   */
  static <T> T run(Duration deadline, Callable<T> work) {
    var task = new FutureTask<>(work);
    Thread thread = Thread.ofPlatform().daemon().name("polyseme-document").start(task);
    try {
      return task.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw new SkipException(
          "reading it took more than %,d seconds".formatted(Math.max(1, deadline.toSeconds())), e);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (ExecutionException e) {
      throw skip(e.getCause());
    }
  }

  private static SkipException skip(Throwable cause) {
    return switch (cause) {
      case SkipException skip -> skip;
      case IOException io -> new SkipException(Listing.reason(io), io);
      case StackOverflowError e -> new SkipException("it is nested too deep to be parsed", e);
      case OutOfMemoryError e -> new SkipException("it needs more memory than there is", e);
      case NoClassDefFoundError e ->
          new SkipException(
              "reading it needs Apache Tika (or commonmark for Markdown), and %s is missing: add org.apache.tika:tika-core and its tika-parser-pdf-module, -microsoft-module, -miscoffice-module, -html-module, -text-module, or org.commonmark:commonmark, commonmark-ext-gfm-tables and org.snakeyaml:snakeyaml-engine"
                  .formatted(String.valueOf(e.getMessage()).replace('/', '.')),
              e);
      default ->
          new SkipException(
              "it cannot be parsed: %s"
                  .formatted(cause.getMessage() == null ? cause.toString() : cause.getMessage()),
              cause);
    };
  }
}
