package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tokens of the models that are there point at the characters that they stand for. */
@Timeout(300)
class TokenOffsetsIT {
  private static final int TEXTS = 1000;

  private static ModelFiles files(String model) {
    return ModelStore.standard().open(model, Progress.NONE, Cancel.create());
  }

  @ParameterizedTest
  @CsvSource({
    "bge-small-en-v1.5, true",
    "bge-small-zh-v1.5, false",
    "all-minilm-l6-v2, true",
    "e5-small-v2, true"
  })
  void offsetsPointAtTheText(String model, boolean lower) {
    var rules = new BertRules(lower);
    try (Tokenizer tokenizer = Tokenizer.open(files(model).tokenizer())) {
      Map<String, Integer> vocabulary = tokenizer.vocabulary().pieces();
      int tokenCount = 0;
      for (int seed = 0; seed < TEXTS; seed++) {
        String text = Encoder.wellFormed(RandomTexts.next(new Random(seed)));
        Tokens tokens = tokenizer.tokenize(text);
        String where = "%s, seed %d, %s".formatted(model, seed, RandomTexts.shown(text));
        assertInOrderAndWhole(text, tokens, where);
        assertPiecesAreWhatIsThere(rules, text, tokens, where);
        // The same tokens at the same places as by the rule from beginning to end.
        List<BertRules.Expected> expected = rules.tokens(text, vocabulary, "[UNK]");
        var actual = new ArrayList<BertRules.Expected>();
        for (int i = 0; i < tokens.count(); i++) {
          actual.add(
              new BertRules.Expected(tokens.pieces()[i], tokens.starts()[i], tokens.ends()[i]));
          assertEquals(vocabulary.get(tokens.pieces()[i]), tokens.ids()[i], where);
        }
        assertEquals(expected, actual, where);
        tokenCount += tokens.count();
      }
      assertTrue(tokenCount > 3 * TEXTS, tokenCount + " tokens");
    }
  }

  private static void assertInOrderAndWhole(String text, Tokens tokens, String where) {
    for (int i = 0; i < tokens.count(); i++) {
      int start = tokens.starts()[i];
      int end = tokens.ends()[i];
      assertTrue(0 <= start && start < end && end <= text.length(), where);
      for (int place : new int[] {start, end}) {
        assertTrue(place == text.length() || !Character.isLowSurrogate(text.charAt(place)), where);
      }
      if (i > 0) {
        // Only what one character became may share its place.
        int before = tokens.starts()[i - 1];
        assertTrue(
            start >= tokens.ends()[i - 1]
                || (start >= before && text.codePointCount(start, tokens.ends()[i - 1]) == 1),
            where);
      }
    }
  }

  /** Normalised on its own, the text below a token is the token; and no character is left over. */
  private static void assertPiecesAreWhatIsThere(
      BertRules rules, String text, Tokens tokens, String where) {
    var covered = new BitSet();
    for (int i = 0; i < tokens.count(); ) {
      int start = tokens.starts()[i];
      int end = tokens.ends()[i];
      boolean unknown = false;
      var pieces = new StringBuilder();
      do {
        String piece = tokens.pieces()[i];
        unknown |= piece.equals("[UNK]");
        pieces.append(piece.startsWith("##") && piece.length() > 2 ? piece.substring(2) : piece);
        end = Math.max(end, tokens.ends()[i]);
        i++;
      } while (i < tokens.count() && tokens.starts()[i] < end);
      if (!unknown) {
        assertEquals(pieces.toString(), rules.normalised(text.substring(start, end)), where);
      }
      covered.set(start, end);
    }
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      if (!covered.get(at)) {
        assertEquals("", rules.normalised(Character.toString(text.codePointAt(at))), where);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"bge-small-en-v1.5", "bge-small-zh-v1.5", "all-minilm-l6-v2"})
  void theWordsHaveThePiecesThatOverlapThem(String model) {
    EncodeRequest request = EncodeRequest.ofWords().withLayers(Layers.of(0));
    try (Tokenizer tokenizer = Tokenizer.open(files(model).tokenizer());
        Encoder encoder = Encoder.open(files(model))) {
      for (int seed = 0; seed < 300; seed++) {
        String text = RandomTexts.next(new Random(seed));
        String where = "%s, seed %d, %s".formatted(model, seed, RandomTexts.shown(text));
        Tokens tokens = tokenizer.tokenize(Encoder.wellFormed(text));
        TreeMap<Span, List<String>> expected = new TreeMap<>(Comparator.comparing(Span::start));
        for (Span span : encoder.words(text)) {
          var pieces = new ArrayList<String>();
          for (int i = 0; i < tokens.count(); i++) {
            if (tokens.starts()[i] < span.end() && tokens.ends()[i] > span.start()) {
              pieces.add(tokens.pieces()[i]);
            }
          }
          if (!pieces.isEmpty()) {
            expected.put(span, pieces);
          }
        }
        if (tokens.count() > 0) {
          TreeMap<Span, List<String>> actual = new TreeMap<>(expected.comparator());
          actual.clear();
          encoder
              .encode(text, request)
              .words()
              .forEach(word -> actual.put(word.span(), word.pieces()));
          assertEquals(expected, actual, where);
        }
      }
    }
  }
}
