package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Words drawn in their contexts out of raw text. */
@Timeout(60)
class ContextTextsIT {
  private static final int PASSAGES = 40;
  private static final int SENTENCES = 8;
  private static final List<String> THINGS = List.of("river", "money", "castle", "garden");

  @TempDir Path temporary;

  /** Passages of eight sentences, each of which ends with the passage's own number. */
  private ContextTexts texts(int most) throws IOException {
    return texts(most, "text.txt", "%s");
  }

  /**
   * @param line how a sentence stands in a line of the file
   */
  private ContextTexts texts(int most, String name, String line) throws IOException {
    var random = new SplittableRandom(1);
    var text = new StringBuilder();
    for (int passage = 0; passage < PASSAGES; passage++) {
      for (int sentence = 0; sentence < SENTENCES; sentence++) {
        String words = THINGS.get(random.nextInt(THINGS.size())) + " was where it had been ";
        text.append(line.formatted("the " + words + (100 + passage))).append('\n');
      }
    }
    Path file = Files.writeString(temporary.resolve(name), text.toString());
    return read(file, AdaptOptions.builder().contexts(2).texts(most).build());
  }

  private static ContextTexts read(Path file, AdaptOptions options) {
    Path tokenizer =
        ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()).tokenizer();
    try (PieceTokenizer pieces = PieceTokenizer.open(tokenizer)) {
      return ContextTexts.read(
          new RawText(List.of(file), CorpusOptions.DEFAULT),
          pieces,
          options,
          Progress.NONE,
          Cancel.create());
    }
  }

  private static int[] word(ContextTexts.Place place) {
    return Arrays.copyOfRange(place.sentence(), place.from(), place.to());
  }

  private static int passage(ContextTexts.Place place) {
    return place.sentence()[place.sentence().length - 1];
  }

  @Test
  void theSecondPlaceIsAnotherOfTheSamePassageOrTheSameAgain() throws IOException {
    ContextTexts texts = texts(10_000);
    assertEquals(PASSAGES * SENTENCES, texts.sentences());
    var random = new SplittableRandom(2);
    int apart = 0;
    for (int i = 0; i < 200; i++) {
      for (ContextTexts.Pair pair : texts.draw(3, 2, 1, random)) {
        assertTrue(Arrays.equals(word(pair.first()), word(pair.second())));
        assertEquals(passage(pair.first()), passage(pair.second()));
        apart += pair.first().sentence() == pair.second().sentence() ? 0 : 1;
      }
      for (ContextTexts.Pair pair : texts.draw(3, 2, 0, random)) {
        assertSame(pair.first().sentence(), pair.second().sentence());
        assertEquals(pair.first(), pair.second());
      }
    }
    assertTrue(apart > 1100, apart + " of 1,200");
  }

  @Test
  void aWordsContextsAreDifferentSentencesOfWholePassages() throws IOException {
    ContextTexts texts = texts(80);
    assertEquals(80, texts.sentences());
    assertEquals(PASSAGES * SENTENCES, texts.read());
    var random = new SplittableRandom(3);
    for (int i = 0; i < 50; i++) {
      List<ContextTexts.Pair> pairs = texts.draw(2, 2, 1, random);
      assertEquals(4, pairs.size());
      for (int word = 0; word < 4; word += 2) {
        assertNotSame(pairs.get(word).first().sentence(), pairs.get(word + 1).first().sentence());
      }
    }
  }

  /** A word that stands three times in one passage and once elsewhere is drawn from all four. */
  @Test
  void sentencesWithoutAnotherAreDrawnWhereTheOthersAreTaken() throws IOException {
    String once = "all of them had left before it was night\n";
    Path file =
        Files.writeString(
            temporary.resolve("few.txt"),
            ("the lantern lantern was lit lantern by lantern again\n".repeat(3))
                + once.repeat(SENTENCES)
                + "a lantern was what she had wanted\n");
    ContextTexts texts = read(file, AdaptOptions.builder().contexts(4).build());
    for (int seed = 0; seed < 20; seed++) {
      assertEquals(4, texts.draw(1, 4, 1, new SplittableRandom(seed)).size());
    }
  }

  /** Records of a file need not go on with each other. */
  @Test
  void everyRecordIsAPassageOfItsOwn() throws IOException {
    ContextTexts texts = texts(10_000, "text.jsonl", "{\"text\": \"%s\"}");
    assertEquals(PASSAGES * SENTENCES, texts.sentences());
    for (ContextTexts.Pair pair : texts.draw(3, 2, 1, new SplittableRandom(4))) {
      assertEquals(pair.first(), pair.second());
    }
  }
}
