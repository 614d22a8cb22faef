package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.Projection;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.Words;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.SenseLayers.Example;
import io.polyseme.insight.SenseLayers.Told;
import io.polyseme.insight.TextAttention.Match;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class InsightIT {
  private static final String TEXT = "The unkempt embankment collapsed because it was too steep.";

  private static Encoder encoder;
  private static Inside inside;

  @BeforeAll
  static void open() {
    encoder =
        Encoder.open(
            ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()));
    inside = encoder.inside();
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void attentionByWordsIsThatOfTheirPieces() {
    TokenisedText text = inside.tokenise(TEXT);
    TextAttention attention = TextAttention.of(inside, text);
    List<Unit> units = attention.units();
    assertEquals("[CLS]", units.getFirst().text());
    assertTrue(units.stream().anyMatch(u -> u.tokens() > 1), "a word of several pieces");
    assertEquals(text.count(), units.stream().mapToInt(Unit::tokens).sum());
    Tap tap = new Tap.Attention(7);
    Activations values = inside.activations(text, ActivationRequest.of(tap));
    float[][] head = attention.head(7, 3);
    for (int row = 0; row < units.size(); row++) {
      float sum = 0;
      for (int column = 0; column < units.size(); column++) {
        Unit query = units.get(row);
        Unit key = units.get(column);
        double expected = 0;
        for (int i = query.from(); i < query.to(); i++) {
          for (int j = key.from(); j < key.to(); j++) {
            expected += values.pair(tap, 3, i, j);
          }
        }
        assertEquals(expected / query.tokens(), head[row][column], 1e-5);
        sum += head[row][column];
      }
      assertEquals(1, sum, 1e-4);
    }
    float[][] first = attention.layer(1);
    float[][] rollout = attention.rollout(1);
    for (int row = 0; row < units.size(); row++) {
      float sum = 0;
      for (int column = 0; column < units.size(); column++) {
        sum += rollout[row][column];
      }
      assertEquals(1, sum, 1e-4);
      if (units.get(row).tokens() == 1) {
        assertEquals(first[row][row] / 2 + 0.5, rollout[row][row], 1e-4, "half stays");
      }
    }
    assertThrows(IllegalArgumentException.class, () -> attention.head(13, 0));
    assertThrows(IllegalArgumentException.class, () -> attention.head(1, 12));
  }

  /** ‖Σ_h α f(x)‖ by its definition (Kobayashi et al. 2020, equation 5), token by token. */
  @Test
  void normsAreTheLengthsOfWhatIsBrought() {
    TokenisedText text = inside.tokenise("He sat by a river");
    TextAttention attention = TextAttention.of(inside, text);
    int layer = 5;
    Activations values =
        inside.activations(
            text,
            ActivationRequest.of(
                new Tap.Attention(layer), new Tap.Value(layer), new Tap.AttentionOutput(layer)));
    Projection map = inside.attentionOutput(layer);
    int heads = attention.heads();
    int width = map.inputs() / heads;
    float[][] norms = attention.norms(layer);
    float[][] one = attention.norms(layer, 2);
    for (int i = 0; i < text.count(); i++) {
      var expected = new double[text.count()];
      var single = new double[text.count()];
      double sum = 0;
      double singleSum = 0;
      var output = new double[map.outputs()];
      for (int j = 0; j < text.count(); j++) {
        var brought = new double[map.outputs()];
        var byHead = new double[map.outputs()];
        for (int unit = 0; unit < map.inputs(); unit++) {
          double factor =
              values.pair(new Tap.Attention(layer), unit / width, i, j)
                  * values.get(new Tap.Value(layer), j, unit);
          for (int o = 0; o < brought.length; o++) {
            double part = factor * map.weights()[unit * map.outputs() + o];
            brought[o] += part;
            output[o] += part;
            byHead[o] += unit / width == 2 ? part : 0;
          }
        }
        expected[j] = length(brought);
        single[j] = length(byHead);
        sum += expected[j];
        singleSum += single[j];
      }
      for (int j = 0; j < text.count(); j++) {
        assertEquals(expected[j] / sum, norms[i][j], 1e-4);
        assertEquals(single[j] / singleSum, one[i][j], 1e-4);
      }
      // All that is brought, and the bias, is what the attention adds.
      for (int o = 0; o < output.length; o++) {
        assertEquals(
            output[o] + map.bias()[o], values.get(new Tap.AttentionOutput(layer), i, o), 1e-4);
      }
    }
  }

  private static double length(double[] vector) {
    double sum = 0;
    for (double value : vector) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void queryTimesKeyAddsUpToTheScore() {
    TextAttention attention = TextAttention.of(inside, inside.tokenise(TEXT));
    for (Match match : attention.matches(7, 3)) {
      double sum = 0;
      for (float part : match.parts()) {
        sum += part;
      }
      assertEquals(match.score(), sum, 2e-4, match.layer() + "." + match.head());
      assertEquals(attention.head(match.layer(), match.head())[7][3], match.attention(), 1e-5);
    }
    List<Match> all = attention.matches(7, 3);
    assertEquals(144, all.size());
    assertTrue(all.getFirst().attention() >= all.getLast().attention());
  }

  @Test
  void aWordsPathEndsWhereTheEncoderSaysItIs() {
    String text = "He sat on the riverbank and fished.";
    TokenisedText tokens = inside.tokenise(text);
    Unit unit = SenseLayers.unit(tokens, new Span(14, 23));
    WordPath path = WordPath.of(inside, tokens, unit);
    assertEquals(13, path.steps().size());
    for (int layer : new int[] {0, 6, 12}) {
      float[] expected =
          encoder
              .encode(
                  TextInput.of(text, new Span(14, 23)),
                  EncodeRequest.ofWords().withWords(Words.GIVEN).withLayers(Layers.of(layer)))
              .words()
              .getFirst()
              .vector();
      assertArrayEquals(expected, path.steps().get(layer).state(), 1e-4f, "layer " + layer);
    }
    assertEquals(1, path.steps().getFirst().toFirst(), 1e-5);
    assertTrue(path.steps().get(12).toFirst() < path.steps().get(1).toFirst());
  }

  @Test
  void sensesAreToldByExamplesOfThem() {
    List<Example> examples = new ArrayList<>();
    for (String text :
        List.of(
            "The bank lends money to farmers.",
            "She opened an account at the bank.",
            "The bank raised its interest rates.",
            "He works for a large bank in London.",
            "The bank refused the loan.")) {
      examples.add(example(text, "money"));
    }
    for (String text :
        List.of(
            "They fished from the bank of the stream.",
            "The boat lay on the muddy bank.",
            "Willows grow along the bank of the river.",
            "The flood washed away the bank.",
            "We walked on the left bank of the Rhine.")) {
      examples.add(example(text, "river"));
    }
    SenseLayers layers = SenseLayers.of(inside, examples, Cancel.create());
    assertEquals(List.of("money", "river"), layers.senses());
    assertEquals(13, layers.layers());
    assertTrue(layers.accuracy(12) >= 0.9, "accuracy " + layers.accuracy(12));
    for (String sense : layers.senses()) {
      String text =
          sense.equals("river")
              ? "The ducks slept on the bank beside the water."
              : "My bank charges fees for every transfer.";
      TokenisedText tokens = inside.tokenise(text);
      Unit unit = SenseLayers.unit(tokens, example(text, "").span());
      List<Told> told = layers.told(WordPath.of(inside, tokens, unit));
      assertEquals(sense, layers.senses().get(told.getLast().best()));
      int decided = SenseLayers.decided(told);
      assertTrue(decided >= 0 && decided <= 12);
      for (int layer = decided; layer <= 12; layer++) {
        assertEquals(sense, layers.senses().get(told.get(layer).best()));
      }
    }
    assertThrows(
        PolysemeException.class,
        () -> SenseLayers.of(inside, examples.subList(0, 5), Cancel.create()));
  }

  private static Example example(String text, String sense) {
    int at = text.indexOf("bank");
    return new Example(text, new Span(at, at + 4), sense);
  }

  @Test
  void aLensNamesWhatStandsThere(@TempDir Path folder) throws IOException {
    var texts = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(entry -> texts.addAll(entry.examples()));
    }
    EmbeddingLens lens =
        EmbeddingLens.learn(inside, texts.iterator(), 4000, 3, Progress.NONE, Cancel.create());
    assertEquals(13, lens.layers());
    assertTrue(lens.shown(0) > 0.9, "layer 0: " + lens.shown(0));
    assertTrue(lens.masked(12) < lens.shown(12));
    TokenisedText text = inside.tokenise("The heron stood in the water.");
    Tap tap = new Tap.HiddenState(2);
    float[] state = inside.activations(text, ActivationRequest.of(tap)).at(tap, 2);
    assertEquals("heron", lens.candidates(2, state, 3).getFirst().piece());

    Path file = folder.resolve("bge.lens");
    lens.save(file);
    EmbeddingLens read = EmbeddingLens.read(file, inside);
    assertEquals(lens.candidates(2, state, 3), read.candidates(2, state, 3));
    assertEquals(lens.floor(), read.floor());
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length / 2] ^= 1;
    Files.write(file, whole);
    assertThrows(PolysemeException.class, () -> EmbeddingLens.read(file, inside));
    Files.write(file, new byte[] {1, 2, 3});
    assertThrows(PolysemeException.class, () -> EmbeddingLens.read(file, inside));
    assertThrows(PolysemeException.class, () -> EmbeddingLens.read(folder.resolve("none"), inside));
    assertThrows(
        PolysemeException.class,
        () ->
            EmbeddingLens.learn(
                inside,
                List.of("Too little.").iterator(),
                4000,
                3,
                Progress.NONE,
                Cancel.create()));
  }
}
