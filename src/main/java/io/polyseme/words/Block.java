package io.polyseme.words;

import org.jspecify.annotations.Nullable;

/**
 * Some words with their vectors, in the order of their file: what a reader hands to a {@link
 * WordSink}.
 *
 * @param count how many words
 * @param labels their UTF-8 bytes, without anything between; valid UTF-8, none empty
 * @param ends where each label ends among them: int[count] or longer, ascending
 * @param frequencies how often each word occurred: long[count] or longer; null where not known
 * @param vectors float[count * dimension] or longer, row after row, all finite
 */
record Block(int count, byte[] labels, int[] ends, long @Nullable [] frequencies, float[] vectors) {
  int start(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }
}
