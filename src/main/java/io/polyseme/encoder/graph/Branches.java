package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the attention and the feed-forward layer of a block add to the residual stream (Elhage et
 * al. 2021, "A mathematical framework for transformer circuits"), and what becomes of the sums;
 * null for what is not written in a way that is known.
 *
 * @param context what the heads bring, side by side, as it goes into the output projection
 * @param attentionOutput what the attention adds
 * @param afterAttention the hidden state that goes on from there
 * @param attentionGoesOn whether the stream goes on with the plain sum (pre-LN)
 * @param attentionNorm what normalises that sum
 * @param preActivation what goes into the feed-forward layer's activation function
 * @param feedForwardOutput what the feed-forward layer adds
 * @param feedForwardGoesOn whether the stream goes on with the plain sum
 * @param feedForwardNorm what normalises that sum
 * @param contextWidth of what the heads bring; 0 where not found
 * @param innerWidth of the feed-forward layer; 0 where not found
 */
record Branches(
    @Nullable String context,
    @Nullable String attentionOutput,
    @Nullable String afterAttention,
    boolean attentionGoesOn,
    Patterns.@Nullable Norm attentionNorm,
    @Nullable String preActivation,
    @Nullable String feedForwardOutput,
    boolean feedForwardGoesOn,
    Patterns.@Nullable Norm feedForwardNorm,
    int contextWidth,
    int innerWidth) {

  /** Operators that change neither the numbers nor their order. */
  private static final Set<String> STILL = Set.of("Identity", "Cast", "Dropout");

  private static final Set<String> FLAT = Set.of("Reshape", "Flatten");
  private static final Set<String> QUANTISERS =
      Set.of("DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear");

  /** How many values lie between a projection and the sum, at most. */
  private static final int STEPS = 12;

  /** How many values an activation function is written in, at most. */
  private static final int ACTIVATION = 64;

  /** A value that is added to the stream, and the sum. */
  private record Added(@Nullable String value, @Nullable String sum, @Nullable NodeProto fused) {}

  static final class Reader {
    private final Wiring wiring;
    private final Anatomy.Reader anatomy;
    private final Map<String, Patterns.Norm> norms = new HashMap<>();

    Reader(Wiring wiring, Anatomy.Reader anatomy) {
      this.wiring = wiring;
      this.anatomy = anatomy;
      var patterns = new Patterns(wiring, Set.of());
      for (NodeProto node : wiring.graph.getNodeList()) {
        Patterns.Norm norm = patterns.norm(node);
        if (norm != null) {
          norms.put(norm.input(), norm);
        }
      }
    }

    /**
     * @param input the hidden state before the block
     * @param projection of what the heads bring
     * @param activation of the feed-forward layer
     */
    Branches read(String input, @Nullable NodeProto projection, @Nullable String activation) {
      Added attention = projection == null ? null : added(projection.getOutput(0));
      boolean onStream =
          attention != null && attention.sum != null && anatomy.streams(attention.sum, input);
      NodeProto second = activation == null ? null : projectionOf(activation);
      Added feedForward = second == null ? null : added(second.getOutput(0));
      return new Branches(
          projection == null ? null : unquantised(projection.getInput(0)),
          onStream ? attention.value : null,
          onStream ? goesOn(attention) : null,
          onStream && isPlain(attention),
          onStream ? norm(attention) : null,
          activation == null ? null : preActivation(activation),
          feedForward == null ? null : feedForward.value,
          feedForward != null && isPlain(feedForward),
          feedForward == null ? null : norm(feedForward),
          width(projection),
          width(second));
    }

    private int width(@Nullable NodeProto projection) {
      int[] weights = projection == null ? null : anatomy.weights(projection);
      return weights == null ? 0 : weights[0];
    }

    private boolean isPlain(Added added) {
      return added.fused == null && added.sum != null && anatomy.isAdded(added.sum);
    }

    /** From what a projection gives, over its bias and its scale, to where it is added. */
    private @Nullable Added added(String from) {
      String at = from;
      for (int steps = 0; steps < STEPS; steps++) {
        List<NodeProto> consumers = wiring.consumers(at);
        if (consumers.size() != 1) {
          return null;
        }
        NodeProto node = consumers.getFirst();
        if (Anatomy.Reader.isSkipNorm(node)) {
          // What it adds of its own is not part of any value that could be had.
          boolean biased = node.getInputCount() > 4 && !node.getInput(4).isEmpty();
          return new Added(biased ? null : at, node.getOutput(0), node);
        }
        String type = node.getOpType();
        if (STILL.contains(type) || FLAT.contains(type)) {
          at = node.getOutput(0);
          continue;
        }
        if (!Set.of("Add", "Mul").contains(type) || node.getInputCount() != 2) {
          return null;
        }
        String other = Patterns.other(node, at);
        if (anatomy.isScale(other, 4)) {
          at = node.getOutput(0);
          continue;
        }
        return type.equals("Add") ? new Added(at, node.getOutput(0), null) : null;
      }
      return null;
    }

    private @Nullable String goesOn(Added added) {
      if (added.fused != null && !anatomy.isAdded(added.sum)) {
        String sum = added.fused.getOutputCount() > 3 ? added.fused.getOutput(3) : "";
        return sum.isEmpty() ? null : sum;
      }
      if (anatomy.isAdded(added.sum)) {
        return added.sum;
      }
      Patterns.Norm norm = norms.get(added.sum);
      return norm == null ? null : norm.output();
    }

    private Patterns.@Nullable Norm norm(Added added) {
      return added.fused != null || added.sum == null || isPlain(added)
          ? null
          : norms.get(added.sum);
    }

    /** A value before it was quantised for a product. */
    private String unquantised(String value) {
      String at = value;
      NodeProto node = wiring.producer(at);
      while (node != null && QUANTISERS.contains(node.getOpType())) {
        at = node.getInput(0);
        node = wiring.producer(at);
      }
      return at;
    }

    /** The projection that takes an activation. */
    private @Nullable NodeProto projectionOf(String activation) {
      Set<String> seen = new HashSet<>(Set.of(activation));
      Deque<String> left = new ArrayDeque<>(seen);
      while (!left.isEmpty() && seen.size() < STEPS) {
        for (NodeProto consumer : wiring.consumers(left.remove())) {
          if (Anatomy.Reader.isProduct(consumer)
              && consumer.getInputCount() > 1
              && wiring.constant(consumer.getInput(1))) {
            return consumer;
          }
          if (QUANTISERS.contains(consumer.getOpType())
              || STILL.contains(consumer.getOpType())
              || FLAT.contains(consumer.getOpType())) {
            consumer.getOutputList().stream().filter(seen::add).forEach(left::add);
          }
        }
      }
      return null;
    }

    /** Back over the activation function to the one projection that it is of. */
    private @Nullable String preActivation(String activation) {
      Set<String> found = new HashSet<>();
      Set<String> seen = new HashSet<>(Set.of(activation));
      Deque<String> left = new ArrayDeque<>(seen);
      while (!left.isEmpty()) {
        String value = left.remove();
        if (seen.size() > ACTIVATION) {
          return null;
        }
        if (anatomy.isLinear(value)) {
          found.add(unscaled(value));
          continue;
        }
        NodeProto node = wiring.producer(value);
        if (node == null || Anatomy.Reader.isProduct(node) || addsBias(node)) {
          return null;
        }
        for (String input : node.getInputList()) {
          if (!input.isEmpty() && anatomy.isContent(input) && seen.add(input)) {
            left.add(input);
          }
        }
      }
      return found.size() == 1 ? found.iterator().next() : null;
    }

    /** Whether a fused activation function adds the bias of the projection itself. */
    private static boolean addsBias(NodeProto node) {
      return Set.of("BiasGelu", "FastGelu").contains(node.getOpType())
          && node.getInputCount() > 1
          && !node.getInput(1).isEmpty();
    }

    /** A value before the function that is written out multiplied or divided it by a number. */
    private String unscaled(String value) {
      String at = value;
      NodeProto node = wiring.producer(at);
      while (node != null && Set.of("Mul", "Div").contains(node.getOpType())) {
        if (wiring.number(node.getInput(1)) != null) {
          at = node.getInput(0);
        } else if (node.getOpType().equals("Mul") && wiring.number(node.getInput(0)) != null) {
          at = node.getInput(1);
        } else {
          break;
        }
        node = wiring.producer(at);
      }
      return at;
    }
  }
}
