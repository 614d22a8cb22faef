package io.polyseme.document;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The words of Markdown without its marks: headings, paragraphs, items, rows and code; of links and
 * pictures their words. What stands between lines of three hyphens at the very beginning is YAML.
 */
final class MarkdownText {
  private static final String FENCE = "---";

  private MarkdownText() {}

  /**
   * @param fields takes the front matter's: plain values, and lists of them joined by commas
   * @return what the person should know; empty where there is nothing
   */
  static String read(String markdown, Outline outline, Map<String, String> fields) {
    String body = markdown;
    String note = "";
    int end = endOfFrontMatter(markdown);
    if (end > 0) {
      try {
        fields.putAll(frontMatter(markdown.substring(FENCE.length(), end)));
        int next = markdown.indexOf('\n', end + 1);
        body = next < 0 ? "" : markdown.substring(next + 1);
      } catch (YamlEngineException e) {
        note = "its front matter is no YAML and is read as text";
      }
    }
    Node root =
        Parser.builder()
            .extensions(List.of(TablesExtension.create()))
            .maxOpenBlockParsers(200)
            .build()
            .parse(body);
    root.accept(new Blocks(outline));
    return note;
  }

  /** The line end before the closing fence; -1 where there is no front matter. */
  private static int endOfFrontMatter(String markdown) {
    if (!markdown.startsWith(FENCE)
        || !markdown.lines().findFirst().orElse("").strip().equals(FENCE)) {
      return -1;
    }
    for (int at = markdown.indexOf('\n'); at >= 0; at = markdown.indexOf('\n', at + 1)) {
      int next = markdown.indexOf('\n', at + 1);
      String line = markdown.substring(at + 1, next < 0 ? markdown.length() : next).strip();
      if (line.equals(FENCE) || line.equals("...")) {
        return at;
      }
    }
    return -1;
  }

  private static Map<String, String> frontMatter(String yaml) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (new Load(LoadSettings.builder().build()).loadFromString(yaml) instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            String plain = plain(value);
            if (!plain.isEmpty()) {
              fields.put(String.valueOf(name), plain);
            }
          });
    }
    return fields;
  }

  private static String plain(@Nullable Object value) {
    return switch (value) {
      case String s -> s.strip();
      case Number n -> n.toString();
      case Boolean b -> b.toString();
      case List<?> list ->
          String.join(
              ", ",
              list.stream()
                  .filter(v -> !(v instanceof List || v instanceof Map))
                  .map(MarkdownText::plain)
                  .filter(v -> !v.isEmpty())
                  .toList());
      case null, default -> "";
    };
  }

  private static final class Blocks extends AbstractVisitor {
    private final Outline outline;

    Blocks(Outline outline) {
      this.outline = outline;
    }

    @Override
    public void visit(Heading heading) {
      outline.heading(heading.getLevel(), words(heading));
    }

    @Override
    public void visit(Paragraph paragraph) {
      outline.paragraph(words(paragraph));
    }

    @Override
    public void visit(FencedCodeBlock code) {
      outline.lines(code.getLiteral());
    }

    @Override
    public void visit(IndentedCodeBlock code) {
      outline.lines(code.getLiteral());
    }

    @Override
    public void visit(HtmlBlock html) {
      outline.paragraph(HtmlMarks.without(html.getLiteral()));
    }

    @Override
    public void visit(CustomNode node) {
      if (node instanceof TableRow) {
        var row = new StringBuilder();
        for (Node cell = node.getFirstChild(); cell != null; cell = cell.getNext()) {
          if (cell instanceof TableCell) {
            row.append(row.isEmpty() ? "" : " | ").append(words(cell));
          }
        }
        outline.paragraph(row.toString());
      } else {
        visitChildren(node);
      }
    }

    private static String words(Node node) {
      var words = new Words();
      for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
        child.accept(words);
      }
      return words.text.toString();
    }
  }

  private static final class Words extends AbstractVisitor {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void visit(Text words) {
      text.append(words.getLiteral());
    }

    @Override
    public void visit(Code code) {
      text.append(code.getLiteral());
    }

    @Override
    public void visit(SoftLineBreak end) {
      text.append('\n');
    }

    @Override
    public void visit(HardLineBreak end) {
      text.append('\n');
    }

    @Override
    public void visit(HtmlInline html) {
      text.append(HtmlMarks.without(html.getLiteral()));
    }
  }

  /** HTML within Markdown: its words, by dropping what is between angle brackets. */
  private static final class HtmlMarks {
    static String without(String html) {
      return html.replaceAll("(?s)<!--.*?-->|<(script|style)\\b.*?(</\\1>|$)|<[^>]*>", " ");
    }
  }
}
