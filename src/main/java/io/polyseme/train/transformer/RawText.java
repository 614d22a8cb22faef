package io.polyseme.train.transformer;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.Sha256;
import io.polyseme.corpus.CorpusFormat;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.corpus.TextFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The texts of files and folders, read as often as they are needed. For one thread. */
final class RawText {
  private static final int TOLD = 1000;

  private final List<Path> from;
  private final List<Path> files;
  private final CorpusOptions read;
  private final long bytes;
  private LeftOut leftOut = LeftOut.NONE;

  /**
   * @throws PolysemeException if something is not there
   */
  RawText(List<Path> from, CorpusOptions read) {
    this.from = from;
    this.files = TextFiles.list(from);
    this.read = read;
    this.bytes = bytes(files);
  }

  /** About how many bytes of text there are. */
  long bytes() {
    return bytes;
  }

  /** The texts that could not be read when all were gone through. */
  LeftOut leftOut() {
    return leftOut;
  }

  /** The names of files and folders, for people. */
  String names() {
    return from.stream()
        .map(path -> path.getFileName().toString())
        .collect(Collectors.joining(", "));
  }

  private static long bytes(List<Path> files) {
    long bytes = 0;
    for (Path file : files) {
      try {
        // Packed text has about three times as much.
        bytes += (file.toString().endsWith(".gz") ? 3 : 1) * Files.size(file);
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return bytes;
  }

  private static PolysemeException unreadable(Path file, IOException e) {
    return new PolysemeException("cannot read " + file + ": " + e, e);
  }

  /**
   * Tells one training from another: the same files unchanged, read alike, the same options.
   *
   * @param options as they are written
   */
  String signature(Object options) {
    MessageDigest digest = Sha256.start();
    digest.update((options + " " + read).getBytes(StandardCharsets.UTF_8));
    for (Path file : files) {
      try {
        String facts =
            "\n%s %d %d"
                .formatted(
                    file.toAbsolutePath().normalize(),
                    Files.size(file),
                    Files.getLastModifiedTime(file).toMillis());
        digest.update(facts.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return Sha256.hex(digest);
  }

  /**
   * Gives all texts that can be read, in their order.
   *
   * @throws PolysemeException if a file cannot be read, or none of the texts
   */
  void forEach(String task, Consumer<String> sink, Progress progress, Cancel cancel) {
    forEach(task, sink, () -> {}, progress, cancel);
  }

  /**
   * The same.
   *
   * @param apart called before each text that does not go on with the one before: the first of a
   *     file, and each where a file has records and not lines
   */
  void forEach(
      String task, Consumer<String> sink, Runnable apart, Progress progress, Cancel cancel) {
    leftOut = LeftOut.NONE;
    long characters = 0;
    long count = 0;
    boolean some = false;
    for (Path file : files) {
      apart.run();
      try (CorpusReader reader = CorpusReader.open(file, read)) {
        boolean records = reader.format() != CorpusFormat.LINES;
        while (reader.hasNext()) {
          CorpusText text = reader.next();
          if (++count % TOLD == 0) {
            cancel.check();
            progress.update(task, Math.min(characters, bytes), bytes);
          }
          if (!text.readable()) {
            leftOut = leftOut.and(file, text);
            continue;
          }
          characters += text.text().length();
          some |= !text.text().isBlank();
          if (records) {
            apart.run();
          }
          sink.accept(text.text());
        }
      }
    }
    if (!some && leftOut.texts() > 0) {
      throw new PolysemeException("there is no text that can be read" + leftOut.atTheEnd());
    }
  }
}
