package io.polyseme.encoder;

import java.util.Arrays;

/**
 * The tokens of a text, without special ones.
 *
 * @param ids token ids
 * @param starts where each token begins in the text, in UTF-16 units
 * @param ends where it ends, exclusive
 * @param pieces the tokens as the tokenizer writes them
 * @param unknown how many are the unknown token
 */
record Tokens(int[] ids, int[] starts, int[] ends, String[] pieces, int unknown) {
  int count() {
    return ids.length;
  }

  /** The first token that ends after this place; {@link #count()} where there is none. */
  int firstEndingAfter(int place) {
    int low = 0;
    int high = ids.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The first token that does not start before this place; {@link #count()} if all do. */
  int firstStartingAt(int place) {
    int low = 0;
    int high = ids.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (starts[middle] >= place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * The tokens from one to before another.
   *
   * @param shift what is added to every place in the text
   */
  Tokens slice(int from, int to, int shift, int unknownId) {
    if (from == 0 && to == ids.length && shift == 0) {
      return this;
    }
    var slice =
        new Tokens(
            Arrays.copyOfRange(ids, from, to),
            Arrays.copyOfRange(starts, from, to),
            Arrays.copyOfRange(ends, from, to),
            Arrays.copyOfRange(pieces, from, to),
            (int) Arrays.stream(ids, from, to).filter(id -> id == unknownId).count());
    for (int i = 0; i < slice.ids.length; i++) {
      slice.starts[i] = Math.max(slice.starts[i] + shift, 0);
      slice.ends[i] = Math.max(slice.ends[i] + shift, 0);
    }
    return slice;
  }
}
