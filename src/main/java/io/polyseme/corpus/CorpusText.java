package io.polyseme.corpus;

import org.jspecify.annotations.Nullable;

/**
 * A text of a corpus, or what stands in its place.
 *
 * @param index its place among the texts, from 0
 * @param line the line of the file that it stands on, from 1
 * @param id what the file calls it; null where it has no name
 * @param text the text; empty where there is a problem
 * @param problem why there is no text here, to be read after "line 7: "; empty where there is one
 * @param position how many bytes of the file had been read once the text was
 */
public record CorpusText(
    long index, long line, @Nullable String id, String text, String problem, long position) {

  /** Whether there is a text, be it empty. */
  public boolean readable() {
    return problem.isEmpty();
  }
}
