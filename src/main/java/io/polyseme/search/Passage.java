package io.polyseme.search;

import io.polyseme.vector.Span;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a search.
 *
 * @param rank from 1, through all pages
 * @param label of the entry
 * @param score what the answers are ordered by; its scale depends on how the search was done
 * @param similarity of its vector to the question's; NaN where that was not asked
 * @param similarityRank from 1; 0 where it was not found by its vector
 * @param words its score by words; 0 where it has none of them or that was not asked
 * @param wordsRank from 1; 0 where it was not found by its words
 * @param fields of the entry, in the order they were stored
 * @param excerpt the part of the text that answers best; null where it was not asked for
 * @param highlights the words that are nearest to the question's, in the order of the text
 */
public record Passage(
    int rank,
    String label,
    double score,
    double similarity,
    int similarityRank,
    double words,
    int wordsRank,
    Map<String, String> fields,
    @Nullable Span excerpt,
    List<Highlight> highlights) {

  /**
   * A word of a passage.
   *
   * @param span in the text of the passage
   * @param score how near it is to a word of the question, compared with the other words
   * @param near the word of the question
   */
  public record Highlight(Span span, double score, String near) {}

  public Passage {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    highlights = List.copyOf(highlights);
  }

  /** The text of the passage; empty where the entry has none. */
  public String text() {
    return fields.getOrDefault("text", "");
  }

  Passage withHighlights(@Nullable Span excerpt, List<Highlight> highlights) {
    return new Passage(
        rank,
        label,
        score,
        similarity,
        similarityRank,
        words,
        wordsRank,
        fields,
        excerpt,
        highlights);
  }
}
