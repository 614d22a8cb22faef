package io.polyseme.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.MadeUpTokenizer;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.WordHead;
import io.polyseme.encoder.graph.TinyHead;
import io.polyseme.encoder.graph.TinyTransformer;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small language models with random weights: what they predict is what arithmetic gives. */
@Timeout(120)
class WordPredictorTest {
  @TempDir Path temporary;

  private ModelFiles files(String architecture, boolean head) throws IOException {
    TinyTransformer tiny = TinyTransformer.named(architecture);
    Path folder = Files.createDirectories(temporary.resolve("model"));
    Path file = tiny.save(folder.resolve("model.onnx"));
    if (head) {
      TinyHead.replaceOutput(file, tiny);
    }
    MadeUpTokenizer.all().getFirst().write(folder);
    Files.writeString(folder.resolve("config.json"), "{\"max_position_embeddings\": 48}");
    return ModelStore.at(temporary.resolve("home"))
        .open(folder.toString(), Progress.NONE, Cancel.create());
  }

  /** By the last of a Transformer's states and the weights of its head. */
  private static double[] probabilities(TinyTransformer tiny, int[] ids, int token) {
    double[] state = tiny.run(ids).states().getLast()[token];
    float[] weights = TinyHead.weights(tiny);
    var scores = new double[TinyTransformer.VOCABULARY];
    double sum = 0;
    for (int w = 0; w < scores.length; w++) {
      for (int j = 0; j < state.length; j++) {
        scores[w] += state[j] * weights[j * scores.length + w];
      }
      scores[w] = Math.exp(scores[w]);
      sum += scores[w];
    }
    for (int w = 0; w < scores.length; w++) {
      scores[w] /= sum;
    }
    return scores;
  }

  private static void assertProbabilities(double[] expected, Prediction found) {
    assertFalse(found.words().isEmpty());
    double before = 1;
    for (Prediction.Word word : found.words()) {
      assertEquals(expected[word.id()], word.probability(), 1e-4);
      assertTrue(word.probability() <= before);
      before = word.probability();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "mistral", "qwen3"})
  void causalModelsPredictTheNextWord(String architecture) throws IOException {
    ModelFiles files = files(architecture, true);
    TinyTransformer tiny = TinyTransformer.named(architecture);
    String text = "hello world, the bank";
    try (Encoder encoder = Encoder.open(files);
        WordPredictor predictor = WordPredictor.open(files, encoder)) {
      assertEquals(WordHead.Kind.CAUSAL, predictor.kind());
      TokenisedText tokens = encoder.inside().tokenise(text);
      int last = tokens.count() - 1;
      while (tokens.special(last)) {
        last--;
      }
      Prediction found = predictor.predict(text, PredictOptions.DEFAULT.withTop(20)).getFirst();
      assertEquals(new Span(text.length(), text.length()), found.span());
      assertEquals(predictor.layers(), found.layer());
      assertProbabilities(probabilities(tiny, tokens.ids(), last), found);
      Prediction there =
          predictor
              .predict("hello world, the bank", new Span(17, 21), PredictOptions.DEFAULT)
              .getFirst();
      assertEquals(new Span(17, 21), there.span());
      assertEquals(
          predictor.predict("hello world, the", PredictOptions.DEFAULT).getFirst().words(),
          there.words());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "xlm-roberta", "modernbert"})
  void maskedModelsPredictWhatIsMasked(String architecture) throws IOException {
    ModelFiles files = files(architecture, true);
    TinyTransformer tiny = TinyTransformer.named(architecture);
    try (Encoder encoder = Encoder.open(files);
        WordPredictor predictor = WordPredictor.open(files, encoder)) {
      assertEquals(WordHead.Kind.MASKED, predictor.kind());
      String text = "the [MASK] world <Mask> bank";
      TokenisedText tokens = encoder.inside().tokenise("the <mask> world <mask> bank");
      List<Prediction> found = predictor.predict(text, PredictOptions.DEFAULT);
      assertEquals(2, found.size());
      assertEquals(new Span(4, 10), found.get(0).span());
      assertEquals(new Span(17, 23), found.get(1).span());
      int mask = encoder.inside().maskId().orElseThrow();
      int seen = 0;
      for (int token = 0; token < tokens.count(); token++) {
        if (tokens.id(token) == mask) {
          assertProbabilities(probabilities(tiny, tokens.ids(), token), found.get(seen++));
        }
      }
      assertEquals(2, seen);
      // A word of the text in place of a mask is the same question.
      assertEquals(
          predictor.predict("the <mask> world", PredictOptions.DEFAULT).getFirst().words(),
          predictor
              .predict("the bank world", new Span(4, 8), PredictOptions.DEFAULT)
              .getFirst()
              .words());
      List<Prediction> layers =
          predictor.predict("the <mask>", PredictOptions.DEFAULT.withLayers(List.of(0, 3)));
      assertEquals(List.of(0, 3), layers.stream().map(Prediction::layer).toList());
    }
  }

  @Test
  void whatCannotBeAskedSaysWhy() throws IOException {
    ModelFiles files = files("bert", true);
    try (Encoder encoder = Encoder.open(files);
        WordPredictor predictor = WordPredictor.open(files, encoder)) {
      String none =
          assertThrows(
                  PolysemeException.class,
                  () -> predictor.predict("no mask here", PredictOptions.DEFAULT))
              .getMessage();
      assertTrue(none.contains("has no mask"), none);
      assertThrows(
          IllegalArgumentException.class,
          () -> predictor.predict("<mask>", PredictOptions.DEFAULT.withLayers(List.of(9))));
      String tooLong =
          assertThrows(
                  PolysemeException.class,
                  () -> predictor.predict("<mask>" + " bank".repeat(60), PredictOptions.DEFAULT))
              .getMessage();
      assertTrue(tooLong.contains("takes 48 at once"), tooLong);
    }
    Files.delete(files.onnx());
    ModelFiles headless = files("bert", false);
    try (Encoder encoder = Encoder.open(headless)) {
      String message =
          assertThrows(PolysemeException.class, () -> WordPredictor.open(headless, encoder))
              .getMessage();
      assertTrue(message.contains("train-head"), message);
    }
  }
}
