package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.encoder.graph.Wiring.NotUnderstood;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of an encoder's graph are, found by how they are joined.
 *
 * <p>Attention is a Softmax whose result goes into a MatMul (of probabilities and values). From the
 * Softmax back over elementwise operators lies the MatMul of the scores; its two sides are queries
 * and keys. Back from queries, keys and values over transposes, reshapes and projections there is
 * one value that all three come from: the block's input, or, where a block normalises first, its
 * normalised input. The hidden state k is therefore what goes into block k+1; the last is the
 * graph's own output. Fused operators (com.microsoft's Attention and its kin) are taken as a whole.
 *
 * @param blocks from the first to the last
 * @param output the last hidden state
 * @param dimension of hidden states
 * @param heads of each block; 0 where not found
 * @param vocabulary rows of the word embeddings; 0 where not found
 * @param positions rows of the position embeddings; 0 where not found
 */
record Anatomy(
    List<Block> blocks, String output, int dimension, int heads, int vocabulary, int positions) {

  /**
   * The values of one block; null for what a fused operator hides.
   *
   * @param input the hidden state before the block
   */
  record Block(
      String input,
      @Nullable String attention,
      @Nullable String query,
      @Nullable String key,
      @Nullable String value,
      @Nullable String feedForward) {}

  private static final Set<String> LAYER_NORMS =
      Set.of("LayerNormalization", "SkipLayerNormalization", "EmbedLayerNormalization");
  private static final Set<String> FUSED_ATTENTION =
      Set.of("Attention", "QAttention", "PackedAttention");
  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "MatMulInteger",
          "Gemm",
          "FusedMatMul",
          "FusedGemm",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "QLinearMatMul",
          "MatMulNBits");
  private static final Set<String> MOVES =
      Set.of(
          "Transpose",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Identity",
          "Cast",
          "Slice",
          "Split",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");
  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity", "Max", "Clip");

  /** How many values are looked at, at most, between the scores of an attention and its Softmax. */
  private static final int NEAR = 256;

  /** More than any encoder has; what is looked up for each must not add up to hours. */
  private static final int MOST_BLOCKS = 1000;

  private static final int MOST_NODES = 200_000;

  /** Reads a graph, or says why not by {@link NotUnderstood}. */
  static Anatomy of(Wiring wiring) {
    return new Reader(wiring).read();
  }

  /** Where an attention was found, and the three values that it joins. */
  private record Core(
      @Nullable String probabilities, List<String> joined, @Nullable NodeProto fused) {}

  private static final class Reader {
    private final Wiring wiring;
    private final List<NodeProto> order;

    Reader(Wiring wiring) {
      this.wiring = wiring;
      List<NodeProto> nodes = wiring.graph.getNodeList();
      if (nodes.size() > MOST_NODES
          || nodes.stream().filter(Reader::isAttention).count() > MOST_BLOCKS) {
        throw new NotUnderstood("it has more nodes than an encoder");
      }
      this.order = wiring.sorted();
    }

    Anatomy read() {
      List<Core> cores = cores();
      if (cores.isEmpty()) {
        throw new NotUnderstood("it has no attention that is known");
      }
      var inputs = new ArrayList<String>();
      cores.forEach(core -> inputs.add(input(core)));
      if (new HashSet<>(inputs).size() != inputs.size()) {
        throw new NotUnderstood("several attentions have the same input");
      }
      checkNorms(cores.size());
      int dimension = dimension(cores.getFirst());
      String output = output(dimension);
      List<String> feedForwards = feedForwards(dimension);
      boolean feedForward = feedForwards.size() == cores.size();
      var blocks = new ArrayList<Block>();
      for (int i = 0; i < cores.size(); i++) {
        Core core = cores.get(i);
        boolean open = core.joined.size() == 3 && !hidesBias(core);
        blocks.add(
            new Block(
                inputs.get(i),
                core.probabilities,
                open ? projection(core.joined.get(0)) : null,
                open ? projection(core.joined.get(1)) : null,
                open ? projection(core.joined.get(2)) : null,
                feedForward ? feedForwards.get(i) : null));
      }
      int[] tables = tables(dimension);
      return new Anatomy(
          List.copyOf(blocks), output, dimension, heads(cores.getFirst()), tables[0], tables[1]);
    }

    private static boolean isAttention(NodeProto node) {
      String type = node.getOpType();
      return type.equals("Softmax")
          || type.equals("MultiHeadAttention")
          || FUSED_ATTENTION.contains(type);
    }

    private List<Core> cores() {
      var cores = new ArrayList<Core>();
      for (NodeProto node : order) {
        String type = node.getOpType();
        if (type.equals("Softmax")) {
          Core core = plain(node);
          if (core != null) {
            cores.add(core);
          }
        } else if (FUSED_ATTENTION.contains(type) && !isStandardAttention(node)) {
          cores.add(new Core(null, List.of(node.getInput(0)), node));
        } else if (type.equals("MultiHeadAttention") || type.equals("Attention")) {
          cores.add(new Core(null, List.copyOf(node.getInputList().subList(0, 3)), node));
        }
      }
      return cores;
    }

    /** Whether a fused operator adds the biases of queries, keys and values itself. */
    private static boolean hidesBias(Core core) {
      return core.fused != null
          && core.fused.getOpType().equals("MultiHeadAttention")
          && core.fused.getInputCount() > 3
          && !core.fused.getInput(3).isEmpty();
    }

    /**
     * ONNX's own Attention (opset 23) has queries, keys and values; com.microsoft's has weights.
     */
    private static boolean isStandardAttention(NodeProto node) {
      return node.getOpType().equals("Attention") && node.getDomain().isEmpty();
    }

    private @Nullable Core plain(NodeProto softmax) {
      String probabilities = softmax.getOutput(0);
      NodeProto context = null;
      String at = probabilities;
      for (int steps = 0; context == null && steps < 6; steps++) {
        NodeProto next = null;
        for (NodeProto consumer : wiring.consumers(at)) {
          if (isProduct(consumer)) {
            context = consumer;
          } else if (ELEMENTWISE.contains(consumer.getOpType())
              || MOVES.contains(consumer.getOpType())) {
            next = consumer;
          }
        }
        if (context == null && next == null) {
          return null;
        }
        if (context == null) {
          at = next.getOutput(0);
        }
      }
      if (context == null || wiring.constant(context.getInput(1))) {
        return null;
      }
      NodeProto scores = scores(softmax.getInput(0), 12, new HashSet<>());
      return scores == null
          ? null
          : new Core(
              probabilities,
              List.of(scores.getInput(0), scores.getInput(1), context.getInput(1)),
              null);
    }

    /** Back over mask and scale to the product of queries and keys. */
    private @Nullable NodeProto scores(String value, int depth, Set<String> seen) {
      NodeProto node = wiring.producer(value);
      if (node == null
          || wiring.constant(value)
          || depth == 0
          || seen.size() > NEAR
          || !seen.add(value)) {
        return null;
      }
      if (isProduct(node)) {
        return wiring.constant(node.getInput(1)) ? null : node;
      }
      if (isElementwise(node)) {
        for (String input : node.getInputList()) {
          NodeProto found = scores(input, depth - 1, seen);
          if (found != null) {
            return found;
          }
        }
      }
      return null;
    }

    /** Elementwise of a few values: the ways back over more would be too many to follow. */
    private static boolean isElementwise(NodeProto node) {
      return ELEMENTWISE.contains(node.getOpType()) && node.getInputCount() <= 4;
    }

    private static boolean isProduct(NodeProto node) {
      return PRODUCTS.contains(node.getOpType());
    }

    /** The hidden state that a block starts from. */
    private String input(Core core) {
      String shared = core.joined.getFirst();
      if (core.joined.size() > 1) {
        List<String> first = chain(core.joined.getFirst());
        Set<String> common = new HashSet<>(first);
        for (String other : core.joined.subList(1, core.joined.size())) {
          common.retainAll(new HashSet<>(chain(other)));
        }
        shared =
            first.stream()
                .filter(common::contains)
                .findFirst()
                .orElseThrow(
                    () ->
                        new NotUnderstood(
                            "queries, keys and values of an attention have no common source"));
      }
      NodeProto producer = wiring.producer(shared);
      while (producer != null
          && Set.of(
                  "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "Cast", "Identity")
              .contains(producer.getOpType())) {
        shared = producer.getInput(0);
        producer = wiring.producer(shared);
      }
      return beforeNorm(shared);
    }

    /**
     * Where a block normalises its input first (pre-LN), the hidden state is what is normalised:
     * it, and not the normalised value, is added to the block's result.
     */
    private String beforeNorm(String value) {
      NodeProto producer = wiring.producer(value);
      if (producer == null) {
        return value;
      }
      String before = null;
      if (producer.getOpType().equals("LayerNormalization")) {
        before = producer.getInput(0);
      } else if (producer.getOpType().equals("SkipLayerNormalization")) {
        before = producer.getOutputCount() > 3 ? producer.getOutput(3) : null;
      } else {
        before = plainNormInput(value);
      }
      if (before == null || before.isEmpty()) {
        return value;
      }
      boolean normalisedIsAdded = isAdded(value);
      return !normalisedIsAdded && isAdded(before) ? before : value;
    }

    /** Whether a value goes on as a residual. */
    private boolean isAdded(String value) {
      for (NodeProto consumer : wiring.consumers(value)) {
        if (consumer.getOpType().equals("SkipLayerNormalization")
            && consumer.getInputList().subList(0, 2).contains(value)) {
          return true;
        }
        if (consumer.getOpType().equals("Add")) {
          String other =
              consumer.getInput(0).equals(value) ? consumer.getInput(1) : consumer.getInput(0);
          if (!wiring.constant(other)) {
            return true;
          }
        }
      }
      return false;
    }

    /**
     * What goes into a normalisation that is written out as mean, difference, root and quotient.
     */
    private @Nullable String plainNormInput(String value) {
      NodeProto node = wiring.producer(value);
      for (int steps = 0; node != null && steps < 3; steps++) {
        if (node.getOpType().equals("Div")) {
          NodeProto difference = wiring.producer(node.getInput(0));
          NodeProto root = wiring.producer(node.getInput(1));
          return difference != null
                  && root != null
                  && difference.getOpType().equals("Sub")
                  && root.getOpType().equals("Sqrt")
              ? difference.getInput(0)
              : null;
        }
        if (!Set.of("Add", "Mul").contains(node.getOpType())) {
          return null;
        }
        String next = null;
        for (String input : node.getInputList()) {
          if (!wiring.constant(input)) {
            next = input;
          }
        }
        node = next == null ? null : wiring.producer(next);
      }
      return null;
    }

    /** The values back from here along the data, over projections and changes of shape. */
    private List<String> chain(String from) {
      var chain = new ArrayList<String>();
      String at = from;
      while (at != null && chain.size() < 64) {
        chain.add(at);
        at = before(at);
      }
      return chain;
    }

    private @Nullable String before(String value) {
      NodeProto node = wiring.producer(value);
      if (node == null) {
        return null;
      }
      String type = node.getOpType();
      if (MOVES.contains(type) || isProduct(node) || LAYER_NORMS.contains(type)) {
        return node.getInput(0);
      }
      if (isElementwise(node)) {
        String found = null;
        for (String input : node.getInputList()) {
          if (!wiring.constant(input) && !isScale(input, 4)) {
            if (found != null) {
              return null; // two streams of data meet: nothing before is one's own
            }
            found = input;
          }
        }
        return found;
      }
      return null;
    }

    /** Whether a value only carries scales and zero points of dynamic quantisation. */
    private boolean isScale(String value, int depth) {
      if (wiring.constant(value)) {
        return true;
      }
      NodeProto node = wiring.producer(value);
      if (node == null || depth == 0) {
        return false;
      }
      if (node.getOpType().equals("DynamicQuantizeLinear")) {
        return !node.getOutput(0).equals(value);
      }
      return isElementwise(node)
          && node.getInputList().stream().allMatch(input -> isScale(input, depth - 1));
    }

    /** From one side of an attention back to [batch, tokens, dimension], heads side by side. */
    private String projection(String side) {
      String at = side;
      for (int steps = 0; steps < 16; steps++) {
        NodeProto node = wiring.producer(at);
        if (node == null) {
          return at;
        }
        boolean scale =
            Set.of("Mul", "Div").contains(node.getOpType())
                && node.getInputList().stream().anyMatch(this::isScalar);
        if (!scale
            && !Set.of("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Identity")
                .contains(node.getOpType())) {
          return at;
        }
        String next = before(at);
        if (next == null) {
          return at;
        }
        at = next;
      }
      return at;
    }

    private boolean isScalar(String value) {
      if (!wiring.constant(value)) {
        return false;
      }
      List<Long> shape = wiring.shape(value);
      return shape == null || shape.stream().allMatch(d -> d == 1);
    }

    /**
     * The output that is the last hidden state: by its usual name, or the last normalised one, or
     * one of the right shape; never one whose declared dimension is another (scores of words, say).
     */
    private String output(int dimension) {
      String normed = null;
      int latest = -1;
      String shaped = null;
      for (ValueInfoProto output : wiring.graph.getOutputList()) {
        var sizes = output.getType().getTensorType().getShape().getDimList();
        long last = sizes.isEmpty() ? 0 : sizes.getLast().getDimValue();
        if (last != 0 && last != dimension) {
          continue;
        }
        if (output.getName().equals("last_hidden_state")) {
          return output.getName();
        }
        if (sizes.size() != 3) {
          continue;
        }
        int place = normPlace(output.getName());
        if (place > latest) {
          latest = place;
          normed = output.getName();
        }
        if (last == dimension && shaped == null) {
          shaped = output.getName();
        }
      }
      if (normed != null) {
        return normed;
      }
      if (shaped != null) {
        return shaped;
      }
      throw new NotUnderstood(
          "it has no output of hidden states [batch, tokens, %d]".formatted(dimension));
    }

    /** Where in the order of nodes a normalised value is made; -1 if it is not one. */
    private int normPlace(String value) {
      String at = source(value);
      NodeProto node = wiring.producer(at);
      return node != null && (LAYER_NORMS.contains(node.getOpType()) || plainNormInput(at) != null)
          ? order.indexOf(node)
          : -1;
    }

    /**
     * A post-LN encoder normalises once after the embeddings and twice a block; pre-LN once more.
     */
    private void checkNorms(int blocks) {
      long norms =
          order.stream()
              .filter(
                  node ->
                      LAYER_NORMS.contains(node.getOpType())
                          || node.getOpType().equals("Sqrt") && isPlainNorm(node))
              .count();
      if (norms < 2L * blocks || norms > 2L * blocks + 2) {
        throw new NotUnderstood(
            "it has %d attentions and %d layer normalisations, and not two a block and one or two beside"
                .formatted(blocks, norms));
      }
    }

    private boolean isPlainNorm(NodeProto root) {
      for (NodeProto consumer : wiring.consumers(root.getOutput(0))) {
        if (consumer.getOpType().equals("Div")) {
          NodeProto difference = wiring.producer(consumer.getInput(0));
          return difference != null && difference.getOpType().equals("Sub");
        }
      }
      return false;
    }

    private int dimension(Core core) {
      if (core.fused != null && core.joined.size() == 1) {
        List<Long> weights = wiring.shape(core.fused.getInput(1));
        if (weights != null && weights.size() == 2) {
          return Math.toIntExact(weights.getFirst());
        }
      }
      for (String value : chain(core.joined.getFirst())) {
        NodeProto node = wiring.producer(value);
        if (node != null && isProduct(node)) {
          int[] shape = weights(node);
          if (shape != null) {
            return shape[0];
          }
        }
      }
      throw new NotUnderstood("the dimension of its hidden states cannot be told");
    }

    /** The [in, out] of a projection's weights; null where it is none. */
    private int @Nullable [] weights(NodeProto product) {
      if (product.getInputCount() < 2 || !wiring.constant(product.getInput(1))) {
        return null;
      }
      if (product.getOpType().equals("MatMulNBits")) {
        return new int[] {
          (int) Wiring.attribute(product, "K", 0), (int) Wiring.attribute(product, "N", 0)
        };
      }
      String value = product.getInput(1);
      boolean turned = Wiring.attribute(product, "transB", 0) == 1;
      NodeProto producer = wiring.producer(value);
      if (producer != null && producer.getOpType().equals("Transpose")) {
        turned = !turned;
        value = producer.getInput(0);
      }
      List<Long> shape = wiring.shape(value);
      if (shape == null || shape.size() != 2) {
        return null;
      }
      int in = Math.toIntExact(shape.get(turned ? 1 : 0));
      int out = Math.toIntExact(shape.get(turned ? 0 : 1));
      return new int[] {in, out};
    }

    /**
     * What goes into each projection from a wider inner dimension back to that of hidden states.
     */
    private List<String> feedForwards(int dimension) {
      var found = new ArrayList<String>();
      for (NodeProto node : order) {
        if (!isProduct(node)) {
          continue;
        }
        int[] weights = weights(node);
        if (weights != null && weights[1] == dimension && weights[0] > dimension) {
          String input = node.getInput(0);
          NodeProto producer = wiring.producer(input);
          while (producer != null
              && Set.of("DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear")
                  .contains(producer.getOpType())) {
            input = producer.getInput(0);
            producer = wiring.producer(input);
          }
          found.add(input);
        }
      }
      return found;
    }

    private int heads(Core core) {
      if (core.fused != null) {
        return (int)
            Wiring.attribute(
                core.fused, "num_heads", Wiring.attribute(core.fused, "q_num_heads", 0));
      }
      for (String value : chain(core.joined.getFirst())) {
        NodeProto node = wiring.producer(value);
        if (node == null || !node.getOpType().equals("Reshape")) {
          continue;
        }
        long[] shape = wiring.integers(node.getInput(1));
        if (shape != null && shape.length == 4) {
          return (int) Math.max(0, shape[2]);
        }
        NodeProto parts = wiring.producer(node.getInput(1));
        if (parts != null && parts.getOpType().equals("Concat") && parts.getInputCount() == 4) {
          long[] heads = wiring.integers(parts.getInput(2));
          if (heads != null && heads.length == 1) {
            return (int) Math.max(0, heads[0]);
          }
        }
      }
      return 0;
    }

    /** The rows of the embeddings of words and of positions. */
    private int[] tables(int dimension) {
      int words = 0;
      int positions = 0;
      for (NodeProto node : order) {
        if (node.getOpType().equals("EmbedLayerNormalization")) {
          return new int[] {rows(node.getInput(2), dimension), rows(node.getInput(3), dimension)};
        }
        if (!node.getOpType().equals("Gather")) {
          continue;
        }
        int rows = rows(node.getInput(0), dimension);
        if (rows > words && wiring.inputs().contains(source(node.getInput(1)))) {
          words = rows;
        } else if (rows > positions && !wiring.inputs().contains(source(node.getInput(1)))) {
          positions = rows;
        }
      }
      return new int[] {words, positions};
    }

    private int rows(String table, int dimension) {
      List<Long> shape = wiring.constant(table) ? wiring.shape(table) : null;
      return shape != null && shape.size() == 2 && shape.get(1) == dimension
          ? Math.toIntExact(shape.getFirst())
          : 0;
    }

    private String source(String value) {
      NodeProto node = wiring.producer(value);
      while (node != null && Set.of("Cast", "Identity").contains(node.getOpType())) {
        value = node.getInput(0);
        node = wiring.producer(value);
      }
      return value;
    }
  }
}
