package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.util.InfoStream;
import org.jspecify.annotations.Nullable;

/**
 * Hears through Lucene's messages how far the graph has come, batch by batch: the only place where
 * it can be asked to stop.
 */
final class MergeWatch extends InfoStream {
  private static final String GRAPH = "HNSW";

  private static final String TASK = "linking the graph";

  private static final Pattern SO_FAR = Pattern.compile("built (\\d{1,9}) in .*");

  private Progress progress = Progress.NONE;
  private @Nullable Cancel cancel;
  private long total;
  private long soFar;

  synchronized void begin(Progress progress, Cancel cancel, long total) {
    this.progress = progress;
    this.cancel = cancel;
    this.total = total;
    progress.update(TASK, 0, total);
  }

  synchronized void end() {
    progress.update(TASK, total, total);
  }

  @Override
  public boolean isEnabled(String component) {
    return component.equals(GRAPH);
  }

  @Override
  public synchronized void message(String component, String message) {
    if (cancel == null) {
      return;
    }
    cancel.check();
    Matcher matcher = SO_FAR.matcher(message);
    if (matcher.matches()) {
      soFar = Math.max(soFar, Long.parseLong(matcher.group(1)));
    }
    progress.update(TASK, Math.min(total, soFar), total);
  }

  @Override
  public void close() {
    // Owns nothing.
  }
}
