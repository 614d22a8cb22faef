package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BERT encoders written as ONNX models, and read out of such. */
@Timeout(120)
class BertFilesTest {
  @TempDir Path folder;

  /** A shape, with the head or without. */
  private record Case(BertShape shape, boolean head) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case(new BertShape(60, 20, 2, 24, 2, 3, 40, 1e-12f, false), true),
        new Case(new BertShape(61, 30, 0, 32, 3, 2, 64, 1e-5f, true), true),
        new Case(new BertShape(17, 9, 2, 16, 1, 4, 20, 1e-12f, true), false),
        new Case(new BertShape(200, 9, 0, 8, 2, 1, 9, 1e-7f, false), false));
  }

  private static Map<String, float[]> weights(BertShape shape, boolean head) {
    var random = new Random(shape.hashCode());
    var weights = new LinkedHashMap<String, float[]>();
    // Those of the head come last: the others are the same with it and without.
    shape
        .weights(head)
        .forEach(
            (name, sizes) -> {
              var values = new float[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
              boolean scale = name.endsWith("LayerNorm.weight");
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((scale ? 1 : 0) + 0.3 * random.nextGaussian());
              }
              weights.put(name, values);
            });
    return weights;
  }

  private Path write(BertShape shape, Map<String, float[]> weights) {
    Path file = folder.resolve("model.onnx");
    BertWriter.write(file, shape, weights, Progress.NONE, Cancel.create());
    return file;
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), 0, name));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsReadIsWhatWasWrittenBitByBit(Case of) throws Exception {
    Map<String, float[]> weights = weights(of.shape, of.head);
    Path file = folder.resolve("model.onnx");
    var told = new ArrayList<Long>();
    long bytes =
        BertWriter.write(
            file,
            of.shape,
            weights,
            (task, done, total) -> {
              assertTrue(done <= total);
              told.add(total - done);
            },
            Cancel.create());
    assertEquals(Files.size(file), bytes);
    assertEquals(0, told.getLast());
    BertReader read = BertReader.read(file);
    assertEquals(of.shape, read.shape());
    assertSame(weights, read.weights());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everythingInItIsFoundAndFast(Case of) throws Exception {
    Path file = write(of.shape, weights(of.shape, of.head));
    EncoderGraph graph = EncoderGraph.read(file);
    assertTrue(graph.understood(), graph.problem());
    assertEquals(of.shape.layers(), graph.layers());
    assertEquals(of.shape.dimension(), graph.dimension());
    assertEquals(of.shape.heads(), graph.heads());
    assertEquals(of.shape.vocabulary(), graph.vocabularySize());
    assertEquals(of.shape.positions(), graph.maximumPositions());
    assertEquals(Quantisation.NONE, graph.quantisation());
    if (of.head) {
      assertEquals(of.shape.layers(), graph.head().layer());
    } else {
      assertNull(graph.head());
    }
    for (int layer = 1; layer <= of.shape.layers(); layer++) {
      assertNotNull(graph.normAfterAttention(layer));
      assertNotNull(graph.normAfterFeedForward(layer));
    }
    Set<Tap> taps = Taps.all(of.shape.layers());
    taps.forEach(tap -> assertTrue(graph.has(tap), tap.toString()));
    var last = new Tap.HiddenState(of.shape.layers());
    EncoderGraph.Tapped fast = graph.tap(Set.of(last), Operators.FAST_ON_CPU);
    List<String> operators =
        ModelProto.parseFrom(fast.model()).getGraph().getNodeList().stream()
            .map(NodeProto::getOpType)
            .toList();
    long norms = operators.stream().filter("SkipLayerNormalization"::equals).count();
    assertEquals(2 * of.shape.layers() + 1, norms);
    assertEquals(of.shape.layers(), operators.stream().filter("Gelu"::equals).count());
    assertFalse(operators.contains("LayerNormalization") || operators.contains("Erf"));
    int[][] texts = {{1, 5, 2, 8, 3}, {7, 7, 4}, {2, 3, 9, 16, 4, 5, 6, 8, 1}};
    float[] plain = BertRun.run(file, texts).get("last_hidden_state");
    float[] quick = BertRun.run(fast, texts).get("last_hidden_state");
    assertArrayEquals(plain, quick, 1e-5f);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itGivesWhatTheArithmeticOfThePaperGives(Case of) throws Exception {
    Map<String, float[]> weights = weights(of.shape, of.head);
    Path file = write(of.shape, weights);
    int[][] texts = {{1, 5, 2, 8, 3}, {7, 7, 4}, {2, 3, 9, 16, 4, 5, 6, 8, 1}};
    Map<String, float[]> outputs = BertRun.run(file, texts);
    assertEquals(of.head, outputs.containsKey("logits"));
    int n = of.shape.dimension();
    for (int row = 0; row < texts.length; row++) {
      double[][] states = BertRun.states(of.shape, weights, texts[row]);
      for (int t = 0; t < texts[row].length; t++) {
        int at = row * 9 + t;
        for (int d = 0; d < n; d++) {
          assertEquals(states[t][d], outputs.get("last_hidden_state")[at * n + d], 1e-5);
        }
        double[] logits = of.head ? BertRun.logits(of.shape, weights, states[t]) : new double[0];
        for (int word = 0; word < logits.length; word++) {
          assertEquals(logits[word], outputs.get("logits")[at * logits.length + word], 1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCausalModelNeverLooksToTheRight(Case of) throws Exception {
    Path file = write(of.shape, weights(of.shape, of.head));
    EncoderGraph graph = EncoderGraph.read(file);
    var last = new Tap.HiddenState(of.shape.layers());
    EncoderGraph.Tapped fast = graph.tap(Set.of(last), Operators.FAST_ON_CPU);
    int[] text = {1, 5, 2, 8, 3, 4, 9, 6};
    int[] other = text.clone();
    other[5] = 14;
    float[] before = BertRun.run(fast, text).get("last_hidden_state");
    float[] after = BertRun.run(fast, other).get("last_hidden_state");
    int unchanged = 5 * of.shape.dimension();
    boolean same = Arrays.equals(Arrays.copyOf(before, unchanged), Arrays.copyOf(after, unchanged));
    assertEquals(of.shape.causal(), same);
    assertFalse(Arrays.equals(before, after));
  }

  @Test
  void whatIsQuantisedRunsAndIsNotReadForTraining() throws Exception {
    var shape = new BertShape(300, 40, 2, 128, 2, 4, 512, 1e-12f, false);
    Map<String, float[]> weights = weights(shape, true);
    weights.replaceAll((_, values) -> values.length < 1000 ? values : scaled(values, 0.2f));
    Path file = write(shape, weights);
    Path integers = folder.resolve("int8.onnx");
    WeightQuantiser.Report report =
        WeightQuantiser.write(file, integers, Progress.NONE, Cancel.create());
    assertTrue(report.projections() >= 6 * shape.layers(), report.toString());
    int[] text = {1, 50, 299, 8, 3};
    float[] exact = BertRun.run(file, text).get("last_hidden_state");
    float[] near = BertRun.run(integers, text).get("last_hidden_state");
    assertArrayEquals(exact, near, 0.2f);
    String message =
        assertThrows(PolysemeException.class, () -> BertReader.read(integers)).getMessage();
    assertTrue(message.contains("quantised") && message.contains("float32"), message);
  }

  private static float[] scaled(float[] values, float by) {
    var scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= by;
    }
    return scaled;
  }

  /** What PyTorch's exporter writes, in several of its versions. */
  @ParameterizedTest
  @CsvSource({
    "bert, false, false, false",
    "bert, true, true, false",
    "bert, true, true, true",
    "distilbert, false, true, false",
    "'bert, other names', false, false, true"
  })
  void bertIsReadHoweverItIsExported(
      String name, boolean normAsNode, boolean scaledBefore, boolean causal) throws Exception {
    TinyTransformer tiny = TinyTransformer.named(name);
    tiny.normAsNode = normAsNode;
    tiny.scaledBefore = scaledBefore;
    tiny.headsCounted = !scaledBefore;
    tiny.causal = causal;
    Path exported = tiny.save(folder.resolve("exported.onnx"));
    BertReader read = BertReader.read(exported);
    assertEquals(causal, read.shape().causal());
    assertEquals(tiny.types ? 2 : 0, read.shape().types());
    Path file = write(read.shape(), read.weights());
    var tap = new Tap.HiddenState(tiny.blocks);
    int[][] texts = {{3, 47, 600, 12, 99, 2}, {8, 9, 10}};
    TinyRun.Output expected =
        TinyRun.run(EncoderGraph.read(exported).tap(Set.of(tap)), tiny, OptLevel.BASIC_OPT, texts)
            .get(tap);
    tiny.idsName = "input_ids";
    tiny.maskName = "attention_mask";
    TinyRun.Output actual =
        TinyRun.run(EncoderGraph.read(file).tap(Set.of(tap)), tiny, OptLevel.BASIC_OPT, texts)
            .get(tap);
    TinyRun.assertClose(expected, actual, tiny, texts, 1e-5, "last hidden state");
  }

  @ParameterizedTest
  @CsvSource({
    "xlm-roberta, positions",
    "'roberta, newer operators', positions",
    "mpnet, distance",
    "albert, projects its embeddings",
    "modernbert, normalises before",
    "nomic, no biases",
    "gpt2, normalises before",
    "mistral, position_ids",
    "'bert, turned', turned by positions"
  })
  void otherEncodersAreRefusedWithTheReason(String name, String reason) throws Exception {
    TinyTransformer tiny = TinyTransformer.named(name.replace(", turned", ""));
    if (name.endsWith(", turned")) {
      tiny.positions = TinyTransformer.Positions.ROTARY;
    }
    Path file = tiny.save(folder.resolve("model.onnx"));
    String message =
        assertThrows(PolysemeException.class, () -> BertReader.read(file)).getMessage();
    assertTrue(message.contains("float32 ONNX model of a BERT encoder"), message);
    assertTrue(message.contains(reason), message);
  }

  /** As "polyseme train-head" puts it on a model. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aHeadIsReadIfItIsOverTheLastState(int layer) {
    var shape = new BertShape(60, 20, 2, 24, 2, 3, 40, 1e-12f, false);
    Map<String, float[]> weights = weights(shape, false);
    Map<String, float[]> all = weights(shape, true);
    Path plain = write(shape, weights);
    Path file = folder.resolve("head.onnx");
    int n = shape.dimension();
    float[] dense = all.get("cls.predictions.transform.dense.weight");
    var turned = new float[dense.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = dense[i % n * n + i / n];
    }
    var head =
        new HeadWriter.HeadWeights(
            layer,
            turned,
            all.get("cls.predictions.transform.dense.bias"),
            all.get("cls.predictions.transform.LayerNorm.weight"),
            all.get("cls.predictions.transform.LayerNorm.bias"),
            shape.epsilon(),
            all.get("cls.predictions.bias"));
    HeadWriter.write(plain, file, head, Progress.NONE, Cancel.create());
    BertReader read = BertReader.read(file);
    assertEquals(shape, read.shape());
    assertSame(layer == shape.layers() ? all : weights, read.weights());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void damagedFilesGiveAMessage(int which) throws Exception {
    BertShape shape = cases().toList().get(which).shape;
    byte[] whole = Files.readAllBytes(write(shape, weights(shape, true)));
    var random = new Random(5);
    Path damaged = folder.resolve("damaged.onnx");
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      byte[] bytes =
          round % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int i = 0; round % 3 > 0 && i < 8; i++) {
        // The graph without its weights comes first; there a changed byte does most.
        int place = random.nextInt(round % 3 == 1 ? whole.length : whole.length / 4);
        bytes[place] = (byte) random.nextInt();
      }
      Files.write(damaged, bytes);
      try {
        BertReader.read(damaged);
      } catch (PolysemeException e) {
        assertTrue(e.getMessage().contains("damaged.onnx"), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 150, "refused " + refused);
    assertThrows(PolysemeException.class, () -> BertReader.read(folder.resolve("missing.onnx")));
  }

  @Test
  void aFileIsNeitherOverwrittenNorLeftHalfWritten() throws Exception {
    BertShape shape = cases().findFirst().orElseThrow().shape;
    Map<String, float[]> weights = weights(shape, true);
    Path there = Files.writeString(folder.resolve("there.onnx"), "mine");
    assertThrows(
        PolysemeException.class,
        () -> BertWriter.write(there, shape, weights, Progress.NONE, Cancel.create()));
    assertEquals("mine", Files.readString(there));
    var cancel = Cancel.create();
    Path half = folder.resolve("half.onnx");
    assertThrows(
        CancelledException.class,
        () -> BertWriter.write(half, shape, weights, (_, _, _) -> cancel.cancel(), cancel));
    assertFalse(Files.exists(half));
  }

  @Test
  void weightsThatAreNotThoseOfTheShapeAreWrongUse() {
    BertShape shape = cases().findFirst().orElseThrow().shape;
    Map<String, float[]> weights = weights(shape, true);
    weights.remove("cls.predictions.bias");
    assertThrows(IllegalArgumentException.class, () -> write(shape, weights));
    weights.put("cls.predictions.bias", new float[shape.vocabulary() - 1]);
    assertThrows(IllegalArgumentException.class, () -> write(shape, weights));
    weights.put("cls.predictions.bias", new float[shape.vocabulary()]);
    weights.put("pooler.dense.weight", new float[1]);
    assertThrows(IllegalArgumentException.class, () -> write(shape, weights));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BertShape(100, 10, 2, 32, 2, 3, 64, 1e-12f, false));
  }
}
