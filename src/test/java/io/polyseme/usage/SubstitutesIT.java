package io.polyseme.usage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Substitute.Source;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Span;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WordVectorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SubstitutesIT {
  private static final String MONEY = "bank%1:14:00::";
  private static final String RIVER = "bank%1:17:01::";

  @TempDir static Path folder;
  private static SenseInventory wordNet;
  private static Encoder encoder;

  @BeforeAll
  static void open() {
    wordNet = SenseInventory.open("wordnet-3.0");
    encoder =
        Encoder.open(
            ModelStore.standard().open("all-minilm-l6-v2", Progress.NONE, Cancel.create()));
  }

  @AfterAll
  static void close() {
    wordNet.close();
    encoder.close();
  }

  private static AnalysedWord word(String text, String form, String lemma, PartOfSpeech pos) {
    int at = text.indexOf(form);
    return new AnalysedWord(new Span(at, at + form.length()), List.of(lemma), pos);
  }

  @Test
  void theyFollowTheSense() {
    String text = "They walked along the banks in the evening.";
    AnalysedWord word = word(text, "banks", "bank", PartOfSpeech.NOUN);
    var all = SubstituteOptions.DEFAULT.withTop(1000);
    var substitutes = new Substitutes(encoder, wordNet, null, all);
    for (String id : List.of(MONEY, RIVER)) {
      List<Substitute> found =
          substitutes.of(text, word, wordNet.sense(id).orElseThrow(), Cancel.create());
      List<Substitute> three =
          new Substitutes(encoder, wordNet, null, all.withTop(3))
              .of(text, word, wordNet.sense(id).orElseThrow(), Cancel.create());
      assertEquals(3, three.size());
      for (int i = 0; i < three.size(); i++) {
        assertEquals(found.get(i).text(), three.get(i).text());
        assertEquals(found.get(i).score(), three.get(i).score(), 1e-5);
      }
      List<String> lemmas = found.stream().map(Substitute::lemma).toList();
      assertEquals(id.equals(RIVER), lemmas.contains("riverbank"), lemmas::toString);
      assertEquals(id.equals(MONEY), lemmas.contains("depository financial institution"));
      double before = 1;
      for (Substitute it : found) {
        assertTrue(it.score() <= before, found::toString);
        before = it.score();
        assertEquals(it.span().of(it.text()), it.word());
        assertEquals(
            text,
            it.text().substring(0, it.span().start())
                + "banks"
                + it.text().substring(it.span().end()));
        assertFalse(it.lemma().equals("bank"), found::toString);
      }
    }
    Substitute synonym =
        substitutes.of(text, word, wordNet.sense(MONEY).orElseThrow(), Cancel.create()).stream()
            .filter(it -> it.source() == Source.SYNONYM)
            .findFirst()
            .orElseThrow();
    assertTrue(synonym.word().endsWith("s"), synonym::toString);
  }

  @Test
  void neighboursOfAnotherSenseFallBack() throws IOException {
    Path file = folder.resolve("small.words");
    var vectors =
        Map.of(
            "spring", new float[] {1, 1, 0},
            "april", new float[] {1, 0.9f, 0},
            "coil", new float[] {0.9f, 1, 0},
            "springs", new float[] {1, 1, 0.01f},
            "seasonal", new float[] {1, 0.8f, 0.1f});
    var info =
        new SpaceInfo("small", vectors.size(), 3, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(file, info)) {
      vectors.forEach(writer::add);
      writer.commit();
    }
    String text = "A spring of the mattress broke.";
    AnalysedWord word = word(text, "spring", "spring", PartOfSpeech.NOUN);
    try (WordVectors space = WordVectors.open(file)) {
      var options = SubstituteOptions.DEFAULT.withRelatives(0);
      List<Substitute> found =
          new Substitutes(encoder, wordNet, space, options)
              .of(text, word, wordNet.sense("spring%1:06:00::").orElseThrow(), Cancel.create());
      List<String> lemmas = found.stream().map(Substitute::lemma).toList();
      assertTrue(lemmas.indexOf("coil") < lemmas.indexOf("april"), found::toString);
      assertFalse(lemmas.contains("spring") || lemmas.contains("springs"), found::toString);
      Substitute april = found.get(lemmas.indexOf("april"));
      assertEquals("An april of the mattress broke.", april.text());
      assertEquals(Source.NEIGHBOUR, april.source());
      // Without a sense the space alone is asked, without a space or a sense there is nothing.
      assertFalse(
          new Substitutes(encoder, wordNet, space, options)
              .of(text, word, null, Cancel.create())
              .isEmpty());
      assertTrue(
          new Substitutes(encoder, wordNet, null, options)
              .of(text, word, null, Cancel.create())
              .isEmpty());
    }
  }

  @Test
  void distancesCountInUnitsOfTheirMeans() {
    double[] scores =
        Substitutes.scores(
            List.of(
                new double[] {0, 0.2, 0.4},
                new double[] {Double.NaN, 10, 30},
                new double[] {0, 0, 0}));
    // 1 - 0/0.2 and average; 1 - 1 and 1 - 0.5; 1 - 2 and 1 - 1.5; the third tells nothing.
    assertArrayEquals(new double[] {0.5, 0.25, -0.75}, scores, 1e-12);
  }
}
