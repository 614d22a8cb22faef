package io.polyseme.analogy;

import io.polyseme.vector.Expression;
import io.polyseme.vector.Expression.Sum;
import io.polyseme.vector.Expression.Weighted;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import java.util.ArrayList;
import java.util.List;

/**
 * Expressions as text.
 *
 * <pre>
 *   king - man + woman            terms with signs
 *   2*king - 0.5*(man + boy)      weights stand before, with a star; parentheses group
 *   "New York" - York             a word with spaces or signs in it stands in quotes
 *   bank@"he sat on the bank"     a word in a text: its first occurrence as a whole word
 *   bank#2@"the bank by a bank"   its second occurrence
 *   bank@12:"he sat on the bank"  where it begins, in UTF-16 units from 0
 *   text:"a place to keep money"  a text, by its meaning
 * </pre>
 *
 * <p>A {@code -}, {@code +} or en dash is an operator only where white space (or a parenthesis or
 * quote) stands before it, so that {@code well-known} is one word; {@code king -man} is a
 * difference. Unicode's minus sign, {@code ×}, {@code *} and the full-width {@code ＋ － ＊ （ ）}
 * always are operators. Quotes are {@code "…"}, {@code “…”}, {@code ＂…＂}, {@code 「…」} or {@code
 * 『…』}; in them, a backslash keeps the next character as it is. Words in a text are found without
 * regard to case.
 */
public final class Expressions {
  /** Parentheses within parentheses. */
  static final int MAX_DEPTH = 100;

  private Expressions() {}

  /**
   * Reads an expression.
   *
   * @throws ExpressionSyntaxException if the text is none
   */
  public static Expression parse(String text) {
    return new Parser(text).parse();
  }

  /**
   * Writes an expression so that {@link #parse} gives an equal one back; a sum of one part is
   * written as that part.
   *
   * @throws IllegalArgumentException if it has a literal vector, an empty word or text, or more
   *     than a hundred levels
   */
  public static String format(Expression expression) {
    var out = new StringBuilder();
    format(expression, out, 0);
    return out.toString();
  }

