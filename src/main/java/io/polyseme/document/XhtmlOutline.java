package io.polyseme.document;

import java.util.Locale;
import java.util.Set;
import org.xml.sax.Attributes;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Makes an outline of the XHTML events that Tika makes of every format: headings, paragraphs, a
 * table's rows with bars between their cells. Scripts, navigation and what a page has at its edges
 * are left out.
 */
final class XhtmlOutline extends DefaultHandler {
  private static final Set<String> DROPPED =
      Set.of(
          "head",
          "title",
          "script",
          "style",
          "noscript",
          "template",
          "nav",
          "footer",
          "aside",
          "svg",
          "iframe",
          "object",
          "select",
          "button",
          "menu");

  private static final Set<String> DROPPED_ROLES =
      Set.of("navigation", "banner", "contentinfo", "complementary", "search", "menu");

  private static final Set<String> INLINE =
      Set.of(
          "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn",
          "em", "font", "i", "ins", "kbd", "label", "mark", "meta", "q", "rp", "rt", "ruby", "s",
          "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
          "wbr", "img", "input", "link", "base");

  private final Outline outline;
  private final boolean pages;
  private final StringBuilder block = new StringBuilder();
  private int depth;

  /** The depth of the outermost element that is left out; 0 outside of such. */
  private int dropped;

  private int rows;
  private int heading;
  private int pre;

  /**
   * @param pages whether the format has pages
   */
  XhtmlOutline(Outline outline, boolean pages) {
    this.outline = outline;
    this.pages = pages;
  }

  @Override
  public void startElement(String uri, String local, String qualified, Attributes attributes) {
    depth++;
    if (dropped > 0) {
      return;
    }
    String name = name(local, qualified);
    if (isDropped(name, attributes)) {
      dropped = depth;
      return;
    }
    switch (name) {
      case "h1", "h2", "h3", "h4", "h5", "h6" -> {
        flush();
        heading = name.charAt(1) - '0';
      }
      case "tr" -> {
        flush();
        rows++;
      }
      case "td", "th" -> block.append(Outline.oneLine(block.toString()).isEmpty() ? "" : " | ");
      case "br" -> block.append('\n');
      case "pre" -> {
        flush();
        pre++;
      }
      default -> {
        if (!INLINE.contains(name)) {
          boundary();
        }
        if (pages && name.equals("div") && isPage(attributes)) {
          flush();
          outline.page();
        }
      }
    }
  }

  private static String name(String local, String qualified) {
    return (local.isEmpty() ? qualified : local).toLowerCase(Locale.ROOT);
  }

  private static boolean isDropped(String name, Attributes attributes) {
    String role = attributes.getValue("role");
    return DROPPED.contains(name)
        || role != null && DROPPED_ROLES.contains(role.toLowerCase(Locale.ROOT))
        || attributes.getValue("hidden") != null
        || "true".equals(attributes.getValue("aria-hidden"));
  }

  private static boolean isPage(Attributes attributes) {
    String kind = attributes.getValue("class");
    return "page".equals(kind) || "slide-content".equals(kind);
  }

  @Override
  public void endElement(String uri, String local, String qualified) {
    int ended = depth--;
    if (dropped > 0) {
      dropped = dropped == ended ? 0 : dropped;
      return;
    }
    String name = name(local, qualified);
    switch (name) {
      case "h1", "h2", "h3", "h4", "h5", "h6" -> {
        flush();
        heading = 0;
      }
      case "tr" -> {
        flush();
        rows = Math.max(0, rows - 1);
      }
      case "pre" -> {
        flush();
        pre = Math.max(0, pre - 1);
      }
      case "td", "th", "br" -> {}
      default -> {
        if (!INLINE.contains(name)) {
          boundary();
        }
      }
    }
  }

  /** Between blocks; within a row or a heading no more than a space. */
  private void boundary() {
    if (rows > 0 || heading > 0) {
      block.append('\n');
    } else {
      flush();
    }
  }

  @Override
  public void characters(char[] text, int from, int length) {
    if (dropped == 0) {
      block.append(text, from, length);
    }
  }

  @Override
  public void ignorableWhitespace(char[] text, int from, int length) {
    characters(text, from, length);
  }

  @Override
  public void endDocument() {
    flush();
  }

  private void flush() {
    if (block.isEmpty()) {
      return;
    }
    if (heading > 0) {
      outline.heading(heading, block.toString());
    } else if (pre > 0) {
      outline.lines(block.toString());
    } else {
      outline.paragraph(block.toString());
    }
    block.setLength(0);
  }
}
