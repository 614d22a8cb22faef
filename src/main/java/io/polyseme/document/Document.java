package io.polyseme.document;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A text and what is known of it.
 *
 * @param id what it is called: the path below the folder that was read, with {@code /}; of a row
 *     its own id, or file and line ({@code notes.csv:12}). No two documents of a reading have the
 *     same
 * @param file the file it came from, called as above
 * @param text the whole, not blank; paragraphs of formats that have them are parted by a blank line
 * @param sections where headings begin a new part, in the order of the text; empty where there are
 *     no headings
 * @param pages where each page begins; empty where the format has none
 * @param fields metadata, each a plain value: {@code title}, {@code author}, {@code date} and
 *     {@code modified} (ISO 8601, UTC), {@code type}, and whatever else the file says, in its own
 *     words
 */
public record Document(
    String id,
    String file,
    String text,
    List<Section> sections,
    List<Integer> pages,
    Map<String, String> fields) {
  /** The field that names the document for a person. */
  public static final String TITLE = "title";

  /**
   * A part of a text that a heading begins.
   *
   * @param start where the heading begins, in UTF-16 units
   * @param level from 1, the outermost
   * @param heading its words
   * @param path the headings that it stands under and itself, joined by {@code " > "}
   */
  public record Section(int start, int level, String heading, String path) {}

  public Document {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(file, "file");
    if (text.isBlank()) {
      throw new IllegalArgumentException("a document needs a text: " + id);
    }
    sections = List.copyOf(sections);
    pages = List.copyOf(pages);
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** The headings over a place of the text, joined by {@code " > "}; empty before the first. */
  public String sectionAt(int place) {
    int at = last(sections.stream().mapToInt(Section::start).toArray(), place);
    return at < 0 ? "" : sections.get(at).path();
  }

  /** The page that a place of the text is on, from 1; 0 where there are no pages. */
  public int pageAt(int place) {
    return pages.isEmpty()
        ? 0
        : Math.max(1, last(pages.stream().mapToInt(Integer::intValue).toArray(), place) + 1);
  }

  /** The last of these that is not after a place; -1 if all are. */
  private static int last(int[] starts, int place) {
    int at = Arrays.binarySearch(starts, place);
    if (at < 0) {
      return -at - 2;
    }
    while (at + 1 < starts.length && starts[at + 1] == place) {
      at++;
    }
    return at;
  }
}
