package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counts what is not as it should be; in strict reading it ends it. Not thread-safe. */
final class Tally {
  private final Path file;
  private final ReadOptions options;
  private final List<String> examples = new ArrayList<>();
  private long withSpaces;
  private long invalidUtf8;
  private long malformed;
  private long notFinite;

  Tally(Path file, ReadOptions options) {
    this.file = file;
    this.options = options;
  }

  /** Something that was left out because it is not as it should be. */
  void malformed(String place, String what) {
    refuse(place, what);
    malformed++;
  }

  void notFinite(String place) {
    refuse(place, "a NaN or an infinity");
    notFinite++;
  }

  /** A word that is no valid UTF-8; it is taken in another form. */
  void invalidUtf8(String place) {
    if (options.invalidUtf8() == ReadOptions.InvalidUtf8.ERROR) {
      throw new PolysemeException(
          "%s, %s: the word is no valid UTF-8; choose what becomes of such words (replace, latin1)"
              .formatted(file, place));
    }
    invalidUtf8++;
    example(place + ": no valid UTF-8");
  }

  /** Such as were found besides those that were told one by one. */
  void more(long malformed, long notFinite, long invalidUtf8, long withSpaces) {
    this.malformed += malformed;
    this.notFinite += notFinite;
    this.invalidUtf8 += invalidUtf8;
    this.withSpaces += withSpaces;
  }

  private void refuse(String place, String what) {
    if (!options.lenient()) {
      throw new PolysemeException(
          "%s, %s: %s; mend the file, or read it leniently, which leaves such entries out"
              .formatted(file, place, what));
    }
    example(place + ": " + what);
  }

  private void example(String example) {
    if (examples.size() < ReadReport.MOST_EXAMPLES) {
      examples.add(example);
    }
  }

  ReadReport report(
      VectorFormat format, String compression, long words, int dimension, long declared) {
    boolean limited = words >= options.most();
    return new ReadReport(
        format,
        compression,
        words,
        dimension,
        limited ? -1 : declared,
        0,
        withSpaces,
        invalidUtf8,
        malformed,
        notFinite,
        examples);
  }
}
