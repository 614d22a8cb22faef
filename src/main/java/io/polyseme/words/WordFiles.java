package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Files of word vectors in the formats of other programs. Thread-safe. */
public final class WordFiles {
  private WordFiles() {}

  /**
   * What a file is, by its content and not its name; packed with gzip or zstd or not.
   *
   * @throws PolysemeException if it is not there or in no format that is known
   */
  public static VectorFormat detect(Path file) {
    return VectorReader.detect(file);
  }

  /**
   * Refuses to write a file over what it is made of.
   *
   * @throws PolysemeException if both are one file
   */
  public static void requireOther(Path in, Path out) {
    try {
      if (Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
        throw new PolysemeException(in + " would be written over: give another file");
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + out + ": " + e, e);
    }
  }

  /**
   * Writes vectors for other programs, packed with gzip where the name ends in {@code .gz}. Numbers
   * in text are the shortest that read back to the same float32. The file appears whole, in place
   * of one that was there, or not at all.
   *
   * @throws PolysemeException if a word cannot be written so that others read it, or the file
   *     cannot be written
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static void write(
      LabelledRows rows, Path file, ExportOptions options, Progress progress, Cancel cancel) {
    VectorExport.write(rows, file, options, progress, cancel);
  }

  /**
   * Opens a model of fastText's, packed or not, with its n-grams and outputs.
   *
   * @return the caller's to close
   * @throws PolysemeException if it is not there, no such model, damaged, quantised, a classifier
   *     or trained without negative sampling
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static FastTextFile openFastText(Path file, Progress progress, Cancel cancel) {
    try (var source = VectorSource.open(file, false, progress)) {
      VectorFormat format = Head.of(source, null).format();
      if (format != VectorFormat.FASTTEXT) {
        throw new PolysemeException(
            "%s is no model of fastText's (.bin), but %s"
                .formatted(file, format.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
      }
      return FastTextReader.open(source, cancel);
    }
  }

  /**
   * Writes a model that fastText opens, with its n-grams and outputs, so that it can be asked for
   * words it has not seen. The file appears whole, in place of one that was there, or not at all.
   *
   * @throws PolysemeException if a word has white space in it, or the file cannot be written
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static void writeFastText(
      FastTextModel model, Path file, Progress progress, Cancel cancel) {
    new FastTextWriter(model, progress, cancel).write(file);
  }
}
