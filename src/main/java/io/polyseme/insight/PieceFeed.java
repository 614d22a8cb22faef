package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The pieces of a corpus' texts, from where a run has come to. Not thread-safe. */
final class PieceFeed implements Iterator<TokenisedText>, AutoCloseable {
  private final Inside inside;
  private final List<Path> files;
  private final CorpusOptions reading;
  private final HeadProfileOptions options;
  private final HeadRun run;
  private final Deque<TokenisedText> ahead = new ArrayDeque<>();
  private final Deque<UnderWay> underWay = new ArrayDeque<>();
  private final long[] bytesBefore;
  private @Nullable CorpusReader reader;
  private HeadRun.Place read;

  /**
   * A piece that was given out.
   *
   * @param half of the texts, that it counts for
   * @param after where the run is once it is counted; null if more pieces of its text follow
   * @param position how many bytes of all files were read then
   */
  private record UnderWay(int half, HeadRun.@Nullable Place after, long position) {}

  PieceFeed(
      Inside inside,
      List<Path> files,
      CorpusOptions reading,
      HeadProfileOptions options,
      HeadRun run) {
    this.inside = inside;
    this.files = List.copyOf(files);
    this.reading = reading;
    this.options = options;
    this.run = run;
    this.read = run.place();
    bytesBefore = new long[files.size() + 1];
    for (int file = 0; file < files.size(); file++) {
      bytesBefore[file + 1] = bytesBefore[file] + size(files.get(file));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (java.io.IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private boolean enough() {
    return options.texts() > 0 && read.texts() >= options.texts()
        || options.tokens() > 0 && read.tokens() >= options.tokens();
  }

  @Override
  public boolean hasNext() {
    while (ahead.isEmpty() && !enough()) {
      CorpusText text = nextText();
      if (text == null) {
        return false;
      }
      add(text);
    }
    return !ahead.isEmpty();
  }

  private @Nullable CorpusText nextText() {
    while (read.file() < files.size()) {
      if (reader == null) {
        reader = CorpusReader.open(files.get(read.file()), reading);
        reader.skip(read.read());
      }
      if (reader.hasNext()) {
        return reader.next();
      }
      closeReader();
      read =
          new HeadRun.Place(
              read.file() + 1, 0, read.texts(), read.pieces(), read.tokens(), read.skipped());
    }
    return null;
  }

  private void add(CorpusText text) {
    List<TokenisedText> pieces = List.of();
    if (text.readable() && !text.text().isBlank()) {
      try {
        pieces = inside.tokeniseInPieces(text.text(), options.pieceTokens());
      } catch (PolysemeException _) {
        // Nothing but what the tokenizer drops, as control characters: it is counted as skipped.
        pieces = List.of();
      }
    }
    long tokens = pieces.stream().mapToLong(TokenisedText::count).sum();
    int half = (int) (read.texts() % 2);
    read =
        new HeadRun.Place(
            read.file(),
            read.read() + 1,
            read.texts() + (pieces.isEmpty() ? 0 : 1),
            read.pieces() + pieces.size(),
            read.tokens() + tokens,
            read.skipped() + (pieces.isEmpty() ? 1 : 0));
    long position = bytesBefore[read.file()] + text.position();
    for (int piece = 0; piece < pieces.size(); piece++) {
      ahead.add(pieces.get(piece));
      underWay.add(new UnderWay(half, piece + 1 < pieces.size() ? null : read, position));
    }
  }

  @Override
  public TokenisedText next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ahead.remove();
  }

  private long position;

  /** Counts the first piece that was given out and not yet taken back. */
  void take(Activations values) {
    UnderWay piece = underWay.remove();
    run.pending().add(piece.half, Units.of(values.text()), values);
    if (piece.after != null) {
      run.moveTo(piece.after);
    }
    position = piece.position;
  }

  /** To be called once all pieces are taken back: what is skipped at the end counts too. */
  void finish() {
    run.moveTo(read);
  }

  void report(Progress progress) {
    if (options.tokens() > 0) {
      progress.update(
          "reading tokens", Math.min(run.place().tokens(), options.tokens()), options.tokens());
    } else if (options.texts() > 0) {
      progress.update("reading texts", run.place().texts(), options.texts());
    } else {
      progress.update("reading", position, bytesBefore[files.size()]);
    }
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  @Override
  public void close() {
    closeReader();
  }
}
