package io.polyseme.encoder;

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

  /** The first token from {@code from} on that does not start before this place. */
  int firstStartingAt(int from, int place) {
    int token = from;
    while (token < ids.length && starts[token] < place) {
      token++;
    }
    return token;
  }
}
