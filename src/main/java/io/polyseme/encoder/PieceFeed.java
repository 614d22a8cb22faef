package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.encoder.Workers.Work;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of a text with their tokens and words, made by the workers before they are needed.
 * Read by one thread, which reads the text, too.
 */
final class PieceFeed {
  private static final int AHEAD = 2;

  private final TextPieces pieces;
  private final Preparation preparation;
  private final Workers workers;
  private final Deque<Begun> begun = new ArrayDeque<>();
  private boolean first = true;
  private boolean ended;

  /**
   * A piece of the text.
   *
   * @param text well-formed UTF-16
   * @param tokens those that start in it, their places those in the whole text
   * @param frame of the first piece: what stands around a text's tokens in every window
   * @param words that are wanted, in order
   * @param unknown the first few words that the vocabulary does not know
   */
  record Ready(
      String text, Window.Frame frame, Tokens tokens, List<Word> words, Set<String> unknown) {}

  /**
   * A word.
   *
   * @param span in the whole text
   * @param from its first token among those of the piece
   * @param to the first token after it
   */
  record Word(Span span, String text, int from, int to, List<String> pieces) {}

  private static final class Begun {
    @Nullable Work work;
    @Nullable Ready ready;
  }

  PieceFeed(TextPieces pieces, Preparation preparation, Workers workers) {
    this.pieces = pieces;
    this.preparation = preparation;
    this.workers = workers;
  }

  /** The next piece; null after the last. */
  @Nullable Ready next(Cancel cancel) throws IOException {
    while (!ended && begun.size() <= AHEAD) {
      TextPieces.Piece piece = pieces.next();
      if (piece == null) {
        ended = true;
        break;
      }
      boolean prefixed = first;
      first = false;
      var one = new Begun();
      var stop = new Stop();
      begun.add(one);
      one.work =
          new Work(workers.inParallel(1, _ -> one.ready = prepare(piece, prefixed), stop), stop);
    }
    if (begun.isEmpty()) {
      return null;
    }
    begun.getFirst().work.await(cancel);
    return begun.removeFirst().ready;
  }

  private Ready prepare(TextPieces.Piece piece, boolean prefixed) {
    Preparation.Tokenised tokenised =
        prefixed ? preparation.tokenise(piece.text()) : preparation.tokeniseOn(piece.text());
    Tokens all = tokenised.tokens();
    Tokens tokens =
        all.slice(
            all.firstStartingAt(piece.from()),
            all.firstStartingAt(piece.to()),
            piece.offset(),
            preparation.unknownId());
    int start = piece.offset() + piece.from();
    String text = piece.own();
    return new Ready(
        text,
        tokenised.frame(),
        tokens,
        words(text, start, tokens),
        tokens.unknown() == 0 ? Set.of() : preparation.unknownWords(tokens, text, start));
  }

  private List<Word> words(String text, int start, Tokens tokens) {
    if (preparation.request().words() == Words.NONE) {
      return List.of();
    }
    var words = new ArrayList<Word>();
    for (Span local : preparation.wordFinder().words(text)) {
      var span = new Span(start + local.start(), start + local.end());
      int from = tokens.firstEndingAfter(span.start());
      int to = tokens.firstStartingAt(span.end());
      if (from < to) {
        words.add(
            new Word(
                span,
                local.of(text),
                from,
                to,
                List.of(Arrays.copyOfRange(tokens.pieces(), from, to))));
      }
    }
    return words;
  }

  /** Returns once no thread works on a piece any more. */
  void abandon() {
    for (Begun one : begun) {
      if (one.work != null) {
        one.work.abandon();
      }
    }
  }
}
