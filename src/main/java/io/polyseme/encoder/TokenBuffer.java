package io.polyseme.encoder;

import java.util.Arrays;

/** The tokens of a long text that are still needed, addressed by their numbers in the whole. */
final class TokenBuffer {
  private int[] ids = new int[1 << 12];
  private int[] starts = new int[1 << 12];
  private int[] ends = new int[1 << 12];
  private int first;
  private int count;

  void add(Tokens tokens) {
    int needed = count + tokens.count();
    if (needed > ids.length) {
      int room = Math.max(needed, ids.length * 2);
      ids = Arrays.copyOf(ids, room);
      starts = Arrays.copyOf(starts, room);
      ends = Arrays.copyOf(ends, room);
    }
    System.arraycopy(tokens.ids(), 0, ids, count, tokens.count());
    System.arraycopy(tokens.starts(), 0, starts, count, tokens.count());
    System.arraycopy(tokens.ends(), 0, ends, count, tokens.count());
    count = needed;
  }

  /** How many tokens were added. */
  int end() {
    return first + count;
  }

  /** Without the pieces' spellings. */
  Tokens slice(int from, int to) {
    return new Tokens(
        Arrays.copyOfRange(ids, from - first, to - first),
        Arrays.copyOfRange(starts, from - first, to - first),
        Arrays.copyOfRange(ends, from - first, to - first),
        new String[0],
        0);
  }

  /** No token before this one is needed any more. */
  void dropBefore(int token) {
    int passed = Math.min(token, end()) - first;
    if (passed > count / 2) {
      System.arraycopy(ids, passed, ids, 0, count - passed);
      System.arraycopy(starts, passed, starts, 0, count - passed);
      System.arraycopy(ends, passed, ends, 0, count - passed);
      first += passed;
      count -= passed;
    }
  }
}
