package io.polyseme.train.transformer;

import io.polyseme.PolysemeException;
import java.util.Arrays;

/** Different words as rows of pieces, with their counts. Rows become shorter. For one thread. */
final class CountedWords {
  /** In characters; the tokenizer takes a longer word for unknown. */
  static final int LONGEST = 100;

  private static final int MOST_PIECES = Integer.MAX_VALUE - 16;

  private int[] pieces = new int[1 << 12];
  private int[] starts = new int[1 << 10];
  private byte[] lengths = new byte[1 << 10];
  private long[] counts = new long[1 << 10];
  private int size;
  private int used;

  /** Adds a word of at most {@link #LONGEST} pieces. */
  void add(int[] word, int length, long count) {
    if (pieces.length - used < length) {
      if (used > MOST_PIECES - length) {
        throw new PolysemeException(
            "the text has more different words than pieces can be learned from (two billion"
                + " characters of them): take a part of it");
      }
      pieces = Arrays.copyOf(pieces, (int) Math.min(MOST_PIECES, 2L * pieces.length));
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    System.arraycopy(word, 0, pieces, used, length);
    starts[size] = used;
    lengths[size] = (byte) length;
    counts[size++] = count;
    used += length;
  }

  int size() {
    return size;
  }

  long count(int word) {
    return counts[word];
  }

  /** Where the word's first piece lies. */
  int start(int word) {
    return starts[word];
  }

  int length(int word) {
    return lengths[word];
  }

  void length(int word, int shorter) {
    lengths[word] = (byte) shorter;
  }

  int piece(int place) {
    return pieces[place];
  }

  void piece(int place, int piece) {
    pieces[place] = piece;
  }
}
