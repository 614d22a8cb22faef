package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises what a BERT encoder is made of again and again. */
final class BertParts {
  private final Wiring wiring;
  private final Patterns patterns;

  BertParts(Wiring wiring, Patterns patterns) {
    this.wiring = wiring;
    this.patterns = patterns;
  }

  /**
   * Where weights lie.
   *
   * @param turned whether they are [in × out], and not [out × in]
   */
  record Weight(TensorProto tensor, boolean turned) {}

  /** A linear layer. */
  record Dense(String input, Weight weight, TensorProto bias) {}

  /** A product with a matrix, and a bias. */
  @Nullable Dense dense(String value) {
    NodeProto sum = patterns.producer(still(value), "Add");
    String bias = sum == null ? null : patterns.vectorOperand(sum, "Add");
    NodeProto product =
        bias == null ? null : patterns.producer(still(Patterns.other(sum, bias)), "MatMul");
    if (product == null) {
      return null;
    }
    String matrix = product.getInput(1);
    NodeProto transpose = patterns.producer(matrix, "Transpose");
    boolean turned = transpose == null;
    if (transpose != null && Wiring.attributes(transpose, "perm").equals(List.of(0L, 1L))) {
      return null;
    }
    String tensor = transpose == null ? matrix : transpose.getInput(0);
    return patterns.isMatrix(tensor)
        ? new Dense(
            still(product.getInput(0)),
            new Weight(wiring.constantTensor(tensor), turned),
            wiring.constantTensor(bias))
        : null;
  }

  /** A value before what leaves it as it is. */
  String still(String value) {
    String at = value;
    for (NodeProto node = patterns.producer(at, "Identity");
        node != null;
        node = patterns.producer(at, "Identity")) {
      at = node.getInput(0);
    }
    return at;
  }
}
