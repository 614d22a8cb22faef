package io.polyseme.corpus;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
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
 * @param fields what else the file says of the text, where the options ask for that: the other
 *     strings, numbers and truth values of a JSON object, or the other cells of a row, by name and
 *     in their order; empty strings are left out
 */
public record CorpusText(
    long index,
    long line,
    @Nullable String id,
    String text,
    String problem,
    long position,
    Map<String, String> fields) {
  public CorpusText {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** Of which nothing else is told. */
  public CorpusText(
      long index, long line, @Nullable String id, String text, String problem, long position) {
    this(index, line, id, text, problem, position, Map.of());
  }

  /** Whether there is a text, be it empty. */
  public boolean readable() {
    return problem.isEmpty();
  }
}
