package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.TextChunk;
import io.polyseme.encoder.TokenisedText;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts texts into sentences that a model reads whole. Not thread-safe. */
final class SentenceCutter {
  /** A longer sentence is cut. */
  static final int TOKENS = 128;

  private final Encoder encoder;
  private final Inside inside;
  private final Passages.Chunks chunks;
  private final BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);

  SentenceCutter(Encoder encoder) {
    this.encoder = encoder;
    this.inside = encoder.inside();
    this.chunks = Passages.chunks(Math.min(TOKENS, encoder.info().window() - 8));
  }

  /** The sentences of a text, in order; those without a token are left out. */
  List<TokenisedText> cut(String text) {
    var sentences = new ArrayList<TokenisedText>();
    breaks.setText(text);
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; start = end, end = breaks.next()) {
      String sentence = text.substring(start, end).strip();
      if (sentence.length() <= chunks.tokens() / 4) {
        add(sentence, sentences);
      } else {
        for (TextChunk chunk : encoder.chunks(sentence, chunks)) {
          add(chunk.span().of(sentence), sentences);
        }
      }
    }
    return sentences;
  }

  private void add(String sentence, List<TokenisedText> sentences) {
    if (sentence.isEmpty()) {
      return;
    }
    try {
      sentences.add(inside.tokenise(sentence));
    } catch (PolysemeException e) {
      // Characters that the tokenizer drops, and nothing else: there is nothing to read.
      System.getLogger(SentenceCutter.class.getName())
          .log(System.Logger.Level.DEBUG, "left out a sentence", e);
    }
  }
}
