package io.polyseme.analogy;

/** A text that is no expression. The message shows the text with a caret below the place. */
public final class ExpressionSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int CONTEXT = 60;

  private final int column;

  ExpressionSyntaxException(String problem, String text, int at) {
    super("%s (column %d)%n%s".formatted(problem, text.codePointCount(0, at) + 1, caret(text, at)));
    this.column = text.codePointCount(0, at) + 1;
  }

  /** Where, in characters (code points) from 1; one past the last where something is missing. */
  public int column() {
    return column;
  }

  private static String caret(String text, int at) {
    int from = Math.max(0, at - CONTEXT);
    int to = Math.min(text.length(), at + CONTEXT);
    String shown = text.substring(from, to).replaceAll("\\s", " ");
    var line = new StringBuilder(shown).append(System.lineSeparator());
    shown.substring(0, at - from).codePoints().forEach(c -> line.append(wide(c) ? "\u3000" : " "));
    return line.append('^').toString();
  }

  /** Whether a terminal gives the character two columns, as it gives the ideographic space. */
  private static boolean wide(int c) {
    return Character.isIdeographic(c) || c >= 0x3000 && c <= 0x30ff || c >= 0xff01 && c <= 0xff60;
  }
}
