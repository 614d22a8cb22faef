package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.ModelProto;

/** How a model computes with fewer bits. */
public enum Quantisation {
  /** Not at all. */
  NONE,
  /**
   * Weights by column, and on a CPU activations by row, as {@link WeightQuantiser} writes it: a
   * text's result does not depend on its companions.
   */
  BY_ROW,
  /**
   * Activations by one scale for all of a batch (ONNX Runtime's dynamic quantisation): a text's
   * result depends on its companions.
   */
  BY_BATCH,
  /** In another way, which does not let companions matter: weights alone, or fixed scales. */
  OTHER;

  static Quantisation of(ModelProto model) {
    if (model.getMetadataPropsList().stream()
        .anyMatch(
            entry ->
                entry.getKey().equals(WeightQuantiser.MARK)
                    && entry.getValue().equals(WeightQuantiser.BY_ROW))) {
      return BY_ROW;
    }
    Quantisation found = NONE;
    for (var node : model.getGraph().getNodeList()) {
      switch (node.getOpType()) {
        case "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "QAttention" -> {
          return BY_BATCH;
        }
        case "DequantizeLinear", "MatMulNBits", "MatMulInteger", "MatMulIntegerToFloat" ->
            found = OTHER;
        case String type when type.startsWith("QLinear") -> found = OTHER;
        default -> {}
      }
    }
    return found;
  }
}
