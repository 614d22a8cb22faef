package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.RandomTexts;
import io.polyseme.train.transformer.WordPieceTrainer.Options;
import io.polyseme.train.transformer.WordPieceTrainer.Pieces;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WordPieceTrainerTest {
  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  private static Pieces train(Options options, String... texts) {
    var trainer = new WordPieceTrainer(options);
    for (String text : texts) {
      trainer.add(text);
    }
    return trainer.train(Progress.NONE, Cancel.create());
  }

  /** What comes after the special tokens. */
  private static List<String> learned(Pieces pieces) {
    assertEquals(SPECIAL, pieces.pieces().subList(0, 5));
    return pieces.pieces().subList(5, pieces.pieces().size());
  }

  private static List<String> pieces(String joined) {
    return List.of(joined.split(" "));
  }

  /** The words of Sennrich et al. (2016), section 3.2; merges worked out by hand. */
  @Test
  void mergesTheMostFrequentPairs() {
    String text = "low ".repeat(5) + "lower ".repeat(2) + "newest ".repeat(6) + "widest ".repeat(3);
    Pieces pieces = train(Options.DEFAULT, text);
    assertEquals(
        pieces(
            "d e i l n o r s t w ##d ##e ##i ##o ##r ##s ##t ##w" // by code point
                + " ##es ##est" // 9 times; ##e before ##s
                + " lo low" // 7 times
                + " ne ##west newest" // 6 times
                + " wi ##dest widest" // 3 times
                + " ##er lower"), // twice
        learned(pieces));
    assertEquals(16, pieces.words());
    assertEquals(4, pieces.distinctWords());
    assertEquals(1, pieces.coveredCharacters());
    // As many as asked for, and those that are found often enough.
    assertEquals(
        pieces("##es ##est lo low"),
        train(Options.DEFAULT.withVocabulary(27), text).pieces().subList(23, 27));
    assertEquals("widest", train(Options.DEFAULT.withMinCount(3), text).pieces().getLast());
    assertEquals("newest", train(Options.DEFAULT.withMinCount(6), text).pieces().getLast());
    assertEquals("##w", train(Options.DEFAULT.withMinCount(10), text).pieces().getLast());
  }

  @Test
  void aPieceMayOverlapItself() {
    // a ##aa ##aa, then aaa ##aa
    assertEquals(pieces("a ##a ##aa aaa aaaaa"), learned(train(Options.DEFAULT, "aaaaa", "aaaaa")));
    // a ##aa ##aa ##a, then aaa ##aa ##a
    assertEquals(
        pieces("a ##a ##aa aaa ##aaa aaaaaa"), learned(train(Options.DEFAULT, "aaaaaa", "aaaaaa")));
  }

  /** All pairs counted anew for each merge, by the rule that the class documents. */
  private static List<String> slowly(Map<String, Integer> counts, Options options) {
    var points = new TreeSet<Integer>();
    var continuing = new TreeSet<Integer>();
    var words = new HashMap<List<String>, Integer>();
    counts.forEach(
        (word, count) -> {
          var split = new ArrayList<String>();
          word.codePoints()
              .forEach(
                  point -> {
                    points.add(point);
                    if (!split.isEmpty()) {
                      continuing.add(point);
                    }
                    split.add((split.isEmpty() ? "" : "##") + Character.toString(point));
                  });
          words.put(split, count);
        });
    var pieces = new ArrayList<>(SPECIAL);
    points.forEach(point -> pieces.add(Character.toString(point)));
    continuing.forEach(point -> pieces.add("##" + Character.toString(point)));
    while (pieces.size() < options.vocabulary()) {
      var pairs = new HashMap<List<String>, Integer>();
      words.forEach(
          (word, count) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
              pairs.merge(word.subList(i, i + 2), count, Integer::sum);
            }
          });
      var best =
          pairs.entrySet().stream()
              .filter(pair -> pair.getValue() >= options.minCount())
              .max(
                  Comparator.comparingInt((Map.Entry<List<String>, Integer> e) -> e.getValue())
                      .thenComparing(e -> -pieces.indexOf(e.getKey().get(0)))
                      .thenComparing(e -> -pieces.indexOf(e.getKey().get(1))));
      if (best.isEmpty()) {
        break;
      }
      List<String> pair = List.copyOf(best.get().getKey());
      String piece = pair.get(0) + pair.get(1).substring(2);
      if (!pieces.contains(piece)) {
        pieces.add(piece);
      }
      var merged = new HashMap<List<String>, Integer>();
      words.forEach(
          (word, count) -> {
            var row = new ArrayList<String>();
            for (int i = 0; i < word.size(); i++) {
              if (i + 1 < word.size() && word.subList(i, i + 2).equals(pair)) {
                row.add(piece);
                i++;
              } else {
                row.add(word.get(i));
              }
            }
            merged.merge(row, count, Integer::sum);
          });
      words.clear();
      words.putAll(merged);
    }
    return pieces;
  }

  @Test
  void givesWhatCountingAnewForEachMergeGives() {
    for (int seed = 0; seed < 150; seed++) {
      var random = new Random(seed);
      var options = new Options(20 + random.nextInt(120), 1 + random.nextInt(3), true, 100);
      int letters = 2 + random.nextInt(4);
      var counts = new TreeMap<String, Integer>();
      var trainer = new WordPieceTrainer(options);
      for (int n = random.nextInt(40); n >= 0; n--) {
        var word = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
          int letter = random.nextInt(letters);
          word.appendCodePoint(letter == 0 ? 0x10428 : 'a' + letter);
        }
        int count = 1 + random.nextInt(5);
        counts.merge(word.toString(), count, Integer::sum);
        trainer.add((word + " ").repeat(count));
      }
      Pieces pieces = trainer.train(Progress.NONE, Cancel.create());
      assertEquals(slowly(counts, options), pieces.pieces(), "seed " + seed);
    }
  }

  @Test
  void theOrderOfTextsDoesNotMatter() {
    List<String> texts = new ArrayList<>();
    for (int seed = 0; seed < 200; seed++) {
      texts.add(RandomTexts.next(new Random(seed)));
    }
    Options options = Options.DEFAULT.withLimitAlphabet(150);
    Pieces pieces = train(options, texts.toArray(String[]::new));
    Collections.shuffle(texts, new Random(1));
    assertEquals(pieces, train(options, texts.toArray(String[]::new)));
    assertEquals(pieces, train(options, String.join("\n", texts)));
  }

  @Test
  void thereAreNeverMoreThanAskedForAndNoneTwice() {
    var texts = new String[100];
    for (int seed = 0; seed < texts.length; seed++) {
      texts[seed] = RandomTexts.next(new Random(seed));
    }
    for (int vocabulary : new int[] {6, 7, 8, 20, 100, 300, 500}) {
      Pieces pieces = train(Options.DEFAULT.withVocabulary(vocabulary), texts);
      assertTrue(pieces.pieces().size() <= vocabulary);
      assertTrue(pieces.pieces().size() == vocabulary || vocabulary < 300);
      assertEquals(pieces.pieces().size(), new HashSet<>(pieces.pieces()).size());
    }
    Pieces all = train(Options.DEFAULT.withVocabulary(1_000_000), texts);
    assertTrue(all.pieces().size() < 10_000, "pairs that are found once are no pieces");
    assertEquals(1, all.coveredCharacters());
  }

  @Test
  void theMostFrequentCharactersAreKept() {
    String text = "b b b b a a a c c d d e";
    Pieces pieces = train(Options.DEFAULT.withVocabulary(8), text);
    // Of c and d, which are as frequent, the one that comes first.
    assertEquals(List.of("a", "b", "c"), learned(pieces));
    assertEquals(9 / 12.0, pieces.coveredCharacters());
    assertEquals(List.of("a", "b"), learned(train(Options.DEFAULT.withLimitAlphabet(2), text)));
    // Each of xy may begin a word and continue it, but there is room for one of them.
    assertEquals(
        List.of("x"), learned(train(Options.DEFAULT.withVocabulary(8), "xy yx xy yx x x")));
  }

  @Test
  void wordsThatAreUnknownAreNotMerged() {
    String text = "ab ".repeat(10) + "xq yq zq ".repeat(3) + "ab☃ a☃b ".repeat(2);
    List<String> learned =
        learned(train(Options.DEFAULT.withLimitAlphabet(3).withMinCount(12), text));
    // a and b 14 times, q 9 times; ab is there 10 times without the snowman, and 12 with it.
    assertEquals(List.of("a", "b", "q", "##b"), learned);
    String longest = "ab".repeat(50);
    assertTrue(
        learned(train(Options.DEFAULT, longest, longest)).contains(longest), "100 characters");
    Pieces pieces = train(Options.DEFAULT, longest + "a", longest + "a", "c");
    assertEquals(List.of("a", "b", "c"), learned(pieces));
    assertEquals(3, pieces.words());
    assertEquals(1, pieces.coveredCharacters());
  }

  @Test
  void chineseCharactersStandAlone() {
    Pieces pieces = train(Options.DEFAULT, "银行银行。The银行", "銀行ＡＢ 銀行ＡＢ");
    assertEquals(
        List.of("e", "h", "t", "。", "行", "銀", "银", "ａ", "ｂ", "##e", "##h", "##ｂ", "ａｂ"),
        learned(pieces));
    assertEquals(14, pieces.words());
  }

  @Test
  void caseIsKeptWhereThatIsAskedFor() {
    assertEquals(
        List.of("N", "n", "ï", "##ï", "Nï"),
        learned(train(Options.DEFAULT.withLowerCase(false), "Nï Nï n ï")));
    assertEquals(List.of("n", "ï", "##ï", "nï"), learned(train(Options.DEFAULT, "Nï NÏ n ï")));
  }

  @Test
  void moreTextMayBeAddedAfterwards() {
    var trainer = new WordPieceTrainer(Options.DEFAULT);
    trainer.add("ab ab");
    Pieces before = trainer.train(Progress.NONE, Cancel.create());
    assertEquals(before, trainer.train(Progress.NONE, Cancel.create()));
    trainer.add("cd cd");
    assertEquals(
        train(Options.DEFAULT, "cd ab cd ab"), trainer.train(Progress.NONE, Cancel.create()));
    assertFalse(before.pieces().contains("c"));
  }

  @Test
  void aTextWithoutWordsIsRefused() {
    for (String text :
        List.of("", " \t\n\u00a0\u3000", "\u0000\u0007\u200b\ufeff\ufffd", "\ud83d")) {
      var e = assertThrows(PolysemeException.class, () -> train(Options.DEFAULT, text));
      assertTrue(e.getMessage().contains("no text"), e.getMessage());
    }
    assertThrows(PolysemeException.class, () -> train(Options.DEFAULT));
  }

  @Test
  void wrongUseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withVocabulary(5));
    assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withMinCount(0));
    assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withLimitAlphabet(0));
    assertThrows(IllegalArgumentException.class, () -> new Pieces(List.of("a"), true, 1, 1, 1));
    List<String> twice = new ArrayList<>(SPECIAL);
    Collections.addAll(twice, "a", "a");
    assertThrows(IllegalArgumentException.class, () -> new Pieces(twice, true, 1, 1, 1));
  }

  @Test
  void tellsHowFarItIsAndCanBeCancelled() {
    var trainer = new WordPieceTrainer(Options.DEFAULT);
    for (int seed = 0; seed < 100; seed++) {
      trainer.add(RandomTexts.next(new Random(seed)));
    }
    var told = new ArrayList<Long>();
    Pieces pieces =
        trainer.train(
            (task, done, total) -> {
              assertTrue(done <= total);
              told.add(done);
            },
            Cancel.create());
    assertEquals(told.stream().sorted().toList(), told);
    assertEquals(pieces.pieces().size(), told.getLast());
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(CancelledException.class, () -> trainer.train(Progress.NONE, cancel));
  }
}
