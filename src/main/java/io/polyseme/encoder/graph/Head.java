package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Set;

/** Recognises scores of words among what a graph gives. */
final class Head {
  /** How many operators lie between the last projection and the output, at most. */
  private static final int STEPS = 8;

  private static final Set<String> STILL =
      Set.of("Add", "Sub", "Mul", "Div", "Tanh", "Cast", "Identity", "Reshape");

  private Head() {}

  /**
   * Whether a value is the product of states with a matrix of a column for each word, a bias, a
   * scale or a bound included.
   *
   * @param vocabulary how many words there are embeddings for; there may be more columns
   */
  static boolean isScores(Wiring wiring, String value, int vocabulary) {
    String at = value;
    for (int steps = 0; steps < STEPS; steps++) {
      NodeProto node = wiring.producer(at);
      if (node == null) {
        return false;
      }
      if (Anatomy.Reader.isProduct(node)) {
        return vocabulary > 0 && columns(wiring, node) >= vocabulary;
      }
      if (!STILL.contains(node.getOpType())) {
        return false;
      }
      List<String> varying =
          node.getInputList().stream().filter(input -> !wiring.constant(input)).toList();
      if (varying.size() != 1) {
        return false;
      }
      at = varying.getFirst();
    }
    return false;
  }

  private static int columns(Wiring wiring, NodeProto product) {
    int[] weights = Anatomy.Reader.weights(wiring, product);
    return weights == null ? 0 : weights[1];
  }
}
