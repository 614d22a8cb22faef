package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.encoder.TextPieces.Piece;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextPiecesTest {
  private record Cut(List<Piece> pieces, List<Integer> forced, int characters) {}

  private static Cut cut(Reader reader) throws IOException {
    var pieces = new TextPieces(reader, TextPieces.SIZE);
    var all = new ArrayList<Piece>();
    for (Piece piece = pieces.next(); piece != null; piece = pieces.next()) {
      all.add(piece);
    }
    return new Cut(all, pieces.forcedCuts(), pieces.characters());
  }

  private static Cut cut(String text) throws IOException {
    return cut(new StringReader(text));
  }

  private static void assertWhole(String text, Cut cut) {
    var joined = new StringBuilder();
    for (Piece piece : cut.pieces) {
      assertEquals(joined.length(), piece.offset() + piece.from());
      assertTrue(piece.own().length() <= TextPieces.SIZE + TextPieces.CONTEXT);
      assertTrue(text.startsWith(piece.text(), piece.offset()));
      joined.append(piece.own());
    }
    assertEquals(text, joined.toString());
    assertEquals(text.length(), cut.characters);
  }

  @RepeatedTest(20)
  void piecesAreTheTextAndEndWhereWordsDo(RepetitionInfo seed) throws IOException {
    var random = new Random(seed.getCurrentRepetition());
    String[] parts = {"word ", "stop. ", "\n", "他在。", "银行，", "😀 ", "  ", "3.14 "};
    var text = new StringBuilder();
    while (text.length() < 300_000) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    Reader inBits =
        new StringReader(text.toString()) {
          @Override
          public int read(char[] to, int at, int length) throws IOException {
            return super.read(to, at, Math.min(length, 1 + random.nextInt(5000)));
          }
        };
    Cut cut = cut(inBits);
    assertWhole(text.toString(), cut);
    assertEquals(List.of(), cut.forced);
    for (Piece piece : cut.pieces.subList(1, cut.pieces.size())) {
      char before = piece.text().charAt(piece.from() - 1);
      char at = piece.text().charAt(piece.from());
      assertTrue(Character.isWhitespace(at) || before == '。' || before == '，', before + "|" + at);
    }
    assertEquals(cut.pieces, cut(text.toString()).pieces);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "ab-", "银行", "😀", "e\u0301", "👩‍👩‍👧‍👦", "\uD83D", "\uDE00"})
  void aRunWithoutEndIsCutAndTheCutsAreKept(String unit) throws IOException {
    String text = unit.repeat(400_000 / unit.length());
    Cut cut = cut(text);
    String wellFormed = Encoder.wellFormed(text);
    assertWhole(wellFormed, cut);
    assertEquals(cut.pieces.size() - 1, cut.forced.size());
    for (int place : cut.forced) {
      assertFalse(
          Character.isHighSurrogate(wellFormed.charAt(place - 1))
              && Character.isLowSurrogate(wellFormed.charAt(place)));
      assertFalse(Character.getType(wellFormed.charAt(place)) == Character.NON_SPACING_MARK);
    }
  }

  @Test
  void whiteSpaceAloneIsCutWithoutAWord() throws IOException {
    Cut cut = cut(" ".repeat(300_000));
    assertWhole(" ".repeat(300_000), cut);
    assertEquals(List.of(), cut.forced);
    assertEquals(List.of(), cut("").pieces);
  }

  @Test
  void aShortTextIsOnePiece() throws IOException {
    assertEquals(List.of(new Piece("as it is", 0, 0, 8)), cut("as it is").pieces);
  }
}
