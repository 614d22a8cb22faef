package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.encoder.graph.TinyRun.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small Transformers in int8, and files that are none or were tampered with. */
@Timeout(180)
class WeightQuantiserTest {
  private static final int[][] TEXTS = {
    {3, 47, 600, 12, 12, 99, 345, 8, 2}, {3, 500, 77, 61, 2}, {250, 2}
  };

  @TempDir Path folder;

  static List<TinyTransformer> architectures() {
    return TinyTransformer.all();
  }

  private WeightQuantiser.Report quantise(Path from, Path to) {
    return WeightQuantiser.write(from, to, Progress.NONE, Cancel.create());
  }

  private String refused(Path from, Path to) {
    return assertThrows(PolysemeException.class, () -> quantise(from, to)).getMessage();
  }

  /**
   * A token's state has a cosine of at least 0.99 with that of the float32 model, in float32
   * operators and in integers; and in a batch it is what it is alone, to a cosine of 1e-4 below
   * one: rounding may tip a value to the next integer.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void statesAreNearTheFloatsAndDoNotDependOnCompanions(TinyTransformer tiny) throws Exception {
    Path floats = tiny.save(folder.resolve("model.onnx"));
    Path integers = folder.resolve("int8.onnx");
    WeightQuantiser.Report report = quantise(floats, integers);
    assertTrue(report.projections() > 0);
    assertEquals(Files.size(floats), report.bytesBefore());
    assertEquals(Files.size(integers), report.bytes());
    assertTrue(report.bytes() < report.bytesBefore());
    Path again = folder.resolve("again.onnx");
    quantise(floats, again);
    assertArrayEquals(Files.readAllBytes(integers), Files.readAllBytes(again));

    EncoderGraph graph = EncoderGraph.read(integers);
    assertTrue(graph.understood(), graph.problem());
    assertEquals(Quantisation.BY_ROW, graph.quantisation());
    assertEquals(tiny.blocks, graph.layers());
    Tap last = new Tap.HiddenState(tiny.blocks);
    EncoderGraph.Tapped fast = graph.tap(Set.of(last), Operators.FAST_ON_CPU);
    assertTrue(
        ModelProto.parseFrom(fast.model()).getGraph().getNodeList().stream()
            .anyMatch(node -> node.getOpType().equals("MatMulIntegerToFloat")));
    Output dequantised =
        TinyRun.run(graph.tap(Set.of(last)), tiny, OptLevel.BASIC_OPT, TEXTS).get(last);
    Output together = TinyRun.run(fast, tiny, OptLevel.EXTENDED_OPT, TEXTS).get(last);
    int longest = TEXTS[0].length;
    for (int row = 0; row < TEXTS.length; row++) {
      double[][] expected = tiny.run(TEXTS[row]).states().getLast();
      Output alone = TinyRun.run(fast, tiny, OptLevel.EXTENDED_OPT, TEXTS[row]).get(last);
      for (int i = 0; i < expected.length; i++) {
        double[] one = state(alone, i, tiny.dimension);
        double[] other = state(together, row * longest + i, tiny.dimension);
        String what = tiny + ", text " + row + ", token " + i;
        assertCosine(0.99, expected[i], one, what);
        assertCosine(
            0.99, expected[i], state(dequantised, row * longest + i, tiny.dimension), what);
        assertCosine(1 - 1e-4, one, other, what);
      }
    }
  }

  private static double[] state(Output output, int token, int dimension) {
    var state = new double[dimension];
    Arrays.setAll(state, d -> output.values()[token * dimension + d]);
    return state;
  }

  private static void assertCosine(double least, double[] a, double[] b, String what) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < a.length; d++) {
      ab += a[d] * b[d];
      aa += a[d] * a[d];
      bb += b[d] * b[d];
    }
    double cosine = ab / Math.sqrt(aa * bb);
    assertTrue(cosine >= least, what + ": cosine " + cosine);
  }

  @Test
  void whatCannotBeQuantisedIsRefused() throws IOException {
    Path floats = TinyTransformer.named("bert").save(folder.resolve("model.onnx"));
    Path to = folder.resolve("int8.onnx");
    quantise(floats, to);
    byte[] made = Files.readAllBytes(to);
    assertTrue(refused(floats, to).contains("is there already"));
    assertArrayEquals(made, Files.readAllBytes(to));
    Path other = folder.resolve("other.onnx");
    assertTrue(refused(to, other).contains("quantised already"));
    assertTrue(refused(folder.resolve("none.onnx"), other).contains("none.onnx"));
    assertTrue(refused(folder, other).contains(folder.toString()));
    assertTrue(refused(floats, folder.resolve("no/folder.onnx")).contains("no/folder.onnx"));

    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(floats));
    Path half = folder.resolve("half.onnx");
    Files.write(half, with(model, g -> g.getInitializerBuilderList().forEach(this::toHalf)));
    assertTrue(refused(half, other).contains("16 bits"), refused(half, other));
    Path products = folder.resolve("products.onnx");
    Files.write(
        products,
        with(
            model,
            g ->
                g.getNodeBuilderList().stream()
                    .filter(node -> node.getOpType().equals("MatMul"))
                    .forEach(node -> node.setOpType("Mul"))));
    assertTrue(refused(products, other).contains("nothing to quantise"));
    assertFalse(Files.exists(other));

    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () -> WeightQuantiser.write(floats, other, Progress.NONE, cancel));
    assertFalse(Files.exists(other));
  }

  private void toHalf(TensorProto.Builder tensor) {
    tensor
        .setDataType(TensorProto.DataType.FLOAT16_VALUE)
        .setRawData(tensor.getRawData().substring(tensor.getRawData().size() / 2));
  }

  private static byte[] with(ModelProto model, Consumer<GraphProto.Builder> change) {
    ModelProto.Builder changed = model.toBuilder();
    change.accept(changed.getGraphBuilder());
    return changed.build().toByteArray();
  }

  @Test
  void weightsThatAreNoNumbersAreSaid() throws IOException {
    ModelProto model =
        ModelProto.parseFrom(
            Files.readAllBytes(TinyTransformer.named("bert").save(folder.resolve("model.onnx"))));
    Path file = folder.resolve("infinite.onnx");
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Files.write(file, with(model, graph -> spoil(graph, "block1.up.weight", value)));
      String said = refused(file, folder.resolve("int8.onnx"));
      assertTrue(said.contains("block1.up.weight") && said.contains("finite"), said);
      assertFalse(Files.exists(folder.resolve("int8.onnx")));
    }
  }

  private static void spoil(GraphProto.Builder graph, String name, float value) {
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (tensor.getName().equals(name)) {
        byte[] bytes = tensor.getRawData().toByteArray();
        int bits = Float.floatToRawIntBits(value);
        for (int i = 0; i < 4; i++) {
          bytes[400 + i] = (byte) (bits >>> 8 * i);
        }
        tensor.setRawData(com.google.protobuf.ByteString.copyFrom(bytes));
      }
    }
  }

  /** It is quantised, or said what is wrong with it, with its name; nothing half is left. */
  private void quantisedOrSaid(byte[] model, String what) throws IOException {
    Path file = folder.resolve("damaged.onnx");
    Path to = folder.resolve("int8.onnx");
    Files.write(file, model);
    try {
      quantise(file, to);
      assertEquals(Quantisation.BY_ROW, EncoderGraph.read(to).quantisation(), what);
      Files.delete(to);
    } catch (PolysemeException e) {
      assertTrue(e.getMessage().contains("damaged.onnx"), what + ": " + e.getMessage());
      assertFalse(Files.exists(to), what);
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "modernbert", "albert", "qwen2, with a past"})
  void filesThatAreCutOrSpoiledAreQuantisedOrSaidToBeDamaged(String name) throws IOException {
    byte[] whole = Files.readAllBytes(TinyTransformer.named(name).save(folder.resolve("m.onnx")));
    var random = new Random(name.hashCode());
    for (int i = 0; i < 60; i++) {
      int length = random.nextInt(whole.length);
      quantisedOrSaid(Arrays.copyOf(whole, length), "cut to " + length);
    }
    for (int i = 0; i < 160; i++) {
      byte[] bytes = whole.clone();
      // The graph's structure is in the first part of the file, its weights in the last.
      int within = i % 2 == 0 ? bytes.length : bytes.length / 8;
      var at = new StringBuilder("bits flipped");
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        int bit = random.nextInt(8 * within);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        at.append(' ').append(bit);
      }
      quantisedOrSaid(bytes, at.toString());
    }
    for (int i = 0; i < 40; i++) {
      byte[] bytes = whole.clone();
      int from = random.nextInt(bytes.length);
      int to = Math.min(bytes.length, from + 1 + random.nextInt(64));
      for (int b = from; b < to; b++) {
        bytes[b] = (byte) random.nextInt();
      }
      quantisedOrSaid(bytes, "random from %d to %d".formatted(from, to));
    }
  }

  /** Files whose fields are well formed and whose graphs are not. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "modernbert", "albert", "qwen2, with a past", "gpt2"})
  void hostileGraphsAreQuantisedOrSaidToBeDamaged(String name) throws IOException {
    ModelProto model =
        ModelProto.parseFrom(
            Files.readAllBytes(TinyTransformer.named(name).save(folder.resolve("m.onnx"))));
    var random = new Random(name.hashCode());
    for (int i = 0; i < 250; i++) {
      var told = new StringBuilder();
      byte[] changed =
          with(
              model,
              graph -> {
                for (int changes = random.nextInt(3); changes >= 0; changes--) {
                  told.append(change(graph, random)).append("; ");
                }
              });
      quantisedOrSaid(changed, told.toString());
    }
  }

  private static String change(GraphProto.Builder graph, Random random) {
    NodeProto.Builder node = graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
    NodeProto other = graph.getNode(random.nextInt(graph.getNodeCount()));
    int which = random.nextInt(graph.getInitializerCount());
    TensorProto.Builder tensor = graph.getInitializerBuilder(which);
    String at = node.getOpType() + " " + node.getOutputList();
    switch (random.nextInt(14)) {
      case 0 -> {
        node.clearInput();
        return "no inputs of " + at;
      }
      case 1 -> {
        node.clearOutput();
        return "no outputs of " + at;
      }
      case 2 -> {
        node.clearAttribute();
        return "no attributes of " + at;
      }
      case 3 -> {
        if (node.getInputCount() > 0 && other.getOutputCount() > 0) {
          node.setInput(random.nextInt(node.getInputCount()), other.getOutput(0));
        }
        return "%s reads %s".formatted(at, other.getOutputList());
      }
      case 4 -> {
        if (node.getOutputCount() > 0 && other.getOutputCount() > 0) {
          node.setOutput(0, other.getOutput(0));
        }
        return "%s makes %s".formatted(at, other.getOutputList());
      }
      case 5 -> {
        node.setOpType(other.getOpType());
        return "%s is %s".formatted(at, other.getOpType());
      }
      case 6 -> {
        graph.removeInitializer(which);
        return "no " + tensor.getName();
      }
      case 7 -> {
        tensor.clearDims();
        return "no shape of " + tensor.getName();
      }
      case 8 -> {
        long[] sizes = {0, -1, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE, 33};
        long size = sizes[random.nextInt(sizes.length)];
        if (tensor.getDimsCount() > 0) {
          tensor.setDims(random.nextInt(tensor.getDimsCount()), size);
        }
        return "%s has %d".formatted(tensor.getName(), size);
      }
      case 9 -> {
        tensor.setDataType(random.nextInt(-2, 25));
        return "%s is of type %d".formatted(tensor.getName(), tensor.getDataType());
      }
      case 10 -> {
        tensor.clearRawData();
        return "no numbers in " + tensor.getName();
      }
      case 11 -> {
        tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL).clearRawData();
        String[] places = {
          "", "../m.onnx", "/etc/hostname", "m.onnx", "none", "\0", "damaged.onnx"
        };
        String place = places[random.nextInt(places.length)];
        long[] offsets = {0, -1, Long.MAX_VALUE, 100};
        Map.of("location", place, "offset", "" + offsets[random.nextInt(offsets.length)])
            .forEach((key, value) -> tensor.addExternalDataBuilder().setKey(key).setValue(value));
        return "%s is in \"%s\"".formatted(tensor.getName(), place);
      }
      case 12 -> {
        if (node.getInputCount() > 0 && node.getOutputCount() > 0) {
          node.setInput(random.nextInt(node.getInputCount()), node.getOutput(0));
        }
        return "%s reads itself".formatted(at);
      }
      default -> {
        tensor.setName(graph.getInitializer(random.nextInt(graph.getInitializerCount())).getName());
        return "two are called " + tensor.getName();
      }
    }
  }
}
