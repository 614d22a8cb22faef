package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ways in which exporters write the same encoder that the bundled models do not show. Its weights
 * are raw and large enough to be left in the file.
 */
@Timeout(60)
class UnusualGraphTest {
  private static final int DIMENSION = 32;
  private static final int VOCABULARY = 50;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("small");
  private final Random random = new Random(17);
  private boolean scaleFromShape;

  @Test
  void aLinkToAModelIsAsGoodAsTheModel(@TempDir Path folder) throws Exception {
    encoder();
    Path file = save(Files.createDirectory(folder.resolve("blobs")).resolve("5f3a"));
    Path link = Files.createDirectory(folder.resolve("snapshot")).resolve("model.onnx");
    Files.createSymbolicLink(link, file);
    assertArrayEquals(state(file, 1), state(link, 1));
  }

  @Test
  void weightsThatAreAlsoDeclaredAsInputsAreNotAskedForAfterACut(@TempDir Path folder)
      throws Exception {
    encoder();
    for (TensorProto tensor : List.copyOf(graph.getInitializerList())) {
      graph.addInput(value(tensor.getName(), tensor.getDataType(), tensor.getDimsList()));
    }
    Path file = save(folder.resolve("model.onnx"));
    assertEquals(List.of("input_ids"), EncoderGraph.read(file).inputs());
    assertEquals(3 * DIMENSION, state(file, 1).length);
    assertEquals(3 * DIMENSION, state(file, 2).length);
  }

  @Test
  void aScaleThatIsTakenFromAShapeIsNoData(@TempDir Path folder) throws Exception {
    encoder();
    float[] plain = state(save(folder.resolve("plain.onnx")), 2);
    graph.clear();
    random.setSeed(17);
    scaleFromShape = true;
    encoder();
    Path file = save(folder.resolve("model.onnx"));
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(2, read.layers());
    assertEquals(2, read.heads());
    assertEquals(VOCABULARY, read.vocabularySize());
    assertArrayEquals(plain, state(file, 2), 1e-5f);
    assertEquals(
        Map.of(new Tap.Query(1), "block1.q.biased", new Tap.Key(1), "block1.k.biased"),
        read.tap(Set.of(new Tap.Query(1), new Tap.Key(1))).outputs());
  }

