package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.polyseme.encoder.graph.BertParts.Dense;
import io.polyseme.encoder.graph.Wiring.NotUnderstood;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the attention of a BERT encoder (Vaswani et al. 2017, section 3.2): queries, keys and
 * values are each a linear layer of the hidden state, apart by heads, and scores are divided by the
 * root of a head's width.
 */
final class BertAttention {
  private static final int STEPS = 12;
  private static final List<Integer> BY_HEADS = List.of(0, 2, 1, 3);
  private static final List<Integer> BY_HEADS_TURNED = List.of(0, 2, 3, 1);

  private final Wiring wiring;
  private final Patterns patterns;
  private final BertParts parts;
  private final Anatomy.Reader reader;
  private final Set<String> content;
  private final int dimension;
  private final int opset;
  private final Map<String, @Nullable Double> numbers = new HashMap<>();

  /**
   * @param dimension of hidden states
   * @param opset version of ONNX's own operators in the model
   */
  BertAttention(Wiring wiring, Patterns patterns, BertParts parts, int dimension, int opset) {
    this.wiring = wiring;
    this.patterns = patterns;
    this.parts = parts;
    this.reader = new Anatomy.Reader(wiring);
    this.content = wiring.content();
    this.dimension = dimension;
    this.opset = opset;
  }

  /**
   * What was found.
   *
   * @param mask what is added to the scores
   */
  record Found(Dense query, Dense key, Dense value, String mask, int heads) {}

  /** Queries, keys or values, their scale, and the axes of [batch, tokens, heads, width]. */
  private record Side(Dense dense, double scale, List<Integer> order, long heads, long width) {}

  /**
   * Reads an attention from what it gives.
   *
   * @param flat what its heads bring, side by side
   * @param state what it reads
   * @param where for messages
   * @throws NotUnderstood if it is another
   */
  Found read(String flat, String state, String where) {
    NodeProto context = context(flat, where);
    Side value = side(context.getInput(1), BY_HEADS, state, where);
    NodeProto softmax = producer(context.getInput(0), "Softmax", where);
    long axis = Wiring.attribute(softmax, "axis", opset < 13 ? 1 : -1);
    NodeProto sum = producer(softmax.getInput(0), "Add", where);
    int scored = content.contains(sum.getInput(0)) ? 0 : 1;
    String mask = sum.getInput(1 - scored);
    if (axis != 3 && axis != -1 || content.contains(mask)) {
      throw unknown(where);
    }
    Scaled scaled = scaled(sum.getInput(scored), STEPS);
    if (patterns.producer(scaled.value, "Add") != null) {
      throw new NotUnderstood(
          "%s adds more to its scores than a mask (a bias by distance?)".formatted(where));
    }
    NodeProto scores = producer(scaled.value, "MatMul", where);
    Side query = side(scores.getInput(0), BY_HEADS, state, where);
    Side key = side(scores.getInput(1), BY_HEADS_TURNED, state, where);
    double scale = scaled.scale * query.scale * key.scale;
    if (!(Math.abs(scale * Math.sqrt(query.width) - 1) < 1e-5) || value.scale != 1) {
      throw new NotUnderstood(
          "the scores of %s are not divided by the root of a head's width".formatted(where));
    }
    if (query.heads != key.heads || query.heads != value.heads) {
      throw new NotUnderstood(
          "queries, keys and values of %s have not the same heads".formatted(where));
    }
    return new Found(query.dense, key.dense, value.dense, mask, Math.toIntExact(query.heads));
  }

  private static NotUnderstood unknown(String where) {
    return new NotUnderstood(
        "the attention of %s is not written in a way that is known".formatted(where));
  }

  private NodeProto producer(String value, String type, String where) {
    NodeProto node = patterns.producer(parts.still(value), type);
    if (node == null) {
      throw unknown(where);
    }
    return node;
  }

  /** The product of probabilities and values. */
  private NodeProto context(String flat, String where) {
    NodeProto reshape = producer(flat, "Reshape", where);
    NodeProto transpose = producer(reshape.getInput(0), "Transpose", where);
    long[] sizes = reader.shape(reshape.getInput(1));
    boolean joined =
        sizes.length == 3 && (sizes[2] == dimension || sizes[2] == -1 && sizes[0] == 0);
    if (!joined || !Wiring.attributes(transpose, "perm").equals(List.of(0L, 2L, 1L, 3L))) {
      throw unknown(where);
    }
    return producer(transpose.getInput(0), "MatMul", where);
  }

