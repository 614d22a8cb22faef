package io.polyseme.encoder;

import io.polyseme.encoder.EncodedPassage.Edge;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.StringReader;
import java.text.BreakIterator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a text that comes in parts into chunks, as {@link Passages.Chunks} says. Time is linear in
 * the text, and what is kept is bounded by a few chunks and sentences.
 */
final class Chunker {
  /**
   * A passage before it has a vector.
   *
   * @param from its first token
   * @param to the first token after it
   */
  record Range(Span span, int from, int to, Edge begins, Edge ends) {}

  /** A place where the text can be cut: before a character and the first token from there on. */
  private record Cut(int place, int token, Edge kind) {}

  private static final class Sentence {
    final Cut begin;
    final Cut end;
    Cut @Nullable [] words;

    Sentence(Cut begin, Cut end) {
      this.begin = begin;
      this.end = end;
    }
  }

  private final int limit;
  private final int overlap;
  private final WordFinder words;
  private final Sentences finder = new Sentences();
  private final TextBuffer text = new TextBuffer();
  private final ArrayDeque<Sentence> sentences = new ArrayDeque<>();

  /** Where the tokens from {@code firstToken} on start. */
  private int[] starts = new int[1 << 10];

  private int firstToken;
  private int tokens;
  private Cut next = new Cut(0, 0, Edge.TEXT);
  private int covered;
  private boolean ended;

  Chunker(Passages.Chunks chunks, WordFinder words) {
    this.limit = chunks.tokens();
    this.overlap = chunks.overlap();
    this.words = words;
  }

  /** The chunks of a whole text, which is tokenised piece by piece. */
  static List<TextChunk> chunks(
      String text, Passages.Chunks chunks, Tokenizer tokenizer, WordFinder words) {
    var chunker = new Chunker(chunks, words);
    var made = new ArrayList<Range>();
    var pieces = new TextPieces(new StringReader(text), TextPieces.SIZE);
    try {
      for (TextPieces.Piece piece = pieces.next(); piece != null; piece = pieces.next()) {
        Tokens all = tokenizer.tokenize(piece.text());
        Tokens its =
            all.slice(
                all.firstStartingAt(piece.from()),
                all.firstStartingAt(piece.to()),
                piece.offset(),
                tokenizer.vocabulary().unknownId());
        made.addAll(chunker.add(piece.own(), its));
      }
    } catch (IOException e) {
      throw new AssertionError(e); // a string is read
    }
    made.addAll(chunker.end());
    return made.stream().map(r -> new TextChunk(r.span(), r.to() - r.from())).toList();
  }

  /**
   * Takes the next part of the text, and gives the chunks that have become certain.
   *
   * @param part well-formed UTF-16
   * @param its the tokens that start in it, their places those in the whole text
   */
  List<Range> add(String part, Tokens its) {
    text.add(part);
    int kept = tokens - firstToken;
    if (kept + its.count() > starts.length) {
      starts = Arrays.copyOf(starts, Math.max(starts.length * 2, kept + its.count()));
    }
    System.arraycopy(its.starts(), 0, starts, kept, its.count());
    tokens += its.count();
    take(finder.add(part));
    return chunks();
  }

  /** The chunks of what is left, once all of the text was added. */
  List<Range> end() {
    take(finder.end());
    ended = true;
    return chunks();
  }

  /** No token before this one will be in a further chunk. */
  int frontier() {
    return next.token;
  }

  /** No further chunk will begin before this place. */
  int frontierPlace() {
    return next.place;
  }

  private void take(List<Sentences.Boundary> boundaries) {
    for (Sentences.Boundary boundary : boundaries) {
      Cut begin = sentences.isEmpty() ? next : sentences.getLast().end;
      Cut end = new Cut(boundary.end(), tokenAt(boundary.end()), boundary.kind());
      sentences.add(new Sentence(begin, end));
    }
  }

  /** The first token that does not start before this place. */
  private int tokenAt(int place) {
    int at = Arrays.binarySearch(starts, 0, tokens - firstToken, place);
    if (at < 0) {
      return firstToken - at - 1;
    }
    while (at > 0 && starts[at - 1] == place) {
      at--;
    }
    return firstToken + at;
  }

  private List<Range> chunks() {
    var made = new ArrayList<Range>();
    while (covered < tokens
        && !sentences.isEmpty()
        && (ended || sentences.getLast().end.token > (long) next.token + limit)) {
      Cut end = endOfNext();
      if (ended && end.token == tokens) {
        end = new Cut(text.end(), tokens, Edge.TEXT);
      }
      Range range = range(next, end);
      if (range.span.length() > 0) {
        made.add(range);
      }
      covered = end.token;
      next = end.token == tokens ? end : beginningAfter(end);
      forget();
    }
    return made;
  }

