package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One text on its way through the encoder: its tokens, the windows that they are encoded in, and
 * what has been pooled so far. Every window writes to places of its own, so that windows of a text
 * may be run in any order, by any thread; {@link #finish} joins them in order, which keeps the
 * result independent of it.
 *
 * @param input as it was given
 * @param tokens of the whole text, or of what of it is encoded
 * @param cut what of the text is not encoded; null for nothing
 * @param cutTokens how many tokens that is
 * @param words that are wanted
 * @param passages that are wanted
 * @param windows empty where only passages are encoded, each alone
 */
record TextJob(
    TextInput input,
    Tokens tokens,
    @Nullable Span cut,
    int cutTokens,
    int unknownTokens,
    List<Word> words,
    List<Passage> passages,
    List<Window> windows,
    List<String> warnings) {

  /** A word that is wanted; its pool has no window before it is assigned to one. */
  record Word(Span span, Pool pool) {
    EncodedWord finish(String text, List<String> pieces, List<Layers.Resolved> layers) {
      var vectors = new ArrayList<LayerVector>(layers.size());
      for (int layer = 0; layer < layers.size(); layer++) {
        vectors.add(new LayerVector(layers.get(layer).name(), pool.vector(layer)));
      }
      return new EncodedWord(span, text, pieces, vectors);
    }
  }

  /**
   * A passage that is wanted.
   *
   * @param pool its tokens in the text's windows, where it is encoded late
   * @param alone the passage as a text of its own, where it is encoded alone
   */
  record Passage(Chunker.Range range, @Nullable Pool pool, @Nullable TextJob alone) {

    /**
     * @param text the passage as it is written
     * @param seen what of the text its windows showed, where it is encoded late
     */
    EncodedPassage finish(
        String text, @Nullable Span seen, List<Layers.Resolved> layers, SentencePooler pooler) {
      var vectors = new ArrayList<LayerVector>(layers.size());
      for (int layer = 0; layer < layers.size(); layer++) {
        vectors.add(
            new LayerVector(
                layers.get(layer).name(),
                alone != null ? pooler.join(alone.windows, layer) : pooler.late(pool, layer)));
      }
      var made =
          alone != null
              ? new EncodedPassage.Made(
                  Passages.Encoding.ALONE,
                  pooler.pooling(),
                  new Span(0, alone.windows.size()),
                  range.span())
              : new EncodedPassage.Made(
                  Passages.Encoding.LATE,
                  pooler.latePooling(),
                  new Span(pool.firstWindow(), pool.lastWindow() + 1),
                  seen);
      return new EncodedPassage(
          range.span(),
          text,
          range.to() - range.from(),
          range.begins(),
          range.ends(),
          made,
          vectors);
    }
  }

  /** All windows that are to be run, those of passages included. */
  void addWindows(List<Window> all) {
    all.addAll(windows);
    for (Passage passage : passages) {
      if (passage.alone != null) {
        all.addAll(passage.alone.windows);
      }
    }
  }

  /** Makes the answer once every window has been run. */
  Encoded finish(EncodeRequest request, List<Layers.Resolved> layers, SentencePooler pooler) {
    var encodedWords = new ArrayList<EncodedWord>(words.size());
    for (Word word : words) {
      Pool pool = word.pool;
      encodedWords.add(
          word.finish(
              word.span.of(input.text()),
              List.of(Arrays.copyOfRange(tokens.pieces(), pool.from, pool.to)),
              layers));
    }
    var encodedPassages = new ArrayList<EncodedPassage>(passages.size());
    for (Passage passage : passages) {
      encodedPassages.add(
          passage.finish(
              passage.range.span().of(input.text()),
              passage.pool == null
                  ? null
                  : new Span(
                      windows.get(passage.pool.firstWindow()).seen.start(),
                      windows.get(passage.pool.lastWindow()).seen.end()),
              layers,
              pooler));
    }
    var sentence = new ArrayList<LayerVector>();
    if (request.sentence()) {
      for (int layer = 0; layer < layers.size(); layer++) {
        sentence.add(new LayerVector(layers.get(layer).name(), pooler.join(windows, layer)));
      }
    }
    return new Encoded(
        input.text(),
        encodedWords,
        sentence,
        encodedPassages,
        tokens.count() + cutTokens,
        unknownTokens,
        windows.size(),
        cut,
        warnings);
  }
}
