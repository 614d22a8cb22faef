package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The graph of a Transformer encoder, without its weights. Understood by its structure, it can be
 * made to give inner values and to end after the last that is wanted. Immutable and thread-safe.
 */
public final class EncoderGraph {
  /** Of the names of what is added; no exporter writes such. */
  private static final String PREFIX = "polyseme.side.";

  private static final String PATCH = "polyseme.patch.";

  /** The shape [batch, tokens, everything else]. */
  private static final TensorProto SIDE_BY_SIDE =
      TensorProto.newBuilder()
          .setName(PREFIX + "shape")
          .setDataType(TensorProto.DataType.INT64_VALUE)
          .addDims(3)
          .addAllInt64Data(List.of(0L, 0L, -1L))
          .build();

  private final Path file;
  private final Path folder;
  private final ModelProto model;
  private final Wiring wiring;
  private final @Nullable Anatomy anatomy;
  private final String problem;
  private final Quantisation quantisation;

  /**
   * A graph that gives inner values.
   *
   * @param outputs the name of the output of each value
   * @param patches the inputs by which values are replaced
   * @param model the ONNX model in a few hundred kilobytes: its weights are references into the
   *     original file, to be found by setting ONNX Runtime's session option {@code
   *     session.model_external_initializers_file_folder_path}
   * @param weightsFolder what that option is to be set to
   */
  public record Tapped(
      Map<Tap, String> outputs, Map<Tap, Patch> patches, byte[] model, Path weightsFolder) {}

  /**
   * The two inputs that replace a value float[batch, tokens, n] by keep × value + add.
   *
   * @param keep name of an input float[n], or float[1] for all alike
   * @param add name of an input float[n], or float[1] for all alike
   */
  public record Patch(String keep, String add) {}

  /**
   * A part of the graph alone, from one value to another.
   *
   * @param input name of the input float[1, rows, width] that the first value has become; null
   *     where what it gives is constant
   * @param width 0 where it is not known
   * @param output name of the second value
   * @param model see {@link Tapped}
   */
  public record Part(
      @Nullable String input, int width, String output, byte[] model, Path weightsFolder) {}

  /**
   * A layer normalisation, (x - mean) / sqrt(variance + epsilon) × scale + shift.
   *
   * @param scale gives float[dimension]
   * @param shift gives float[dimension]; null for none
   */
  public record Norm(Part scale, @Nullable Part shift, float epsilon) {}

  /**
   * The model's projections with nothing around them, each over the same rows.
   *
   * @param model an ONNX model; see {@link Tapped}
   * @param inputs its inputs float[rows, n] by name, with their n
   * @param output to be asked for, a few numbers of each projection
   * @param operations floating-point operations of each row; a multiplication and an addition are
   *     two
   */
  public record Products(
      byte[] model,
      Path weightsFolder,
      Map<String, Integer> inputs,
      String output,
      double operations) {}

  /** Which operators a graph is written in. */
  public enum Operators {
    /** As the model's file has them. */
    AS_EXPORTED,
    /**
     * Those that ONNX Runtime computes fastest on a CPU, some of them its own. To be run with its
     * session option {@code optimization.disable_specified_optimizers} set to {@link
     * #UNWANTED_OPTIMISERS}, which would undo it.
     */
    FAST_ON_CPU,
    /**
     * In float16 from the embeddings on; what the graph is given and gives keeps its types. For
     * devices whose float16 kernels sum in float32; weights are converted as they are loaded.
     */
    HALF_PRECISION
  }

  /** See {@link Operators#FAST_ON_CPU}. */
  public static final String UNWANTED_OPTIMISERS = Fusion.UNWANTED;

  private EncoderGraph(
      Path file,
      Path folder,
      ModelProto model,
      Wiring wiring,
      @Nullable Anatomy anatomy,
      String problem) {
    this.file = file;
    this.folder = folder;
    this.model = model;
    this.wiring = wiring;
    this.anatomy = anatomy;
    this.problem = problem;
    this.quantisation = Quantisation.of(model);
  }

