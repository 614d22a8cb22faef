package io.polyseme.evaluate;

import java.util.List;

/** A way of searching that is put to the test. */
@FunctionalInterface
public interface Ranker {
  /**
   * Ranks the documents for a query.
   *
   * @param query the words of it
   * @param depth how many documents are wanted
   * @return their ids, the best first, each once; fewer where no more are found
   */
  List<String> rank(String query, int depth);
}
