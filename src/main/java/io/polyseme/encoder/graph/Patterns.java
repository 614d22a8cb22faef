package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Recognises what several operators of a graph compute together. */
final class Patterns {
  static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
  private static final double ROOT_OF_TWO = Math.sqrt(2);

  /** How many operators may lie between an input and the places that are counted from it. */
  private static final int NUMBERING = 8;

  private final Wiring wiring;
  private final Set<String> kept;
  private final Map<String, Boolean> tokenShaped = new HashMap<>();

  /**
   * @param kept values that are read from outside, and so must not disappear inside a pattern
   */
  Patterns(Wiring wiring, Set<String> kept) {
    this.wiring = wiring;
    this.kept = kept;
  }

  /**
   * A layer normalisation over the last axis.
   *
   * @param input what is normalised
   * @param beta null where there is none
   */
  record Norm(String input, String gamma, @Nullable String beta, float epsilon, String output) {}

  /** The normalisation whose last node this is; null if it is none. */
  @Nullable Norm norm(NodeProto node) {
    if (node.getOpType().equals("LayerNormalization")) {
      long axis = Wiring.attribute(node, "axis", -1);
      if (axis != -1
          || node.getOutputCount() > 1
          || node.getInputCount() < 2
          || !isVector(node.getInput(1))) {
        return null;
      }
      String beta =
          node.getInputCount() > 2 && !node.getInput(2).isEmpty() ? node.getInput(2) : null;
      return beta != null && !isVector(beta)
          ? null
          : new Norm(node.getInput(0), node.getInput(1), beta, epsilon(node), node.getOutput(0));
    }
    return writtenOut(node);
  }

  /** (x - mean) / √(mean((x - mean)²) + ε) · γ + β, as exporters before opset 17 write it. */
  private @Nullable Norm writtenOut(NodeProto add) {
    String beta = vectorOperand(add, "Add");
    NodeProto scaled = beta == null ? null : producer(other(add, beta), "Mul");
    String gamma = scaled == null ? null : vectorOperand(scaled, "Mul");
    NodeProto quotient = gamma == null ? null : producer(other(scaled, gamma), "Div");
    NodeProto root = quotient == null ? null : producer(quotient.getInput(1), "Sqrt");
    NodeProto centred = root == null ? null : producer(quotient.getInput(0), "Sub");
    NodeProto variance = centred == null ? null : producer(root.getInput(0), "Add");
    if (variance == null) {
      return null;
    }
    Double epsilon = null;
    String mean = null;
    for (int side = 0; side < 2; side++) {
      Double number = wiring.number(variance.getInput(side));
      if (number != null) {
        epsilon = number;
        mean = variance.getInput(1 - side);
      }
    }
    NodeProto meanSquare = mean == null ? null : producer(mean, "ReduceMean");
    NodeProto square =
        meanSquare == null || !overLastAxis(meanSquare)
            ? null
            : wiring.producer(meanSquare.getInput(0));
    NodeProto average = square == null ? null : producer(centred.getInput(1), "ReduceMean");
    if (average == null
        || !overLastAxis(average)
        || !average.getInput(0).equals(centred.getInput(0))
        || !isSquareOf(square, quotient.getInput(0))) {
      return null;
    }
    return new Norm(centred.getInput(0), gamma, beta, epsilon.floatValue(), add.getOutput(0));
  }

  private boolean isSquareOf(NodeProto node, String value) {
    return switch (node.getOpType()) {
      case "Pow" -> {
        Double power = wiring.number(node.getInput(1));
        yield node.getInput(0).equals(value) && power != null && power == 2;
      }
      case "Mul" -> node.getInput(0).equals(value) && node.getInput(1).equals(value);
      default -> false;
    };
  }

  private boolean overLastAxis(NodeProto reduce) {
    long[] axes = null;
    for (AttributeProto attribute : reduce.getAttributeList()) {
      if (attribute.getName().equals("axes")) {
        axes = attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
      }
    }
    if (axes == null && reduce.getInputCount() > 1) {
      axes = wiring.integers(reduce.getInput(1));
    }
    return axes != null
        && axes.length == 1
        && axes[0] == -1
        && Wiring.attribute(reduce, "keepdims", 1) == 1;
  }

