package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who makes and who takes each value of a graph, and which values are constant. */
final class Wiring {
  final GraphProto graph;
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Map<String, List<NodeProto>> consumers = new HashMap<>();
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> varying = new HashSet<>();

  Wiring(GraphProto graph) {
    this.graph = graph;
    graph.getInitializerList().forEach(tensor -> initializers.put(tensor.getName(), tensor));
    for (ValueInfoProto input : graph.getInputList()) {
      if (!initializers.containsKey(input.getName())) {
        inputs.add(input.getName());
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      for (String output : node.getOutputList()) {
        if (!output.isEmpty()) {
          producers.put(output, node);
        }
      }
      for (String input : node.getInputList()) {
        consumers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
      }
    }
    // Whatever an input reaches varies, unless only its shape goes on; all else is constant.
    varying.addAll(reached(inputs));
  }

  /** The names of what the graph is given, initializers aside. */
  Set<String> inputs() {
    return inputs;
  }

  @Nullable NodeProto producer(String value) {
    return producers.get(value);
  }

  List<NodeProto> consumers(String value) {
    return consumers.getOrDefault(value, List.of());
  }

  /** Whether a value is the same for every input of one shape. */
  boolean constant(String value) {
    return !varying.contains(value);
  }

  @Nullable TensorProto initializer(String value) {
    return initializers.get(value);
  }

  /** The shape of a constant, through the operators that keep it; null where it is not known. */
  @Nullable List<Long> shape(String value) {
    String at = value;
    for (int i = 0; i < 8; i++) {
      TensorProto tensor = constantTensor(at);
      if (tensor != null) {
        return tensor.getDimsList();
      }
      NodeProto node = producer(at);
      if (node == null
          || !Set.of("Identity", "Cast", "DequantizeLinear", "QuantizeLinear")
                  .contains(node.getOpType())
              // Integers times a factor a row (see WeightQuantiser).
              && !(node.getOpType().equals("Mul")
                  && producer(node.getInput(0)) != null
                  && producer(node.getInput(0)).getOpType().equals("DequantizeLinear"))) {
        return null;
      }
      at = node.getInput(0);
    }
    return null;
  }

  /** An initializer, or the value of a Constant node. */
  @Nullable TensorProto constantTensor(String value) {
    TensorProto tensor = initializer(value);
    if (tensor != null) {
      return tensor;
    }
    NodeProto node = producer(value);
    if (node != null && node.getOpType().equals("Constant")) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.getName().equals("value")) {
          return attribute.getT();
        }
      }
    }
    return null;
  }

  /** The integers of a small constant; null where it is none. */
  long @Nullable [] integers(String value) {
    TensorProto tensor = constantTensor(value);
    if (tensor == null
        || tensor.getDataType() != TensorProto.DataType.INT64.getNumber()
        || tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return null;
    }
    if (tensor.getInt64DataCount() > 0) {
      return tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
    }
    var buffer =
        tensor
            .getRawData()
            .asReadOnlyByteBuffer()
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .asLongBuffer();
    var numbers = new long[buffer.remaining()];
    buffer.get(numbers);
    return numbers;
  }

  /** The value of a constant that is one float; null where it is none. */
  @Nullable Double number(String value) {
    TensorProto tensor = constantTensor(value);
    if (tensor == null
        || tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()
        || tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || tensor.getDimsList().stream().anyMatch(dim -> dim != 1)) {
      return null;
    }
    if (tensor.getFloatDataCount() == 1) {
      return (double) tensor.getFloatData(0);
    }
    return tensor.getRawData().size() == Float.BYTES
        ? (double)
            tensor
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getFloat()
        : null;
  }

  /** An integer attribute of a node; the default where it is not there. */
  static long attribute(NodeProto node, String name, long otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getI();
      }
    }
    return otherwise;
  }

  /** The integers of an attribute; none where it is not there. */
  static List<Long> attributes(NodeProto node, String name) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getIntsList();
      }
    }
    return List.of();
  }

  /** A value before it was cast. */
  String source(String value) {
    String at = value;
    NodeProto node = producer(at);
    while (node != null && Set.of("Cast", "Identity").contains(node.getOpType())) {
      at = node.getInput(0);
      node = producer(at);
    }
    return at;
  }

  /**
   * How many rows has the greatest table that an input of the graph looks up by its numbers; 0
   * where it looks up none.
   */
  int rowsLookedUp(String input) {
    int most = 0;
    for (NodeProto node : graph.getNodeList()) {
      String type = node.getOpType();
      if (type.equals("EmbedLayerNormalization")) {
        for (int i = 0; i < 2; i++) { // words; token types, whose table is the fifth input
          if (source(node.getInput(i)).equals(input)) {
            most = Math.max(most, rows(node.getInput(i == 0 ? 2 : 4)));
          }
        }
      } else if (isLookup(node) && source(node.getInput(1)).equals(input)) {
        most = Math.max(most, rows(node.getInput(0)));
      }
    }
    return most;
  }

  private boolean isLookup(NodeProto node) {
    return node.getOpType().equals("Gather")
        && attribute(node, "axis", 0) == 0
        && constant(node.getInput(0));
  }

  private int rows(String table) {
    List<Long> shape = table.isEmpty() ? null : shape(table);
    return shape == null || shape.size() != 2 ? 0 : Math.toIntExact(shape.getFirst());
  }

  /** Where the embeddings of words are looked up; null where no input looks up a table. */
  @Nullable NodeProto words() {
    NodeProto words = null;
    int most = 0;
    for (NodeProto node : graph.getNodeList()) {
      if (isLookup(node)
          && rows(node.getInput(0)) > most
          && inputs.contains(source(node.getInput(1)))) {
        most = rows(node.getInput(0));
        words = node;
      }
    }
    return words;
  }

  /** What depends on the words, and not on their number or places alone; empty if not known. */
  Set<String> content() {
    NodeProto words = words();
    if (words == null) {
      return Set.of();
    }
    return reached(words.getOutputList());
  }

  private Set<String> reached(Collection<String> from) {
    Set<String> reached = new HashSet<>(from);
    Deque<String> left = new ArrayDeque<>(reached);
    while (!left.isEmpty()) {
      for (NodeProto node : consumers(left.remove())) {
        if (node.getOpType().equals("Shape") || node.getOpType().equals("Size")) {
          continue;
        }
        for (String output : node.getOutputList()) {
          if (reached.add(output)) {
            left.add(output);
          }
        }
      }
    }
    return reached;
  }

  /** Every node that these values need, in the order of the graph. */
  List<NodeProto> needed(Set<String> values) {
    Set<NodeProto> needed = new HashSet<>();
    Set<String> seen = new HashSet<>(values);
    Deque<String> left = new ArrayDeque<>(values);
    while (!left.isEmpty()) {
      NodeProto node = producer(left.remove());
      if (node != null && needed.add(node)) {
        for (String input : reads(node)) {
          if (seen.add(input)) {
            left.add(input);
          }
        }
      }
    }
    return graph.getNodeList().stream().filter(needed::contains).toList();
  }

  /** The values that a node reads, those read inside its subgraphs included. */
  static Set<String> reads(NodeProto node) {
    Set<String> reads = new LinkedHashSet<>(node.getInputList());
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        attribute.getG().getNodeList().forEach(inner -> reads.addAll(reads(inner)));
      }
      for (GraphProto inner : attribute.getGraphsList()) {
        inner.getNodeList().forEach(n -> reads.addAll(reads(n)));
      }
    }
    reads.remove("");
    return reads;
  }

  /** Nodes so that each comes after those it reads from, whatever the order in the file. */
  List<NodeProto> sorted() {
    var order = new ArrayList<NodeProto>();
    Set<NodeProto> done = new HashSet<>();
    Set<NodeProto> open = new HashSet<>();
    Deque<NodeProto> stack = new ArrayDeque<>();
    for (NodeProto root : graph.getNodeList()) {
      stack.push(root);
      while (!stack.isEmpty()) {
        NodeProto node = stack.peek();
        if (done.contains(node)) {
          stack.pop();
          continue;
        }
        boolean first = open.add(node);
        boolean ready = true;
        for (String input : reads(node)) {
          NodeProto before = producer(input);
          if (before != null && !done.contains(before)) {
            if (!first && open.contains(before)) {
              throw new NotUnderstood("its nodes form a circle");
            }
            stack.push(before);
            ready = false;
          }
        }
        if (ready) {
          stack.pop();
          done.add(node);
          order.add(node);
        }
      }
    }
    return order;
  }

  /** Says why a graph is not taken for an encoder. */
  static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotUnderstood(String message) {
      super(message, null, false, false);
    }
  }
}
