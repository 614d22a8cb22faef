package io.polyseme.document;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Puts a text together out of headings and paragraphs, and keeps where each begins. Blocks are
 * parted by a blank line, which is where chunks may be cut.
 */
final class Outline {
  private final StringBuilder text = new StringBuilder();
  private final List<Document.Section> sections = new ArrayList<>();
  private final Deque<Document.Section> open = new ArrayDeque<>();
  private final List<Integer> pages = new ArrayList<>();
  private final int most;
  private boolean continued;

  /**
   * @param most how long the text may become
   */
  Outline(int most) {
    this.most = most;
  }

  String text() {
    return text.toString();
  }

  List<Document.Section> sections() {
    return sections;
  }

  List<Integer> pages() {
    return pages;
  }

  /** The words of the first of the outermost headings; empty where there is none. */
  String title() {
    return sections.stream()
        .min((a, b) -> Integer.compare(a.level(), b.level()))
        .map(Document.Section::heading)
        .orElse("");
  }

  /** A heading of a level from 1, the outermost. */
  void heading(int level, String words) {
    String heading = oneLine(words);
    if (heading.isEmpty()) {
      return;
    }
    continued = false;
    int start = begin(heading.length());
    while (!open.isEmpty() && open.getLast().level() >= level) {
      open.removeLast();
    }
    String path = open.isEmpty() ? heading : open.getLast().path() + " > " + heading;
    var section = new Document.Section(start, level, heading, path);
    open.add(section);
    sections.add(section);
    text.append(heading);
  }

  /** A paragraph, a list's item or a row, whose line ends are no more than spaces. */
  void paragraph(String words) {
    block(oneLine(words));
  }

  /** A block whose lines stay as they are, such as code. */
  void lines(String lines) {
    block(lines.strip());
  }

  private void block(String words) {
    if (!words.isEmpty()) {
      begin(words.length());
      text.append(words);
    }
  }

  /**
   * A page begins. A sentence that goes on from the page before stays one: no blank line parts it.
   */
  void page() {
    int end = text.length();
    continued = end > 0 && !endsSentence(text.charAt(end - 1));
    pages.add(end == 0 ? 0 : end + 1);
  }

  private static boolean endsSentence(char c) {
    return ".!?:;。！？：；…\"”’)]".indexOf(c) >= 0;
  }

  private int begin(int length) {
    if (!text.isEmpty()) {
      text.append(continued ? "\n" : "\n\n");
    }
    continued = false;
    if ((long) text.length() + length > most) {
      throw new SkipException("its text has more than %,d characters".formatted(most));
    }
    return text.length();
  }

  /** Without line ends, and one space where there was white space. */
  static String oneLine(String words) {
    var line = new StringBuilder(words.length());
    boolean space = false;
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      if (Character.isWhitespace(c) || c == '\u00A0' || c == '\u200B' || c == '\uFEFF') {
        space = true;
        // A soft hyphen at the end of a line only parts a word there.
        if (c == '\n' && !line.isEmpty() && line.charAt(line.length() - 1) == '\u00AD') {
          line.setLength(line.length() - 1);
          space = false;
        }
      } else if (c != 0) {
        if (space && !line.isEmpty()) {
          line.append(' ');
        }
        space = false;
        line.append(c);
      }
    }
    return line.toString();
  }
}