  private static void format(Expression expression, StringBuilder out, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("the expression has more than " + MAX_DEPTH + " levels");
    }
    switch (expression) {
      case Term term -> out.append(format(term));
      case Weighted weighted -> weighted(weighted, out, depth, true);
      case Sum(List<Expression> parts) -> {
        if (parts.size() == 1) {
          format(parts.getFirst(), out, depth);
          return;
        }
        for (int i = 0; i < parts.size(); i++) {
          Expression part = simple(parts.get(i));
          if (part instanceof Weighted weighted) {
            weighted(weighted, out, depth, i == 0);
          } else {
            out.append(i == 0 ? "" : " + ");
            factor(part, out, depth);
          }
        }
      }
    }
  }

  private static void weighted(Weighted weighted, StringBuilder out, int depth, boolean first) {
    double weight = weighted.weight();
    boolean negative = Double.doubleToRawLongBits(weight) < 0;
    out.append(first ? negative ? "- " : "" : negative ? " - " : " + ");
    if (weight != -1) {
      double size = Math.abs(weight);
      out.append(size == Math.rint(size) && size < 1e9 ? Long.toString((long) size) : size + "");
      out.append('*');
    }
    factor(simple(weighted.expression()), out, depth);
  }

  private static void factor(Expression expression, StringBuilder out, int depth) {
    if (expression instanceof Term) {
      format(expression, out, depth);
    } else {
      out.append('(');
      format(expression, out, depth + 1);
      out.append(')');
    }
  }

  private static Expression simple(Expression expression) {
    Expression simple = expression;
    while (simple instanceof Sum(List<Expression> parts) && parts.size() == 1) {
      simple = parts.getFirst();
    }
    return simple;
  }

  private static String format(Term term) {
    return switch (term) {
      case Term.Word(String word) -> word(word);
      case Term.Text(String text) -> "text:" + quoted(text);
      case Term.Usage(String text, Span span) -> {
        int occurrence = Occurrences.number(text, span);
        String place =
            occurrence == 1
                ? "@"
                : occurrence > 1 ? "#" + occurrence + "@" : "@" + span.start() + ":";
        yield word(span.of(text)) + place + quoted(text);
      }
      case Term.Literal _ ->
          throw new IllegalArgumentException("a literal vector cannot be written in an expression");
    };
  }

  private static String word(String word) {
    boolean plain = !word.isEmpty() && !Parser.isSign(word.codePointAt(0));
    for (int i = 0; plain && i < word.length(); i++) {
      plain = !Parser.endsWord(word.charAt(i)) && "#@\\".indexOf(word.charAt(i)) < 0;
    }
    return plain ? word : quoted(word);
  }

  private static String quoted(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("an empty word or text cannot be written");
    }
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** A word's occurrences in a text: whole words, whatever their case. */
  static final class Occurrences {
    private Occurrences() {}

    /** Where the n-th begins, n from 1, or -1. */
    static int find(String text, String word, int n) {
      int seen = 0;
      for (int at = 0; at + word.length() <= text.length(); at++) {
        if (matches(text, word, at) && ++seen == n) {
          return at;
        }
      }
      return -1;
    }

    /** Which occurrence a span is, from 1, or 0 if it is no whole word. */
    static int number(String text, Span span) {
      String word = span.of(text);
      int seen = 0;
      for (int at = 0; at < span.start(); at++) {
        seen += matches(text, word, at) ? 1 : 0;
      }
      return matches(text, word, span.start()) ? seen + 1 : 0;
    }

    private static boolean matches(String text, String word, int at) {
      return text.regionMatches(true, at, word, 0, word.length())
          && boundary(text, at)
          && boundary(text, at + word.length());
    }

    private static boolean boundary(String text, int at) {
      if (at == 0 || at == text.length()) {
        return true;
      }
      int before = text.codePointBefore(at);
      int after = text.codePointAt(at);
      return !Character.isLetterOrDigit(before)
          || !Character.isLetterOrDigit(after)
          || Character.isIdeographic(before)
          || Character.isIdeographic(after);
    }
  }

  /** By recursive descent, bounded in depth. */
  private static final class Parser {
    private static final String OPEN = "\"“＂「『";
    private static final String CLOSE = "\"”＂」』";

    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    Expression parse() {
      Expression expression = sum(0);
      if (at < text.length()) {
        throw error("this parenthesis closes nothing", at);
      }
      return expression;
    }

    private Expression sum(int depth) {
      List<Expression> parts = new ArrayList<>();
      boolean negative = false;
      skipSpace();
      if (at < text.length() && isSign(text.charAt(at))) {
        negative = isMinus(text.charAt(at++));
      }
      while (true) {
        parts.add(product(negative, depth));
        skipSpace();
        if (at == text.length() || isClosing(text.charAt(at))) {
          return parts.size() == 1 ? parts.getFirst() : new Sum(parts);
        }
        if (isStar(text.charAt(at))) {
          throw error("a weight stands before its term, as in 2*king", at);
        }
        if (!isSign(text.charAt(at))) {
          throw error("+ or - is missing here; a name of several words stands in quotes", at);
        }
        negative = isMinus(text.charAt(at++));
      }
    }

    private Expression product(boolean negative, int depth) {
      skipSpace();
      double weight = 1;
      boolean weighted = false;
      int end = number(at);
      int star = end;
      while (end > at && star < text.length() && isSpace(text.charAt(star))) {
        star++;
      }
      if (end > at && star < text.length() && isStar(text.charAt(star))) {
        weight = Double.parseDouble(text.substring(at, end));
        if (Double.isInfinite(weight)) {
          throw error("this weight is too large", at);
        }
        weighted = true;
        at = star + 1;
        skipSpace();
      }
      Expression factor = factor(depth);
      return weighted || negative ? new Weighted(factor, negative ? -weight : weight) : factor;
    }

    private Expression factor(int depth) {
      if (at == text.length()) {
        throw error("a term is missing here", at);
      }
      char c = text.charAt(at);
      if (c == '(' || c == '（') {
        if (depth == MAX_DEPTH) {
          throw error("more than " + MAX_DEPTH + " parentheses within each other", at);
        }
        int open = at++;
        Expression inner = sum(depth + 1);
        if (at == text.length()) {
          throw error("this parenthesis is not closed", open);
        }
        at++;
        return inner;
      }
      if (isSign(c) || isStar(c) || isClosing(c)) {
        throw error("a term is missing here; a word that begins so stands in quotes", at);
      }
      return term();
    }

    private Term term() {
      int start = at;
      if (text.startsWith("text:", at) && quoteAt(at + 5)) {
        at += 5;
        return new Term.Text(quoted());
      }
      String word;
      int occurrence = 1;
      if (quoteAt(at)) {
        word = quoted();
        int end = digits(at + 1);
        if (at < text.length() && text.charAt(at) == '#' && end > at + 1 && contextAt(end)) {
          occurrence = integer(at + 1, end);
          at = end;
        }
      } else {
        while (at < text.length() && !endsWord(text.charAt(at)) && !contextAt(at)) {
          at++;
        }
        word = text.substring(start, at);
        int hash = word.lastIndexOf('#');
        if (contextAt(at)
            && hash > 0
            && hash + 1 < word.length()
            && digits(start + hash + 1) == at) {
          occurrence = integer(start + hash + 1, at);
          word = word.substring(0, hash);
        }
      }
      if (word.isEmpty()) {
        throw error("a word is missing here", start);
      }
      return contextAt(at) ? usage(word, occurrence, start) : new Term.Word(word);
    }

    private Term usage(String word, int occurrence, int start) {
      at++;
      int end = digits(at);
      int offset = -1;
      if (end > at) {
        offset = integer(at, end);
        at = end + 1;
      }
      String context = quoted();
      if (offset < 0) {
        offset = occurrence < 1 ? -1 : Occurrences.find(context, word, occurrence);
        if (offset < 0) {
          throw error(
              "\"%s\" is not in the text%s"
                  .formatted(word, occurrence == 1 ? "" : " " + occurrence + " times"),
              start);
        }
      } else if (!context.regionMatches(true, offset, word, 0, word.length())) {
        throw error("\"%s\" is not at %d in the text".formatted(word, offset), start);
      }
      return new Term.Usage(context, new Span(offset, offset + word.length()));
    }

    /** Whether {@code @"} or {@code @12:"} stands here. */
    private boolean contextAt(int i) {
      if (i >= text.length() || text.charAt(i) != '@') {
        return false;
      }
      int end = digits(i + 1);
      return quoteAt(i + 1)
          || end > i + 1 && end < text.length() && text.charAt(end) == ':' && quoteAt(end + 1);
    }

    private String quoted() {
      int open = at;
      char close = CLOSE.charAt(OPEN.indexOf(text.charAt(at++)));
      var inside = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == close) {
          if (inside.isEmpty()) {
            throw error("there is nothing between the quotes", open);
          }
          return inside.toString();
        }
        inside.append(c == '\\' && at < text.length() ? text.charAt(at++) : c);
      }
      throw error("this quote is not closed", open);
    }

    private boolean quoteAt(int i) {
      return i < text.length() && OPEN.indexOf(text.charAt(i)) >= 0;
    }

    /** Where a number that begins here ends; here, if there is none. */
    private int number(int from) {
      int i = digits(from);
      int seen = i - from;
      if (i < text.length() && text.charAt(i) == '.') {
        int end = digits(i + 1);
        seen += end - i - 1;
        i = end;
      }
      if (seen == 0) {
        return from;
      }
      if (i < text.length() && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
        int sign = i + 1;
        if (sign < text.length() && (text.charAt(sign) == '-' || text.charAt(sign) == '+')) {
          sign++;
        }
        int end = digits(sign);
        return end > sign ? end : i;
      }
      return i;
    }

    private int digits(int from) {
      int i = from;
      while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        i++;
      }
      return i;
    }

    private int integer(int from, int to) {
      if (to - from > 9) {
        throw error("this number is too large", from);
      }
      return Integer.parseInt(text.substring(from, to));
    }

    private void skipSpace() {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
    }

    private ExpressionSyntaxException error(String problem, int where) {
      return new ExpressionSyntaxException(problem, text, where);
    }

    static boolean endsWord(char c) {
      return isSpace(c)
          || isStar(c)
          || isClosing(c)
          || "(（－＋−".indexOf(c) >= 0
          || OPEN.indexOf(c) >= 0
          || CLOSE.indexOf(c) >= 0;
    }

    static boolean isSign(int c) {
      return isMinus(c) || c == '+' || c == '＋';
    }

    private static boolean isMinus(int c) {
      return c == '-' || c == '−' || c == '–' || c == '－';
    }

    private static boolean isStar(char c) {
      return c == '*' || c == '×' || c == '＊';
    }

    private static boolean isClosing(char c) {
      return c == ')' || c == '）';
    }

    private static boolean isSpace(char c) {
      return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
  }
}