  private static float epsilon(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals("epsilon")) {
        return attribute.getF();
      }
    }
    return 1e-5f;
  }

  /** Whether all that a node's result is used for is this normalisation. */
  boolean isPartOf(NodeProto node, Norm norm) {
    return node.getOpType().equals("LayerNormalization")
        ? node.getOutput(0).equals(norm.output)
        : (node.getOpType().equals("ReduceMean") || node.getOpType().equals("Sub"))
            && reaches(node.getOutput(0), norm.output, 10);
  }

  private boolean reaches(String from, String to, int depth) {
    if (from.equals(to)) {
      return true;
    }
    return depth > 0
        && wiring.consumers(from).size() <= 3
        && wiring.consumers(from).stream()
            .allMatch(n -> n.getOutputCount() == 1 && reaches(n.getOutput(0), to, depth - 1));
  }

  /** Whether a value is what Gelu gives. */
  boolean isActivated(String value) {
    NodeProto node = wiring.producer(value);
    return node != null && (node.getOpType().equals("Gelu") || geluInput(node) != null);
  }

  /** The x of x / 2 · (1 + erf(x / √2)), in any order of the factors; null if it is none. */
  @Nullable String geluInput(NodeProto last) {
    if (!last.getOpType().equals("Mul")) {
      return null;
    }
    var factors = new ArrayList<String>();
    factors(last.getOutput(0), factors, 3);
    String erf = null;
    double scale = 1;
    String x = null;
    for (String factor : factors) {
      Double number = wiring.number(factor);
      if (number != null) {
        scale *= number;
        continue;
      }
      String inner = onePlusErf(factor);
      if (inner != null && erf == null) {
        erf = inner;
      } else if (x == null) {
        x = factor;
      } else {
        return null;
      }
    }
    return x != null && x.equals(erf) && Math.abs(scale - 0.5) < 1e-6 && isTokenShaped(x)
        ? x
        : null;
  }

  /** The factors of a product of products, each of which goes nowhere else. */
  private void factors(String value, List<String> factors, int depth) {
    NodeProto product = producer(value, "Mul");
    if (product == null || depth == 0) {
      factors.add(value);
      return;
    }
    for (String factor : product.getInputList()) {
      if (wiring.consumers(factor).size() == 1 && !kept.contains(factor)) {
        factors(factor, factors, depth - 1);
      } else {
        factors.add(factor);
      }
    }
  }

  /** The x of 1 + erf(x / √2). */
  private @Nullable String onePlusErf(String value) {
    NodeProto sum = producer(value, "Add");
    if (sum == null) {
      return null;
    }
    for (int side = 0; side < 2; side++) {
      Double one = wiring.number(sum.getInput(side));
      NodeProto erf = producer(sum.getInput(1 - side), "Erf");
      if (one != null && one == 1 && erf != null) {
        NodeProto scaled = wiring.producer(erf.getInput(0));
        if (scaled == null || scaled.getInputCount() != 2) {
          return null;
        }
        Double by = wiring.number(scaled.getInput(1));
        boolean right =
            by != null
                && switch (scaled.getOpType()) {
                  case "Div" -> Math.abs(by - ROOT_OF_TWO) < 1e-5;
                  case "Mul" -> Math.abs(by - 1 / ROOT_OF_TWO) < 1e-5;
                  default -> false;
                };
        return right ? scaled.getInput(0) : null;
      }
    }
    return null;
  }

  /** Whether a value is float[batch, tokens, n] as far as its makers tell. */
  boolean isTokenShaped(String value) {
    Boolean known = tokenShaped.get(value);
    if (known != null) {
      return known;
    }
    tokenShaped.put(value, false); // until shown; a circle shows nothing
    boolean shaped = shaped(value);
    tokenShaped.put(value, shaped);
    return shaped;
  }

  /**
   * Whether a value has a number for each token: an input, or places counted from one, as RoBERTa
   * counts those that are no padding.
   */
  private boolean isNumbered(String value, int steps) {
    if (wiring.inputs().contains(value)) {
      return true;
    }
    NodeProto node = wiring.producer(value);
    if (node == null || steps == 0 || wiring.constant(value)) {
      return false;
    }
    return switch (node.getOpType()) {
      case "Cast", "Not", "Identity", "CumSum" -> isNumbered(node.getInput(0), steps - 1);
      case "Add", "Sub", "Mul", "Equal" -> {
        String a = node.getInput(0);
        String b = node.getInput(1);
        boolean first = isNumbered(a, steps - 1);
        boolean second = a.equals(b) ? first : isNumbered(b, steps - 1);
        yield first && (second || isScalar(b)) || second && isScalar(a);
      }
      default -> false;
    };
  }

  private boolean isScalar(String value) {
    TensorProto tensor = wiring.constantTensor(value);
    return tensor != null && tensor.getDimsList().stream().allMatch(size -> size == 1);
  }

  private boolean shaped(String value) {
    NodeProto node = wiring.producer(value);
    if (node == null || wiring.constant(value)) {
      return false;
    }
    return switch (node.getOpType()) {
      // Word and token type embeddings: a row of a table for each token.
      case "Gather" ->
          isTable(node.getInput(0))
              && isNumbered(node.getInput(1), NUMBERING)
              && Wiring.attribute(node, "axis", 0) == 0;
      case "MatMul" -> isWeights(node.getInput(1));
      case "Add", "Mul", "Sub", "Div" -> {
        String a = node.getInput(0);
        String b = node.getInput(1);
        yield (isTokenShaped(a) || isTokenShaped(b))
            && (isTokenShaped(a) || isAligned(a))
            && (isTokenShaped(b) || isAligned(b));
      }
      case "Gelu",
          "FastGelu",
          "BiasGelu",
          "Tanh",
          "Erf",
          "Relu",
          "Sigmoid",
          "Identity",
          "Dropout" ->
          isTokenShaped(node.getInput(0));
      case "LayerNormalization", "SkipLayerNormalization" -> isTokenShaped(node.getInput(0));
      case "ReduceMean" -> false;
      default -> false;
    };
  }

  /** Whether a value is a matrix of weights, of floats or of integers that become floats. */
  boolean isWeights(String value) {
    return isMatrix(value) || isDequantised(value);
  }

  /** Weights of integers, each row perhaps with a factor of its own. */
  private boolean isDequantised(String value) {
    NodeProto levelled = producer(value, "Mul");
    return wiring.constant(value)
        && producer(levelled == null ? value : levelled.getInput(0), "DequantizeLinear") != null;
  }

  /** Whether a value is spread over tokens without changing their shape. */
  private boolean isAligned(String value) {
    return isVector(value)
        || wiring.number(value) != null
        || isPositions(value)
        || isRowwise(value);
  }

  /** A number for each token: what a normalisation written out takes from its row. */
  private boolean isRowwise(String value) {
    NodeProto node = wiring.producer(value);
    for (int steps = 0; node != null && steps < 4; steps++) {
      switch (node.getOpType()) {
        case "ReduceMean" -> {
          return overLastAxis(node);
        }
        case "Sqrt", "Add", "Reciprocal" -> node = wiring.producer(node.getInput(0));
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  /** Position embeddings: rows of a table by numbers that only the input's shape decides. */
  boolean isPositions(String value) {
    NodeProto node = producer(value, "Gather");
    return node != null && wiring.constant(value) && isTable(node.getInput(0));
  }

  private boolean isTable(String value) {
    return isMatrix(value);
  }

  boolean isMatrix(String value) {
    TensorProto tensor = wiring.constantTensor(value);
    return tensor != null && tensor.getDataType() == FLOAT && tensor.getDimsCount() == 2;
  }

  private boolean isVector(String value) {
    TensorProto tensor = wiring.constantTensor(value);
    return tensor != null && tensor.getDataType() == FLOAT && tensor.getDimsCount() == 1;
  }

  /** The one operand that is a constant float vector; null if there is none. */
  @Nullable String vectorOperand(NodeProto node, String type) {
    if (!node.getOpType().equals(type) || node.getInputCount() != 2) {
      return null;
    }
    if (isVector(node.getInput(1))) {
      return node.getInput(1);
    }
    return isVector(node.getInput(0)) ? node.getInput(0) : null;
  }

  static String other(NodeProto node, String operand) {
    return node.getInput(0).equals(operand) ? node.getInput(1) : node.getInput(0);
  }

  @Nullable NodeProto producer(String value, String type) {
    NodeProto node = wiring.producer(value);
    return node != null && node.getOpType().equals(type) ? node : null;
  }
}
