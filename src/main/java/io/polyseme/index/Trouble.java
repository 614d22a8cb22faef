package io.polyseme.index;

import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.jspecify.annotations.Nullable;

/** Says in a sentence what Lucene and the file system throw. */
final class Trouble {
  private Trouble() {}

  /** A failure of reading, with its reason. */
  static PolysemeException io(String what, IOException e) {
    if (interrupted(e)) {
      return new CancelledException("interrupted");
    }
    if (e instanceof AccessDeniedException) {
      return new PolysemeException(what + ": access is denied", e);
    }
    return new PolysemeException(what + ": " + reason(e), e);
  }

  /** An index that cannot be read, or no longer. */
  static PolysemeException reading(String name, Path folder, Throwable e) {
    String index = "the index " + name;
    return switch (telling(e)) {
      case IOException io when interrupted(io) -> new CancelledException("interrupted");
      case IndexNotFoundException _ -> notThere(name, folder, e);
      case NoSuchFileException missing ->
          new PolysemeException(
              "%s is incomplete: its file %s is missing; build it again"
                  .formatted(index, fileName(missing.getFile())),
              e);
      case FileNotFoundException missing ->
          new PolysemeException(
              "%s is incomplete (%s is missing); build it again"
                  .formatted(index, fileName(missing.getMessage())),
              e);
      case AccessDeniedException denied ->
          new PolysemeException(
              "%s cannot be read: access to %s is denied".formatted(index, denied.getFile()), e);
      case IndexFormatTooNewException _ ->
          new PolysemeException(
              index + " was made by a newer Polyseme; use that one, or build the index again", e);
      case IndexFormatTooOldException _ ->
          new PolysemeException(
              index + " was made by an older Polyseme that is no longer read; build it again", e);
      default ->
          new PolysemeException("%s is damaged: %s; build it again".formatted(index, reason(e)), e);
    };
  }

  /** Of a failure and what it was caused by, what says most. */
  private static Throwable telling(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof NoSuchFileException
          || t instanceof FileNotFoundException
          || t instanceof AccessDeniedException) {
        return t;
      }
    }
    boolean vague = e instanceof IOException && e.getCause() instanceof IOException;
    return vague ? e.getCause() : e;
  }

  /** A folder in which Lucene finds no index. */
  private static PolysemeException notThere(String name, Path folder, Throwable e) {
    if (Marker.isIn(folder)) {
      return new PolysemeException(
          "the index "
              + name
              + " is not finished: its build goes on, or was ended, or it was deleted in part; build it again",
          e);
    }
    return new PolysemeException(folder + " is not a Polyseme index", e);
  }

  /** A failure of writing: most often a full disk. */
  static PolysemeException writing(Path folder, Throwable e) {
    if (interrupted(e)) {
      return new CancelledException("interrupted");
    }
    Throwable first = cause(e);
    return new PolysemeException(
        "cannot write the index %s: %s%s; what was there before is as it was"
            .formatted(folder, reason(first), free(folder)),
        e);
  }

  /** A failure after what was written is safe. */
  static PolysemeException merging(Path folder, Throwable e) {
    if (interrupted(e)) {
      return new CancelledException("interrupted");
    }
    return new PolysemeException(
        "everything is in the index %s and can be searched, but its parts could not be merged: %s%s; make room and build it again, which merges them"
            .formatted(folder, reason(cause(e)), free(folder)),
        e);
  }

  /** The failure that a chain began with. */
  private static Throwable cause(Throwable e) {
    Throwable first = e;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first instanceof IOException ? first : e;
  }

  private static String free(Path folder) {
    try {
      Path place = folder.toAbsolutePath();
      while (!Files.exists(place) && place.getParent() != null) {
        place = place.getParent();
      }
      long bytes = Files.getFileStore(place).getUsableSpace();
      return String.format(Locale.ROOT, " (%,d MB are free there)", bytes >> 20);
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean interrupted(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }

  private static String fileName(@Nullable String path) {
    if (path == null) {
      return "one";
    }
    Path name = Path.of(path).getFileName();
    return name == null ? path : name.toString();
  }

  /** The message without what only a programmer of Lucene wants to know. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    if (message == null || message.isBlank()) {
      return e.getClass().getSimpleName();
    }
    int resource = message.indexOf(" (resource=");
    String text = resource > 0 ? message.substring(0, resource) : message;
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
