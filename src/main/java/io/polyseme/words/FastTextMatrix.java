package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A matrix of a fastText model: mapped, or unpacked into a file that is removed afterwards. */
final class FastTextMatrix implements AutoCloseable {
  /** No compression makes float32s that much smaller; a matrix that needs it is not there. */
  private static final long GREATEST_RATIO = 1100;

  private final Arena arena = Arena.ofShared();
  final MemorySegment memory;
  private final @Nullable Path temporary;

  private FastTextMatrix(Path file, long start, long length, @Nullable Path temporary)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      memory = channel.map(FileChannel.MapMode.READ_ONLY, start, length, arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
    this.temporary = temporary;
  }

  static FastTextMatrix of(FastTextReader reader, long needed) {
    VectorSource source = reader.source();
    Path file = source.file();
    long start = reader.in().position();
    if (source.compression().isEmpty()) {
      if (source.length() - start < needed) {
        throw reader.broken(
            "is cut off: it has %d bytes, and its matrix alone needs %d more; fetch it again"
                .formatted(source.length(), needed - (source.length() - start)));
      }
      try {
        return new FastTextMatrix(file, start, needed, null);
      } catch (IOException e) {
        throw new PolysemeException("cannot read " + file + ": " + e, e);
      }
    }
    if (needed / GREATEST_RATIO > source.length()) {
      throw reader.broken(
          "is damaged: its matrix of %d bytes cannot have been packed into %d; fetch it again"
              .formatted(needed, source.length()));
    }
    return unpacked(reader, needed);
  }

  private static FastTextMatrix unpacked(FastTextReader reader, long needed) {
    Path temporary = null;
    try {
      temporary = Files.createTempFile("polyseme", ".matrix");
      long room = Files.getFileStore(temporary).getUsableSpace();
      if (room < needed) {
        throw reader.broken(
            "must be unpacked, and %s has %d bytes of room, not %d; unpack it yourself"
                .formatted(temporary.getParent(), room, needed));
      }
      try (OutputStream out = Files.newOutputStream(temporary)) {
        for (long left = needed; left > 0; ) {
          reader.cancel().check();
          int step = (int) Math.min(left, 1 << 20);
          if (!reader.in().has(step)) {
            throw reader.endsIn("matrix");
          }
          out.write(reader.in().bytes(), reader.in().at(), step);
          reader.in().skip(step);
          left -= step;
          reader.source().tell();
        }
      }
      return new FastTextMatrix(temporary, 0, needed, temporary);
    } catch (IOException e) {
      remove(temporary);
      throw new PolysemeException(
          "cannot unpack %s: %s; is the folder for temporary files full?"
              .formatted(reader.source().file(), e),
          e);
    } catch (RuntimeException e) {
      remove(temporary);
      throw e;
    }
  }

  private static void remove(@Nullable Path temporary) {
    try {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // Where mapped files cannot be deleted, that is left to the end of the process.
      temporary.toFile().deleteOnExit();
    }
  }

  @Override
  public void close() {
    arena.close();
    remove(temporary);
  }
}
