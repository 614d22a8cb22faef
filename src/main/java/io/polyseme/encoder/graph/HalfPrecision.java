package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a graph so that what it computes of tokens is float16: the rows of embedding tables, and
 * all that goes on from there through operators whose float16 kernels sum in float32 (products,
 * normalisations, Softmax) or round each element once. What comes of numbers of tokens and of masks
 * stays float32, and becomes float16 where it meets the tokens: angles of rotary positions need the
 * digits, and the great negative numbers of masks are brought into float16's range, beyond which
 * they would be infinite and 0 times them no number.
 *
 * <p>Weights stay as they are in the file and go through a Cast, which the runtime computes once,
 * as it loads the model. Inputs and outputs of the graph keep their types and names.
 */
final class HalfPrecision {
  private static final int FLOAT16 = TensorProto.DataType.FLOAT16.getNumber();
  private static final float LARGEST = 65504;
  private static final Set<String> SHAPES = Set.of("Shape", "Size");
  private static final int[] ALL = {};
  private static final int[] FIRST = {0};

  /** The operators that may go on in float16, and which of their inputs are data. */
  private static final Map<String, int[]> OPERATORS = new HashMap<>();

  static {
    for (String type :
        List.of(
            "MatMul",
            "Gemm",
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Concat",
            "Gelu",
            "FastGelu",
            "BiasGelu",
            "Erf",
            "Tanh",
            "Relu",
            "Sigmoid",
            "Neg",
            "Softmax",
            "Identity")) {
      OPERATORS.put(type, ALL);
    }
    for (String type :
        List.of(
            "Gather",
            "Transpose",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Split",
            "Expand",
            "Dropout")) {
      OPERATORS.put(type, FIRST);
    }
    OPERATORS.put("Where", new int[] {1, 2});
  }

  private final GraphProto graph;
  private final Set<String> kept;
  private final Wiring wiring;
  private final Patterns patterns;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> constants = new ArrayList<>();

  /** Values that are computed in float16. */
  private final Set<String> halves = new HashSet<>();

  /** Values that are there in the type that is not their own, too. */
  private final Set<String> converted = new HashSet<>();

  private HalfPrecision(GraphProto graph, Set<String> kept) {
    this.graph = graph;
    this.kept = kept;
    this.wiring = new Wiring(graph);
    this.patterns = new Patterns(wiring, kept);
  }

  /**
   * The graph in float16.
   *
   * @param kept values that are read from outside, as float32
   */
  static GraphProto of(GraphProto graph, Set<String> kept) {
    return new HalfPrecision(graph, kept).written();
  }

  private GraphProto written() {
    for (NodeProto node : wiring.sorted()) {
      Patterns.Norm norm = patterns.norm(node);
      if (norm != null && halves.contains(norm.input())) {
        normalise(norm);
      } else if (goesOn(node)) {
        convert(node);
      } else if (SHAPES.contains(node.getOpType()) && halves.contains(node.getInput(0))) {
        nodes.add(node.toBuilder().setInput(0, name(node.getInput(0))).build());
      } else {
        Wiring.reads(node).forEach(this::single);
        nodes.add(node);
      }
    }
    kept.forEach(this::single);
    var changed = graph.toBuilder().clearNode().addAllNode(nodes).addAllInitializer(constants);
    return Fusion.pruned(changed.build(), kept);
  }

  private boolean goesOn(NodeProto node) {
    int[] data = OPERATORS.get(node.getOpType());
    if (data == null || !node.getDomain().isEmpty() && !node.getDomain().equals(Fusion.MICROSOFT)) {
      return false;
    }
    return isStart(node) || places(node, data).anyMatch(i -> halves.contains(node.getInput(i)));
  }

  /** A lookup in a table of embeddings, or a product with weights. */
  private boolean isStart(NodeProto node) {
    return switch (node.getOpType()) {
      case "Gather" -> patterns.isMatrix(node.getInput(0));
      case "MatMul", "Gemm" ->
          !wiring.constant(node.getInput(0)) && patterns.isWeights(node.getInput(1));
      default -> false;
    };
  }

  private static IntStream places(NodeProto node, int[] data) {
    return data == ALL
        ? IntStream.range(0, node.getInputCount())
        : IntStream.of(data).filter(i -> i < node.getInputCount());
  }

  private void convert(NodeProto node) {
    var half = node.toBuilder();
    places(node, OPERATORS.get(node.getOpType()))
        .filter(i -> !node.getInput(i).isEmpty())
        .forEach(i -> half.setInput(i, half(node.getInput(i))));
    half.clearOutput();
    // The second output of a Dropout is a mask of truth values.
    for (int i = 0; i < node.getOutputCount(); i++) {
      String output = node.getOutput(i);
      if (output.isEmpty() || i > 0 && node.getOpType().equals("Dropout")) {
        half.addOutput(output);
      } else {
        halves.add(output);
        half.addOutput(name(output));
      }
    }
    nodes.add(half.build());
  }

  /** One operator, which sums in float32 whatever it is given. */
  private void normalise(Patterns.Norm norm) {
    var node =
        NodeProto.newBuilder()
            .setOpType("LayerNormalization")
            .setName(name(norm.output()))
            .addInput(half(norm.input()))
            .addInput(half(norm.gamma()))
            .addOutput(name(norm.output()))
            .addAttribute(Fusion.integer("axis", -1))
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("epsilon")
                    .setType(AttributeProto.AttributeType.FLOAT)
                    .setF(norm.epsilon()));
    if (norm.beta() != null) {
      node.addInput(half(norm.beta()));
    }
    halves.add(norm.output());
    nodes.add(node.build());
  }

  private static String name(String value) {
    return value + "/half";
  }

  /** A value in float16. */
  private String half(String value) {
    String half = name(value);
    if (halves.contains(value) || !converted.add(value)) {
      return half;
    }
    Double number = wiring.number(value);
    TensorProto constant = wiring.constantTensor(value);
    if (number != null) {
      float inRange = (float) Math.clamp(number, -LARGEST, LARGEST);
      constants.add(
          TensorProto.newBuilder()
              .setName(half)
              .setDataType(FLOAT16)
              .addAllDims(constant.getDimsList())
              .addInt32Data(Float.floatToFloat16(inRange) & 0xffff)
              .build());
    } else if (constant != null) {
      cast(value, half, FLOAT16);
    } else {
      String low = bound("least of float16", -LARGEST);
      String high = bound("most of float16", LARGEST);
      nodes.add(operation("Max", value + "/not below", value, low));
      nodes.add(operation("Min", value + "/in range", value + "/not below", high));
      cast(value + "/in range", half, FLOAT16);
    }
    return half;
  }

  private String bound(String name, float value) {
    if (converted.add(name)) {
      constants.add(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(Patterns.FLOAT)
              .addFloatData(value)
              .build());
    }
    return name;
  }

  /** Sees to it that a value is there in float32, by its own name. */
  private void single(String value) {
    if (halves.contains(value) && converted.add(value)) {
      cast(name(value), value, Patterns.FLOAT);
    }
  }

  private void cast(String from, String to, int type) {
    nodes.add(
        operation("Cast", to, from).toBuilder().addAttribute(Fusion.integer("to", type)).build());
  }

  private static NodeProto operation(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }
}
