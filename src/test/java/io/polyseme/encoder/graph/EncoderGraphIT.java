package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class EncoderGraphIT {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  /** The values of one output, and its shape. */
  private record Output(long[] shape, float[] values) {}

  private static Path model(String name) {
    return ModelStore.standard().open(name, Progress.NONE, Cancel.create()).onnx();
  }

  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2, 6, 384, 12, 30522, false",
    "all-minilm-l6-v2-q, 6, 384, 12, 30522, true",
    "bge-small-en-v1.5, 12, 384, 12, 30522, false",
    "bge-small-en-v1.5-q, 12, 384, 12, 30522, true",
    "bge-small-zh-v1.5, 4, 512, 8, 21128, false",
    "e5-small-v2, 12, 384, 12, 30522, false",
    "e5-small-v2-q, 12, 384, 12, 30522, true"
  })
  void everyKnownModelIsUnderstoodAndTappedWithoutChangingIt(
      String name, int layers, int dimension, int heads, int vocabulary, boolean quantised)
      throws Exception {
    EncoderGraph graph = EncoderGraph.read(model(name));
    assertTrue(graph.understood(), graph.problem());
    assertEquals(layers, graph.layers());
    assertEquals(dimension, graph.dimension());
    assertEquals(heads, graph.heads());
    assertEquals(vocabulary, graph.vocabularySize());
    assertEquals(512, graph.maximumPositions());
    assertEquals(quantised ? Quantisation.BY_BATCH : Quantisation.NONE, graph.quantisation());

    Set<Tap> taps = new LinkedHashSet<>();
    for (int layer = 0; layer <= layers; layer++) {
      taps.add(new Tap.HiddenState(layer));
      if (layer > 0) {
        taps.add(new Tap.Attention(layer));
        taps.add(new Tap.Query(layer));
        taps.add(new Tap.Key(layer));
        taps.add(new Tap.Value(layer));
        taps.add(new Tap.FeedForward(layer));
      }
    }
    long[][][] batch = batch(new Random(11), 3, 14);
    Map<Tap, Output> basic = run(graph.tap(taps), OptLevel.BASIC_OPT, batch);
    assertArrayEquals(
        whole(model(name), OptLevel.BASIC_OPT, batch).values(),
        basic.get(new Tap.HiddenState(layers)).values(),
        "bit for bit at BASIC");
    basic.forEach(
        (tap, output) ->
            assertArrayEquals(
                switch (tap) {
                  case Tap.Attention _ -> new long[] {3, heads, 14, 14};
                  case Tap.FeedForward _ -> new long[] {3, 14, 4L * dimension};
                  default -> new long[] {3, 14, dimension};
                },
                output.shape(),
                tap.toString()));
    Map<Tap, Output> extended = run(graph.tap(taps), OptLevel.EXTENDED_OPT, batch);
    assertArrayEquals(
        whole(model(name), OptLevel.EXTENDED_OPT, batch).values(),
        extended.get(new Tap.HiddenState(layers)).values(),
        1e-5f);
    for (int layer : new int[] {0, 1, layers / 2, layers - 1}) {
      Tap tap = new Tap.HiddenState(layer);
      Output cut = run(graph.tap(Set.of(tap)), OptLevel.BASIC_OPT, batch).get(tap);
      assertArrayEquals(basic.get(tap).values(), cut.values(), "a cut graph gives the same");
      assertArrayEquals(new long[] {3, 14, dimension}, cut.shape());
    }
  }

  /**
   * Numbers of hidden states are of the size of one, and float32 models were seen to differ by
   * 1.3e-5 at the most. Where activations are quantised, that tips some to the next integer: there
   * it is each token's cosine that is near one (0.968 was seen).
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "all-minilm-l6-v2",
        "bge-small-en-v1.5",
        "bge-small-zh-v1.5",
        "e5-small-v2",
        "all-minilm-l6-v2-q",
        "bge-small-en-v1.5-q",
        "e5-small-v2-q"
      })
  void theOperatorsThatAreFastOnACpuGiveTheSame(String name) throws Exception {
    EncoderGraph graph = EncoderGraph.read(model(name));
    boolean quantised = graph.quantisation() != Quantisation.NONE;
    Set<Tap> taps = new LinkedHashSet<>();
    for (int layer = 0; layer <= graph.layers(); layer++) {
      taps.add(new Tap.HiddenState(layer));
    }
    int width = graph.dimension();
    for (int seed = 0; seed < 3; seed++) {
      long[][][] batch = batch(new Random(seed), 1 + 2 * seed, 16 + 9 * seed);
      long[] mask = Arrays.stream(batch[1]).flatMapToLong(Arrays::stream).toArray();
      Map<Tap, Output> expected = run(graph.tap(taps), OptLevel.BASIC_OPT, batch);
      Map<Tap, Output> actual =
          run(
              graph.tap(taps, Operators.FAST_ON_CPU),
              OptLevel.EXTENDED_OPT,
              EncoderGraph.UNWANTED_OPTIMISERS,
              batch);
      for (Tap tap : taps) {
        assertArrayEquals(expected.get(tap).shape(), actual.get(tap).shape());
        for (int token = 0; token < mask.length; token++) {
          if (mask[token] == 1) {
            int from = token * width;
            float[] one = Arrays.copyOfRange(expected.get(tap).values(), from, from + width);
            float[] other = Arrays.copyOfRange(actual.get(tap).values(), from, from + width);
            if (quantised) {
              double cosine = Vectors.cosine(one, other);
              assertTrue(cosine > 0.95, "%s, %s, token %d: %s".formatted(name, tap, token, cosine));
            } else {
              assertArrayEquals(one, other, 5e-5f, "%s, %s, token %d".formatted(name, tap, token));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bge-small-zh-v1.5", "all-minilm-l6-v2-q"})
  void attentionIsWhatItsQueriesAndKeysGive(String name) throws Exception {
    EncoderGraph graph = EncoderGraph.read(model(name));
    int heads = graph.heads();
    int dimension = graph.dimension();
    Set<Tap> taps =
        Set.of(
            new Tap.Query(2),
            new Tap.Key(2),
            new Tap.Value(2),
            new Tap.Attention(2),
            new Tap.FeedForward(2));
    long[][][] batch = batch(new Random(5), 1, 9);
    Map<Tap, Output> values = run(graph.tap(taps), OptLevel.BASIC_OPT, batch);
    assertArrayEquals(new long[] {1, heads, 9, 9}, values.get(new Tap.Attention(2)).shape());
    assertArrayEquals(new long[] {1, 9, dimension}, values.get(new Tap.Value(2)).shape());
    assertArrayEquals(
        new long[] {1, 9, 4L * dimension}, values.get(new Tap.FeedForward(2)).shape());
    // softmax(q k / sqrt(d)) of the first head by hand (Vaswani et al. 2017, equation 1).
    float[] q = values.get(new Tap.Query(2)).values();
    float[] k = values.get(new Tap.Key(2)).values();
    float[] probabilities = values.get(new Tap.Attention(2)).values();
    int width = dimension / heads;
    for (int from = 0; from < 9; from++) {
      var scores = new double[9];
      double sum = 0;
      for (int to = 0; to < 9; to++) {
        double score = 0;
        for (int d = 0; d < width; d++) {
          score += (double) q[from * dimension + d] * k[to * dimension + d];
        }
        scores[to] = Math.exp(score / Math.sqrt(width));
        sum += scores[to];
      }
      for (int to = 0; to < 9; to++) {
        assertEquals(scores[to] / sum, probabilities[from * 9 + to], 1e-4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2, BASIC_OPT",
    "all-minilm-l6-v2, EXTENDED_OPT",
    "all-minilm-l6-v2, ALL_OPT",
    "all-minilm-l6-v2-q, EXTENDED_OPT",
    "bge-small-zh-v1.5, EXTENDED_OPT",
    "e5-small-v2-q, ALL_OPT"
  })
  void graphsThatTheRuntimeHasFusedAreUnderstoodToo(
      String name, OptLevel level, @TempDir Path folder) throws Exception {
    Path plain = model(name);
    Path fused = folder.resolve("fused.onnx");
    try (var options = options(level)) {
      options.setOptimizedModelFilePath(fused.toString());
      ENVIRONMENT.createSession(plain.toString(), options).close();
    }
    EncoderGraph before = EncoderGraph.read(plain);
    EncoderGraph after = EncoderGraph.read(fused);
    assertTrue(after.understood(), after.problem());
    assertEquals(before.layers(), after.layers());
    assertEquals(before.dimension(), after.dimension());
    assertEquals(before.heads(), after.heads());
    assertEquals(before.vocabularySize(), after.vocabularySize());
    assertEquals(before.quantisation(), after.quantisation());
    Set<Tap> taps = new LinkedHashSet<>();
    for (int layer = 0; layer <= before.layers(); layer++) {
      taps.add(new Tap.HiddenState(layer));
      for (Tap tap :
          layer == 0
              ? Set.<Tap>of()
              : Set.of(
                  new Tap.Attention(layer),
                  new Tap.Query(layer),
                  new Tap.Key(layer),
                  new Tap.Value(layer),
                  new Tap.FeedForward(layer))) {
        try {
          after.tap(Set.of(tap));
          taps.add(tap);
        } catch (PolysemeException e) {
          assertTrue(e.getMessage().contains("fused operator"), e.getMessage());
        }
      }
    }
    long[][][] batch = batch(new Random(2), 2, 10);
    Map<Tap, Output> expected = run(before.tap(taps), level, batch);
    Map<Tap, Output> actual = run(after.tap(taps), OptLevel.BASIC_OPT, batch);
    for (Tap tap : taps) {
      assertArrayEquals(expected.get(tap).shape(), actual.get(tap).shape(), tap.toString());
      assertArrayEquals(
          expected.get(tap).values(), actual.get(tap).values(), 2e-4f, tap.toString());
    }
  }

  @Test
  void readingAModelTakesNoHeapForItsWeights() {
    Path file = model("bge-small-en-v1.5");
    EncoderGraph graph = EncoderGraph.read(file);
    System.gc();
    long before = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    EncoderGraph.Tapped tapped = graph.tap(Set.of(new Tap.HiddenState(4)));
    EncoderGraph again = EncoderGraph.read(file);
    System.gc();
    long after = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    assertTrue(tapped.model().length < 1 << 20, tapped.model().length + " bytes");
    assertTrue(after - before < 16 << 20, (after - before) + " bytes of heap");
    assertEquals(12, again.layers());
  }

  @Test
  void brokenFilesAreSaidToBeBroken(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(model("all-minilm-l6-v2-q"));
    var random = new Random(23);
    Path file = folder.resolve("broken.onnx");
    for (int i = 0; i < 30; i++) {
      Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length)));
      readsOrSays(file);
    }
    for (int i = 0; i < 100; i++) {
      var bytes = new byte[1 + random.nextInt(4000)];
      random.nextBytes(bytes);
      Files.write(file, bytes);
      readsOrSays(file);
    }
    Files.write(file, new byte[0]);
    assertThrows(PolysemeException.class, () -> EncoderGraph.read(file));
    assertThrows(PolysemeException.class, () -> EncoderGraph.read(folder.resolve("none.onnx")));
    assertThrows(PolysemeException.class, () -> EncoderGraph.read(folder));
  }

  /**
   * A truncated file may still hold a graph; then it is not understood, or its taps can be made.
   */
  private static void readsOrSays(Path file) {
    try {
      EncoderGraph graph = EncoderGraph.read(file);
      if (!graph.understood()) {
        assertFalse(graph.problem().isEmpty());
      }
    } catch (PolysemeException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  @Test
  void layersThatAreNotThereAreRefused() {
    EncoderGraph graph = EncoderGraph.read(model("all-minilm-l6-v2"));
    assertThrows(IllegalArgumentException.class, () -> graph.tap(Set.of(new Tap.HiddenState(7))));
    assertThrows(IllegalArgumentException.class, () -> graph.tap(Set.of(new Tap.Attention(0))));
    assertThrows(IllegalArgumentException.class, () -> graph.tap(Set.of()));
  }

  /** Rows of different lengths, padded: ids and mask. */
  private static long[][][] batch(Random random, int rows, int length) {
    var ids = new long[rows][length];
    var mask = new long[rows][length];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < length - 3 * row; i++) {
        ids[row][i] = i == 0 ? 101 : 999 + random.nextInt(10_000);
        mask[row][i] = 1;
      }
    }
    return new long[][][] {ids, mask};
  }

  private static Output whole(Path file, OptLevel level, long[][][] batch) throws Exception {
    try (var options = options(level);
        OrtSession session = ENVIRONMENT.createSession(file.toString(), options)) {
      return run(session, batch).values().iterator().next();
    }
  }

  private static Map<Tap, Output> run(EncoderGraph.Tapped tapped, OptLevel level, long[][][] batch)
      throws Exception {
    return run(tapped, level, "", batch);
  }

  private static Map<Tap, Output> run(
      EncoderGraph.Tapped tapped, OptLevel level, String unwanted, long[][][] batch)
      throws Exception {
    try (var options = options(level)) {
      options.addConfigEntry("optimization.disable_specified_optimizers", unwanted);
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      try (OrtSession session = ENVIRONMENT.createSession(tapped.model(), options)) {
        Map<String, Output> outputs = run(session, batch);
        Map<Tap, Output> byTap = new HashMap<>();
        tapped.outputs().forEach((tap, name) -> byTap.put(tap, outputs.get(name)));
        return byTap;
      }
    }
  }

  private static OrtSession.SessionOptions options(OptLevel level) throws OrtException {
    var options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(level);
    options.setIntraOpNumThreads(1);
    return options;
  }

  private static Map<String, Output> run(OrtSession session, long[][][] batch) throws OrtException {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (String name : session.getInputNames()) {
      inputs.put(
          name,
          OnnxTensor.createTensor(
              ENVIRONMENT,
              name.contains("mask")
                  ? batch[1]
                  : name.contains("type")
                      ? new long[batch[0].length][batch[0][0].length]
                      : batch[0]));
    }
    try (OrtSession.Result result = session.run(inputs)) {
      Map<String, Output> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        var tensor = (OnnxTensor) entry.getValue();
        FloatBuffer buffer = tensor.getFloatBuffer();
        var values = new float[buffer.remaining()];
        buffer.get(values);
        outputs.put(entry.getKey(), new Output(tensor.getInfo().getShape(), values));
      }
      return outputs;
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }
}
