package io.polyseme.train;

import io.polyseme.PolysemeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Counts words, which are bytes: each has a number from 0, in the order in which they were first
 * seen. For one thread.
 */
final class WordTable {
  /** Of no bytes; {@link #hash(int, byte)} goes on with it (FNV-1a). */
  static final int NO_BYTES = 0x811C9DC5;

  private static final int FNV_PRIME = 16777619;
  private static final int MOST_BYTES = Integer.MAX_VALUE - 16;

  /** The upper half is a word's hash, the lower its number and 1; 0 where there is none. */
  private long[] slots = new long[1 << 16];

  private byte[] bytes = new byte[1 << 20];
  private int[] starts = new int[1 << 15];
  private int[] hashes = new int[1 << 15];
  private long[] counts = new long[1 << 15];
  private int size;

  int size() {
    return size;
  }

  long count(int word) {
    return counts[word];
  }

  static int hash(int hash, byte next) {
    return (hash ^ next) * FNV_PRIME;
  }

  /** Counts so many more occurrences, or fewer. */
  void count(int word, int more) {
    counts[word] += more;
  }

  /** Counts one more occurrence; returns the word's number. */
  int add(byte[] from, int start, int end, int hash) {
    int word = number(from, start, end, hash);
    counts[word]++;
    return word;
  }

  /** The number of a word that is made of two, without counting it. */
  int join(int first, char delimiter, int second) {
    int middle = starts[first + 1] - starts[first];
    int length = middle + 1 + starts[second + 1] - starts[second];
    var joined = new byte[length];
    System.arraycopy(bytes, starts[first], joined, 0, middle);
    joined[middle] = (byte) delimiter;
    System.arraycopy(bytes, starts[second], joined, middle + 1, length - middle - 1);
    int hash = hashes[first];
    for (int i = middle; i < length; i++) {
      hash = hash(hash, joined[i]);
    }
    return number(joined, 0, length, hash);
  }

  private int number(byte[] from, int start, int end, int hash) {
    int mask = slots.length - 1;
    int slot = mixed(hash) & mask;
    while (true) {
      long held = slots[slot];
      if (held == 0) {
        return insert(from, start, end, hash, slot);
      }
      int word = (int) held - 1;
      if ((int) (held >>> 32) == hash
          && Arrays.equals(bytes, starts[word], starts[word + 1], from, start, end)) {
        return word;
      }
      slot = slot + 1 & mask;
    }
  }

  /** Has a word in the table that was not seen yet; returns its number. */
  int reserve(String word) {
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    int hash = NO_BYTES;
    for (byte b : utf8) {
      hash = hash(hash, b);
    }
    return number(utf8, 0, utf8.length, hash);
  }

  private int insert(byte[] from, int start, int end, int hash, int slot) {
    int word = size++;
    if (size + 1 >= starts.length) {
      int more = Math.min(starts.length, (1 << 30) - starts.length);
      if (more == 0) {
        throw tooMany();
      }
      starts = Arrays.copyOf(starts, starts.length + more);
      hashes = Arrays.copyOf(hashes, starts.length);
      counts = Arrays.copyOf(counts, starts.length);
    }
    int at = starts[word];
    int length = end - start;
    if (bytes.length - at < length) {
      if (at > MOST_BYTES - length) {
        throw tooMany();
      }
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(MOST_BYTES, Math.max(at + length, 2L * bytes.length)));
    }
    System.arraycopy(from, start, bytes, at, length);
    starts[word + 1] = at + length;
    hashes[word] = hash;
    slots[slot] = (long) hash << 32 | word + 1;
    if (2 * size > slots.length) {
      grow();
    }
    return word;
  }

  private void grow() {
    slots = new long[2 * slots.length];
    int mask = slots.length - 1;
    for (int word = 0; word < size; word++) {
      int slot = mixed(hashes[word]) & mask;
      while (slots[slot] != 0) {
        slot = slot + 1 & mask;
      }
      slots[slot] = (long) hashes[word] << 32 | word + 1;
    }
  }

  /** The low bits of FNV tell little of a word's first characters. */
  private static int mixed(int hash) {
    int h = hash * 0x9E3779B9;
    return h ^ h >>> 15;
  }

  private static PolysemeException tooMany() {
    return new PolysemeException(
        "the text has more different words than can be counted (two billion bytes of them): split"
            + " it");
  }

  String word(int word) {
    return new String(bytes, starts[word], starts[word + 1] - starts[word], StandardCharsets.UTF_8);
  }

  /** Compares two words by their bytes, which is by their characters. */
  int compare(int a, int b) {
    return Arrays.compareUnsigned(bytes, starts[a], starts[a + 1], bytes, starts[b], starts[b + 1]);
  }
}
