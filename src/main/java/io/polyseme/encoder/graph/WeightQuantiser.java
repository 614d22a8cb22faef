package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a model whose projections have weights of eight bits: for each column (each output of the
 * projection) one scale, so that its largest weight is 127. All else stays float32.
 *
 * <p>The file stays an ordinary ONNX model, in which a DequantizeLinear gives each projection its
 * weights. A mark in its metadata says that activations may be quantised, too, row by row: {@link
 * EncoderGraph#tap} writes the projections so for the CPU. There a row (a token) has a scale of its
 * own, its largest absolute value over 127, so that its result does not depend on any other row,
 * and products and sums are of integers, so that it does not depend on their order either.
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

  private static final int LARGEST = Byte.MAX_VALUE;

  /** Of fewer rows or columns than this, a matrix is not worth it. */
  private static final int SMALLEST = 32;

  private final Path file;
  private final OnnxFile.Contents contents;
  private final Map<String, TensorProto> quantised = new LinkedHashMap<>();
  private final Map<String, List<TensorProto>> readBy = new HashMap<>();
  private final Map<String, String> levelledBy = new HashMap<>();
  private final Map<String, Patterns.Norm> normOf = new HashMap<>();
  private final Map<String, float[]> levelsOf = new HashMap<>();

  /**
   * What was made.
   *
   * @param projections how many matrices were quantised
   * @param others how many projections were left as they are: too small, or not plain float32
   * @param bytes the new file's size
   */
  public record Report(int projections, int others, long bytes) {}

  private WeightQuantiser(Path file) {
    this.file = file;
    this.contents = OnnxFile.read(file.toAbsolutePath());
  }

  /**
   * Writes the quantised model.
   *
   * @param from a float32 ONNX model
   * @param to the file to write; not complete until this returns
   * @throws PolysemeException if the model cannot be read, has no projection to quantise, is
   *     quantised already, or the file cannot be written
   * @throws io.polyseme.CancelledException if cancelled; the file is incomplete then
   */
  public static Report write(Path from, Path to, Cancel cancel) {
    var quantiser = new WeightQuantiser(from);
    try {
      return quantiser.write(to, cancel);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write the quantised model " + to + " (is the disk full?): " + e, e);
    }
  }

  private Report write(Path to, Cancel cancel) throws IOException {
    ModelProto model = contents.model();
    GraphProto graph = model.getGraph();
    var wiring = new Wiring(graph);
    if (Quantisation.of(model) != Quantisation.NONE) {
      throw new PolysemeException(
          file + " is quantised already: give the float32 model that it was made from");
    }
    var patterns = new Patterns(wiring, Set.of());
    Map<String, Patterns.Norm> norms = new HashMap<>();
    graph.getNodeList().forEach(node -> norms.put(node.getOutput(0), patterns.norm(node)));
    int others = 0;
    var nodes = new ArrayList<NodeProto>();
    Map<String, String> replaced = new HashMap<>();
    for (NodeProto node : graph.getNodeList()) {
      if (!node.getOpType().equals("MatMul") || !wiring.constant(node.getInput(1))) {
        nodes.add(node);
        continue;
      }
      TensorProto weights = wiring.initializer(node.getInput(1));
      if (weights == null
          || weights.getDataType() != TensorProto.DataType.FLOAT.getNumber()
          || weights.getDataLocation() != TensorProto.DataLocation.EXTERNAL
          || weights.getDimsCount() != 2
          || weights.getDims(0) < SMALLEST
          || weights.getDims(1) < SMALLEST) {
        others++;
        nodes.add(node);
        continue;
      }
      String name = weights.getName();
      String given = replaced.get(name);
      if (given == null) {
        given = name + "/dequantised";
        replaced.put(name, given);
        quantised.put(name, weights);
        readBy.computeIfAbsent(node.getInput(0), _ -> new ArrayList<>()).add(weights);
        Patterns.Norm norm = norms.get(node.getInput(0));
        if (norm != null) {
          levelledBy.put(name, node.getInput(0));
          normOf.put(node.getInput(0), norm);
        }
        nodes.add(
            NodeProto.newBuilder()
                .setOpType("DequantizeLinear")
                .setDomain(Fusion.MICROSOFT)
                .setName(given)
                .addInput(name + "/integers")
                .addInput(name + "/scale")
                .addInput(name + "/zero")
                .addOutput(given)
                .addAttribute(Fusion.integer("axis", 1))
                .build());
        if (norm != null) {
          nodes.add(
              NodeProto.newBuilder()
                  .setOpType("Mul")
                  .setName(name + "/levelled")
                  .addInput(given)
                  .addInput(name + "/levels")
                  .addOutput(name + "/levelled")
                  .build());
          given = name + "/levelled";
          replaced.put(name, given);
        }
      }
      nodes.add(node.toBuilder().setInput(1, given).build());
    }
    if (quantised.isEmpty()) {
      throw new PolysemeException(
          "there is nothing to quantise in %s: it has no product with a float32 matrix of weights"
              .formatted(file));
    }
    long bytes = write(to, model, nodes, wiring, cancel);
    return new Report(quantised.size(), others, bytes);
  }

  /** A part of a tensor's bytes that is made only when it is written. */
  private record Piece(TensorProto header, long length, Source source) {}

  private interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  private long write(Path to, ModelProto model, List<NodeProto> nodes, Wiring wiring, Cancel cancel)
      throws IOException {
    GraphProto graph = model.getGraph();
    try (Arena arena = Arena.ofConfined()) {
      Map<String, MemorySegment> files = new HashMap<>();
      var small = graph.toBuilder().clearNode().clearInitializer().addAllNode(nodes);
      List<Piece> pieces = new ArrayList<>();
      // Older files list weights among the inputs.
      Set<String> gone = new HashSet<>(quantised.keySet());
      small.clearInput();
      graph.getInputList().stream()
          .filter(input -> !gone.contains(input.getName()))
          .forEach(small::addInput);
      for (TensorProto tensor : graph.getInitializerList()) {
        cancel.check();
        if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
          small.addInitializer(tensor);
          continue;
        }
        MemorySegment bytes = bytes(tensor, files, arena);
        if (quantised.containsKey(tensor.getName())) {
          add(tensor, bytes, levels(tensor, wiring, files, arena), small, pieces);
        } else {
          pieces.add(
              new Piece(
                  tensor.toBuilder().clearDataLocation().clearExternalData().build(),
                  bytes.byteSize(),
                  out -> copy(bytes, out)));
        }
      }
      ModelProto rest = rest(model);
      GraphProto head = small.build();
      long graphSize = head.getSerializedSize();
      for (Piece piece : pieces) {
        long size = size(piece);
        graphSize += CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER);
        graphSize += CodedOutputStream.computeUInt64SizeNoTag(size) + size;
      }
      if (graphSize + rest.getSerializedSize() > Integer.MAX_VALUE) {
        throw new PolysemeException(
            "quantised, %s would still have %d bytes, and an ONNX file has less than 2 GiB"
                .formatted(file, graphSize));
      }
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to), 1 << 20)) {
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        rest.writeTo(coded);
        coded.writeTag(ModelProto.GRAPH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        coded.writeUInt64NoTag(graphSize);
        head.writeTo(coded);
        for (Piece piece : pieces) {
          cancel.check();
          coded.writeTag(GraphProto.INITIALIZER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          coded.writeUInt64NoTag(size(piece));
          piece.header.writeTo(coded);
          coded.writeTag(TensorProto.RAW_DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          coded.writeUInt64NoTag(piece.length);
          coded.flush();
          piece.source.writeTo(out);
        }
        coded.flush();
      }
      return Files.size(to);
    }
  }

  private static long size(Piece piece) {
    return piece.header.getSerializedSize()
        + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
        + CodedOutputStream.computeUInt64SizeNoTag(piece.length)
        + piece.length;
  }

  /** All of the model but its graph, with the mark. */
  private ModelProto rest(ModelProto model) {
    var rest = model.toBuilder().clearGraph();
    if (model.getOpsetImportList().stream()
        .noneMatch(set -> set.getDomain().equals(Fusion.MICROSOFT))) {
      rest.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(Fusion.MICROSOFT).setVersion(1));
    }
    rest.addMetadataProps(StringStringEntryProto.newBuilder().setKey(MARK).setValue(BY_ROW));
    return rest.build();
  }

  private void add(
      TensorProto tensor,
      MemorySegment bytes,
      float[] levels,
      GraphProto.Builder small,
      List<Piece> pieces) {
    int rows = Math.toIntExact(tensor.getDims(0));
    int columns = Math.toIntExact(tensor.getDims(1));
    if (bytes.byteSize() != (long) rows * columns * Float.BYTES) {
      throw new PolysemeException(
          "%s is damaged: the weights %s have %d bytes, and their shape is %d × %d"
              .formatted(file, tensor.getName(), bytes.byteSize(), rows, columns));
    }
    float[] scales = scales(bytes, rows, columns, levels, tensor.getName());
    String name = tensor.getName();
    var scale =
        TensorProto.newBuilder()
            .setName(name + "/scale")
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .addDims(columns);
    for (float value : scales) {
      scale.addFloatData(value);
    }
    small.addInitializer(scale);
    small.addInitializer(
        TensorProto.newBuilder()
            .setName(name + "/zero")
            .setDataType(TensorProto.DataType.INT8.getNumber())
            .addDims(columns)
            .setRawData(ByteString.copyFrom(new byte[columns])));
    if (levelledBy.containsKey(name)) {
      var factors =
          TensorProto.newBuilder()
              .setName(name + "/levels")
              .setDataType(TensorProto.DataType.FLOAT.getNumber())
              .addDims(rows)
              .addDims(1);
      for (float level : levels) {
        factors.addFloatData(1 / level);
      }
      small.addInitializer(factors);
    }
    pieces.add(
        new Piece(
            TensorProto.newBuilder()
                .setName(name + "/integers")
                .setDataType(TensorProto.DataType.INT8.getNumber())
                .addDims(rows)
                .addDims(columns)
                .build(),
            (long) rows * columns,
            out -> integers(bytes, rows, columns, levels, scales, out)));
  }

  /**
   * Factors that make the channels of what goes into a matrix more alike in size, and its rows
   * less: the square root of the one over the other (Xiao et al., "SmoothQuant" (2023), section 4,
   * with α = ½). How large a channel gets is told, without any data, by the normalisation that it
   * comes from: its β and three times its γ.
   */
  private float[] levels(
      TensorProto tensor, Wiring wiring, Map<String, MemorySegment> files, Arena arena)
      throws IOException {
    int rows = Math.toIntExact(tensor.getDims(0));
    String input = levelledBy.get(tensor.getName());
    if (input == null) {
      var ones = new float[rows];
      Arrays.fill(ones, 1);
      return ones;
    }
    float[] known = levelsOf.get(input);
    if (known != null) {
      return known;
    }
    var largest = new float[rows];
    for (TensorProto reader : readBy.get(input)) {
      MemorySegment weights = bytes(reader, files, arena);
      int columns = Math.toIntExact(reader.getDims(1));
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          largest[row] =
              Math.max(
                  largest[row],
                  Math.abs(weights.get(FLOATS, ((long) row * columns + column) * Float.BYTES)));
        }
      }
    }
    Patterns.Norm norm = normOf.get(input);
    float[] gamma = floats(wiring.initializer(norm.gamma()), files, arena);
    float[] beta =
        norm.beta() == null
            ? new float[rows]
            : floats(wiring.initializer(norm.beta()), files, arena);
    var levels = new float[rows];
    for (int row = 0; row < rows; row++) {
      double size = Math.abs(beta[row]) + 3 * Math.abs(gamma[row]);
      levels[row] = size > 1e-6 && largest[row] > 1e-6 ? (float) Math.sqrt(size / largest[row]) : 1;
    }
    levelsOf.put(input, levels);
    return levels;
  }

  private float[] floats(TensorProto tensor, Map<String, MemorySegment> files, Arena arena)
      throws IOException {
    int count = Math.toIntExact(tensor.getDims(0));
    var values = new float[count];
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      MemorySegment.copy(bytes(tensor, files, arena), FLOATS, 0, values, 0, count);
    } else if (tensor.getFloatDataCount() > 0) {
      for (int i = 0; i < count; i++) {
        values[i] = tensor.getFloatData(i);
      }
    } else {
      tensor
          .getRawData()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
    }
    return values;
  }

  private static final ValueLayout.OfFloat FLOATS =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private float[] scales(
      MemorySegment weights, int rows, int columns, float[] levels, String name) {
    var scales = new float[columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        float weight = Math.abs(weights.get(FLOATS, ((long) row * columns + column) * Float.BYTES));
        if (!Float.isFinite(weight)) {
          throw new PolysemeException(
              "%s is damaged: the weights %s are not all finite numbers".formatted(file, name));
        }
        scales[column] = Math.max(scales[column], weight * levels[row]);
      }
    }
    for (int column = 0; column < columns; column++) {
      // A column of zeros has any scale.
      scales[column] = scales[column] == 0 ? 1 : scales[column] / LARGEST;
    }
    return scales;
  }

  private void integers(
      MemorySegment weights,
      int rows,
      int columns,
      float[] levels,
      float[] scales,
      OutputStream out)
      throws IOException {
    var line = new byte[columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        float weight =
            weights.get(FLOATS, ((long) row * columns + column) * Float.BYTES) * levels[row];
        int value = (int) Math.rint((double) weight / scales[column]);
        line[column] = (byte) Math.clamp(value, -LARGEST, LARGEST);
      }
      out.write(line);
    }
  }

  private static void copy(MemorySegment bytes, OutputStream out) throws IOException {
    var part = new byte[1 << 16];
    for (long at = 0; at < bytes.byteSize(); at += part.length) {
      int length = (int) Math.min(part.length, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, part, 0, length);
      out.write(part, 0, length);
    }
  }

  private MemorySegment bytes(TensorProto tensor, Map<String, MemorySegment> files, Arena arena)
      throws IOException {
    String location = "";
    long offset = 0;
    long length = -1;
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      try {
        switch (entry.getKey()) {
          case "location" -> location = entry.getValue();
          case "offset" -> offset = Long.parseLong(entry.getValue());
          case "length" -> length = Long.parseLong(entry.getValue());
          default -> {}
        }
      } catch (NumberFormatException e) {
        throw new PolysemeException(
            file + " is damaged: where the weights " + tensor.getName() + " lie is no number", e);
      }
    }
    Path where = contents.folder().resolve(location).normalize();
    if (location.isEmpty() || !where.startsWith(contents.folder())) {
      throw new PolysemeException(
          "%s names weights outside of its folder: %s".formatted(file, location));
    }
    MemorySegment all = files.get(location);
    if (all == null) {
      try (FileChannel channel = FileChannel.open(where)) {
        all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      }
      files.put(location, all);
    }
    if (length < 0) {
      length = all.byteSize() - offset;
    }
    if (offset < 0 || length < 0 || offset > all.byteSize() - length) {
      throw new PolysemeException(
          "%s is damaged: the weights %s end beyond %s".formatted(file, tensor.getName(), where));
    }
    return all.asSlice(offset, length);
  }
}