  private Side side(String value, List<Integer> order, String state, String where) {
    Side side = side(value, STEPS);
    if (side == null || !side.order.equals(order) || !side.dense.input().equals(state)) {
      throw new NotUnderstood(
          "queries, keys and values of %s are not each a projection of the hidden state, apart by heads (they are turned by positions, normalised, shared by heads, or made by one product?)"
              .formatted(where));
    }
    return side;
  }

  /** A value before it was multiplied by a constant number. */
  private record Scaled(String value, double scale) {}

  private Scaled scaled(String value, int steps) {
    String at = parts.still(value);
    NodeProto node = wiring.producer(at);
    if (node == null || steps == 0 || node.getInputCount() != 2) {
      return new Scaled(at, 1);
    }
    boolean division = node.getOpType().equals("Div");
    if (division || node.getOpType().equals("Mul")) {
      for (int side = division ? 1 : 0; side < 2; side++) {
        Double number = number(node.getInput(side), steps - 1);
        if (number != null) {
          Scaled before = scaled(node.getInput(1 - side), steps - 1);
          return new Scaled(before.value, before.scale * (division ? 1 / number : number));
        }
      }
    }
    return new Scaled(at, 1);
  }

  /** A number that is written out, or made of others and the width of heads; null for others. */
  private @Nullable Double number(String value, int steps) {
    // Remembered: where values meet again and again, the ways back would multiply.
    if (!numbers.containsKey(value)) {
      numbers.put(value, null);
      numbers.put(value, computed(value, steps));
    }
    return numbers.get(value);
  }

  private @Nullable Double computed(String value, int steps) {
    Double known = wiring.number(value);
    NodeProto node = wiring.producer(value);
    if (known != null || node == null || steps == 0 || !wiring.constant(value)) {
      return known;
    }
    Double first =
        node.getInputCount() == 0 || Set.of("Slice", "Gather").contains(node.getOpType())
            ? null
            : number(node.getInput(0), steps - 1);
    return switch (node.getOpType()) {
      case "Sqrt" -> first == null ? null : Double.valueOf(Math.sqrt(first));
      case "Cast", "Identity", "Squeeze", "Unsqueeze" -> first;
      case "Div", "Mul" -> {
        Double second = first == null ? null : number(node.getInput(1), steps - 1);
        yield second == null
            ? null
            : Double.valueOf(node.getOpType().equals("Div") ? first / second : first * second);
      }
      case "Slice", "Gather" -> width(node, steps - 1);
      default -> null;
    };
  }

  /** The width of heads, as it is taken from the shape of queries, keys or values. */
  private @Nullable Double width(NodeProto node, int steps) {
    NodeProto shape = patterns.producer(node.getInput(0), "Shape");
    long[] place = wiring.integers(node.getInput(1));
    Side side = shape == null ? null : side(shape.getInput(0), steps);
    boolean last = place != null && place.length == 1 && (place[0] == -1 || place[0] == 3);
    return side == null || !last || side.order.getLast() != 3 ? null : Double.valueOf(side.width);
  }

  /** Back over transpositions and scales to a linear layer, apart by heads; null if it is none. */
  private @Nullable Side side(String value, int steps) {
    double scale = 1;
    List<Integer> order = List.of(0, 1, 2, 3);
    String at = value;
    for (int left = steps; left > 0; left--) {
      Scaled scaled = scaled(at, left);
      scale *= scaled.scale;
      NodeProto node = wiring.producer(scaled.value);
      if (node == null) {
        return null;
      }
      if (node.getOpType().equals("Transpose")) {
        List<Long> turns = Wiring.attributes(node, "perm");
        if (turns.size() != 4) {
          return null;
        }
        order = order.stream().map(axis -> Math.toIntExact(turns.get(axis))).toList();
        at = node.getInput(0);
        continue;
      }
      if (!node.getOpType().equals("Reshape")) {
        return null;
      }
      long[] sizes = reader.shape(node.getInput(1));
      Dense dense = parts.dense(node.getInput(0));
      if (dense == null || sizes.length != 4 || sizes[2] < 1 && sizes[3] < 1) {
        return null;
      }
      long heads = sizes[2] < 1 ? dimension / sizes[3] : sizes[2];
      long width = sizes[3] < 1 ? dimension / sizes[2] : sizes[3];
      return heads * width == dimension ? new Side(dense, scale, order, heads, width) : null;
    }
    return null;
  }
}
