package io.polyseme.words;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The distinct labels of a space that is being made, numbered in the order in which they came, in a
 * few arrays: no object for each. Not thread-safe.
 */
final class Labels {
  private byte[] bytes = new byte[1 << 14];
  private int[] ends = new int[1 << 10];
  private int[] slots = new int[1 << 11];
  private int size;

  int size() {
    return size;
  }

  /** The length of all labels together, in bytes. */
  int length() {
    return size == 0 ? 0 : ends[size - 1];
  }

  /**
   * Adds a label.
   *
   * @return its number; -1 where it is there already
   * @throws IOException if the labels would be longer than 2 GB together
   */
  int add(byte[] from, int start, int end) throws IOException {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    int slot = hash(from, start, end) & slots.length - 1;
    while (slots[slot] != 0) {
      int row = slots[slot] - 1;
      if (Arrays.equals(bytes, start(row), ends[row], from, start, end)) {
        return -1;
      }
      slot = slot + 1 & slots.length - 1;
    }
    int at = length();
    int after = at + end - start;
    if (after < 0) {
      throw new IOException("the words are longer than 2 GB together");
    }
    if (after > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * after));
    }
    System.arraycopy(from, start, bytes, at, end - start);
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size] = after;
    slots[slot] = ++size;
    return size - 1;
  }

  private int start(int row) {
    return row == 0 ? 0 : ends[row - 1];
  }

  private void grow() {
    slots = table(Math.multiplyExact(2, slots.length));
  }

  private int[] table(int length) {
    var table = new int[length];
    for (int row = 0; row < size; row++) {
      int slot = hash(bytes, start(row), ends[row]) & length - 1;
      while (table[slot] != 0) {
        slot = slot + 1 & length - 1;
      }
      table[slot] = row + 1;
    }
    return table;
  }

  /** Writes the hash table as {@link Layout} describes it. */
  void writeSlots(MemorySegment into) {
    int[] table = slots.length == Layout.slots(size) ? slots : table(Layout.slots(size));
    for (int i = 0; i < table.length; i++) {
      into.set(Layout.INT, 4L * i, table[i]);
    }
  }

  /** Writes where each label begins, and where the last ends: size + 1 numbers. */
  void writeOffsets(MemorySegment into) {
    for (int row = 0; row < size; row++) {
      into.set(Layout.LONG, 8L * row, start(row));
    }
    into.set(Layout.LONG, 8L * size, length());
  }

  void writeLabels(MemorySegment into) {
    MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, 0, length());
  }

  /**
   * FNV-1a (32 bits) with the finalizer of MurmurHash3, which spreads it over the low bits that
   * choose a slot. A part of the file format.
   */
  static int hash(byte[] bytes, int start, int end) {
    int h = 0x811C9DC5;
    for (int i = start; i < end; i++) {
      h = (h ^ bytes[i] & 0xFF) * 0x01000193;
    }
    h = (h ^ h >>> 16) * 0x85EBCA6B;
    h = (h ^ h >>> 13) * 0xC2B2AE35;
    return h ^ h >>> 16;
  }
}
