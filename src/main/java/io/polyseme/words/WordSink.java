package io.polyseme.words;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Takes what a reader of word vectors finds, in the order of the file; called by one thread at a
 * time. Of a word that comes again the first vector stays: the sink counts the others.
 */
interface WordSink {
  /**
   * Called once, before anything else.
   *
   * @param dimension at least 1
   * @param words about how many there will be, as far as the length of the file bears it out; -1
   *     where nothing is known
   */
  void begin(int dimension, long words) throws IOException;

  /** Takes a block, which is the reader's again afterwards. */
  void add(Block block) throws IOException;

  /**
   * After the words, for a model with subwords: how words are cut into n-grams. The vectors of the
   * n-grams follow by {@link #addBuckets}.
   */
  void subwords(SubwordRule rule) throws IOException;

  /**
   * The next vectors of the buckets that n-grams are hashed into, in all as many as {@link
   * SubwordRule#buckets()}.
   *
   * @param vectors little-endian float32, row after row; the reader's again afterwards
   */
  void addBuckets(MemorySegment vectors) throws IOException;
}
