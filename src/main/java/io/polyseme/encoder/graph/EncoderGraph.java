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
   * @param model the ONNX model in a few hundred kilobytes: its weights are references into the
   *     original file, to be found by setting ONNX Runtime's session option {@code
   *     session.model_external_initializers_file_folder_path}
   * @param weightsFolder what that option is to be set to
   */
  public record Tapped(Map<Tap, String> outputs, byte[] model, Path weightsFolder) {}

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
    if (taps.isEmpty()) {
      throw new IllegalArgumentException("no inner value is asked for");
    }
    Map<Tap, String> outputs = new LinkedHashMap<>();
    Set<String> wanted = new LinkedHashSet<>();
    var arranged = new ArrayList<NodeProto>();
    for (Tap tap : taps) {
      Anatomy.Side side = value(tap);
      wanted.add(side.value());
      outputs.put(
          tap,
          side.order() == null
              ? side.value()
              : arrange(side.value(), side.order(), outputs.size(), arranged));
    }
    List<NodeProto> nodes = wiring.needed(wanted);
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(Wiring.reads(node)));
    var graph =
        model.getGraph().toBuilder().clearNode().clearInitializer().clearOutput().clearInput();
    graph.addAllNode(nodes).addAllNode(arranged);
    if (!arranged.isEmpty()) {
      graph.addInitializer(SIDE_BY_SIDE);
    }
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (read.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    // Inputs stay even where the cut leaves them without use, so that a run is the same for all.
    // Older files list weights among the inputs, too: one that is dropped would be asked for.
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      if (read.contains(input.getName()) || wiring.inputs().contains(input.getName())) {
        graph.addInput(input);
      }
    }
    Map<String, ValueInfoProto> declared = new LinkedHashMap<>();
    model.getGraph().getOutputList().forEach(output -> declared.put(output.getName(), output));
    for (String value : new LinkedHashSet<>(outputs.values())) {
      graph.addOutput(
          declared.getOrDefault(value, ValueInfoProto.newBuilder().setName(value).build()));
    }
    // Both what is read inside the graph, which must stay, and what becomes of it.
    Set<String> kept = new LinkedHashSet<>(wanted);
    kept.addAll(outputs.values());
    var tapped = model.toBuilder().setGraph(graph);
    if (operators == Operators.FAST_ON_CPU) {
      tapped.setGraph(fused(graph.build(), kept));
      Fusion.importOperators(tapped);
    }
    if (operators == Operators.HALF_PRECISION) {
      tapped.setGraph(HalfPrecision.of(graph.build(), kept));
    }
    return new Tapped(Map.copyOf(outputs), tapped.build().toByteArray(), folder);
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

  private Anatomy.Side value(Tap tap) {
    List<Anatomy.Block> blocks = anatomy().blocks();
    int first = tap instanceof Tap.HiddenState ? 0 : 1;
    if (tap.layer() < first || tap.layer() > blocks.size()) {
      throw new IllegalArgumentException(
          "there is no layer %d: the model has %d to %d"
              .formatted(tap.layer(), first, blocks.size()));
    }
    if (tap instanceof Tap.HiddenState(int layer)) {
      return whole(layer == blocks.size() ? anatomy().output() : blocks.get(layer).input());
    }
    Anatomy.Block block = blocks.get(tap.layer() - 1);
    Anatomy.Side value =
        switch (tap) {
          case Tap.Attention _ -> whole(block.attention());
          case Tap.Query _ -> block.query();
          case Tap.Key _ -> block.key();
          case Tap.Value _ -> block.value();
          case Tap.FeedForward _ -> whole(block.feedForward());
          case Tap.HiddenState _ -> throw new AssertionError();
        };
    if (value == null) {
      throw new PolysemeException(
          "%s of layer %d of %s cannot be had: the graph hides it inside a fused operator, or writes it in a way that is not known"
              .formatted(tap.getClass().getSimpleName(), tap.layer(), file));
    }
    return value;
  }

  private static Anatomy.@Nullable Side whole(@Nullable String value) {
    return value == null ? null : new Anatomy.Side(value, null);
  }
}
