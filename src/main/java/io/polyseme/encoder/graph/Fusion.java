package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes parts of a graph as the operators that ONNX Runtime computes fastest on a CPU. What they
 * compute stays the same, up to rounding.
 *
 * <ul>
 *   <li>A layer normalisation of the sum of two streams, and of a bias, becomes one
 *       SkipLayerNormalization (of com.microsoft); any other becomes means, a difference and a
 *       product. The runtime's own LayerNormalization, which is also what it makes of a written-out
 *       one, goes through its rows number by number and takes six times as long.
 *   <li>x / 2 · (1 + erf(x / √2)) becomes one Gelu (of com.microsoft). The runtime would join it
 *       with the bias before it into BiasGelu, which is slower than both apart, so that this is to
 *       be kept from it ({@link #UNWANTED}).
 * </ul>
 *
 * Values keep their names, so that what is read from inside the graph can still be.
 */
final class Fusion {
  /** The runtime's optimisers that would undo what is done here, as its session option has them. */
  static final String UNWANTED = "BiasGeluFusion;LayerNormFusion;SkipLayerNormFusion";

  static final String MICROSOFT = "com.microsoft";

  /** What the names of constants made here begin with, so that no value of a graph has one. */
  private static final String OURS = "polyseme: ";

  private final GraphProto graph;
  private final Wiring wiring;
  private final Set<String> kept;
  private final int opset;
  private final boolean byRow;
  private final Set<String> activations = new HashSet<>();
  private final Map<NodeProto, List<NodeProto>> replaced = new HashMap<>();
  private final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final Patterns patterns;

  private Fusion(GraphProto graph, Set<String> kept, int opset, boolean byRow) {
    this.graph = graph;
    this.wiring = new Wiring(graph);
    this.kept = kept;
    this.patterns = new Patterns(wiring, kept);
    this.opset = opset;
    this.byRow = byRow;
  }

  /**
   * The graph in faster operators.
   *
   * @param kept values that are read from outside
   * @param opset version of ONNX's own operators in this model
   * @param byRow whether what goes into quantised weights is to be quantised, too
   */
  static GraphProto of(GraphProto graph, Set<String> kept, int opset, boolean byRow) {
    return new Fusion(graph, kept, opset, byRow).fused();
  }

  /** Adds that a model uses the runtime's own operators. */
  static void importOperators(ModelProto.Builder model) {
    if (model.getOpsetImportList().stream().noneMatch(set -> set.getDomain().equals(MICROSOFT))) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
    }
  }

  private GraphProto fused() {
    // In this order none is asked through more than one node at a time, however deep the graph.
    wiring.sorted().forEach(node -> node.getOutputList().forEach(patterns::isTokenShaped));
    for (NodeProto node : graph.getNodeList()) {
      Patterns.Norm norm = patterns.norm(node);
      if (norm != null) {
        replaced.put(node, fast(norm));
        continue;
      }
      String activated = patterns.geluInput(node);
      if (activated != null) {
        replaced.put(
            node,
            List.of(
                node("Gelu", MICROSOFT, node.getOutput(0), List.of(activated), node.getOutput(0))));
      }
    }
    if (byRow) {
      for (NodeProto node : graph.getNodeList()) {
        if (node.getOpType().equals("MatMul")) {
          List<NodeProto> product = integerProduct(node);
          if (product != null) {
            replaced.put(node, product);
          }
        }
      }
    }
    if (replaced.isEmpty()) {
      return graph;
    }
    var changed = graph.toBuilder().clearNode().clearInitializer();
    for (NodeProto node : graph.getNodeList()) {
      changed.addAllNode(replaced.getOrDefault(node, List.of(node)));
    }
    changed.addAllInitializer(graph.getInitializerList());
    changed.addAllInitializer(constants.values());
    // A sum that a normalisation now gives beside its result has two makers; the old one goes.
    Set<String> made = new HashSet<>();
    replaced.values().forEach(nodes -> nodes.forEach(n -> made.addAll(n.getOutputList())));
    Set<NodeProto> makers = new HashSet<>();
    replaced.values().forEach(makers::addAll);
    var single = changed.build().toBuilder().clearNode();
    for (NodeProto node : changed.getNodeList()) {
      if (makers.contains(node) || node.getOutputList().stream().noneMatch(made::contains)) {
        single.addNode(node);
      }
    }
    return pruned(single.build(), kept);
  }

  /** Without the nodes and initializers that nothing reads any more, each after what it reads. */
  static GraphProto pruned(GraphProto changed, Set<String> kept) {
    var wires = new Wiring(changed);
    Set<NodeProto> needed = new HashSet<>(wires.needed(kept));
    List<NodeProto> nodes = wires.sorted().stream().filter(needed::contains).toList();
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(Wiring.reads(node)));
    var pruned = changed.toBuilder().clearNode().clearInitializer().addAllNode(nodes);
    changed.getInitializerList().stream()
        .filter(tensor -> read.contains(tensor.getName()) || kept.contains(tensor.getName()))
        .forEach(pruned::addInitializer);
    return pruned.build();
  }

  private List<NodeProto> fast(Patterns.Norm norm) {
    NodeProto sum = patterns.producer(norm.input(), "Add");
    if (sum != null
        && norm.beta() != null
        && patterns.isTokenShaped(sum.getInput(0))
        && (patterns.isTokenShaped(sum.getInput(1)) || patterns.isPositions(sum.getInput(1)))) {
      return List.of(skipNorm(norm, sum.getInput(0), sum.getInput(1)));
    }
    return plain(norm);
  }

  private NodeProto skipNorm(Patterns.Norm norm, String one, String other) {
    // The bias of either side is added by the same operator.
    String input = one;
    String skip = other;
    String bias = null;
    for (int side = 0; side < 2 && bias == null; side++) {
      String value = side == 0 ? one : other;
      NodeProto biased = patterns.producer(value, "Add");
      String vector = biased == null ? null : patterns.vectorOperand(biased, "Add");
      if (vector != null
          && wiring.consumers(value).size() == 1
          && !kept.contains(value)
          && patterns.isTokenShaped(Patterns.other(biased, vector))) {
        bias = vector;
        input = side == 0 ? Patterns.other(biased, vector) : one;
        skip = side == 0 ? other : Patterns.other(biased, vector);
      }
    }
    var inputs = new ArrayList<>(List.of(input, skip, norm.gamma(), norm.beta()));
    if (bias != null) {
      inputs.add(bias);
    }
    boolean sumIsRead =
        kept.contains(norm.input())
            || wiring.consumers(norm.input()).stream().anyMatch(n -> !patterns.isPartOf(n, norm));
    String[] outputs =
        sumIsRead
            ? new String[] {norm.output(), "", "", norm.input()}
            : new String[] {norm.output()};
    return node("SkipLayerNormalization", MICROSOFT, norm.output(), inputs, outputs).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("epsilon")
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(norm.epsilon()))
        .build();
  }

  private List<NodeProto> plain(Patterns.Norm norm) {
    String name = norm.output() + "/norm";
    String epsilon = constant("epsilon " + norm.epsilon(), norm.epsilon());
    var nodes = new ArrayList<NodeProto>();
    nodes.add(mean(name + "/mean", norm.input()));
    nodes.add(node("Sub", "", name + "/centred", List.of(norm.input(), name + "/mean")));
    nodes.add(node("Mul", "", name + "/square", List.of(name + "/centred", name + "/centred")));
    nodes.add(mean(name + "/variance", name + "/square"));
    nodes.add(node("Add", "", name + "/positive", List.of(name + "/variance", epsilon)));
    nodes.add(node("Sqrt", "", name + "/deviation", List.of(name + "/positive")));
    nodes.add(node("Reciprocal", "", name + "/scale", List.of(name + "/deviation")));
    nodes.add(node("Mul", "", name + "/unit", List.of(name + "/centred", name + "/scale")));
    String scaled = norm.beta() == null ? norm.output() : name + "/scaled";
    nodes.add(node("Mul", "", scaled, List.of(name + "/unit", norm.gamma())));
    if (norm.beta() != null) {
      nodes.add(node("Add", "", norm.output(), List.of(scaled, norm.beta())));
    }
    return nodes;
  }

  private NodeProto mean(String output, String input) {
    return overLastAxis("ReduceMean", output, input);
  }

  private NodeProto overLastAxis(String type, String output, String input) {
    if (opset >= 18) {
      String axes = OURS + "the last axis";
      constants.computeIfAbsent(
          axes,
          name ->
              TensorProto.newBuilder()
                  .setName(name)
                  .setDataType(TensorProto.DataType.INT64.getNumber())
                  .addDims(1)
                  .addInt64Data(-1)
                  .build());
      return node(type, "", output, List.of(input, axes));
    }
    return node(type, "", output, List.of(input)).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("axes")
                .setType(AttributeProto.AttributeType.INTS)
                .addInts(-1))
        .build();
  }

  /** An attribute that is an integer. */
  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private String constant(String what, float value) {
    String name = OURS + what;
    constants.computeIfAbsent(
        name,
        n ->
            TensorProto.newBuilder()
                .setName(n)
                .setDataType(Patterns.FLOAT)
                .addFloatData(value)
                .build());
    return name;
  }

  /**
   * A product with quantised weights, its left side quantised by row; null if it is none.
   *
   * <p>A row's scale is its largest absolute value over 127. What Gelu gives is no less than -0.17,
   * so that its values may use most of the 256 integers for what is above zero.
   */
  private @Nullable List<NodeProto> integerProduct(NodeProto product) {
    NodeProto weights = patterns.producer(product.getInput(1), "DequantizeLinear");
    String given = product.getInput(0);
    String x = given;
    var nodes = new ArrayList<NodeProto>();
    NodeProto levelled = patterns.producer(product.getInput(1), "Mul");
    if (levelled != null) {
      weights = patterns.producer(levelled.getInput(0), "DequantizeLinear");
      TensorProto levels = wiring.initializer(levelled.getInput(1));
      if (weights == null || levels == null) {
        return null;
      }
      String flat = levels.getName() + "/flat";
      x = given + " by " + flat;
      if (activations.add(x)) {
        constants.computeIfAbsent(
            flat,
            name ->
                levels.toBuilder().setName(name).clearDims().addDims(levels.getDims(0)).build());
        nodes.add(node("Mul", "", x, List.of(given, flat)));
      }
    }
    if (weights == null || weights.getInputCount() < 3) {
      return null;
    }
    String output = product.getOutput(0);
    boolean activated = levelled == null && patterns.isActivated(x);
    String scale = x + "/row scale";
    String zero = byteConstant(activated ? "zero of Gelu" : "zero", activated ? 28 : 128);
    String one = constant("one", 1);
    if (activations.add(x + "/row most")) {
      String most = x + "/row most";
      String safe = x + "/row range";
      String inverse = x + "/row inverse";
      if (activated) {
        nodes.add(reduceMax(most, x));
        // 28 integers are below zero: 0.17 of them must fit, 227 are above.
        nodes.add(
            node("Max", "", safe, List.of(most, constant("least of Gelu", 227 * 0.17f / 28))));
        nodes.add(node("Div", "", inverse, List.of(constant("227", 227), safe)));
        nodes.add(node("Mul", "", scale, List.of(safe, constant("1/227", 1 / 227f))));
      } else {
        nodes.add(node("Abs", "", x + "/absolute", List.of(x)));
        nodes.add(reduceMax(most, x + "/absolute"));
        nodes.add(node("Max", "", safe, List.of(most, constant("least", 1e-30f))));
        nodes.add(node("Div", "", inverse, List.of(constant("127", 127), safe)));
        nodes.add(node("Mul", "", scale, List.of(safe, constant("1/127", 1 / 127f))));
      }
      nodes.add(node("Mul", "", x + "/scaled", List.of(x, inverse)));
      nodes.add(node("QuantizeLinear", "", x + "/integers", List.of(x + "/scaled", one, zero)));
    }
    nodes.add(
        node(
            "MatMulIntegerToFloat",
            MICROSOFT,
            output + "/of integers",
            List.of(
                x + "/integers",
                weights.getInput(0),
                one,
                weights.getInput(1),
                zero,
                weights.getInput(2))));
    nodes.add(node("Mul", "", output, List.of(output + "/of integers", scale)));
    return nodes;
  }

  private NodeProto reduceMax(String output, String input) {
    return overLastAxis("ReduceMax", output, input);
  }

  private String byteConstant(String what, int value) {
    String name = OURS + what;
    constants.computeIfAbsent(
        name,
        n ->
            TensorProto.newBuilder()
                .setName(n)
                .setDataType(TensorProto.DataType.UINT8.getNumber())
                .addInt32Data(value)
                .build());
    return name;
  }

  /** A node of one output, by which it is named. */
  static NodeProto node(String type, String domain, String output, List<String> inputs) {
    return node(type, domain, output, inputs, output);
  }

  private static NodeProto node(
      String type, String domain, String name, List<String> inputs, String... outputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setDomain(domain)
        .setName(name)
        .addAllInput(inputs)
        .addAllOutput(List.of(outputs))
        .build();
  }
}
