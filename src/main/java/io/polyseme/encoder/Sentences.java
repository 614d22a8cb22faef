package io.polyseme.encoder;

import io.polyseme.encoder.EncodedPassage.Edge;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds the ends of sentences and paragraphs in a text that comes in parts. What it finds does not
 * depend on the parts. Sentences are those of {@link BreakIterator}, cut further at blank lines;
 * one that is longer than what is looked at together is cut at white space where there is any.
 */
final class Sentences {
  /** How much of a text is looked at together, and how much beyond a boundary must be known. */
  private static final int VIEW = 1 << 15;

  private static final int MARGIN = 1 << 9;

  /**
   * The end of a sentence, with the white space after it.
   *
   * @param end in the whole text, exclusive
   * @param kind {@link Edge#SENTENCE}, or {@link Edge#WORD} where a longer sentence was cut
   */
  record Boundary(int end, Edge kind) {}

  private final BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
  private final StringBuilder rest = new StringBuilder();
  private int restStart;

  /** Takes the next part of the text, and gives the boundaries that have become certain. */
  List<Boundary> add(String text) {
    var found = new ArrayList<Boundary>();
    for (int from = 0; from < text.length(); from += VIEW) {
      rest.append(text, from, Math.min(from + VIEW, text.length()));
      while (rest.length() > VIEW) {
        look(rest.substring(0, VIEW), VIEW - MARGIN, found);
      }
    }
    return found;
  }

  /** The boundaries in what is left, once all of the text was added. The last is its end. */
  List<Boundary> end() {
    var found = new ArrayList<Boundary>();
    if (!rest.isEmpty()) {
      look(rest.toString(), rest.length(), found);
    }
    return found;
  }

  private void look(String view, int limit, List<Boundary> found) {
    int done = 0;
    breaks.setText(view);
    breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE && end <= limit; end = breaks.next()) {
      addParagraphs(view, done, end, found);
      found.add(new Boundary(restStart + end, Edge.SENTENCE));
      done = end;
    }
    if (done == 0) {
      done = place(view, limit);
      addParagraphs(view, 0, done, found);
      found.add(new Boundary(restStart + done, Edge.WORD));
    }
    rest.delete(0, done);
    restStart += done;
  }

  /** Boundaries at the blank lines within a sentence. */
  private void addParagraphs(String view, int from, int to, List<Boundary> found) {
    int lineEnds = 0;
    for (int i = from; i < to; i++) {
      char c = view.charAt(i);
      if (c == '\n') {
        lineEnds++;
      } else if (!Character.isWhitespace(c)) {
        if (lineEnds > 1 && i > from) {
          found.add(new Boundary(restStart + i, Edge.SENTENCE));
        }
        lineEnds = 0;
      }
    }
  }

  /** The last place up to the limit where a word begins. */
  private static int place(String view, int limit) {
    for (int i = limit; i > limit / 2; i--) {
      if (Character.isWhitespace(view.charAt(i - 1))) {
        return i;
      }
    }
    return Character.isLowSurrogate(view.charAt(limit)) ? limit - 1 : limit;
  }
}
