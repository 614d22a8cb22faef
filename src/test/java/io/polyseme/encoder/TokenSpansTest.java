package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.vector.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens of byte-level BPE and SentencePiece point at the characters that they stand for. */
@Timeout(120)
class TokenSpansTest {
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");
  private static final Map<Character, Integer> BYTES = new HashMap<>();

  static {
    for (int b = 0; b < 256; b++) {
      BYTES.put(MadeUpTokenizer.byteCharacter(b), b);
    }
  }

  static List<MadeUpTokenizer> tokenizers() {
    return MadeUpTokenizer.all();
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void offsetsPointAtTheText(MadeUpTokenizer made, @TempDir Path folder) throws IOException {
    boolean bytes = made.json().contains("ByteLevel");
    try (Tokenizer tokenizer = Tokenizer.open(made.write(folder))) {
      for (int seed = 0; seed < 1000; seed++) {
        String text = Encoder.wellFormed(RandomTexts.next(new Random(seed)));
        Tokens tokens = tokenizer.tokenize(text);
        Supplier<String> where = shown(made, seed, text, tokens);
        var covered = new BitSet();
        for (int i = 0; i < tokens.count(); ) {
          int start = tokens.starts()[i];
          int end = tokens.ends()[i];
          var pieces = new ArrayList<String>();
          // What has a character in common is one: a character may become several pieces.
          do {
            assertPlace(text, tokens, i, where);
            pieces.add(tokens.pieces()[i]);
            end = Math.max(end, tokens.ends()[i]);
            i++;
          } while (i < tokens.count() && tokens.starts()[i] < end);
          String piece = bytes ? fromBytes(pieces) : fromMarked(pieces);
          String there = made.normal().apply(text.substring(start, end));
          assertEquals(white(piece), white(there), where);
          if (!white(piece).isEmpty()) {
            assertEquals(text.substring(start, end), stripped(text.substring(start, end)), where);
          }
          covered.set(start, end);
        }
        // What the normaliser keeps, of a grapheme cluster or of a character alone, has a token.
        BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
        clusters.setText(text);
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
          if (!covered.get(at)) {
            int end = clusters.following(at);
            String cluster = text.substring(clusters.previous(), end);
            String one = Character.toString(text.codePointAt(at));
            assertTrue(
                white(made.normal().apply(one)).isEmpty()
                    || white(made.normal().apply(cluster)).isEmpty(),
                where);
          }
        }
      }
    }
  }

  private static void assertPlace(String text, Tokens tokens, int i, Supplier<String> where) {
    int start = tokens.starts()[i];
    int end = tokens.ends()[i];
    assertTrue(0 <= start && start <= end && end <= text.length(), where);
    for (int place : new int[] {start, end}) {
      assertTrue(place == text.length() || !Character.isLowSurrogate(text.charAt(place)), where);
    }
    if (i > 0) {
      assertTrue(start >= tokens.starts()[i - 1] && end >= tokens.ends()[i - 1], where);
    }
  }

  private static Supplier<String> shown(
      MadeUpTokenizer made, int seed, String text, Tokens tokens) {
    return () -> {
      var shown = new StringBuilder("%s, seed %d, ".formatted(made, seed));
      shown.append(RandomTexts.shown(text));
      for (int i = 0; i < tokens.count(); i++) {
        shown.append(
            "%n  %s [%d, %d)"
                .formatted(
                    RandomTexts.shown(tokens.pieces()[i]), tokens.starts()[i], tokens.ends()[i]));
      }
      return shown.toString();
    };
  }

  private static String fromBytes(List<String> pieces) {
    var bytes = new ByteArrayOutputStream();
    for (String piece : pieces) {
      piece.chars().forEach(c -> bytes.write(BYTES.get((char) c)));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String fromMarked(List<String> pieces) {
    var bytes = new ByteArrayOutputStream();
    for (String piece : pieces) {
      Matcher matcher = BYTE.matcher(piece);
      if (matcher.matches()) {
        bytes.write(Integer.parseInt(matcher.group(1), 16));
      } else {
        bytes.writeBytes(piece.replace('▁', ' ').getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Without white space at the ends; the mark of SentencePiece is a space to it in any text. */
  private static String white(String text) {
    return stripped(text.replace('▁', ' '));
  }

  private static String stripped(String text) {
    String white = "[\\s\\u0085\\p{Z}]+";
    return text.replaceAll("^" + white, "").replaceAll(white + "$", "");
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void theWordsHaveThePiecesThatOverlapThem(MadeUpTokenizer made, @TempDir Path folder)
      throws IOException {
    var finder = new WordFinder(null);
    try (Tokenizer tokenizer = Tokenizer.open(made.write(folder))) {
      for (int seed = 0; seed < 300; seed++) {
        String text = Encoder.wellFormed(RandomTexts.next(new Random(seed)));
        Tokens tokens = tokenizer.tokenize(text);
        Supplier<String> where = shown(made, seed, text, tokens);
        for (Span word : finder.words(text)) {
          int from = tokens.firstEndingAfter(word.start());
          int to = Math.max(from, tokens.firstStartingAt(word.end()));
          for (int i = 0; i < tokens.count(); i++) {
            boolean overlaps =
                tokens.starts()[i] < word.end()
                    && tokens.ends()[i] > word.start()
                    && tokens.starts()[i] < tokens.ends()[i];
            boolean empty = tokens.starts()[i] == tokens.ends()[i];
            assertTrue(empty || overlaps == (i >= from && i < to), where);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aWordAfterAnAddedTokenIsWhole(boolean trim, @TempDir Path folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(MadeUpTokenizer.roberta(trim, true).write(folder))) {
      Tokens tokens = tokenizer.tokenize("<mask>bank <mask>你");
      assertEquals(List.of("<mask>", "Ġbank", "Ġ", "<mask>", "Ġä½ł"), List.of(tokens.pieces()));
      assertEquals("bank", "<mask>bank".substring(tokens.starts()[1], tokens.ends()[1]));
    }
  }

  @Test
  void theFilesSayWhichTokenPads(@TempDir Path folder) throws IOException {
    assertEquals(1, padding(MadeUpTokenizer.roberta(true, false), folder));
    assertEquals(-1, padding(MadeUpTokenizer.qwen(false), folder));
    MadeUpTokenizer llama = MadeUpTokenizer.llama();
    assertEquals(-1, padding(llama, folder));
    String section =
        "\"padding\":{\"strategy\":\"BatchLongest\",\"direction\":\"Right\",\"pad_to_multiple_of\":null,\"pad_id\":2,\"pad_type_id\":0,\"pad_token\":\"</s>\"}";
    assertEquals(
        2,
        padding(
            new MadeUpTokenizer(
                "padded", llama.json().replace("\"padding\":null", section), llama.normal()),
            folder));
  }

  private static int padding(MadeUpTokenizer made, Path folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(made.write(folder))) {
      return tokenizer.padding().orElse(-1);
    }
  }
}
