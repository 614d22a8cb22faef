package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Adds nodes and constants to a graph, all under names with one prefix. Each gives the name of the
 * value that it has made.
 */
final class Nodes {
  /** The first version of ONNX with LayerNormalization. */
  private static final int NORM = 17;

  private final GraphProto.Builder graph;
  private final String prefix;
  private final int opset;
  private final Set<String> constants = new HashSet<>();

  /**
   * @param opset version of ONNX's own operators in the model; 9, the first with Erf, or newer
   */
  Nodes(GraphProto.Builder graph, String prefix, int opset) {
    this.graph = graph;
    this.prefix = prefix;
    this.opset = opset;
  }

  String node(String type, String name, String... inputs) {
    return node(type, name, List.of(), inputs);
  }

  String node(String type, String name, AttributeProto attribute, String... inputs) {
    return node(type, name, List.of(attribute), inputs);
  }

  private String node(String type, String name, List<AttributeProto> attributes, String... inputs) {
    graph.addNode(
        Fusion.node(type, "", prefix + name, List.of(inputs)).toBuilder()
            .addAllAttribute(attributes));
    return prefix + name;
  }

  String transpose(String name, String value, long... order) {
    return node("Transpose", name, integers("perm", order), value);
  }

  /** x / 2 · (1 + erf(x / √2)), as Hendrycks and Gimpel (2016) have it. */
  String gelu(String name, String value) {
    String scaled = node("Div", name + ".scaled", value, number("root", (float) Math.sqrt(2)));
    String error = node("Erf", name + ".erf", scaled);
    String more = node("Add", name + ".more", error, number("one", 1));
    String product = node("Mul", name + ".product", value, more);
    return node("Mul", name, product, number("half", 0.5f));
  }

  /** A layer normalisation over the last axis. */
  String norm(String name, String value, String scale, String shift, float epsilon) {
    if (opset >= NORM) {
      var small =
          AttributeProto.newBuilder()
              .setName("epsilon")
              .setType(AttributeProto.AttributeType.FLOAT)
              .setF(epsilon)
              .build();
      return node(
          "LayerNormalization",
          name,
          List.of(Fusion.integer("axis", -1), small),
          value,
          scale,
          shift);
    }
    String centred = node("Sub", name + ".centred", value, mean(name + ".mean", value));
    String square = node("Mul", name + ".square", centred, centred);
    String mean = mean(name + ".squares", square);
    String variance = node("Add", name + ".variance", mean, number("epsilon", epsilon));
    String deviation = node("Sqrt", name + ".deviation", variance);
    String quotient = node("Div", name + ".quotient", centred, deviation);
    return node("Add", name, node("Mul", name + ".spread", quotient, scale), shift);
  }

  private String mean(String name, String value) {
    return node(
        "ReduceMean", name, List.of(integers("axes", -1), Fusion.integer("keepdims", 1)), value);
  }

  /** A constant float; the same name stands for the same number. */
  String number(String name, float value) {
    return constants.add(name) ? tensor(name, new float[] {value}) : prefix + name;
  }

  /** A constant integer; the same name stands for the same number. */
  String integer(String name, long value) {
    if (constants.add(name)) {
      graph.addInitializer(longs(name).addInt64Data(value));
    }
    return prefix + name;
  }

  /** A constant of integers; the same name stands for the same. */
  String list(String name, long... values) {
    if (constants.add(name)) {
      var tensor = longs(name).addDims(values.length);
      for (long value : values) {
        tensor.addInt64Data(value);
      }
      graph.addInitializer(tensor);
    }
    return prefix + name;
  }

  private TensorProto.Builder longs(String name) {
    return TensorProto.newBuilder().setName(prefix + name).setDataType(DataType.INT64.getNumber());
  }

  /**
   * Weights that are kept in the graph.
   *
   * @param sizes none for a single number
   */
  String tensor(String name, float[] values, long... sizes) {
    var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        header(prefix + name, sizes).toBuilder().setRawData(ByteString.copyFrom(bytes)));
    return prefix + name;
  }

  /** A float32 tensor without its data. */
  static TensorProto header(String name, long... sizes) {
    var tensor = TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT.getNumber());
    for (long size : sizes) {
      tensor.addDims(size);
    }
    return tensor.build();
  }

  /** An attribute that is a list of integers. */
  static AttributeProto integers(String name, long... values) {
    var attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }
}
