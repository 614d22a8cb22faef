package io.polyseme.search;

import io.polyseme.vector.Span;
import java.util.List;
import java.util.Map;

/**
 * A text of a source, and what is indexed of it: the whole, or some of its words.
 *
 * @param text what is encoded
 * @param items in the order of their spans; none where the source has nothing to index there
 * @param done how many of the source's {@link Source#size()} are done with this entry
 */
record Entry(String text, List<Item> items, long done) {
  /**
   * What becomes one entry of the index.
   *
   * @param span of the word; null for the whole text
   */
  record Item(
      String label, @org.jspecify.annotations.Nullable Span span, Map<String, String> fields) {}
}
