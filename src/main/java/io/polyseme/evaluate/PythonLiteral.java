package io.polyseme.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What Python's {@code repr} writes of strings, whole numbers, lists, tuples, sets and
 * dictionaries; as String, Long, List, Set and Map.
 */
final class PythonLiteral {
  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException if it is none, with the place
   */
  static Object parse(String text) {
    var literal = new PythonLiteral(text);
    Object value = literal.value();
    literal.skipSpace();
    if (literal.at < text.length()) {
      throw literal.unexpected("the end");
    }
    return value;
  }

  private IllegalArgumentException unexpected(String expected) {
    return new IllegalArgumentException("%s expected at character %d".formatted(expected, at + 1));
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /** The next character that is no space; 0 at the end. */
  private char next() {
    skipSpace();
    return at < text.length() ? text.charAt(at) : 0;
  }

  private Object value() {
    char c = next();
    return switch (c) {
      case '\'', '"' -> string(c);
      case '[' -> list(']');
      case '(' -> list(')');
      case '{' -> braces();
      default -> number();
    };
  }

  private Long number() {
    int start = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '-')) {
      at++;
    }
    try {
      return Long.valueOf(text.substring(start, at));
    } catch (NumberFormatException _) {
      at = start;
      throw unexpected("a value");
    }
  }

  private List<Object> list(char end) {
    at++;
    var list = new ArrayList<>();
    while (next() != end) {
      list.add(value());
      separator(end);
    }
    at++;
    return list;
  }

  private Object braces() {
    at++;
    Map<Object, Object> map = new LinkedHashMap<>();
    Set<Object> set = new LinkedHashSet<>();
    while (next() != '}') {
      Object key = value();
      if (next() == ':' && set.isEmpty()) {
        at++;
        map.put(key, value());
      } else if (map.isEmpty()) {
        set.add(key);
      } else {
        throw unexpected("a colon");
      }
      separator('}');
    }
    at++;
    return set.isEmpty() ? map : set;
  }

  private void separator(char end) {
    char c = next();
    if (c == ',') {
      at++;
    } else if (c != end) {
      throw unexpected("a comma or " + end);
    }
  }

  private String string(char quote) {
    at++;
    var string = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      char c = text.charAt(at++);
      string.append(c == '\\' ? escaped() : String.valueOf(c));
    }
    if (at == text.length()) {
      throw unexpected("the end of a string");
    }
    at++;
    return string.toString();
  }

  private String escaped() {
    if (at == text.length()) {
      throw unexpected("the end of a string");
    }
    char c = text.charAt(at++);
    return switch (c) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case 'x' -> code(2);
      case 'u' -> code(4);
      case 'U' -> code(8);
      default -> String.valueOf(c);
    };
  }

  private String code(int digits) {
    try {
      String code = Character.toString(Integer.parseInt(text.substring(at, at + digits), 16));
      at += digits;
      return code;
    } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
      throw unexpected("%d hexadecimal digits".formatted(digits));
    }
  }
}