  private Range range(Cut begin, Cut end) {
    int from = begin.place;
    int to = end.place;
    while (from < to && Character.isWhitespace(text.at(from))) {
      from++;
    }
    while (from < to && Character.isWhitespace(text.at(to - 1))) {
      to--;
    }
    return new Range(new Span(from, to), begin.token, end.token, begin.kind, end.kind);
  }

  /** Where the chunk that begins at {@link #next} ends: after {@link #covered}. */
  private Cut endOfNext() {
    int most = (int) Math.min((long) next.token + limit, tokens);
    Cut best = null;
    for (Sentence sentence : sentences) {
      if (sentence.end.token > most) {
        break;
      }
      if (sentence.end.token > covered) {
        best = sentence.end;
      }
    }
    if (best != null) {
      return best;
    }
    for (Sentence sentence : sentences) {
      if (sentence.end.token > covered) {
        Cut[] words = words(sentence);
        int after = firstAt(words, most + 1);
        if (after > 0 && words[after - 1].token > covered) {
          best = words[after - 1];
        }
        break;
      }
    }
    return best != null ? best : withinWord(most);
  }

  /** A cut before this token, or before an earlier one that begins with a character of its own. */
  private Cut withinWord(int token) {
    int before = token;
    while (before > covered + 1 && start(before) == start(before - 1)) {
      before--;
    }
    if (start(before) == start(before - 1)) {
      before = token;
    }
    return new Cut(start(before), before, Edge.TOKEN);
  }

  private int start(int token) {
    return starts[token - firstToken];
  }

  /** Where the chunk begins that comes after one that ends here. */
  private Cut beginningAfter(Cut end) {
    if (overlap == 0) {
      return end;
    }
    int least = Math.max(end.token - overlap, next.token + 1);
    for (Sentence sentence : sentences) {
      if (sentence.end.token > end.token) {
        if (sentence.end.token - end.token <= limit) {
          least = Math.max(least, sentence.end.token - limit);
        }
        break;
      }
    }
    for (Sentence sentence : sentences) {
      if (sentence.begin.token >= end.token) {
        break;
      }
      if (sentence.begin.token >= least) {
        return sentence.begin;
      }
    }
    for (Sentence sentence : sentences) {
      if (sentence.begin.token >= end.token) {
        break;
      }
      if (sentence.end.token > least) {
        Cut[] words = words(sentence);
        int first = firstAt(words, least);
        if (first < words.length && words[first].token < end.token) {
          return words[first];
        }
      }
    }
    return end;
  }

  /** The first of these that is not before a token; their number if all are. */
  private static int firstAt(Cut[] cuts, int token) {
    int low = 0;
    int high = cuts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cuts[middle].token >= token) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The places between the words of a sentence where a line could be broken. */
  private Cut[] words(Sentence sentence) {
    if (sentence.words == null) {
      String its = text.slice(sentence.begin.place, sentence.end.place);
      Iterator<Span> found = words.words(its).iterator();
      Span word = found.hasNext() ? found.next() : null;
      var cuts = new ArrayList<Cut>();
      BreakIterator lines = BreakIterator.getLineInstance(Locale.ROOT);
      lines.setText(its);
      int lastToken = sentence.begin.token;
      lines.first();
      for (int place = lines.next(); place != BreakIterator.DONE; place = lines.next()) {
        while (word != null && word.end() <= place) {
          word = found.hasNext() ? found.next() : null;
        }
        boolean within = word != null && word.start() < place;
        int token = tokenAt(sentence.begin.place + place);
        if (!within && token > lastToken && token < sentence.end.token) {
          cuts.add(new Cut(sentence.begin.place + place, token, Edge.WORD));
          lastToken = token;
        }
      }
      sentence.words = cuts.toArray(Cut[]::new);
    }
    return sentence.words;
  }

  private void forget() {
    while (!sentences.isEmpty() && sentences.getFirst().end.token <= next.token) {
      sentences.removeFirst();
    }
    int place = sentences.isEmpty() ? next.place : sentences.getFirst().begin.place;
    int token = sentences.isEmpty() ? next.token : sentences.getFirst().begin.token;
    text.dropBefore(Math.min(place, next.place));
    int passed = Math.min(token, next.token) - firstToken;
    if (passed > Math.max((tokens - firstToken) / 2, 1 << 10)) {
      System.arraycopy(starts, passed, starts, 0, tokens - firstToken - passed);
      firstToken += passed;
    }
  }
}
