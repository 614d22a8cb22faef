package io.polyseme.encoder;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * BERT's tokenization as its authors describe it (the README and the comments of google-research's
 * bert: clean, white space around Chinese characters, lower case without accents, punctuation
 * apart, greedy longest match first), written for this test with every character's place kept.
 * Where Hugging Face differs by design this does as they do: private use characters are removed
 * like controls, and lower case is taken character by character (a capital sigma at a word's end is
 * σ).
 *
 * @param lower whether the model is uncased
 */
record BertRules(boolean lower) {
  private static final int LONGEST_WORD = 100;

  /** A character of normalised text, and the place in the text that it comes from. */
  private record Char(int point, int start, int end) {}

  /** A token that is expected. */
  record Expected(String piece, int start, int end) {}

  /** What is left of a text, without white space. */
  String normalised(String text) {
    var left = new StringBuilder();
    for (List<Char> word : words(text)) {
      word.forEach(c -> left.appendCodePoint(c.point));
    }
    return left.toString();
  }

  List<Expected> tokens(String text, Map<String, Integer> vocabulary, String unknown) {
    var tokens = new ArrayList<Expected>();
    for (List<Char> word : words(text)) {
      tokens.addAll(pieces(word, vocabulary, unknown));
    }
    return tokens;
  }

  private List<Expected> pieces(List<Char> word, Map<String, Integer> vocabulary, String unknown) {
    var pieces = new ArrayList<Expected>();
    int from = 0;
    while (from < word.size() && word.size() <= LONGEST_WORD) {
      int to = word.size();
      String piece = null;
      for (; to > from; to--) {
        piece = (from > 0 ? "##" : "") + string(word.subList(from, to));
        if (vocabulary.containsKey(piece)) {
          break;
        }
      }
      if (to == from) {
        break;
      }
      pieces.add(expected(piece, word.subList(from, to)));
      from = to;
    }
    return from == word.size() ? pieces : List.of(expected(unknown, word));
  }

  private static Expected expected(String piece, List<Char> from) {
    return new Expected(piece, from.getFirst().start, from.getLast().end);
  }

  private static String string(List<Char> chars) {
    var string = new StringBuilder();
    chars.forEach(c -> string.appendCodePoint(c.point));
    return string.toString();
  }

  private List<List<Char>> words(String text) {
    var words = new ArrayList<List<Char>>();
    List<Char> word = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      int end = at + Character.charCount(point);
      if (isWhite(point) || isChinese(point)) {
        word = close(word, words);
      }
      if (!isWhite(point) && !isRemoved(point)) {
        for (int left : folded(point)) {
          if (isPunctuation(left)) {
            word = close(word, words);
            words.add(List.of(new Char(left, at, end)));
          } else {
            word.add(new Char(left, at, end));
          }
        }
      }
      if (isChinese(point)) {
        word = close(word, words);
      }
      at = end;
    }
    close(word, words);
    return words;
  }

  private static List<Char> close(List<Char> word, List<List<Char>> words) {
    if (!word.isEmpty()) {
      words.add(word);
    }
    return new ArrayList<>();
  }

  private int[] folded(int point) {
    if (!lower) {
      return new int[] {point};
    }
    String bare =
        Normalizer.normalize(Character.toString(point), Normalizer.Form.NFD)
            .codePoints()
            .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return bare.codePoints()
        .flatMap(c -> Character.toString(c).toLowerCase(Locale.ROOT).codePoints())
        .toArray();
  }

  private static boolean isWhite(int point) {
    return point == '\t' || point == '\n' || point == '\r' || Character.isSpaceChar(point);
  }

  private static boolean isRemoved(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
      default -> point == 0xfffd;
    };
  }

  private static boolean isChinese(int point) {
    return (point >= 0x4e00 && point <= 0x9fff)
        || (point >= 0x3400 && point <= 0x4dbf)
        || (point >= 0x20000 && point <= 0x2a6df)
        || (point >= 0x2a700 && point <= 0x2ceaf)
        || (point >= 0xf900 && point <= 0xfaff)
        || (point >= 0x2f800 && point <= 0x2fa1f);
  }

  private static boolean isPunctuation(int point) {
    if (point < 128) {
      return point > ' ' && point < 127 && !Character.isLetterOrDigit(point);
    }
    return switch (Character.getType(point)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }
}
