package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Writes an encoder of two pre-LN blocks with two heads and random weights, or any other small
 * graph, operator by operator.
 */
abstract class SmallGraph {
  static final int DIMENSION = 32;
  static final int VOCABULARY = 50;

  final GraphProto.Builder graph = GraphProto.newBuilder().setName("small");
  final Random random = new Random(17);

  /** Whether attention is scaled as PyTorch writes it rather than by a constant. */
  boolean scaleFromShape;

  static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  void encoder() {
    String state = node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    state = block(state, "block1");
    state = block(state, "block2");
    norm(state, "last_hidden_state");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
  }

  Path save(Path file) throws IOException {
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

  String block(String in, String name) {
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

  String side(String in, String name, int... order) {
    String biased = dense(in, name, DIMENSION, DIMENSION);
    node("Reshape", name + ".heads", biased, longs(name + ".split", 0, 0, 2, DIMENSION / 2));
    return transpose(name + ".heads", name + ".turned", order);
  }

  String dense(String in, String name, int from, int to) {
    node("MatMul", name + ".product", in, weights(name + ".weights", from, to));
    return node("Add", name + ".biased", name + ".product", weights(name + ".bias", to));
  }

  String norm(String in, String out) {
    return node(
        "LayerNormalization",
        out,
        in,
        weights(out + ".gamma", DIMENSION),
        weights(out + ".beta", DIMENSION));
  }

  String node(String type, String out, String... in) {
    graph.addNode(NodeProto.newBuilder().setOpType(type).addAllInput(List.of(in)).addOutput(out));
    return out;
  }

  void cast(String in, String out) {
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

  String transpose(String in, String out, int... order) {
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

  String weights(String name, int... shape) {
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

  String scalar(String name, float value) {
    graph.addInitializer(
        TensorProto.newBuilder().setName(name).setDataType(FLOAT).addFloatData(value));
    return name;
  }

  String longs(String name, long... values) {
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

  static ValueInfoProto value(String name, int type, List<Long> sizes) {
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
  static float[] state(Path file, int layer) throws Exception {
    var tap = new Tap.HiddenState(layer);
    EncoderGraph.Tapped tapped = EncoderGraph.read(file).tap(Set.of(tap));
    return run(tapped, tapped.outputs().get(tap));
  }

  /** An output for one text of three tokens, token by token. */
  static float[] run(EncoderGraph.Tapped tapped, String output) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      try (OrtSession session = environment.createSession(tapped.model(), options);
          OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {{3, 7, 11}});
          OrtSession.Result result = session.run(Map.of("input_ids", ids), Set.of(output))) {
        assertEquals(Set.of("input_ids"), session.getInputNames());
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        var array = new float[values.remaining()];
        values.get(array);
        return array;
      }
    }
  }
}