  /**
   * Reads a model's graph; its weights are neither read nor copied.
   *
   * @throws PolysemeException if the file is missing or no ONNX model. A model that is not
   *     understood is no error; see {@link #understood()}
   */
  public static EncoderGraph read(Path onnx) {
    Path file = onnx.toAbsolutePath();
    OnnxFile.Contents contents = OnnxFile.read(file);
    ModelProto model = contents.model();
    Path folder = contents.folder();
    var wiring = new Wiring(model.getGraph());
    try {
      return new EncoderGraph(file, folder, model, wiring, Anatomy.of(wiring), "");
    } catch (Wiring.NotUnderstood e) {
      return new EncoderGraph(
          file, folder, model, wiring, null, "its graph is not understood: " + e.getMessage());
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      return new EncoderGraph(
          file,
          folder,
          model,
          wiring,
          null,
          "its graph is not understood: a node lacks its inputs");
    }
  }

  /** Whether the parts of the encoder were found; if not, only declared outputs can be used. */
  public boolean understood() {
    return anatomy != null;
  }

  /** Why the graph was not understood; empty if it was. */
  public String problem() {
    return problem;
  }

  private Anatomy anatomy() {
    if (anatomy == null) {
      throw new PolysemeException("inner values of %s cannot be had: %s".formatted(file, problem));
    }
    return anatomy;
  }

  /** The number of blocks n; hidden states are 0 to n. */
  public int layers() {
    return anatomy().blocks().size();
  }

  /** The dimension of hidden states. */
  public int dimension() {
    return anatomy().dimension();
  }

  /** Attention heads a block; 0 where that cannot be told. */
  public int heads() {
    return anatomy().heads();
  }

  /** The rows of the word embeddings; 0 where that cannot be told. */
  public int vocabularySize() {
    return anatomy().vocabulary();
  }

  /**
   * How many tokens the model has position embeddings for; 0 where it has none, as with rotary or
   * relative positions, or that cannot be told.
   */
  public int maximumPositions() {
    return anatomy().positions();
  }

  /** How the model computes with fewer bits. */
  public Quantisation quantisation() {
    return quantisation;
  }

  /** The names of what the model is given. */
  public List<String> inputs() {
    return List.copyOf(wiring.inputs());
  }

  /**
   * How many rows has the greatest table of embeddings that an input of the model looks up by its
   * numbers: many for token ids, few for token types. 0 where it looks up none. Told of graphs that
   * are not understood, too.
   */
  public int rowsLookedUp(String input) {
    return wiring.rowsLookedUp(input);
  }

