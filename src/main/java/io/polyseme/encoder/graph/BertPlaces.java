package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.function.Predicate;

/** Tells numbers of places that are counted from 0, token by token, from any others. */
final class BertPlaces {
  private static final int STEPS = 8;

  private final Wiring wiring;
  private final Predicate<TensorProto> counted;

  /**
   * @param counted whether an integer tensor has the numbers 0, 1, 2 …
   */
  BertPlaces(Wiring wiring, Predicate<TensorProto> counted) {
    this.wiring = wiring;
    this.counted = counted;
  }

  /** Whether a value is 0 for the first token of each text, 1 for the second, and so on. */
  boolean areCounted(String value) {
    return wiring.constant(value) && areCounted(value, STEPS);
  }

  private boolean areCounted(String value, int steps) {
    TensorProto tensor = wiring.constantTensor(value);
    if (tensor != null) {
      return counted.test(tensor);
    }
    NodeProto node = steps == 0 ? null : wiring.producer(value);
    if (node == null) {
      return false;
    }
    return switch (node.getOpType()) {
      case "Cast", "Identity", "Unsqueeze", "Expand", "Reshape" ->
          areCounted(node.getInput(0), steps - 1);
      case "Range" -> is(node.getInput(0), 0) && is(node.getInput(2), 1);
      case "Slice" -> isFirst(node) && areCounted(node.getInput(0), steps - 1);
      default -> false;
    };
  }

  /** Whether a part begins with the first and leaves none out; before opset 10 by attributes. */
  private boolean isFirst(NodeProto slice) {
    if (slice.getInputCount() < 3) {
      return Wiring.attributes(slice, "starts").equals(List.of(0L));
    }
    return is(slice.getInput(1), 0) && (slice.getInputCount() < 5 || is(slice.getInput(4), 1));
  }

  private boolean is(String value, long number) {
    long[] integers = wiring.integers(wiring.source(value));
    return integers != null && integers.length == 1 && integers[0] == number;
  }
}
