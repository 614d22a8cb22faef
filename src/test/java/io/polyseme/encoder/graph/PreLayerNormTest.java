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
import ai.onnxruntime.OrtSession;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small encoder that normalises before each part (pre-LN), written with the operators of newer
 * opsets: LayerNormalization and Gelu are one node each.
 */
@Timeout(60)
class PreLayerNormTest {
  private static final int DIMENSION = 8;
  private static final int INNER = 16;
  private static final int VOCABULARY = 20;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("small");
  private final Random random = new Random(17);

  @Test
  void theHiddenStateIsTheResidualStream(@TempDir Path folder) throws Exception {
    Path file = write(folder);
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(2, read.layers());
    assertEquals(DIMENSION, read.dimension());
    assertEquals(2, read.heads());
    assertEquals(VOCABULARY, read.vocabularySize());
    EncoderGraph.Tapped tapped =
        read.tap(
            Set.of(
                new Tap.HiddenState(0),
                new Tap.HiddenState(1),
                new Tap.HiddenState(2),
                new Tap.FeedForward(2),
                new Tap.Query(1)));
    assertEquals(
        Map.of(
            new Tap.HiddenState(0), "embedded",
            new Tap.HiddenState(1), "block1.out",
            new Tap.HiddenState(2), "last_hidden_state",
            new Tap.FeedForward(2), "block2.activation",
            new Tap.Query(1), "block1.q.biased"),
        tapped.outputs());
    // It runs, and a cut graph gives what the whole one does.
    float[][][] whole = run(tapped, "block1.out");
    float[][][] cut = run(read.tap(Set.of(new Tap.HiddenState(1))), "block1.out");
    for (int token = 0; token < 3; token++) {
      assertArrayEquals(whole[0][token], cut[0][token], 1e-6f);
    }
  }

  @Test
  void aGraphWithoutAttentionGivesOnlyWhatItDeclares(@TempDir Path folder) throws IOException {
    node("Gather", "last_hidden_state", weights("table", VOCABULARY, DIMENSION), "input_ids");
    EncoderGraph read = EncoderGraph.read(save(folder));
    assertFalse(read.understood());
    assertTrue(read.problem().contains("attention"), read.problem());
    var error =
        assertThrows(PolysemeException.class, () -> read.tap(Set.of(new Tap.HiddenState(1))));
    assertTrue(error.getMessage().contains("not understood"), error.getMessage());
  }

  @Test
  void aCircleIsSaidAndNotFollowed(@TempDir Path folder) throws IOException {
    node("Add", "a", "b", "input_ids");
    node("Softmax", "b", "a");
    node("Identity", "last_hidden_state", "b");
    EncoderGraph read = EncoderGraph.read(save(folder));
    assertFalse(read.understood());
    assertTrue(read.problem().contains("circle"), read.problem());
  }

  private Path write(Path folder) throws IOException {
    String state = node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    state = block(state, "block1");
    state = block(state, "block2");
    norm(state, "last_hidden_state");
    return save(folder);
  }

  private Path save(Path folder) throws IOException {
    graph.addInput(value("input_ids", TensorProto.DataType.INT64_VALUE, 2));
    graph.addOutput(value("last_hidden_state", TensorProto.DataType.FLOAT_VALUE, 3));
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(9)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(20))
            .setGraph(graph)
            .build();
    Path file = folder.resolve("model.onnx");
    Files.write(file, model.toByteArray());
    return file;
  }

  private String block(String in, String name) {
    String normed = norm(in, name + ".norm1");
    String query = side(normed, name + ".q", 0, 2, 1, 3);
    String key = side(normed, name + ".k", 0, 2, 3, 1);
    String value = side(normed, name + ".v", 0, 2, 1, 3);
    node("MatMul", name + ".scores", query, key);
    node("Mul", name + ".scaled", name + ".scores", scalar(name + ".scale", 0.5f));
    node("Softmax", name + ".probabilities", name + ".scaled");
    node("MatMul", name + ".context", name + ".probabilities", value);
    transpose(name + ".context", name + ".turned", 0, 2, 1, 3);
    node("Reshape", name + ".merged", name + ".turned", longs(name + ".shape", 0, 0, DIMENSION));
    String projected = dense(name + ".merged", name + ".o", DIMENSION, DIMENSION);
    String middle = node("Add", name + ".middle", in, projected);
    String wide = dense(norm(middle, name + ".norm2"), name + ".wide", DIMENSION, INNER);
    node("Gelu", name + ".activation", wide);
    String narrow = dense(name + ".activation", name + ".narrow", INNER, DIMENSION);
    return node("Add", name + ".out", middle, narrow);
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
    graph.addNode(
        NodeProto.newBuilder().setOpType(type).addAllInput(java.util.List.of(in)).addOutput(out));
    return out;
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
    var tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
    int count = 1;
    for (int size : shape) {
      tensor.addDims(size);
      count *= size;
    }
    for (int i = 0; i < count; i++) {
      tensor.addFloatData((float) random.nextGaussian());
    }
    graph.addInitializer(tensor);
    return name;
  }

  private String scalar(String name, float value) {
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addFloatData(value));
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

  private static ValueInfoProto value(String name, int type, int dimensions) {
    var shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < dimensions; i++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(name + i));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  private static float[][][] run(EncoderGraph.Tapped tapped, String output) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(tapped.model(), options);
        OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {{3, 7, 11}});
        OrtSession.Result result = session.run(Map.of("input_ids", ids), Set.of(output))) {
      return (float[][][]) result.get(0).getValue();
    }
  }
}
