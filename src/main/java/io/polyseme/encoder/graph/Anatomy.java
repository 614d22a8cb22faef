package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.encoder.graph.Wiring.NotUnderstood;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * graph's own output. From each block's input the one before must be reached over additions and
 * normalisations alone, which is what makes them states of one stream. Fused operators
 * (com.microsoft's Attention and its kin) are taken as a whole.
 *
 * <p>Where a head's queries and keys are turned by their positions (rotary embeddings, Su et al.
 * 2021), or normalised, or several heads share their keys and values (grouped-query attention,
 * Ainslie et al. 2023), or one product makes all three, the values back from the scores are still
 * arranged by heads; then their order of axes is followed from the product, where it is known.
 *
 * @param blocks from the first to the last
 * @param output the last hidden state
 * @param dimension of hidden states
 * @param heads of each block; 0 where not found
 * @param vocabulary rows of the word embeddings; 0 where not found
 * @param positions how many tokens there are position embeddings for; 0 where not found
 */
record Anatomy(
    List<Block> blocks, String output, int dimension, int heads, int vocabulary, int positions) {

  /** The hidden state after a block; 0 is the first block's input. */
  String state(int layer) {
    return layer == blocks.size() ? output : blocks.get(layer).input();
  }

  /**
   * The values of one block; null for what a fused operator hides.
   *
   * @param input the hidden state before the block
   * @param branches what its two parts add, and where
   */
  record Block(
      String input,
      @Nullable String scores,
      @Nullable String attention,
      @Nullable Side query,
      @Nullable Side key,
      @Nullable Side value,
      @Nullable String feedForward,
      Branches branches) {}

  /**
   * Queries, keys or values.
   *
   * @param order of the axes that gives [batch, tokens, heads, width]; null where the value is
   *     [batch, tokens, heads × width] already
   */
  record Side(String value, @Nullable List<Integer> order) {}

  private enum Axis {
    BATCH,
    TOKENS,
    HEADS,
    WIDTH
  }

  private static final List<Axis> BY_HEADS =
      List.of(Axis.BATCH, Axis.HEADS, Axis.TOKENS, Axis.WIDTH);
  private static final List<Axis> BY_HEADS_TURNED =
      List.of(Axis.BATCH, Axis.HEADS, Axis.WIDTH, Axis.TOKENS);
  private static final List<Axis> BY_TOKENS =
      List.of(Axis.BATCH, Axis.TOKENS, Axis.HEADS, Axis.WIDTH);

  private static final Set<String> LAYER_NORMS =
      Set.of(
          "LayerNormalization",
          "SkipLayerNormalization",
          "EmbedLayerNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "SkipSimplifiedLayerNormalization");
  private static final Set<String> FUSED_ATTENTION =
      Set.of("Attention", "QAttention", "PackedAttention");

  /** Operators of one input that change no shape, or lose only the last axis. */
  private static final Set<String> UNARY =
      Set.of("Neg", "Reciprocal", "Sqrt", "Pow", "ReduceMean", "Abs", "Tanh", "Exp", "Sigmoid");

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
          "Gather",
          "Expand",
          "RotaryEmbedding",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");
  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity", "Max", "Clip", "Tanh");

  /** How many values are looked at, at most, between the scores of an attention and its Softmax. */
  private static final int NEAR = 256;

  /** A table of more rows than this that an input looks up is no table of token types. */
  private static final int MOST_TYPES = 16;

  /** More than any encoder has; what is looked up for each must not add up to hours. */
  private static final int MOST_BLOCKS = 1000;

  private static final int MOST_NODES = 200_000;

  /** Reads a graph, or says why not by {@link NotUnderstood}. */
  static Anatomy of(Wiring wiring) {
    return new Reader(wiring).read();
  }

  /**
   * Where an attention was found, and the three values that it joins.
   *
   * @param scores what goes into its softmax
   * @param context what it gives
   * @param keys the axes of the second value; null where it is not arranged by heads
   */
  private record Core(
      @Nullable String scores,
      @Nullable String probabilities,
      List<String> joined,
      @Nullable NodeProto fused,
      String context,
      @Nullable List<Axis> keys) {

    static Core fused(NodeProto node, List<String> joined) {
      return new Core(null, null, joined, node, node.getOutput(0), null);
    }
  }

  /** Reads one graph; what is package-private is used by {@link Branches}, too. */
  static final class Reader {
    private final Wiring wiring;
    private final List<NodeProto> order;
    private final Set<String> content;
    private final Map<String, @Nullable String> passed = new HashMap<>();
    private int depth;

    Reader(Wiring wiring) {
      this.wiring = wiring;
      List<NodeProto> nodes = wiring.graph.getNodeList();
      if (nodes.size() > MOST_NODES
          || nodes.stream().filter(Reader::isAttention).count() > MOST_BLOCKS) {
        throw new NotUnderstood("it has more nodes than an encoder");
      }
      this.order = wiring.sorted();
      this.content = wiring.content();
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
      checkStream(inputs);
      int dimension = dimension(cores.getFirst());
      List<String> feedForwards = feedForwards(dimension, cores);
      boolean feedForward = feedForwards.size() == cores.size();
      String output = output(dimension, feedForward ? feedForwards.getLast() : null);
      var branches = new Branches.Reader(wiring, this);
      var blocks = new ArrayList<Block>();
      for (int i = 0; i < cores.size(); i++) {
        Core core = cores.get(i);
        boolean open = core.joined.size() == 3 && !hidesBias(core);
        blocks.add(
            new Block(
                inputs.get(i),
                core.scores,
                core.probabilities,
                open ? side(core.joined.get(0), core.fused == null ? BY_HEADS : null) : null,
                open ? side(core.joined.get(1), core.keys) : null,
                open ? side(core.joined.get(2), core.fused == null ? BY_HEADS : null) : null,
                feedForward ? feedForwards.get(i) : null,
                branches.read(
                    inputs.get(i),
                    projectionAfter(core.context),
                    feedForward ? feedForwards.get(i) : null)));
      }
      int[] tables = tables(dimension);
      return new Anatomy(
          List.copyOf(blocks), output, dimension, heads(cores.getFirst()), tables[0], tables[1]);
    }

    private static boolean isAttention(NodeProto node) {
      String type = node.getOpType();
      return type.equals("Softmax")
          || type.equals("MultiHeadAttention")
          || type.equals("GroupQueryAttention")
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
          cores.add(Core.fused(node, List.of(node.getInput(0))));
        } else if (isAttention(node)) {
          // Where queries, keys and values come as one, the other two are left out.
          List<String> joined = node.getInputList().stream().limit(3).toList();
          cores.add(Core.fused(node, joined.contains("") ? List.of(joined.getFirst()) : joined));
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
              softmax.getInput(0),
              probabilities,
              List.of(scores.getInput(0), scores.getInput(1), context.getInput(1)),
              null,
              context.getOutput(0),
              Wiring.attribute(scores, "transB", 0) == 1 ? BY_HEADS : BY_HEADS_TURNED);
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
    static boolean isElementwise(NodeProto node) {
      return ELEMENTWISE.contains(node.getOpType()) && node.getInputCount() <= 4;
    }

    static boolean isProduct(NodeProto node) {
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
        int place = 0;
        while (place < first.size() && !common.contains(first.get(place))) {
          place++;
        }
        if (place == first.size()) {
          throw new NotUnderstood("queries, keys and values of an attention have no common source");
        }
        shared = first.get(place);
        // One product may make all three, which are taken apart afterwards.
        if (first.subList(0, place).stream().noneMatch(this::isProjected)) {
          for (String value : first.subList(place, first.size())) {
            if (isProjected(value)) {
              shared = wiring.producer(value).getInput(0);
              break;
            }
          }
        }
      } else if (isPacked(core)) {
        for (String value : chain(shared)) {
          if (isProjected(value)) {
            shared = wiring.producer(value).getInput(0);
            break;
          }
        }
      }
      NodeProto producer = wiring.producer(shared);
      while (producer != null
          && Set.of(
                  "DynamicQuantizeLinear",
                  "QuantizeLinear",
                  "DequantizeLinear",
                  "Cast",
                  "Identity",
                  "Reshape",
                  "Flatten")
              .contains(producer.getOpType())) {
        shared = producer.getInput(0);
        producer = wiring.producer(shared);
      }
      return beforeNorm(shared);
    }

    /** Whether a value is what weights make of another. */
    boolean isProjected(String value) {
      NodeProto node = wiring.producer(value);
      return node != null
          && isProduct(node)
          && node.getInputCount() > 1
          && wiring.constant(node.getInput(1));
    }

    /** Whether queries, keys and values go into an operator as one value, projected before. */
    private static boolean isPacked(Core core) {
      return core.fused != null
          && (core.fused.getOpType().equals("GroupQueryAttention")
              || core.fused.getOpType().equals("MultiHeadAttention"));
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
      if (isSkipNorm(producer)) {
        before = producer.getOutputCount() > 3 ? producer.getOutput(3) : null;
      } else if (LAYER_NORMS.contains(producer.getOpType())
          && !producer.getOpType().equals("EmbedLayerNormalization")) {
        before = producer.getInput(0);
      } else {
        before = plainNormInput(value);
      }
      if (before == null || before.isEmpty()) {
        return value;
      }
      boolean normalisedIsAdded = isAdded(value);
      return !normalisedIsAdded && isAdded(before) ? before : value;
    }

    /** Whether a node adds a residual and normalises the sum. */
    static boolean isSkipNorm(NodeProto node) {
      return node.getOpType().equals("SkipLayerNormalization")
          || node.getOpType().equals("SkipSimplifiedLayerNormalization");
    }

    /** Whether a value goes on as a residual. */
    boolean isAdded(String value) {
      for (NodeProto consumer : wiring.consumers(value)) {
        if (isSkipNorm(consumer) && consumer.getInputList().subList(0, 2).contains(value)) {
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
     * What goes into a normalisation that is written out: mean, difference, root and quotient; or,
     * by the root mean square alone (RMSNorm, Zhang and Sennrich 2019), root and quotient.
     */
    private @Nullable String plainNormInput(String value) {
      NodeProto node = wiring.producer(value);
      for (int steps = 0; node != null && steps < 6; steps++) {
        String type = node.getOpType();
        if (type.equals("Div") && isRoot(node.getInput(1))) {
          NodeProto difference = wiring.producer(node.getInput(0));
          return difference != null && difference.getOpType().equals("Sub")
              ? difference.getInput(0)
              : uncast(node.getInput(0));
        }
        if (type.equals("Mul")) {
          for (int i = 0; i < 2; i++) {
            NodeProto inverse = wiring.producer(node.getInput(i));
            if (inverse != null
                && !wiring.constant(node.getInput(i))
                && (inverse.getOpType().equals("Reciprocal") && isRoot(inverse.getInput(0))
                    || inverse.getOpType().equals("Div") && isInverseRoot(inverse))) {
              return uncast(node.getInput(1 - i));
            }
          }
        }
        if (!Set.of("Add", "Mul", "Cast").contains(type)) {
          return null;
        }
        String next = null;
        for (String input : node.getInputList()) {
          if (!wiring.constant(input)) {
            if (next != null) {
              return null;
            }
            next = input;
          }
        }
        node = next == null ? null : wiring.producer(next);
      }
      return null;
    }

    private boolean isRoot(String value) {
      NodeProto node = wiring.producer(value);
      return node != null && node.getOpType().equals("Sqrt") && !wiring.constant(value);
    }

    private boolean isInverseRoot(NodeProto quotient) {
      return wiring.constant(quotient.getInput(0)) && isRoot(quotient.getInput(1));
    }

    private String uncast(String value) {
      NodeProto node = wiring.producer(value);
      while (node != null && node.getOpType().equals("Cast")) {
        value = node.getInput(0);
        node = wiring.producer(value);
      }
      return value;
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
      return before(value, true);
    }

    /**
     * @param products whether the way back goes on over projections
     */
    private @Nullable String before(String value, boolean products) {
      NodeProto node = wiring.producer(value);
      if (node == null) {
        return null;
      }
      String type = node.getOpType();
      if (isProduct(node)) {
        return products ? node.getInput(0) : null;
      }
      if (MOVES.contains(type) || LAYER_NORMS.contains(type) || UNARY.contains(type)) {
        return node.getInput(0);
      }
      if (isElementwise(node) || type.equals("Concat") && node.getInputCount() <= 4) {
        List<String> streams =
            node.getInputList().stream()
                .distinct()
                .filter(input -> isContent(input) && !isScale(input, 4))
                .toList();
        return switch (streams.size()) {
          case 0 -> null;
          case 1 -> streams.getFirst();
          default -> meeting(streams);
        };
      }
      return null;
    }

    boolean isContent(String value) {
      return content.isEmpty() ? !wiring.constant(value) : content.contains(value);
    }

    /**
     * Where streams that meet in one operator part from one value nearby, as those of a rotation or
     * of a normalisation do; null where they have none in common: nothing before is one's own.
     */
    private @Nullable String meeting(List<String> streams) {
      if (depth > 4) {
        return null;
      }
      depth++;
      try {
        List<String> first = near(streams.getFirst());
        Set<String> common = new HashSet<>(first);
        for (String other : streams.subList(1, streams.size())) {
          common.retainAll(new HashSet<>(near(other)));
        }
        return first.stream().filter(common::contains).findFirst().orElse(null);
      } finally {
        depth--;
      }
    }

    /** The values just before one, none beyond a projection. */
    private List<String> near(String from) {
      var near = new ArrayList<String>();
      String at = from;
      while (at != null && near.size() < 16) {
        near.add(at);
        // Remembered: where streams meet again and again, the ways back would multiply.
        if (!passed.containsKey(at)) {
          passed.put(at, before(at, false));
        }
        at = passed.get(at);
      }
      return near;
    }

    /** Whether a value only carries scales and zero points of dynamic quantisation. */
    boolean isScale(String value, int depth) {
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

    /**
     * One side of an attention, as near to [batch, tokens, heads × width] as the graph has it.
     *
     * @param axes of the side; null where it is not arranged by heads
     */
    private @Nullable Side side(String side, @Nullable List<Axis> axes) {
      String flat = projection(side);
      if (isLinear(flat)) {
        return new Side(flat, null);
      }
      String at = side;
      List<Axis> order = axes;
      for (int steps = 0; steps < 32; steps++) {
        NodeProto node = wiring.producer(at);
        if (node == null) {
          break;
        }
        String next = null;
        switch (node.getOpType()) {
          case "Transpose" -> {
            order = before(order, node);
            next = order == null ? null : node.getInput(0);
            if (next == null) {
              return null;
            }
          }
          case "Identity",
              "Cast",
              "Dropout",
              "QuantizeLinear",
              "DequantizeLinear",
              "RotaryEmbedding" ->
              next = node.getInput(0);
          case "Reshape" -> {
            next = unrepeated(node);
            if (next == null && BY_TOKENS.equals(order)) {
              return new Side(projection(node.getInput(0)), null);
            }
          }
          case "Mul", "Div" -> {
            if (node.getInputList().stream().anyMatch(this::isScalar)) {
              next = before(at);
            }
          }
          default -> next = null;
        }
        if (next == null && Set.of("Add", "Concat").contains(node.getOpType())) {
          next = rotated(node);
        }
        if (next == null) {
          break;
        }
        at = next;
      }
      if (order == null) {
        return axes == null ? new Side(at, null) : null;
      }
      List<Axis> reached = order;
      return new Side(at, BY_TOKENS.stream().map(reached::indexOf).toList());
    }

    /** The axes of what a Transpose is given. */
    private static @Nullable List<Axis> before(@Nullable List<Axis> axes, NodeProto transpose) {
      if (axes == null) {
        return null;
      }
      List<Long> order = Wiring.attributes(transpose, "perm");
      var before = new Axis[axes.size()];
      if (order.size() != before.length) {
        return null;
      }
      for (int i = 0; i < before.length; i++) {
        before[Math.toIntExact(order.get(i))] = axes.get(i);
      }
      return List.of(before);
    }

    /** The keys or values before they are repeated for the heads that share them. */
    private @Nullable String unrepeated(NodeProto reshape) {
      NodeProto expand = wiring.producer(reshape.getInput(0));
      if (expand == null || !Set.of("Expand", "Tile").contains(expand.getOpType())) {
        return null;
      }
      NodeProto unsqueeze = wiring.producer(expand.getInput(0));
      return unsqueeze != null && Set.of("Unsqueeze", "Reshape").contains(unsqueeze.getOpType())
          ? unsqueeze.getInput(0)
          : null;
    }

    /**
     * What a rotation by positions is given, or what is put after keys and values of the past; null
     * where a node is the end of neither.
     */
    private @Nullable String rotated(NodeProto node) {
      List<String> streams =
          node.getInputList().stream().distinct().filter(this::isContent).toList();
      if (streams.size() > 1) {
        return meeting(streams);
      }
      boolean past =
          node.getOpType().equals("Concat")
              && node.getInputList().stream().anyMatch(wiring.inputs()::contains);
      return past && streams.size() == 1 ? streams.getFirst() : null;
    }

    /** Whether a value is a projection, its bias and its scale included. */
    boolean isLinear(String value) {
      String at = value;
      for (int steps = 0; steps < 8; steps++) {
        NodeProto node = wiring.producer(at);
        if (node == null) {
          return false;
        }
        if (isProduct(node)) {
          return isProjected(at);
        }
        if (node.getOpType().equals("Split")) {
          // Parts of one projection, side by side.
          at = node.getInput(0);
          NodeProto whole = wiring.producer(at);
          if (whole == null || Set.of("Reshape", "Transpose").contains(whole.getOpType())) {
            return false;
          }
          continue;
        }
        if (!isElementwise(node)) {
          return false;
        }
        List<String> data =
            node.getInputList().stream()
                .filter(input -> !wiring.constant(input) && !isScale(input, 4))
                .toList();
        if (data.size() != 1) {
          return false;
        }
        at = data.getFirst();
      }
      return false;
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
     * The last hidden state: the output of its usual name, or the last normalised one, or one of
     * the right shape; never one whose declared dimension is another (scores of words, say). Where
     * the graph has only such scores, what they are made of.
     *
     * @param activation of the last feed-forward layer; null where it was not found
     */
    private String output(int dimension, @Nullable String activation) {
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
      String before = activation == null ? null : beforeHead(activation);
      if (before == null) {
        throw new NotUnderstood(
            "it has no output of hidden states [batch, tokens, %d]".formatted(dimension));
      }
      return before;
    }

    /**
     * What the first projection after the last block reads, which no output needs to give: from the
     * last feed-forward layer on over its residual sum and the normalisations.
     */
    private @Nullable String beforeHead(String activation) {
      NodeProto last = projectionAfter(activation);
      if (last == null) {
        return null;
      }
      Set<String> reached = new HashSet<>(last.getOutputList());
      for (NodeProto node : order) {
        if (node.getInputList().stream().noneMatch(reached::contains)) {
          continue;
        }
        boolean projection = isProduct(node) && node.getInputCount() > 1;
        if (projection && reached.contains(node.getInput(0)) && wiring.constant(node.getInput(1))) {
          String state = node.getInput(0);
          for (NodeProto made = wiring.producer(state);
              made != null && MOVES.contains(made.getOpType());
              made = wiring.producer(state)) {
            state = made.getInput(0);
          }
          return reached.contains(state) ? state : null;
        }
        if (!Set.of("Shape", "Size").contains(node.getOpType())) {
          reached.addAll(node.getOutputList());
        }
      }
      return null;
    }

    /** Where in the order of nodes a normalised value is made; -1 if it is not one. */
    private int normPlace(String value) {
      String at = wiring.source(value);
      NodeProto node = wiring.producer(at);
      return node != null && (LAYER_NORMS.contains(node.getOpType()) || plainNormInput(at) != null)
          ? order.indexOf(node)
          : -1;
    }

    /** Each block starts from what the one before it has added to. */
    private void checkStream(List<String> inputs) {
      for (int i = 1; i < inputs.size(); i++) {
        if (!streams(inputs.get(i), inputs.get(i - 1))) {
          throw new NotUnderstood(
              "the input of attention %d does not go on from that of the one before"
                  .formatted(i + 1));
        }
      }
    }

    /** Whether a value is another after additions, normalisations and moves alone. */
    boolean streams(String to, String from) {
      Set<String> seen = new HashSet<>(Set.of(to));
      Deque<String> left = new ArrayDeque<>(seen);
      while (!left.isEmpty() && seen.size() < 4 * NEAR) {
        String at = left.remove();
        if (at.equals(from)) {
          return true;
        }
        NodeProto node = wiring.producer(at);
        if (node == null) {
          continue;
        }
        String type = node.getOpType();
        int inputs =
            isSkipNorm(node)
                ? 2
                : LAYER_NORMS.contains(type) || MOVES.contains(type)
                    ? 1
                    : isElementwise(node) ? node.getInputCount() : 0;
        for (String input : node.getInputList().subList(0, inputs)) {
          if (!wiring.constant(input) && seen.add(input)) {
            left.add(input);
          }
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
    int @Nullable [] weights(NodeProto product) {
      return weights(wiring, product);
    }

    /** As {@link #weights(NodeProto)}, of a graph that need not be an encoder's. */
    static int @Nullable [] weights(Wiring wiring, NodeProto product) {
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
     * What goes into each projection from a wider inner dimension back to that of hidden states,
     * save those that end an attention.
     */
    private List<String> feedForwards(int dimension, List<Core> cores) {
      Set<NodeProto> attentions = new HashSet<>();
      cores.forEach(core -> attentions.add(projectionAfter(core.context)));
      var found = new ArrayList<String>();
      for (NodeProto node : order) {
        if (!isProduct(node) || attentions.contains(node)) {
          continue;
        }
        int[] weights = weights(node);
        if (weights != null && weights[1] == dimension && weights[0] > dimension) {
          String input = node.getInput(0);
          NodeProto producer = wiring.producer(input);
          while (producer != null
              && Set.of(
                      "DynamicQuantizeLinear",
                      "QuantizeLinear",
                      "DequantizeLinear",
                      "Reshape",
                      "Flatten")
                  .contains(producer.getOpType())) {
            input = producer.getInput(0);
            producer = wiring.producer(input);
          }
          found.add(input);
        }
      }
      return found;
    }

    /** The first projection of a value, over moves; null where there is none nearby. */
    private @Nullable NodeProto projectionAfter(String value) {
      Set<String> seen = new HashSet<>(Set.of(value));
      Deque<String> left = new ArrayDeque<>(seen);
      while (!left.isEmpty() && seen.size() < NEAR) {
        for (NodeProto consumer : wiring.consumers(left.remove())) {
          if (isProduct(consumer)) {
            if (consumer.getInputCount() > 1 && wiring.constant(consumer.getInput(1))) {
              return consumer;
            }
          } else if (MOVES.contains(consumer.getOpType())) {
            consumer.getOutputList().stream().filter(seen::add).forEach(left::add);
          }
        }
      }
      return null;
    }

    private int heads(Core core) {
      if (core.fused != null) {
        return (int)
            Wiring.attribute(
                core.fused, "num_heads", Wiring.attribute(core.fused, "q_num_heads", 0));
      }
      int width = 0;
      for (String value : chain(core.joined.getFirst())) {
        NodeProto node = wiring.producer(value);
        if (node == null) {
          break;
        }
        if (isProjected(value)) {
          int[] weights = weights(node);
          return width > 0 && weights != null ? weights[1] / width : 0;
        }
        if (width > 0 || !node.getOpType().equals("Reshape")) {
          continue;
        }
        // [batch, tokens, heads, width], or with three of them, from one product, before.
        long[] shape = shape(node.getInput(1));
        if (shape.length == 4 || shape.length == 5) {
          long heads = shape[shape.length - 2];
          if (heads > 0) {
            return Math.toIntExact(heads);
          }
          width = Math.toIntExact(shape[shape.length - 1]) * (shape.length == 5 ? 3 : 1);
        }
      }
      return 0;
    }

    /** The sizes that a Reshape is given; -1 for what is not fixed, none where it is not known. */
    long[] shape(String value) {
      long[] shape = wiring.integers(value);
      if (shape != null) {
        return shape;
      }
      NodeProto parts = wiring.producer(value);
      if (parts == null || !parts.getOpType().equals("Concat")) {
        return new long[0];
      }
      return parts.getInputList().stream()
          .mapToLong(
              part -> {
                long[] size = wiring.integers(part);
                return size != null && size.length == 1 ? size[0] : -1;
              })
          .toArray();
    }

    /** The rows of the embeddings of words, and how many positions those of positions are for. */
    private int[] tables(int dimension) {
      for (NodeProto node : order) {
        if (node.getOpType().equals("EmbedLayerNormalization")) {
          return new int[] {rows(node.getInput(2), dimension), rows(node.getInput(3), dimension)};
        }
      }
      NodeProto words = wiring.words();
      if (words == null) {
        return new int[2];
      }
      List<Long> table = wiring.shape(words.getInput(0));
      int positions = 0;
      int offset = 0;
      for (NodeProto node : order) {
        if (!node.getOpType().equals("Gather")
            || Wiring.attribute(node, "axis", 0) != 0
            || wiring.source(node.getInput(1)).equals(wiring.source(words.getInput(1)))) {
          continue;
        }
        int rows = rows(node.getInput(0), Math.toIntExact(table.get(1)));
        boolean given = wiring.inputs().contains(wiring.source(node.getInput(1)));
        if (rows > positions && (!given || rows > MOST_TYPES)) {
          positions = rows;
          offset = firstPosition(node.getInput(1), 12);
        }
      }
      return new int[] {Math.toIntExact(table.getFirst()), Math.max(0, positions - offset)};
    }

    /**
     * The number of the first token's position: RoBERTa and its kin count, by a sum over what is
     * not padding, from the number of the padding token plus one, and others from a constant.
     */
    private int firstPosition(String index, int steps) {
      NodeProto node = steps == 0 ? null : wiring.producer(index);
      if (node == null) {
        return 0;
      }
      switch (node.getOpType()) {
        case "CumSum" -> {
          return 1;
        }
        case "Add", "Sub" -> {
          for (int i = 0; i < 2; i++) {
            long[] constant = wiring.integers(node.getInput(i));
            if (constant != null && constant.length == 1) {
              int more = Math.toIntExact(constant[0]);
              int before = firstPosition(node.getInput(1 - i), steps - 1);
              return node.getOpType().equals("Add") ? before + more : before - more;
            }
          }
          return 0;
        }
        case "Mul" -> {
          return Math.max(
              firstPosition(node.getInput(0), steps - 1),
              firstPosition(node.getInput(1), steps - 1));
        }
        case "Cast", "Identity", "Unsqueeze", "Squeeze", "Expand", "Reshape", "Slice" -> {
          return firstPosition(node.getInput(0), steps - 1);
        }
        default -> {
          return 0;
        }
      }
    }

    private int rows(String table, int dimension) {
      List<Long> shape = wiring.constant(table) ? wiring.shape(table) : null;
      return shape != null && shape.size() == 2 && shape.get(1) == dimension
          ? Math.toIntExact(shape.getFirst())
          : 0;
    }
  }
}
