package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model whose projections have weights of eight bits: for each column (each output of the
 * projection) one scale, so that its largest weight is 127. All else stays float32.
 *
 * <p>The file is an ordinary ONNX model, in which a DequantizeLinear gives each projection its
 * weights. A mark in its metadata says that activations may be quantised, too, row by row: {@link
 * EncoderGraph#tap} writes the projections so for the CPU. There a row (a token) has a scale of its
 * own, so that its result does not depend on any other row, and products and sums are of integers,
 * so that it does not depend on their order either.
 *
 * <p>See Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference" (2018), section 2, for integer products with scales, and
 * Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference" (2018), section
 * 2.4, for one scale a channel.
 */
public final class WeightQuantiser {
  /** The metadata key by which such a model says how its activations may be quantised. */
  static final String MARK = "polyseme.activations";

  static final String BY_ROW = "uint8 by row";

  /** Of fewer rows or columns than this, a matrix is not worth it. */
  private static final int SMALLEST = 32;

  /** The version of ONNX from which its own DequantizeLinear has a scale for each column. */
  private static final int BY_COLUMN = 13;

  private final Path file;
  private final ModelProto model;
  private final GraphProto graph;
  private final Wiring wiring;
  private final Weights weights;
  private final Progress progress;
  private final Cancel cancel;

  /** The normalisations, by what they give. */
  private final Map<String, Patterns.Norm> norms = new HashMap<>();

  /** What becomes integers, by name. */
  private final Map<String, Quantised> quantised = new LinkedHashMap<>();

  private final Map<String, float[]> levels = new LinkedHashMap<>();

  private int others;
  private long done;
  private long total;

  /**
   * What was made.
   *
   * @param projections how many matrices were quantised
   * @param others how many projections were left as they are: too small, or not plain float32
   * @param bytesBefore the old file's size, with that of files beside it
   * @param bytes the new file's size
   */
  public record Report(int projections, int others, long bytesBefore, long bytes) {}

  /**
   * Weights that become integers.
   *
   * @param name what the names of all that is made for it begin with
   * @param transposed whether the tensor has a row for each output, and not for each input
   * @param input the normalised value that it is multiplied with first; null if it is another
   */
  private record Quantised(
      String name, TensorProto tensor, boolean transposed, @Nullable String input) {
    String integers() {
      return name + "/integers";
    }

    String scale() {
      return name + "/scale";
    }

    String zero() {
      return name + "/zero";
    }

    String dequantised() {
      return name + "/dequantised";
    }

    String levelled() {
      return name + "/levelled";
    }

    /** What the projection is given in the place of the weights. */
    String given() {
      return input == null ? dequantised() : levelled();
    }
  }

  private WeightQuantiser(
      Path file, OnnxFile.Contents contents, Weights weights, Progress progress, Cancel cancel) {
    this.file = file;
    this.model = contents.model();
    this.graph = model.getGraph();
    this.wiring = new Wiring(graph);
    this.weights = weights;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Writes the quantised model: the same file for the same model, byte by byte.
   *
   * @param from a float32 ONNX model; weights in files beside it are taken in
   * @param to the file to write, which must not be there yet. Not complete until this returns;
   *     removed where it cannot be completed
   * @param progress told of bytes of weights
   * @throws PolysemeException if the model cannot be read or is damaged, has no projection to
   *     quantise, is quantised already or of float16, or the file cannot be written or would have 2
   *     GiB or more
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static Report write(Path from, Path to, Progress progress, Cancel cancel) {
    OnnxFile.Contents contents = OnnxFile.read(from.toAbsolutePath());
    try (var weights = new Weights(from, contents.folder())) {
      return new WeightQuantiser(from, contents, weights, progress, cancel).write(to);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot quantise %s to %s: %s (is a file missing, or the disk full?)"
              .formatted(from, to, e),
          e);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new PolysemeException(
          from + " is damaged: a node or a tensor lacks what it should have", e);
    }
  }

  private Report write(Path to) throws IOException {
    if (Quantisation.of(model) != Quantisation.NONE) {
      throw new PolysemeException(
          file + " is quantised already: give the float32 model that it was made from");
    }
    if (Weights.isHidden(graph)) {
      throw new PolysemeException(
          "%s cannot be quantised: it keeps weights of a subgraph, a constant node or a sparse tensor in a file beside it"
              .formatted(file));
    }
    var patterns = new Patterns(wiring, Set.of());
    graph.getNodeList().forEach(node -> norms.put(node.getOutput(0), patterns.norm(node)));
    var nodes = new ArrayList<NodeProto>();
    graph.getNodeList().forEach(node -> rewrite(node, nodes));
    if (quantised.isEmpty()) {
      throw new PolysemeException(
          "there is nothing to quantise in %s: it has no product with a float32 matrix of weights of %d × %d or more"
              .formatted(file, SMALLEST, SMALLEST));
    }
    findLevels();
    long bytes = write(to, nodes);
    return new Report(quantised.size(), others, weights.fileBytes(), bytes);
  }

  /** Adds a node as it is in the new graph, and before it the ones that it then needs. */
  private void rewrite(NodeProto node, List<NodeProto> nodes) {
    boolean gemm = node.getOpType().equals("Gemm");
    if (!gemm && !node.getOpType().equals("MatMul") || !wiring.constant(node.getInput(1))) {
      nodes.add(node);
      return;
    }
    Quantised target = gemm && !isPlain(node) ? null : quantised(node);
    if (target == null) {
      others++;
      nodes.add(node);
      return;
    }
    if (quantised.putIfAbsent(target.name, target) == null) {
      addDequantised(target, nodes);
    }
    String given = quantised.get(target.name).given();
    if (!gemm) {
      nodes.add(node.toBuilder().setInput(1, given).build());
      return;
    }
    String output = node.getOutput(0);
    boolean biased = node.getInputCount() > 2 && !node.getInput(2).isEmpty();
    String product = biased ? output + "/product" : output;
    nodes.add(Fusion.node("MatMul", "", product, List.of(node.getInput(0), given)));
    if (biased) {
      nodes.add(Fusion.node("Add", "", output, List.of(product, node.getInput(2))));
    }
  }

  /** Whether a Gemm is a product of its first two inputs plus its third. */
  private static boolean isPlain(NodeProto gemm) {
    return Wiring.attribute(gemm, "transA", 0) == 0
        && gemm.getAttributeList().stream()
            .filter(a -> a.getName().equals("alpha") || a.getName().equals("beta"))
            .allMatch(a -> a.getF() == 1);
  }

  /** What a projection's weights become; null if they stay. */
  private @Nullable Quantised quantised(NodeProto projection) {
    String at = projection.getInput(1);
    boolean transposed = Wiring.attribute(projection, "transB", 0) != 0;
    NodeProto maker = wiring.producer(at);
    for (int steps = 0; maker != null && steps < 4; steps++) {
      if (isTranspose(maker)) {
        transposed = !transposed;
      } else if (!maker.getOpType().equals("Identity")) {
        break;
      }
      at = maker.getInput(0);
      maker = wiring.producer(at);
    }
    TensorProto tensor = wiring.constantTensor(at);
    if (tensor == null || tensor.getDimsCount() != 2) {
      return null;
    }
    int type = tensor.getDataType();
    if (type == DataType.FLOAT16.getNumber() || type == DataType.BFLOAT16.getNumber()) {
      throw new PolysemeException(
          "%s has weights of 16 bits (%s): give the float32 model that it was made from"
              .formatted(file, at));
    }
    if (type != DataType.FLOAT.getNumber()
        || tensor.getDims(0) < SMALLEST
        || tensor.getDims(1) < SMALLEST) {
      return null;
    }
    String input = norms.get(projection.getInput(0)) == null ? null : projection.getInput(0);
    return new Quantised(transposed ? at + "/transposed" : at, tensor, transposed, input);
  }

  private static boolean isTranspose(NodeProto node) {
    return node.getOpType().equals("Transpose")
        && node.getAttributeList().stream()
            .filter(a -> a.getName().equals("perm"))
            .allMatch(a -> a.getIntsList().equals(List.of(1L, 0L)));
  }

  private void addDequantised(Quantised target, List<NodeProto> nodes) {
    nodes.add(
        Fusion.node(
                "DequantizeLinear",
                OnnxFile.opset(model) < BY_COLUMN ? Fusion.MICROSOFT : "",
                target.dequantised(),
                List.of(target.integers(), target.scale(), target.zero()))
            .toBuilder()
            .addAttribute(Fusion.integer("axis", 1))
            .build());
    if (target.input != null) {
      nodes.add(
          Fusion.node(
              "Mul", "", target.levelled(), List.of(target.dequantised(), factors(target.input))));
    }
  }

  /** The name of what the rows of all weights that read a normalised value are multiplied by. */
  private static String factors(String input) {
    return input + "/levels";
  }

  /**
   * Levels make the channels of what goes into a matrix more alike in size, and its rows less: the
   * square root of the one over the other (Xiao et al., "SmoothQuant" (2023), section 4, with α =
   * ½). How large a channel gets is told, without any data, by the normalisation that it comes
   * from: its β and three times its γ. Matrices that read the same value have the same levels.
   */
  private void findLevels() throws IOException {
    Map<String, float[]> largest = new LinkedHashMap<>();
    for (Quantised each : quantised.values()) {
      Matrix matrix = matrix(each);
      if (each.input != null) {
        float[] rows = largest.computeIfAbsent(each.input, _ -> new float[matrix.rows()]);
        if (rows.length != matrix.rows()) {
          throw weights.damaged(each.name + " has not as many rows as its input has channels");
        }
        matrix.raiseToLargest(rows);
      }
    }
    for (Map.Entry<String, float[]> entry : largest.entrySet()) {
      Patterns.Norm norm = norms.get(entry.getKey());
      int rows = entry.getValue().length;
      float[] gamma = channels(norm.gamma(), rows);
      float[] beta = norm.beta() == null ? new float[rows] : channels(norm.beta(), rows);
      levels.put(entry.getKey(), levels(gamma, beta, entry.getValue()));
    }
  }

  private Matrix matrix(Quantised of) throws IOException {
    return new Matrix(of.tensor, of.name, of.transposed, weights, cancel);
  }

  /** A normalisation's parameters, spread over the channels where there is one for all. */
  private float[] channels(String name, int count) throws IOException {
    float[] values = weights.floats(wiring.constantTensor(name));
    if (values.length == 1) {
      var spread = new float[count];
      Arrays.fill(spread, values[0]);
      return spread;
    }
    if (values.length != count) {
      throw weights.damaged(
          "%s has %d numbers for %d channels".formatted(name, values.length, count));
    }
    return values;
  }

  private static float[] levels(float[] gamma, float[] beta, float[] largest) {
    var levels = new float[largest.length];
    for (int row = 0; row < levels.length; row++) {
      double size = Math.abs(beta[row]) + 3 * Math.abs(gamma[row]);
      float level = (float) Math.sqrt(size / largest[row]);
      // What is next to nothing on either side, or no number, tells nothing.
      boolean known = size > 1e-6 && largest[row] > 1e-6 && Float.isFinite(level);
      levels[row] = known ? level : 1;
    }
    return levels;
  }

  private long write(Path to, List<NodeProto> nodes) throws IOException {
    // Nodes and weights that nothing reads any more go, and with them their place among the inputs.
    var rewritten = new Wiring(graph.toBuilder().clearNode().addAllNode(nodes).build());
    Set<String> read = new HashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (rewritten.producer(output.getName()) == null) {
        throw weights.damaged("nothing makes what it gives, " + output.getName());
      }
      read.add(output.getName());
    }
    if (read.isEmpty()) {
      throw weights.damaged("it gives nothing");
    }
    List<NodeProto> needed = rewritten.needed(read);
    needed.forEach(node -> read.addAll(Wiring.reads(node)));
    var rest = graph.toBuilder().clearNode().clearInitializer().clearInput().addAllNode(needed);
    for (ValueInfoProto input : graph.getInputList()) {
      if (wiring.inputs().contains(input.getName()) || read.contains(input.getName())) {
        rest.addInput(input);
      }
    }
    var large = new ArrayList<OnnxWriter.Large>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (!read.contains(tensor.getName())) {
        continue;
      }
      if (Weights.isElsewhere(tensor)) {
        large.add(weights.copy(tensor, cancel, this::tell));
      } else {
        rest.addInitializer(tensor);
      }
    }
    for (Quantised each : quantised.values()) {
      large.add(integers(each, rest));
    }
    levels.forEach((input, factors) -> rest.addInitializer(inverse(factors(input), factors)));
    total = large.stream().mapToLong(OnnxWriter.Large::length).sum();
    return OnnxWriter.write(to, marked().setGraph(rest).build(), large);
  }

  /** The integers of a matrix; their scales go into the graph. */
  private OnnxWriter.Large integers(Quantised each, GraphProto.Builder rest) throws IOException {
    Matrix matrix = matrix(each);
    float[] levels = this.levels.get(each.input);
    if (levels == null) {
      levels = new float[matrix.rows()];
      Arrays.fill(levels, 1);
    }
    float[] rows = levels;
    float[] scales = matrix.scales(rows);
    rest.addInitializer(floats(each.scale(), scales).addDims(scales.length));
    rest.addInitializer(
        TensorProto.newBuilder()
            .setName(each.zero())
            .setDataType(DataType.INT8.getNumber())
            .addDims(scales.length)
            .setRawData(ByteString.copyFrom(new byte[scales.length])));
    long length = (long) matrix.rows() * matrix.columns();
    return new OnnxWriter.Large(
        TensorProto.newBuilder()
            .setName(each.integers())
            .setDataType(DataType.INT8.getNumber())
            .addDims(matrix.rows())
            .addDims(matrix.columns())
            .build(),
        length,
        out -> {
          matrix.writeIntegers(rows, scales, out);
          tell(length);
        });
  }

  private void tell(long bytes) {
    done += bytes;
    progress.update("quantising", done, total);
  }

  private static TensorProto inverse(String name, float[] levels) {
    var factors = new float[levels.length];
    for (int row = 0; row < factors.length; row++) {
      factors[row] = 1 / levels[row];
    }
    return floats(name, factors).addDims(factors.length).addDims(1).build();
  }

  private static TensorProto.Builder floats(String name, float[] values) {
    var tensor = TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT.getNumber());
    for (float value : values) {
      tensor.addFloatData(value);
    }
    return tensor;
  }

  /** All of the model but its graph, with the mark. */
  private ModelProto.Builder marked() {
    var marked =
        model.toBuilder()
            .addMetadataProps(StringStringEntryProto.newBuilder().setKey(MARK).setValue(BY_ROW));
    Fusion.importOperators(marked);
    return marked;
  }
}