  /** The names of what the model gives of itself. */
  public List<String> outputs() {
    return model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  /**
   * The graph that gives these values, and computes nothing that none of them needs.
   *
   * @throws IllegalArgumentException if there is no such block
   * @throws PolysemeException if the graph was not understood, or hides one of the values inside a
   *     fused operator
   */
  public Tapped tap(Set<Tap> taps) {
    return tap(taps, Operators.AS_EXPORTED);
  }

  /** As {@link #tap(Set)}, in these operators. */
  public Tapped tap(Set<Tap> taps, Operators operators) {
    return tap(taps, Set.of(), operators);
  }

  /**
   * As {@link #tap(Set)}, with values that each run may replace: every reader of them, taps
   * included, gets keep × value + add (see {@link Patch}).
   *
   * @param patched values float[batch, tokens, n]
   * @throws PolysemeException if one of them is arranged by heads in this graph
   */
  public Tapped tap(Set<Tap> taps, Set<Tap> patched, Operators operators) {
    if (taps.isEmpty()) {
      throw new IllegalArgumentException("no inner value is asked for");
    }
    Map<String, String> renamed = new LinkedHashMap<>();
    Map<Tap, Patch> patches = new LinkedHashMap<>();
    var inputs = new ArrayList<ValueInfoProto>();
    var patching = new ArrayList<NodeProto>();
    for (Tap tap : patched) {
      Anatomy.Side side = value(tap);
      if (side.order() != null) {
        throw new PolysemeException(
            "%s of layer %d of %s cannot be replaced: the graph has it apart by heads"
                .formatted(tap.getClass().getSimpleName(), tap.layer(), file));
      }
      var patch = new Patch(PATCH + patches.size() + ".keep", PATCH + patches.size() + ".add");
      patches.put(tap, patch);
      String scaled = PATCH + renamed.size() + ".scaled";
      String result = PATCH + renamed.size();
      if (renamed.put(side.value(), result) != null) {
        throw new IllegalArgumentException("one value is to be replaced twice: " + tap);
      }
      inputs.add(ProductsAlone.floats(patch.keep, "n"));
      inputs.add(ProductsAlone.floats(patch.add, "n"));
      patching.add(Fusion.node("Mul", "", scaled, List.of(side.value(), patch.keep)));
      patching.add(Fusion.node("Add", "", result, List.of(scaled, patch.add)));
    }
    GraphProto whole = renamed.isEmpty() ? model.getGraph() : patched(renamed, patching, inputs);
    Map<Tap, String> outputs = new LinkedHashMap<>();
    Set<String> wanted = new LinkedHashSet<>();
    var arranged = new ArrayList<NodeProto>();
    for (Tap tap : taps) {
      Anatomy.Side side = value(tap);
      String value = renamed.getOrDefault(side.value(), side.value());
      wanted.add(value);
      outputs.put(
          tap,
          side.order() == null ? value : arrange(value, side.order(), outputs.size(), arranged));
    }
    if (!arranged.isEmpty()) {
      var more = whole.toBuilder().addAllNode(arranged);
      whole = more.addInitializer(SIDE_BY_SIDE).build();
    }
    // Both what is read inside the graph, which must stay, and what becomes of it.
    Set<String> kept = new LinkedHashSet<>(wanted);
    kept.addAll(outputs.values());
    Set<String> inputNames = new LinkedHashSet<>(wiring.inputs());
    patches.values().forEach(p -> inputNames.addAll(List.of(p.keep, p.add)));
    GraphProto graph = cut(whole, new LinkedHashSet<>(outputs.values()), inputNames);
    var tapped = model.toBuilder().setGraph(graph);
    if (operators == Operators.FAST_ON_CPU) {
      tapped.setGraph(fused(graph, kept));
      Fusion.importOperators(tapped);
    }
    if (operators == Operators.HALF_PRECISION) {
      if (!patched.isEmpty()) {
        throw new IllegalArgumentException("values in float16 cannot be replaced");
      }
      tapped.setGraph(HalfPrecision.of(graph, kept));
    }
    return new Tapped(
        Map.copyOf(outputs), Map.copyOf(patches), tapped.build().toByteArray(), folder);
  }

  /** The model's graph with every reader of these values sent to what replaces them. */
  private GraphProto patched(
      Map<String, String> renamed, List<NodeProto> patching, List<ValueInfoProto> inputs) {
    var graph = model.getGraph().toBuilder().clearNode();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getInputList().stream().noneMatch(renamed::containsKey)) {
        graph.addNode(node);
        continue;
      }
      var changed = node.toBuilder().clearInput();
      node.getInputList().forEach(value -> changed.addInput(renamed.getOrDefault(value, value)));
      graph.addNode(changed);
    }
    return graph.addAllNode(patching).addAllInput(inputs).build();
  }

  /**
   * What these values need of a graph, each node after those that it reads.
   *
   * @param inputs that are declared even if nothing needs them, so that a run is the same for all
   */
  private GraphProto cut(GraphProto whole, Set<String> outputs, Set<String> inputs) {
    var wires = new Wiring(whole);
    Set<NodeProto> needed = new HashSet<>(wires.needed(outputs));
    List<NodeProto> nodes = wires.sorted().stream().filter(needed::contains).toList();
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(Wiring.reads(node)));
    var graph = whole.toBuilder().clearNode().clearInitializer().clearOutput().clearInput();
    graph.addAllNode(nodes);
    for (TensorProto tensor : whole.getInitializerList()) {
      if (read.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    // Older files list weights among the inputs, too: one that is dropped would be asked for.
    for (ValueInfoProto input : whole.getInputList()) {
      if (read.contains(input.getName()) || inputs.contains(input.getName())) {
        graph.addInput(input);
      }
    }
    Map<String, ValueInfoProto> declared = new LinkedHashMap<>();
    whole.getOutputList().forEach(output -> declared.put(output.getName(), output));
    for (String value : outputs) {
      graph.addOutput(
          declared.getOrDefault(value, ValueInfoProto.newBuilder().setName(value).build()));
    }
    return graph.build();
  }

  /**
   * The graph from one inner value to another, which is to be computed from it and constants alone,
   * as an output projection is from what it projects.
   *
   * @throws PolysemeException if the graph was not understood, hides one of the values, or needs
   *     more than the first
   */
  public Part between(Tap from, Tap to) {
    Anatomy.Side first = value(from);
    Anatomy.Side second = value(to);
    if (first.order() != null || second.order() != null) {
      throw new PolysemeException(
          "what leads from %s to %s in %s cannot be had: the graph has one of them apart by heads"
              .formatted(from, to, file));
    }
    Branches branches = from.layer() > 0 ? block(from.layer()).branches() : null;
    int width =
        switch (from) {
          case Tap.Context _ -> branches.contextWidth();
          case Tap.FeedForward _ -> branches.innerWidth();
          case Tap.HiddenState _, Tap.AfterAttention _ -> dimension();
          default -> 0;
        };
    Part part = between(first.value(), second.value(), width);
    if (part == null) {
      throw new PolysemeException(
          "what leads from %s to %s in %s needs more than the first".formatted(from, to, file));
    }
    return part;
  }

  /** Null where more is needed than the first value. */
  private @Nullable Part between(String from, String to, int width) {
    String input = PREFIX + "from";
    var renamed = Map.of(from, input);
    GraphProto whole = patched(renamed, List.of(), List.of(ProductsAlone.floats(input, "n")));
    GraphProto part = cut(whole, Set.of(to), Set.of(input));
    if (part.getInputCount() != 1 || !part.getInput(0).getName().equals(input)) {
      return null;
    }
    var shaped =
        part.toBuilder()
            .clearInput()
            .addInput(ValueInfoProto.newBuilder(ProductsAlone.floats(input, "1", "rows", "n")));
    return new Part(
        input, width, to, model.toBuilder().setGraph(shaped).build().toByteArray(), folder);
  }

  /**
   * A language-model head.
   *
   * @param layer whose hidden state it reads; the last, but for one that was put elsewhere
   * @param part from that state to scores float[1, rows, vocabulary]
   */
  public record WordScores(int layer, Part part) {}

  /**
   * The language-model head: the graph from a hidden state to an output of scores of all words,
   * float[batch, tokens, vocabulary], found by the projection that it ends with.
   *
   * @return null where the model has none, or one that needs more than one layer's state
   * @throws PolysemeException if the graph was not understood
   */
  public @Nullable WordScores head() {
    Anatomy found = anatomy();
    for (ValueInfoProto output : model.getGraph().getOutputList()) {
      String name = output.getName();
      if (name.equals(found.output()) || !Head.isScores(wiring, name, found.vocabulary())) {
        continue;
      }
      for (int layer = found.blocks().size(); layer >= 0; layer--) {
        Part part = between(found.state(layer), name, dimension());
        if (part != null) {
          return new WordScores(layer, part);
        }
      }
    }
    return null;
  }

  /**
   * What normalises the hidden state after a block's attention has been added to it.
   *
   * @return null where it goes on as it is (pre-LN)
   * @throws PolysemeException if that cannot be told
   */
  public @Nullable Norm normAfterAttention(int layer) {
    Branches branches = block(layer).branches();
    return norm(branches.attentionNorm(), branches.attentionGoesOn(), layer);
  }

  /**
   * What normalises the hidden state after a block's feed-forward layer has been added to it, or,
   * after the last block, at the end of the encoder.
   *
   * @return null where it goes on as it is
   * @throws PolysemeException if that cannot be told
   */
  public @Nullable Norm normAfterFeedForward(int layer) {
    Branches branches = block(layer).branches();
    return norm(branches.feedForwardNorm(), branches.feedForwardGoesOn(), layer);
  }

  private @Nullable Norm norm(Patterns.@Nullable Norm norm, boolean goesOn, int layer) {
    if (norm == null && !goesOn) {
      throw new PolysemeException(
          "the normalisation in layer %d of %s cannot be had: the graph hides it inside a fused operator, or writes it in a way that is not known"
              .formatted(layer, file));
    }
    return norm == null
        ? null
        : new Norm(
            constant(norm.gamma()),
            norm.beta() == null ? null : constant(norm.beta()),
            norm.epsilon());
  }

  /**
   * The table of word embeddings, float[vocabulary, dimension].
   *
   * @throws PolysemeException if it was not found
   */
  public Part wordEmbeddings() {
    anatomy();
    NodeProto words = wiring.words();
    if (words == null) {
      throw new PolysemeException("the word embeddings of %s cannot be had".formatted(file));
    }
    // Tables of integers are looked up first, and what comes out is turned into floats.
    for (NodeProto consumer : wiring.consumers(words.getOutput(0))) {
      if (consumer.getOpType().equals("DequantizeLinear")) {
        return constant(consumer.toBuilder().setInput(0, words.getInput(0)).build());
      }
    }
    return constant(words.getInput(0));
  }

  /** A graph that gives one constant of this one. */
  private Part constant(String value) {
    return constant(Fusion.node("Identity", "", value, List.of(value)));
  }

  /** A graph that gives what a node makes of constants. */
  private Part constant(NodeProto node) {
    String output = PREFIX + "constant";
    GraphProto whole =
        model.getGraph().toBuilder().addNode(node.toBuilder().setOutput(0, output)).build();
    GraphProto part = cut(whole, Set.of(output), Set.of());
    return new Part(
        null, 0, output, model.toBuilder().setGraph(part).build().toByteArray(), folder);
  }

  /**
   * The products with constant float32 matrices that the last hidden state needs, to measure how
   * fast a machine computes these alone.
   *
   * @throws PolysemeException if the graph was not understood or has none
   */
  public Products products() {
    Products products = ProductsAlone.of(wiring, anatomy().output(), folder);
    if (products.operations() == 0) {
      throw new PolysemeException(file + " has no products with float32 matrices");
    }
    return products;
  }

  private GraphProto fused(GraphProto tapped, Set<String> kept) {
    try {
      return Fusion.of(tapped, kept, OnnxFile.opset(model), quantisation == Quantisation.BY_ROW);
    } catch (IndexOutOfBoundsException e) {
      throw new PolysemeException(file + " is damaged: a node lacks its inputs", e);
    }
  }

  /** Adds the nodes that put heads side by side, and gives the name of what they make. */
  private static String arrange(
      String value, List<Integer> order, int number, List<NodeProto> nodes) {
    String name = PREFIX + number;
    String turned = value;
    if (!order.equals(List.of(0, 1, 2, 3))) {
      turned = name + ".turned";
      var axes =
          AttributeProto.newBuilder().setName("perm").setType(AttributeProto.AttributeType.INTS);
      order.forEach(axes::addInts);
      nodes.add(
          NodeProto.newBuilder()
              .setOpType("Transpose")
              .addInput(value)
              .addOutput(turned)
              .addAttribute(axes)
              .build());
    }
    nodes.add(
        NodeProto.newBuilder()
            .setOpType("Reshape")
            .addInput(turned)
            .addInput(SIDE_BY_SIDE.getName())
            .addOutput(name)
            .build());
    return name;
  }

  private Anatomy.Block block(int layer) {
    requireLayer(layer, 1);
    return anatomy().blocks().get(layer - 1);
  }

  private void requireLayer(int layer, int first) {
    int last = anatomy().blocks().size();
    if (layer < first || layer > last) {
      throw new IllegalArgumentException(
          "there is no layer %d: the model has %d to %d".formatted(layer, first, last));
    }
  }

  /** Whether a value can be had. */
  public boolean has(Tap tap) {
    return found(tap) != null;
  }

  private Anatomy.Side value(Tap tap) {
    Anatomy.Side value = found(tap);
    if (value == null) {
      throw new PolysemeException(
          "%s of layer %d of %s cannot be had: the graph hides it inside a fused operator, or writes it in a way that is not known"
              .formatted(tap.getClass().getSimpleName(), tap.layer(), file));
    }
    return value;
  }

  private Anatomy.@Nullable Side found(Tap tap) {
    if (tap instanceof Tap.HiddenState(int layer)) {
      requireLayer(layer, 0);
      return whole(anatomy().state(layer));
    }
    Anatomy.Block block = block(tap.layer());
    return switch (tap) {
      case Tap.Scores _ -> whole(block.scores());
      case Tap.Attention _ -> whole(block.attention());
      case Tap.Query _ -> block.query();
      case Tap.Key _ -> block.key();
      case Tap.Value _ -> block.value();
      case Tap.Context _ -> whole(block.branches().context());
      case Tap.AttentionOutput _ -> whole(block.branches().attentionOutput());
      case Tap.AfterAttention _ -> whole(block.branches().afterAttention());
      case Tap.PreActivation _ -> whole(block.branches().preActivation());
      case Tap.FeedForward _ -> whole(block.feedForward());
      case Tap.FeedForwardOutput _ -> whole(block.branches().feedForwardOutput());
      case Tap.HiddenState _ -> throw new AssertionError();
    };
  }

  private static Anatomy.@Nullable Side whole(@Nullable String value) {
    return value == null ? null : new Anatomy.Side(value, null);
  }
}
