package io.polyseme.train.transformer;

import io.polyseme.vector.RandomOrder;
import java.util.SplittableRandom;

/**
 * The sequences of a training: stretches of packed text between the special tokens, all of one
 * length, each once in a pass, in an order of the pass's own and cut at places of the pass's own.
 */
final class Sequences {
  private final TokenFile file;
  private final int length;
  private final int first;
  private final int last;
  private final long seed;
  private int pass = -1;
  private int offset;
  private int[] order = {};

  /**
   * @param length with the special tokens at both ends
   */
  Sequences(TokenFile file, int length, int first, int last, long seed) {
    this.file = file;
    this.length = length;
    this.first = first;
    this.last = last;
    this.seed = seed;
  }

  private int room() {
    return length - 2;
  }

  /** How many there are in a pass; the same in every one. */
  int perPass() {
    // One less than fit, so that the place of the first cut is free.
    return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(0, file.size() / room() - 1));
  }

  /**
   * Copies the sequence that a training comes to.
   *
   * @param number how many came before it, over all passes
   */
  void copy(long number, int[] into, int at) {
    int perPass = perPass();
    int wanted = (int) (number / perPass);
    if (wanted != pass) {
      var random = new SplittableRandom(seed * 31 + wanted);
      offset = random.nextInt(room());
      order = RandomOrder.shuffled(perPass, random);
      pass = wanted;
    }
    copyFrom((long) order[(int) (number % perPass)] * room() + offset, into, at);
  }

  /** How many there are where nothing is shuffled. */
  int inOrder() {
    return (int) Math.min(Integer.MAX_VALUE - 8, file.size() / room());
  }

  void copyInOrder(int number, int[] into, int at) {
    copyFrom((long) number * room(), into, at);
  }

  private void copyFrom(long start, int[] into, int at) {
    into[at] = first;
    for (int i = 0; i < room(); i++) {
      into[at + 1 + i] = file.id(start + i);
    }
    into[at + length - 1] = last;
  }

  int length() {
    return length;
  }
}