  @Test
  void logitsAreNotTakenForHiddenStates(@TempDir Path folder) throws Exception {
    encoder();
    graph.clearOutput();
    dense("last_hidden_state", "logits", DIMENSION, VOCABULARY);
    graph.addOutput(value("logits.biased", FLOAT, List.of(-1L, -1L, (long) VOCABULARY)));
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("logits.onnx")));
    assertFalse(read.understood());
    assertTrue(read.problem().contains("hidden states"), read.problem());

    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
    Path both = save(folder.resolve("both.onnx"));
    assertEquals(3 * DIMENSION, state(both, 2).length);
  }

  @Test
  void projectionsWhoseBiasIsInsideAFusedOperatorAreRefused(@TempDir Path folder) throws Exception {
    node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    norm("embedded", "normed");
    for (String side : List.of("q", "k", "v")) {
      node("MatMul", side, "normed", weights(side + ".weights", DIMENSION, DIMENSION));
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("MultiHeadAttention")
            .setDomain("com.microsoft")
            .addAllInput(List.of("q", "k", "v", weights("biases", 3 * DIMENSION)))
            .addOutput("context")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("num_heads")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(2)));
    node("Add", "middle", "normed", dense("context", "o", DIMENSION, DIMENSION));
    norm("middle", "last_hidden_state");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
    Path file = save(folder.resolve("model.onnx"));
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(3 * DIMENSION, state(file, 0).length);
    for (Tap tap :
        List.of(new Tap.Query(1), new Tap.Key(1), new Tap.Value(1), new Tap.Attention(1))) {
      var error = assertThrows(PolysemeException.class, () -> read.tap(Set.of(tap)));
      assertTrue(error.getMessage().contains("fused"), error.getMessage());
    }
  }

  /** Operators with any number of inputs must not multiply the ways that are followed back. */
  @Test
  @Timeout(20)
  void wideOperatorsAreReadInTime(@TempDir Path folder) throws IOException {
    String at = "input_ids";
    for (int level = 0; level < 10; level++) {
      var same = new String[300];
      java.util.Arrays.fill(same, at);
      at = node("Max", "wide" + level, same);
    }
    node("Softmax", "probabilities", at);
    node("MatMul", "last_hidden_state", "probabilities", at);
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, -1L)));
    assertFalse(EncoderGraph.read(save(folder.resolve("model.onnx"))).understood());
  }

  @Test
  @Timeout(20)
  void manyAttentionsOfOneValueAreReadInTime(@TempDir Path folder) throws IOException {
    for (int i = 0; i < 20_000; i++) {
      node("MatMul", "scores" + i, "input_ids", "input_ids");
      node("Softmax", "probabilities" + i, "scores" + i);
      node("MatMul", "context" + i, "probabilities" + i, "input_ids");
    }
    graph.addOutput(value("context0", FLOAT, List.of(-1L, -1L, -1L)));
    assertFalse(EncoderGraph.read(save(folder.resolve("model.onnx"))).understood());
  }

  /** Nested groups are skipped by recursion. */
  @Test
  void deeplyNestedFieldsAreSaidToBeBroken(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    var groups = new byte[5_000_000];
    java.util.Arrays.fill(groups, (byte) (100 << 3 & 0x7f | 3)); // starts of groups
    Files.write(file, groups);
    var error = assertThrows(PolysemeException.class, () -> EncoderGraph.read(file));
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
  }

  /** A gigabyte of nothing costs no space on disk, and must cost none in memory. */
  @Test
  void oneHugeFieldIsRefusedWithoutReadingIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    int length = 2_000_000_000;
    var head = ByteBuffer.allocate(6);
    head.put((byte) (ModelProto.PRODUCER_NAME_FIELD_NUMBER << 3 | 2));
    for (int left = length; left != 0; left >>>= 7) {
      head.put((byte) (left & 0x7f | (left > 0x7f ? 0x80 : 0)));
    }
    try (var channel =
        java.nio.channels.FileChannel.open(
            file,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.SPARSE,
            java.nio.file.StandardOpenOption.WRITE)) {
      channel.write(head.flip());
      channel.write(ByteBuffer.allocate(1), head.limit() + length - 1L);
    }
    var error = assertThrows(PolysemeException.class, () -> EncoderGraph.read(file));
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
  }

  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  private void encoder() {
    String state = node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    state = block(state, "block1");
    state = block(state, "block2");
    norm(state, "last_hidden_state");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
  }

  private Path save(Path file) throws IOException {
    var whole = graph.clone();
    whole.addInput(0, value("input_ids", TensorProto.DataType.INT64_VALUE, List.of(-1L, -1L)));
    Files.write(
        file,
        ModelProto.newBuilder()
            .setIrVersion(9)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(20))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
            .setGraph(whole)
            .build()
            .toByteArray());
    return file;
  }

  private String block(String in, String name) {
    String normed = norm(in, name + ".norm1");
    String query = side(normed, name + ".q", 0, 2, 1, 3);
    String key = side(normed, name + ".k", 0, 2, 3, 1);
    String value = side(normed, name + ".v", 0, 2, 1, 3);
    if (scaleFromShape) {
      // As PyTorch writes its scaled_dot_product_attention: the root of the root on both sides.
      node("Shape", name + ".size", query);
      node("Gather", name + ".width", name + ".size", longs(name + ".last", 3));
      cast(name + ".width", name + ".float");
      node("Sqrt", name + ".root", name + ".float");
      node("Div", name + ".scale", scalar(name + ".one", 1), name + ".root");
      node("Sqrt", name + ".half", name + ".scale");
      query = node("Mul", name + ".q.scaled", query, name + ".half");
      key = node("Mul", name + ".k.scaled", key, name + ".half");
      node("MatMul", name + ".scaled", query, key);
    } else {
      node("MatMul", name + ".scores", query, key);
      node("Mul", name + ".scaled", name + ".scores", scalar(name + ".scale", 0.25f));
    }
    node("Softmax", name + ".probabilities", name + ".scaled");
    node("MatMul", name + ".context", name + ".probabilities", value);
    transpose(name + ".context", name + ".turned", 0, 2, 1, 3);
    node("Reshape", name + ".merged", name + ".turned", longs(name + ".shape", 0, 0, DIMENSION));
    String middle =
        node(
            "Add",
            name + ".middle",
            in,
            dense(name + ".merged", name + ".o", DIMENSION, DIMENSION));
    String wide = dense(norm(middle, name + ".norm2"), name + ".wide", DIMENSION, 2 * DIMENSION);
    node("Gelu", name + ".activation", wide);
    return node(
        "Add",
        name + ".out",
        middle,
        dense(name + ".activation", name + ".narrow", 2 * DIMENSION, DIMENSION));
  }

  private String side(String in, String name, int... order) {
    String biased = dense(in, name, DIMENSION, DIMENSION);
    node("Reshape", name + ".heads", biased, longs(name + ".split", 0, 0, 2, DIMENSION / 2));
    return transpose(name + ".heads", name + ".turned", order);
  }

  private String dense(String in, String name, int from, int to) {
    node("MatMul", name + ".product", in, weights(name + ".weights", from, to));
    return node("Add", name + ".biased", name + ".product", weights(name + ".bias", to));
  }

  private String norm(String in, String out) {
    return node(
        "LayerNormalization",
        out,
        in,
        weights(out + ".gamma", DIMENSION),
        weights(out + ".beta", DIMENSION));
  }

  private String node(String type, String out, String... in) {
    graph.addNode(NodeProto.newBuilder().setOpType(type).addAllInput(List.of(in)).addOutput(out));
    return out;
  }

  private void cast(String in, String out) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Cast")
            .addInput(in)
            .addOutput(out)
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("to")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(FLOAT)));
  }

  private String transpose(String in, String out, int... order) {
    var attribute =
        AttributeProto.newBuilder().setName("perm").setType(AttributeProto.AttributeType.INTS);
    for (int axis : order) {
      attribute.addInts(axis);
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Transpose")
            .addInput(in)
            .addOutput(out)
            .addAttribute(attribute));
    return out;
  }

  private String weights(String name, int... shape) {
    var tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
    int count = 1;
    for (int size : shape) {
      tensor.addDims(size);
      count *= size;
    }
    var bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat((float) random.nextGaussian());
    }
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(bytes.flip())));
    return name;
  }

  private String scalar(String name, float value) {
    graph.addInitializer(
        TensorProto.newBuilder().setName(name).setDataType(FLOAT).addFloatData(value));
    return name;
  }

  private String longs(String name, long... values) {
    var tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return name;
  }

  private static ValueInfoProto value(String name, int type, List<Long> sizes) {
    var shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < sizes.size(); i++) {
      var size = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(sizes.get(i) < 0 ? size.setDimParam(name + i) : size.setDimValue(sizes.get(i)));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  /** One hidden state of one text of three tokens, from the cut graph. */
  private static float[] state(Path file, int layer) throws Exception {
    var tap = new Tap.HiddenState(layer);
    EncoderGraph.Tapped tapped = EncoderGraph.read(file).tap(Set.of(tap));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      try (OrtSession session = environment.createSession(tapped.model(), options);
          OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {{3, 7, 11}});
          OrtSession.Result result =
              session.run(Map.of("input_ids", ids), Set.of(tapped.outputs().get(tap)))) {
        assertEquals(Set.of("input_ids"), session.getInputNames());
        var values = new ArrayList<Float>();
        for (float[] token : ((float[][][]) result.get(0).getValue())[0]) {
          for (float number : token) {
            values.add(number);
          }
        }
        var array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
          array[i] = values.get(i);
        }
        return array;
      }
    }
  }
}
