package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Path;

/** Reads word vectors of foreign formats, packed with gzip or zstd or not. Thread-safe. */
final class VectorReader {
  private VectorReader() {}

  /**
   * Finds out what a file is, by its content.
   *
   * @throws PolysemeException if it is not there or in no format that is known
   */
  static VectorFormat detect(Path file) {
    try (var source = VectorSource.open(file, false, Progress.NONE)) {
      return Head.of(source, null).format();
    }
  }

  /**
   * Reads a file and hands over what is in it. Where this fails, the sink has had some of it.
   *
   * @return the report, whose {@code words} are those that were handed over and whose {@code
   *     duplicates} are 0: the sink knows them
   * @throws PolysemeException if the file is missing, in no format that is known, our own, cut off
   *     or damaged beyond what the options let pass
   * @throws io.polyseme.CancelledException if it was cancelled
   * @throws IOException what the sink throws
   */
  static ReadReport read(
      Path file, ReadOptions options, WordSink sink, Progress progress, Cancel cancel)
      throws IOException {
    cancel.check();
    try (var source = VectorSource.open(file, options.lenient(), progress)) {
      Head head = Head.of(source, options.format());
      return switch (head.format()) {
        case WORD2VEC_TEXT, GLOVE -> TextReader.read(source, head, options, sink, cancel);
        case WORD2VEC_BINARY -> BinaryReader.read(source, head, options, sink, cancel);
        case FASTTEXT -> FastTextReader.read(source, options, sink, cancel);
        case POLYSEME ->
            throw new PolysemeException(
                source.compression().isEmpty()
                    ? file + " is a file of Polyseme's own, which is mapped and not read"
                    : "%s is a file of Polyseme's own packed with %s; unpack it first"
                        .formatted(file, source.compression()));
      };
    }
  }
}
