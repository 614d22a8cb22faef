package io.polyseme.predict;

import io.polyseme.corpus.HeldOut;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.TextChunk;
import io.polyseme.encoder.TokenisedText;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Texts cut into pieces that fit the window, with some of their tokens masked. Which ones depends
 * on the seed and the place in the corpus alone. Counts all tokens that it gives, but for those of
 * texts held out.
 */
final class MaskedTexts implements Iterator<MaskedTexts.Masked> {
  /** A text of fewer tokens says too little about any of them; headings are so short. */
  private static final int FEWEST = 8;

  private final Iterator<String> texts;
  private final Encoder encoder;
  private final Inside inside;
  private final HeadOptions options;
  private final int mask;
  private final int longest;
  private final long[] counts;
  private final Deque<Masked> ahead = new ArrayDeque<>();
  private long number;
  private long tokens;
  private long tooShort;

  /**
   * @param places the masked ones, ascending
   * @param words what stood there
   * @param heldOut whether it is measured with, and not learned from
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Masked(TokenisedText text, int[] places, int[] words, boolean heldOut) {}

  MaskedTexts(Iterator<String> texts, Encoder encoder, HeadOptions options, int mask) {
    this.texts = texts;
    this.encoder = encoder;
    this.inside = encoder.inside();
    this.options = options;
    this.mask = mask;
    int around = inside.tokenise("a").count() - 1;
    this.longest = Math.min(options.window(), encoder.info().window() - around);
    this.counts = new long[inside.vocabularyRows()];
  }

  /** How often each word (piece) stood in what is learned from. */
  long[] counts() {
    return counts;
  }

  /** How many tokens there were so far. */
  long tokens() {
    return tokens;
  }

  /** How many texts were left out because they are too short. */
  long tooShort() {
    return tooShort;
  }

  @Override
  public boolean hasNext() {
    while (ahead.isEmpty() && tokens < options.tokens() && texts.hasNext()) {
      read(texts.next());
    }
    return !ahead.isEmpty();
  }

  @Override
  public Masked next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ahead.removeFirst();
  }

  private void read(String text) {
    if (text.isBlank()) {
      return;
    }
    boolean heldOut = HeldOut.is(text, options.seed(), options.heldOut());
    boolean any = false;
    for (TextChunk chunk : encoder.chunks(text, Passages.chunks(longest))) {
      if (chunk.tokens() < FEWEST || tokens >= options.tokens()) {
        continue;
      }
      any = true;
      Masked masked = masked(inside.tokenise(chunk.span().of(text)), heldOut);
      if (masked != null) {
        ahead.add(masked);
      }
    }
    if (!any && tokens < options.tokens()) {
      tooShort++;
    }
  }

  private @Nullable Masked masked(TokenisedText text, boolean heldOut) {
    var random = new SplittableRandom(options.seed() * 0x9E3779B97F4A7C15L + number++);
    int[] ids = text.ids();
    var places = new int[ids.length];
    int count = 0;
    for (int token = 0; token < ids.length; token++) {
      if (text.special(token)) {
        continue;
      }
      tokens++;
      if (!heldOut) {
        counts[ids[token]]++;
      }
      if (random.nextDouble() < options.masked()) {
        places[count++] = token;
      }
    }
    if (count == 0) {
      return null;
    }
    places = Arrays.copyOf(places, count);
    var words = new int[count];
    for (int i = 0; i < count; i++) {
      words[i] = ids[places[i]];
      ids[places[i]] = mask;
    }
    return new Masked(text.withIds(ids), places, words, heldOut);
  }
}
