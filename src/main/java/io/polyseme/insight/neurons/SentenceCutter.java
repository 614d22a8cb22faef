package io.polyseme.insight.neurons;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts texts into sentences that a model reads whole. Not thread-safe. */
final class SentenceCutter {
  /** A longer sentence is cut. */
  static final int TOKENS = 128;

  private final Inside inside;
  private final BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);

  SentenceCutter(Inside inside) {
    this.inside = inside;
  }

  /** The sentences of a text, in order; those without a token are left out. */
  List<TokenisedText> cut(String text) {
    var sentences = new ArrayList<TokenisedText>();
    breaks.setText(text);
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; start = end, end = breaks.next()) {
      String sentence = text.substring(start, end).strip();
      if (!sentence.isEmpty()) {
        add(sentence, sentences);
      }
    }
    return sentences;
  }

  private void add(String sentence, List<TokenisedText> sentences) {
    try {
      sentences.addAll(inside.tokeniseInPieces(sentence, TOKENS));
    } catch (PolysemeException e) {
      // Characters that the tokenizer drops, and nothing else: there is nothing to read.
      System.getLogger(SentenceCutter.class.getName())
          .log(System.Logger.Level.DEBUG, "left out a sentence", e);
    }
  }
}
