package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.encoder.graph.Taps;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class InsideIT {
  private static final String TEXT = "The crane lifted the beams; a heron and a crane flew by.";

  private static Encoder open(String model) {
    return Encoder.open(ModelStore.standard().open(model, Progress.NONE, Cancel.create()));
  }

  /** Embeddings plus all parts, with the normalisations applied, give the final state. */
  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2, 1e-4",
    "bge-small-en-v1.5, 1e-4",
    "bge-small-zh-v1.5, 1e-4",
    "e5-small-v2, 1e-4",
    "all-minilm-l6-v2-q, 1e-4",
    "bge-small-en-v1.5-q, 1e-4",
    "e5-small-v2-q, 1e-4"
  })
  void theResidualStreamAddsUp(String model, float tolerance) {
    try (Encoder encoder = open(model)) {
      Inside inside = encoder.inside();
      Set<Tap> taps = Taps.all(inside.layers());
      taps.forEach(tap -> assertTrue(inside.has(tap), tap.toString()));
      TokenisedText text = inside.tokenise(TEXT + " 银行在河边。");
      Activations values = inside.activations(text, ActivationRequest.of(taps));
      int n = inside.layers();
      for (int token = 0; token < text.count(); token++) {
        float[] state = values.at(new Tap.HiddenState(0), token);
        for (int layer = 1; layer <= n; layer++) {
          add(state, values.at(new Tap.AttentionOutput(layer), token));
          state = inside.normAfterAttention(layer).apply(state);
          assertArrayEquals(values.at(new Tap.AfterAttention(layer), token), state, tolerance);
          add(state, values.at(new Tap.FeedForwardOutput(layer), token));
          state = inside.normAfterFeedForward(layer).apply(state);
        }
        assertArrayEquals(values.at(new Tap.HiddenState(n), token), state, tolerance);
      }
      // What the heads bring is the mean of the values by their attention.
      Tap attention = new Tap.Attention(2);
      Tap value = new Tap.Value(2);
      int width = values.width(value) / values.heads(attention);
      for (int unit = 0; unit < values.width(value); unit += 7) {
        double mean = 0;
        for (int key = 0; key < text.count(); key++) {
          mean += values.pair(attention, unit / width, 3, key) * values.get(value, key, unit);
        }
        assertEquals(mean, values.get(new Tap.Context(2), 3, unit), 1e-4);
      }
      // Softmax of the scores (Vaswani et al. 2017, equation 1).
      for (int head = 0; head < values.heads(attention); head++) {
        double sum = 0;
        for (int key = 0; key < text.count(); key++) {
          sum += Math.exp(values.pair(new Tap.Scores(2), head, 1, key));
        }
        double first = Math.exp(values.pair(new Tap.Scores(2), head, 1, 0)) / sum;
        assertEquals(first, values.pair(attention, head, 1, 0), 1e-4);
      }
    }
  }

  private static void add(float[] to, float[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += what[i];
    }
  }

  /** One layer in plain Java from the weights in the file, found there by the exporter's names. */
  @Test
  void valuesAreThoseOfAnIndependentComputation() throws IOException {
    Path onnx =
        ModelStore.standard().open("all-minilm-l6-v2", Progress.NONE, Cancel.create()).onnx();
    var weights = new File(onnx);
    try (Encoder encoder = open("all-minilm-l6-v2")) {
      Inside inside = encoder.inside();
      TokenisedText text = inside.tokenise(TEXT);
      Activations values =
          inside.activations(text, ActivationRequest.of(Taps.all(inside.layers())));
      int layer = 3;
      String block = "encoder.layer." + (layer - 1) + ".";
      int count = text.count();
      var input = new float[count][];
      for (int token = 0; token < count; token++) {
        input[token] = values.at(new Tap.HiddenState(layer - 1), token);
      }
      float[][] q = weights.project(block + "attention.self.query", input);
      float[][] k = weights.project(block + "attention.self.key", input);
      float[][] v = weights.project(block + "attention.self.value", input);
      int heads = 12;
      int width = 384 / heads;
      var context = new float[count][384];
      for (int head = 0; head < heads; head++) {
        for (int from = 0; from < count; from++) {
          var scores = new double[count];
          double sum = 0;
          for (int to = 0; to < count; to++) {
            double score = 0;
            for (int d = head * width; d < (head + 1) * width; d++) {
              score += (double) q[from][d] * k[to][d];
            }
            score /= Math.sqrt(width);
            assertEquals(score, values.pair(new Tap.Scores(layer), head, from, to), 1e-4);
            scores[to] = Math.exp(score);
            sum += scores[to];
          }
          for (int to = 0; to < count; to++) {
            double p = scores[to] / sum;
            assertEquals(p, values.pair(new Tap.Attention(layer), head, from, to), 1e-4);
            for (int d = head * width; d < (head + 1) * width; d++) {
              context[from][d] += (float) (p * v[to][d]);
            }
          }
        }
      }
      float[][] attention = weights.project(block + "attention.output.dense", context);
      var middle = new float[count][];
      var inner = new float[count][];
      for (int token = 0; token < count; token++) {
        assertArrayEquals(q[token], values.at(new Tap.Query(layer), token), 1e-4f);
        assertArrayEquals(context[token], values.at(new Tap.Context(layer), token), 1e-4f);
        assertArrayEquals(
            attention[token], values.at(new Tap.AttentionOutput(layer), token), 1e-4f);
        float[] sum = input[token].clone();
        add(sum, attention[token]);
        middle[token] = weights.norm(block + "attention.output.LayerNorm", sum);
        assertArrayEquals(middle[token], values.at(new Tap.AfterAttention(layer), token), 1e-4f);
      }
      float[][] before = weights.project(block + "intermediate.dense", middle);
      for (int token = 0; token < count; token++) {
        assertArrayEquals(before[token], values.at(new Tap.PreActivation(layer), token), 1e-4f);
        inner[token] = new float[before[token].length];
        for (int i = 0; i < inner[token].length; i++) {
          double x = before[token][i];
          inner[token][i] = (float) (x / 2 * (1 + erf(x / Math.sqrt(2))));
        }
        assertArrayEquals(inner[token], values.at(new Tap.FeedForward(layer), token), 1e-4f);
      }
      float[][] output = weights.project(block + "output.dense", inner);
      for (int token = 0; token < count; token++) {
        assertArrayEquals(output[token], values.at(new Tap.FeedForwardOutput(layer), token), 1e-4f);
        float[] sum = middle[token].clone();
        add(sum, output[token]);
        assertArrayEquals(
            weights.norm(block + "output.LayerNorm", sum),
            values.at(new Tap.HiddenState(layer), token),
            1e-4f);
      }
      // The weights as they are given.
      Projection map = inside.attentionOutput(layer);
      float[] row = map.row(100);
      assertArrayEquals(
          weights.row(block + "attention.output.dense", 100), row, 1e-5f, "output projection");
      assertArrayEquals(
          weights.row(block + "output.dense", 700),
          inside.feedForwardOutput(layer).row(700),
          1e-5f);
      float[] words = inside.wordEmbeddings();
      float[] table = weights.floats("embeddings.word_embeddings.weight");
      assertArrayEquals(table, words);
    }
  }

  /** Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: an error below 1.5e-7. */
  private static double erf(double x) {
    double t = 1 / (1 + 0.3275911 * Math.abs(x));
    double y =
        1
            - t
                * (0.254829592
                    + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
                * Math.exp(-x * x);
    return x < 0 ? -y : y;
  }

  private static final class File {
    private final Map<String, TensorProto> tensors = new HashMap<>();
    private final Map<String, NodeProto> nodes = new HashMap<>();

    File(Path onnx) throws IOException {
      try (var in = Files.newInputStream(onnx)) {
        ModelProto model = ModelProto.parseFrom(in);
        model.getGraph().getInitializerList().forEach(t -> tensors.put(t.getName(), t));
        model.getGraph().getNodeList().forEach(node -> nodes.put(node.getName(), node));
      }
    }

    float[] floats(String name) {
      var buffer =
          tensors
              .get(name)
              .getRawData()
              .asReadOnlyByteBuffer()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      var floats = new float[buffer.remaining()];
      buffer.get(floats);
      return floats;
    }

    private String matrix(String module) {
      return nodes
          .get(
              "/"
                  + module.replace("layer.", "layer#").replace('.', '/').replace("layer#", "layer.")
                  + "/MatMul")
          .getInput(1);
    }

    float[] row(String module, int row) {
      String name = matrix(module);
      int columns = Math.toIntExact(tensors.get(name).getDims(1));
      return java.util.Arrays.copyOfRange(floats(name), row * columns, (row + 1) * columns);
    }

    float[][] project(String module, float[][] x) {
      float[] matrix = floats(matrix(module));
      float[] bias = floats(module + ".bias");
      var y = new float[x.length][bias.length];
      for (int token = 0; token < x.length; token++) {
        for (int column = 0; column < bias.length; column++) {
          double sum = bias[column];
          for (int row = 0; row < x[token].length; row++) {
            sum += (double) x[token][row] * matrix[row * bias.length + column];
          }
          y[token][column] = (float) sum;
        }
      }
      return y;
    }

    float[] norm(String module, float[] x) {
      float[] scale = floats(module + ".weight");
      float[] shift = floats(module + ".bias");
      double mean = 0;
      double square = 0;
      for (float value : x) {
        mean += value / x.length;
        square += (double) value * value / x.length;
      }
      var y = new float[x.length];
      for (int i = 0; i < y.length; i++) {
        y[i] =
            (float) ((x[i] - mean) / Math.sqrt(square - mean * mean + 1e-12) * scale[i] + shift[i]);
      }
      return y;
    }
  }

  @Test
  void whatIsReplacedIsReplacedForAllThatComesAfter() {
    try (Encoder encoder = open("bge-small-zh-v1.5")) {
      Inside inside = encoder.inside();
      TokenisedText text = inside.tokenise("他在河岸边的银行取钱。");
      Set<Tap> taps = Taps.all(inside.layers());
      ActivationRequest plain = ActivationRequest.of(taps);
      Activations before = inside.activations(text, plain);
      // No feed-forward layer: the state after attention goes on, normalised.
      Tap output = new Tap.FeedForwardOutput(2);
      Activations without =
          inside.activations(text, plain.withReplaced(Map.of(output, Replacement.zero())));
      float[] expected =
          inside.normAfterFeedForward(2).apply(before.at(new Tap.AfterAttention(2), 3));
      assertArrayEquals(expected, without.at(new Tap.HiddenState(2), 3), 1e-4f);
      assertArrayEquals(
          before.at(new Tap.HiddenState(1), 3), without.at(new Tap.HiddenState(1), 3), 1e-5f);
      assertTrue(distance(before, without, new Tap.HiddenState(4), 3) > 0.1);
      // One head, replaced by what it brings at another token.
      Tap context = new Tap.Context(3);
      int width = before.width(context);
      float[] other = before.at(context, 5);
      Activations patched =
          inside.activations(
              text, plain.withReplaced(Map.of(context, Replacement.part(64, 128, other, width))));
      float[] mixed = before.at(context, 2);
      System.arraycopy(other, 64, mixed, 64, 64);
      assertArrayEquals(mixed, patched.at(context, 2), 1e-5f);
      Projection map = inside.attentionOutput(3);
      assertArrayEquals(projected(map, mixed), patched.at(new Tap.AttentionOutput(3), 2), 1e-4f);
      assertEquals(0, distance(before, patched, new Tap.Context(1), 2), 1e-6);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  inside.activations(
                      text,
                      ActivationRequest.of(new Tap.HiddenState(1))
                          .withReplaced(Map.of(output, Replacement.zero()))));
      assertTrue(error.getMessage().contains("ends before it in layer 1"), error.getMessage());
    }
  }

  private static float[] projected(Projection map, float[] x) {
    float[] y = map.bias().clone();
    for (int i = 0; i < x.length; i++) {
      float[] row = map.row(i);
      for (int d = 0; d < y.length; d++) {
        y[d] += x[i] * row[d];
      }
    }
    return y;
  }

  private static double distance(Activations one, Activations other, Tap tap, int token) {
    float[] a = one.at(tap, token);
    float[] b = other.at(tap, token);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  @Test
  void manyTextsGiveWhatEachGivesAlone() {
    try (Encoder encoder = open("all-minilm-l6-v2")) {
      Inside inside = encoder.inside();
      // More than are held at once, so that order and memory go on over the portions.
      var texts = new ArrayList<TokenisedText>();
      for (int i = 0; i < 1200; i++) {
        texts.add(inside.tokenise("word ".repeat(1 + i % 37) + i));
      }
      var request =
          ActivationRequest.of(
              new Tap.HiddenState(6), new Tap.Attention(4), new Tap.FeedForward(2));
      var seen = new ArrayList<Activations>();
      inside.activations(texts.iterator(), request, seen::add, Cancel.create());
      assertEquals(1200, seen.size());
      for (int i = 0; i < 1200; i++) {
        assertEquals(texts.get(i), seen.get(i).text());
        if (i % 97 != 0) {
          continue;
        }
        Activations alone = inside.activations(texts.get(i), request);
        for (Tap tap : request.taps()) {
          assertArrayEquals(alone.all(tap), seen.get(i).all(tap), 2e-5f, tap.toString());
        }
      }
    }
  }

  @Test
  void readingManyTextsCanBeCancelled() {
    try (Encoder encoder = open("all-minilm-l6-v2")) {
      Inside inside = encoder.inside();
      Cancel cancel = Cancel.create();
      TokenisedText text = inside.tokenise("word ".repeat(60));
      var seen = new int[1];
      assertThrows(
          CancelledException.class,
          () ->
              inside.activations(
                  Stream.generate(() -> text).iterator(),
                  ActivationRequest.of(new Tap.FeedForward(6)),
                  values -> {
                    if (++seen[0] == 3) {
                      cancel.cancel();
                    }
                  },
                  cancel));
      assertEquals(text.count(), inside.tokenise("word ".repeat(60)).count(), "still open");
    }
  }

  @Test
  void aModelThatQuantisesByBatchIsReadTextByText() {
    try (Encoder encoder = open("all-minilm-l6-v2-q")) {
      Inside inside = encoder.inside();
      List<TokenisedText> texts =
          List.of(inside.tokenise("one two"), inside.tokenise("three four"));
      ActivationRequest request = ActivationRequest.of(new Tap.HiddenState(6));
      var seen = new ArrayList<Activations>();
      inside.activations(texts.iterator(), request, seen::add, Cancel.create());
      for (int i = 0; i < 2; i++) {
        Tap tap = new Tap.HiddenState(6);
        assertArrayEquals(inside.activations(texts.get(i), request).all(tap), seen.get(i).all(tap));
      }
      assertEquals(30522 * 384, inside.wordEmbeddings().length);
    }
  }

  @Test
  void pairsAreGivenAsTheTokenizerGivesThem() throws IOException {
    try (Encoder encoder = open("all-minilm-l6-v2")) {
      Inside inside = encoder.inside();
      TokenisedText pair = inside.tokenise("A bank lends.", "The river's embankment");
      assertEquals(
          List.of("[CLS]", "a", "bank", "lend", "##s", ".", "[SEP]"), pieces(pair).subList(0, 7));
      assertEquals("[SEP]", pair.piece(pair.count() - 1));
      assertEquals(-1, pair.part(6));
      assertEquals(1, pair.part(7));
      assertNull(pair.span(0));
      TokenisedText.Word lends = pair.words().get(2);
      assertEquals(new TokenisedText.Word("lends", 0, new Span(7, 12), 3, 5), lends);
      assertEquals(2, pair.word(4));
      assertEquals(-1, pair.word(5));
      assertEquals(-1, pair.word(0));
      assertEquals(1, pair.words().getLast().part());
      // By hand: word, position and type, the second text's, normalised (Devlin et al. 2019).
      Path onnx =
          ModelStore.standard().open("all-minilm-l6-v2", Progress.NONE, Cancel.create()).onnx();
      var weights = new File(onnx);
      Tap embedded = new Tap.HiddenState(0);
      Activations values = inside.activations(pair, ActivationRequest.of(embedded));
      for (int token : new int[] {2, 6, 7, pair.count() - 1}) {
        float[] sum = row(weights, "embeddings.word_embeddings.weight", pair.id(token));
        add(sum, row(weights, "embeddings.position_embeddings.weight", token));
        add(sum, row(weights, "embeddings.token_type_embeddings.weight", token < 7 ? 0 : 1));
        assertArrayEquals(
            weights.norm("embeddings.LayerNorm", sum), values.at(embedded, token), 1e-4f);
      }
    }
  }

  private static float[] row(File weights, String table, int row) {
    float[] all = weights.floats(table);
    return java.util.Arrays.copyOfRange(all, row * 384, (row + 1) * 384);
  }

  private static List<String> pieces(TokenisedText text) {
    var pieces = new ArrayList<String>();
    for (int token = 0; token < text.count(); token++) {
      pieces.add(text.piece(token));
    }
    return pieces;
  }

  @Test
  void whatCannotBeReadIsRefused() {
    Encoder encoder = open("all-minilm-l6-v2");
    Inside inside = encoder.inside();
    try (encoder) {
      assertThrows(PolysemeException.class, () -> inside.tokenise(" "));
      assertThrows(PolysemeException.class, () -> inside.tokenise("a", ""));
      var error = assertThrows(PolysemeException.class, () -> inside.tokenise("word ".repeat(511)));
      assertTrue(error.getMessage().contains("513 tokens"), error.getMessage());
      assertEquals(512, inside.tokenise("word ".repeat(510)).count());
      assertEquals(3, inside.tokenise("🎉").count());
      TokenisedText text = inside.tokenise("one");
      assertThrows(
          IllegalArgumentException.class,
          () -> inside.activations(text, ActivationRequest.of(new Tap.HiddenState(7))));
      assertThrows(
          IllegalArgumentException.class,
          () -> inside.activations(text, ActivationRequest.of(new Tap.Attention(0))));
    }
    assertThrows(IllegalStateException.class, () -> inside.tokenise("one"));
  }
}
