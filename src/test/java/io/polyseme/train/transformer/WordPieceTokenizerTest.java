package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.RandomTexts;
import io.polyseme.encoder.RealTokenizer;
import io.polyseme.train.transformer.WordPieceTrainer.Options;
import io.polyseme.train.transformer.WordPieceTrainer.Pieces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds what is learned from against the real tokenizer, opened from the files written. */
@Timeout(120)
class WordPieceTokenizerTest {
  private static final int NO_MERGES = Integer.MAX_VALUE;
  private static final Options ALL_CHARACTERS =
      Options.DEFAULT.withVocabulary(2_000_000).withLimitAlphabet(1_000_000);

  @TempDir Path folder;

  private RealTokenizer tokenizer(Options options, List<String> texts) {
    var trainer = new WordPieceTrainer(options);
    texts.forEach(trainer::add);
    Pieces pieces = trainer.train(Progress.NONE, Cancel.create());
    pieces.writeTokenizer(folder);
    return RealTokenizer.open(folder.resolve("tokenizer.json"));
  }

  /** The words that training counts; one that is too long as the tokenizer has it. */
  private static List<String> counted(String text, boolean lowerCase) {
    var words = new ArrayList<String>();
    new BertWords(lowerCase)
        .forEach(
            text,
            (units, length, characters) ->
                words.add(characters > 100 ? "[UNK]" : new String(units, 0, length)));
    return words;
  }

  /** Pieces put together to words again. */
  private static List<String> joined(List<String> pieces) {
    var words = new ArrayList<String>();
    for (String piece : pieces) {
      if (piece.startsWith("##")) {
        words.add(words.removeLast() + piece.substring(2));
      } else {
        words.add(piece);
      }
    }
    return words;
  }

  private static List<String> randomTexts(int count) {
    var texts = new ArrayList<String>();
    for (int seed = 0; seed < count; seed++) {
      texts.add(RandomTexts.next(new Random(seed)));
    }
    texts.add("a".repeat(100) + " " + "b".repeat(101) + " 😀" + "😀".repeat(99) + "İ".repeat(51));
    return texts;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wordsAreThoseOfTheTokenizer(boolean lowerCase) {
    List<String> texts = randomTexts(2000);
    Options options = ALL_CHARACTERS.withLowerCase(lowerCase).withMinCount(NO_MERGES);
    try (RealTokenizer tokenizer = tokenizer(options, texts)) {
      for (String text : texts) {
        assertEquals(
            counted(text, lowerCase), joined(tokenizer.pieces(text)), RandomTexts.shown(text));
      }
    }
  }

  /** Every character, between two letters that it may part or not. A newer JDK may know more. */
  @Test
  void everyCharacterIsTakenAsTheTokenizerTakesIt() {
    var texts = new ArrayList<String>();
    var text = new StringBuilder();
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      // Of Han and Hangul all are alike, and of private use; both ends of each block are there.
      int type = Character.getType(point);
      boolean many = type == Character.OTHER_LETTER || type == Character.PRIVATE_USE;
      if (type != Character.UNASSIGNED
          && type != Character.SURROGATE
          && (!many || point < 0x3400 || point % 16 == 0 || point % 16 == 15)) {
        text.append('a').appendCodePoint(point).append("b ");
      }
      if (text.length() > 4000) {
        texts.add(text.toString());
        text.setLength(0);
      }
    }
    texts.add(text.toString());
    Options options = ALL_CHARACTERS.withMinCount(NO_MERGES);
    try (RealTokenizer tokenizer = tokenizer(options, texts)) {
      for (String part : texts) {
        assertEquals(counted(part, true), joined(tokenizer.pieces(part)));
      }
    }
  }

  @Test
  void allWordsOfTheTextAreKnown() {
    List<String> texts = randomTexts(500);
    try (RealTokenizer tokenizer = tokenizer(ALL_CHARACTERS, texts)) {
      for (String text : texts.subList(0, 500)) {
        assertFalse(tokenizer.pieces(text).contains("[UNK]"), RandomTexts.shown(text));
      }
      assertEquals(List.of("[UNK]"), tokenizer.pieces("b".repeat(101)));
    }
  }

  @Test
  void specialTokensThatAreWrittenOutAreNoWords() {
    String text = "a[MASK]b [CLS][SEP] [mask] [PAD [UNK]";
    assertEquals(List.of("a", "b", "[", "mask", "]", "[", "pad"), counted(text, true));
    try (RealTokenizer tokenizer = tokenizer(Options.DEFAULT, List.of(text))) {
      List<String> pieces = new ArrayList<>(joined(tokenizer.pieces(text)));
      pieces.removeAll(BertWords.SPECIAL);
      assertEquals(counted(text, true), pieces);
      assertArrayEquals(new int[] {0, 1, 2, 3, 4}, tokenizer.ids("[PAD][UNK][CLS][SEP][MASK]"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theFilesAreBerts(boolean lowerCase) throws Exception {
    String text = "Plain 文字, text. ".repeat(2);
    Options options = Options.DEFAULT.withLowerCase(lowerCase);
    try (RealTokenizer tokenizer = tokenizer(options, List.of(text))) {
      assertEquals(
          lowerCase
              ? List.of("plain", "文", "字", ",", "text", ".")
              : List.of("Plain", "文", "字", ",", "text", "."),
          tokenizer.pieces("Plain 文字, text."));
      assertEquals("[[[CLS]=2/0], [[SEP]=3/0]] [0]", tokenizer.frame(1));
      assertEquals("[[[CLS]=2/0], [[SEP]=3/0], [[SEP]=3/1]] [0, 1]", tokenizer.frame(2));
      assertEquals(0, tokenizer.padding());
      List<String> lines = Files.readAllLines(folder.resolve("vocab.txt"));
      for (int id = 5; id < lines.size(); id++) {
        String piece = lines.get(id);
        if (!piece.startsWith("##")) {
          assertArrayEquals(new int[] {id}, tokenizer.ids(piece), piece);
          assertEquals(piece, tokenizer.decode(id));
        }
      }
    }
    String settings = Files.readString(folder.resolve("tokenizer_config.json"));
    assertTrue(settings.contains("\"do_lower_case\": " + lowerCase), settings);
  }

  @Test
  void theSameTextGivesTheSameFiles() throws Exception {
    List<String> texts = randomTexts(50);
    tokenizer(Options.DEFAULT, texts).close();
    String first = Files.readString(folder.resolve("tokenizer.json"));
    tokenizer(Options.DEFAULT, texts.reversed()).close();
    assertEquals(first, Files.readString(folder.resolve("tokenizer.json")));
  }

  @Test
  void aFolderThatCannotBeMadeIsTold() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    var trainer = new WordPieceTrainer(Options.DEFAULT);
    trainer.add("text");
    Pieces pieces = trainer.train(Progress.NONE, Cancel.create());
    var e =
        assertThrows(PolysemeException.class, () -> pieces.writeTokenizer(file.resolve("model")));
    assertTrue(e.getMessage().contains("cannot be made"), e.getMessage());
  }
}
