package io.polyseme.document;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Waits until something changes among the files that a {@link DocumentReader} would read. What the
 * system tells is taken for a hint: after a while the whole is looked at in any case, since some
 * file systems tell nothing, and too many changes at once are not all told.
 *
 * <p>Not thread-safe. Closed by whoever opened it.
 */
public final class DocumentWatch implements AutoCloseable {
  private static final long SLICE_MILLIS = 100;

  /** How many times the quiet is waited for where there is none. */
  private static final int PATIENCE = 20;

  private final List<String> from;
  private final DocumentOptions options;
  private final WatchService service;
  private final Map<WatchKey, Path> keys = new HashMap<>();
  private final Set<Path> watched = new HashSet<>();

  private DocumentWatch(List<String> from, DocumentOptions options, WatchService service) {
    this.from = List.copyOf(from);
    this.options = options;
    this.service = service;
  }

  /**
   * Begins to watch: what changes from now on ends the next {@link #await}.
   *
   * @throws PolysemeException if a place is not there, or is the standard input, or nothing can be
   *     watched
   */
  public static DocumentWatch open(List<String> from, DocumentOptions options) {
    if (from.contains(Listing.STANDARD_INPUT)) {
      throw new PolysemeException("the standard input cannot be watched; name files or folders");
    }
    try {
      var watch = new DocumentWatch(from, options, FileSystems.getDefault().newWatchService());
      try {
        watch.register(new Listing(from, options.without()));
      } catch (RuntimeException e) {
        watch.close();
        throw e;
      }
      return watch;
    } catch (IOException e) {
      throw new PolysemeException("the system cannot watch folders: " + e.getMessage(), e);
    }
  }

  /** Watches the folders that are not yet watched. */
  private void register(Listing listing) {
    Set<Path> folders = new HashSet<>(listing.folders());
    for (Listing.Found found : listing.found()) {
      if (found.path() != null && found.asked()) {
        Path parent = found.path().toAbsolutePath().getParent();
        folders.add(parent == null ? found.path() : parent);
      }
    }
    for (Path folder : folders) {
      if (watched.contains(folder) || !Files.isDirectory(folder)) {
        continue;
      }
      try {
        keys.put(
            folder.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE),
            folder);
        watched.add(folder);
      } catch (IOException e) {
        // Gone again, or more folders than the system lets be watched: the look at all finds it.
        System.getLogger(DocumentWatch.class.getName())
            .log(System.Logger.Level.DEBUG, "not watching " + folder, e);
      }
    }
  }

  /**
   * Returns once something has changed and then nothing more for a while, or after the longest
   * time.
   *
   * @param quiet how long nothing must change; after twenty times that it is over in any case
   * @param longest after which it returns though nothing was told
   * @return whether something was told
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public boolean await(Duration quiet, Duration longest, Cancel cancel) {
    long start = System.nanoTime();
    long first = 0;
    long last = 0;
    boolean told = false;
    while (true) {
      cancel.check();
      long now = System.nanoTime();
      if (told && (now - last >= quiet.toNanos() || now - first >= quiet.toNanos() * PATIENCE)) {
        break;
      }
      if (!told && now - start >= longest.toNanos()) {
        break;
      }
      if (hears()) {
        last = System.nanoTime();
        first = told ? first : last;
        told = true;
      }
    }
    try {
      register(new Listing(from, options.without()));
    } catch (PolysemeException e) {
      // A place is gone: whoever reads it says so, and it may come back.
      System.getLogger(DocumentWatch.class.getName())
          .log(System.Logger.Level.DEBUG, "looking for folders to watch", e);
    }
    return told;
  }

  /** Waits a moment for the system to tell of a change that counts. */
  private boolean hears() {
    WatchKey key;
    try {
      key = service.poll(SLICE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ClosedWatchServiceException e) {
      throw new IllegalStateException("the watch is closed", e);
    }
    if (key == null) {
      return false;
    }
    boolean counts = false;
    Path folder = keys.get(key);
    for (WatchEvent<?> event : key.pollEvents()) {
      counts |= folder == null || counts(folder, event);
    }
    if (!key.reset() && folder != null) {
      keys.remove(key);
      watched.remove(folder);
    }
    return counts;
  }

  private boolean counts(Path folder, WatchEvent<?> event) {
    if (!(event.context() instanceof Path name)) {
      return true; // more than the system could tell
    }
    Path without = options.without();
    return !Listing.isHidden(name)
        && (without == null
            || !folder
                .resolve(name)
                .toAbsolutePath()
                .normalize()
                .startsWith(without.toAbsolutePath().normalize()));
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      System.getLogger(DocumentWatch.class.getName())
          .log(System.Logger.Level.DEBUG, "ending the watch", e);
    }
  }
}
