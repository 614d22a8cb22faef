package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelStore;
import io.polyseme.train.transformer.WordPieceTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the quick way against the tokenizer itself. */
class PlainWordPieceIT {
  private static final String ASCII;

  static {
    var ascii = new StringBuilder("\t\n\r");
    for (char c = ' '; c < 0x7f; c++) {
      ascii.append(c);
    }
    ASCII = ascii.toString();
  }

  private static Path tokenizer(String model) {
    return ModelStore.standard().open(model, Progress.NONE, Cancel.create()).tokenizer();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bge-small-en-v1.5", "bge-small-zh-v1.5", "all-minilm-l6-v2"})
  void plainTextsHaveTheTokenizersOwnTokens(String model) {
    hold(tokenizer(model));
  }

  /** Of one that keeps accents, which no plain text has. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTokenizerOfOnesOwnIsQuickToo(boolean lowerCase, @TempDir Path folder) {
    var trainer = new WordPieceTrainer(WordPieceTrainer.Options.DEFAULT.withLowerCase(lowerCase));
    var random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      trainer.add(random(random));
    }
    trainer.add("naïve cafés ".repeat(5));
    trainer.train(Progress.NONE, Cancel.create()).writeTokenizer(folder);
    hold(folder.resolve("tokenizer.json"));
  }

  private static void hold(Path file) {
    var quick = new PlainWordPiece(TokenizerFile.read(file).wordPiece());
    List<String> texts = new ArrayList<>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(
          synset -> {
            if (texts.size() < 3000) {
              texts.add(synset.definition());
            }
          });
    }
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      texts.add(random(random));
    }
    texts.add("a".repeat(99) + " " + "b".repeat(100) + " " + "c".repeat(101));
    texts.add("");
    int plain = 0;
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      for (String text : texts) {
        Tokens tokens = quick.tokenize(text);
        if (tokens == null) {
          continue;
        }
        plain++;
        Tokens expected = tokenizer.fully(text);
        String message = "seed %d: %s".formatted(seed, text);
        assertArrayEquals(expected.pieces(), tokens.pieces(), message);
        assertArrayEquals(expected.ids(), tokens.ids(), message);
        assertArrayEquals(expected.starts(), tokens.starts(), message);
        assertArrayEquals(expected.ends(), tokens.ends(), message);
        assertEquals(expected.unknown(), tokens.unknown(), message);
      }
    }
    assertTrue(plain > 4500, "only %d of %d texts are plain".formatted(plain, texts.size()));
  }

  @Test
  void anythingElseIsLeftToTheTokenizer() {
    var quick = new PlainWordPiece(TokenizerFile.read(tokenizer("bge-small-en-v1.5")).wordPiece());
    for (String text :
        List.of(
            "na\u00efve", "[MASK] it", "a\u0000b", "\ud83d\ude00", "\uf900", "\u00a0", "\u007f")) {
      assertNull(quick.tokenize(text), text);
    }
  }

  /** Words, runs of any ASCII, Chinese and its punctuation. */
  private static String random(Random random) {
    var text = new StringBuilder();
    int parts = random.nextInt(12);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(4)) {
        case 0 -> {
          for (int n = random.nextInt(12); n >= 0; n--) {
            text.append((char) ((random.nextBoolean() ? 'a' : 'A') + random.nextInt(26)));
          }
        }
        case 1 -> {
          for (int n = random.nextInt(5); n >= 0; n--) {
            char c = ASCII.charAt(random.nextInt(ASCII.length()));
            text.append(c == '[' ? '(' : c);
          }
        }
        case 2 -> {
          for (int n = random.nextInt(5); n >= 0; n--) {
            text.append((char) ('\u4e00' + random.nextInt('\u9fff' - '\u4e00' + 1)));
          }
        }
        default -> text.append("、。〈〉《》「」『』【】！（），：；？“”‘’—· ".charAt(random.nextInt(25)));
      }
    }
    return text.toString();
  }
}
