package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a BERT encoder as an ONNX model (opset 17). Its inputs {@code input_ids}, {@code
 * attention_mask} and, where there are token types, {@code token_type_ids} are int64[batch,
 * tokens]; its outputs {@code last_hidden_state}, float[batch, tokens, dimension], and, where there
 * are weights of the head, {@code logits}, float[batch, tokens, vocabulary].
 *
 * <p>What the mask hides, and what a causal model has to the right of a token, gets the attention 0
 * exactly.
 */
public final class BertWriter {
  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;
  private static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String TYPE_IDS = "token_type_ids";

  /** The least float32, which no score can lift above another. */
  private static final float HIDDEN = -Float.MAX_VALUE;

  /** Of each write of weights. */
  private static final int FLOATS = 1 << 14;

  private final BertShape shape;
  private final Map<String, float[]> weights;
  private final Progress progress;
  private final Cancel cancel;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("bert");
  private final Nodes nodes = new Nodes(graph, "", OPSET);
  private final List<OnnxWriter.Large> large = new ArrayList<>();
  private long done;
  private long total;

  private BertWriter(
      BertShape shape, Map<String, float[]> weights, Progress progress, Cancel cancel) {
    this.shape = shape;
    this.weights = weights;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Writes a model.
   *
   * @param to the file to write, which must not be there yet; removed where it cannot be completed
   * @param weights by the names of {@link BertShape#weights}, row by row; with those of the head or
   *     without. Not copied: not to be changed until this returns
   * @param progress told of bytes of weights
   * @return the new file's size in bytes
   * @throws IllegalArgumentException if weights are missing, of another size or not known
   * @throws PolysemeException if the file cannot be written or would have 2 GiB or more
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static long write(
      Path to, BertShape shape, Map<String, float[]> weights, Progress progress, Cancel cancel) {
    boolean head = weights.keySet().stream().anyMatch(name -> name.startsWith(BertShape.HEAD));
    check(shape.weights(head), weights);
    try {
      return new BertWriter(shape, weights, progress, cancel).write(to, head);
    } catch (IOException e) {
      throw new PolysemeException("cannot write %s: %s (is the disk full?)".formatted(to, e), e);
    }
  }

  private static void check(Map<String, long[]> shapes, Map<String, float[]> weights) {
    shapes.forEach(
        (name, sizes) -> {
          float[] values = weights.get(name);
          long size = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
          if (values == null || values.length != size) {
            throw new IllegalArgumentException(
                "the weights %s are %s, and should be the %d numbers of %s"
                    .formatted(
                        name,
                        values == null ? "missing" : values.length + " numbers",
                        size,
                        Arrays.toString(sizes)));
          }
        });
    for (String name : weights.keySet()) {
      if (!shapes.containsKey(name)) {
        throw new IllegalArgumentException("such an encoder has no weights " + name);
      }
    }
  }

  private long write(Path to, boolean head) throws IOException {
    graph.addInput(value(IDS, DataType.INT64));
    graph.addInput(value(MASK, DataType.INT64));
    if (shape.types() > 0) {
      graph.addInput(value(TYPE_IDS, DataType.INT64));
    }
    String places = places();
    String state = embeddings(places);
    String mask = mask(places);
    for (int layer = 0; layer < shape.layers(); layer++) {
      state = block(layer, state, mask);
    }
    graph.addOutput(value(HeadWriter.STATE, DataType.FLOAT, shape.dimension()));
    if (head) {
      HeadWriter.add(graph, head(), OPSET, state, BertShape.WORDS);
      graph.addOutput(value(HeadWriter.LOGITS, DataType.FLOAT, shape.vocabulary()));
    }
    total = large.stream().mapToLong(OnnxWriter.Large::length).sum();
    var model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("polyseme")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setGraph(graph);
    return OnnxWriter.write(to, model.build(), large);
  }

  /** An input or output [batch, tokens, and these sizes]. */
  private static ValueInfoProto value(String name, DataType type, long... sizes) {
    var dimensions = TensorShapeProto.newBuilder();
    for (String any : List.of("batch", "tokens")) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(any));
    }
    for (long size : sizes) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type.getNumber())
                        .setShape(dimensions)))
        .build();
  }

  /** The places of the tokens, from 0: int64[tokens]. */
  private String places() {
    String sizes = nodes.node("Shape", "sizes", IDS);
    String tokens = nodes.node("Gather", "tokens", sizes, nodes.integer("second", 1));
    return nodes.node(
        "Range", "places", nodes.integer("first", 0), tokens, nodes.integer("step", 1));
  }

  private String embeddings(String places) {
    String sum = nodes.node("Gather", "embeddings.words", table(BertShape.WORDS), IDS);
    if (shape.types() > 0) {
      String types = nodes.node("Gather", "embeddings.types", table(BertShape.TYPES), TYPE_IDS);
      sum = nodes.node("Add", "embeddings.typed", sum, types);
    }
    String row = nodes.node("Unsqueeze", "embeddings.places", places, nodes.list("axis.0", 0));
    String positions =
        nodes.node("Gather", "embeddings.positions", table(BertShape.POSITIONS), row);
    sum = nodes.node("Add", "embeddings.sum", sum, positions);
    return norm(BertShape.EMBEDDINGS + BertShape.NORM, "embeddings", sum);
  }

  /** What is added to the scores: 0 where a token may be looked at. */
  private String mask(String places) {
    String wide = nodes.node("Unsqueeze", "mask.wide", MASK, nodes.list("axes.1.2", 1, 2));
    String hidden =
        nodes.node("Sub", "mask.padding", nodes.number("one", 1), floats("mask.real", wide));
    if (shape.causal()) {
      String keys = nodes.node("Unsqueeze", "mask.keys", places, nodes.list("axis.0", 0));
      String queries = nodes.node("Unsqueeze", "mask.queries", places, nodes.list("axis.1", 1));
      String later = floats("mask.right", nodes.node("Greater", "mask.later", keys, queries));
      hidden = nodes.node("Max", "mask.hidden", hidden, later);
    }
    return nodes.node("Mul", "mask", hidden, nodes.number("least", HIDDEN));
  }

  private String floats(String name, String value) {
    return nodes.node("Cast", name, Fusion.integer("to", DataType.FLOAT.getNumber()), value);
  }

  private String block(int layer, String state, String mask) {
    String block = BertShape.block(layer);
    String query = side(block + BertShape.QUERY, state, 0, 2, 1, 3);
    String key = side(block + BertShape.KEY, state, 0, 2, 3, 1);
    String value = side(block + BertShape.VALUE, state, 0, 2, 1, 3);
    String at = block + "attention.";
    String products = nodes.node("MatMul", at + "products", query, key);
    float root = (float) Math.sqrt((double) shape.dimension() / shape.heads());
    String scaled = nodes.node("Div", at + "scaled", products, nodes.number("width.root", root));
    String scores = nodes.node("Add", at + "scores", scaled, mask);
    String probabilities =
        nodes.node("Softmax", at + "probabilities", Fusion.integer("axis", -1), scores);
    String heads = nodes.node("MatMul", at + "heads", probabilities, value);
    String context =
        nodes.node(
            "Reshape",
            at + "context",
            nodes.transpose(at + "by.tokens", heads, 0, 2, 1, 3),
            nodes.list("side.by.side", 0, 0, shape.dimension()));
    String middle = sum(block + BertShape.CONTEXT, context, state);
    middle = norm(block + BertShape.ATTENTION_NORM, block + "middle", middle);
    String wide = dense(block + BertShape.WIDE, middle, shape.dimension(), shape.inner());
    String activated = nodes.gelu(block + "activated", wide);
    String narrow = dense(block + BertShape.NARROW, activated, shape.inner(), shape.dimension());
    String last = nodes.node("Add", block + "sum", narrow, middle);
    boolean end = layer == shape.layers() - 1;
    return norm(block + BertShape.OUTPUT_NORM, end ? HeadWriter.STATE : block + "state", last);
  }

  private String sum(String name, String context, String state) {
    String dense = dense(name, context, shape.dimension(), shape.dimension());
    return nodes.node("Add", name + ".sum", dense, state);
  }

  /** Queries, keys or values by heads. */
  private String side(String name, String state, long... order) {
    String flat = dense(name, state, shape.dimension(), shape.dimension());
    String parts = nodes.list("by.heads", 0, 0, shape.heads(), shape.dimension() / shape.heads());
    return nodes.transpose(
        name + ".turned", nodes.node("Reshape", name + ".heads", flat, parts), order);
  }

  private String dense(String name, String value, int in, int out) {
    String matrix = matrix(BertShape.weight(name), in, out);
    String product = nodes.node("MatMul", name + ".product", value, matrix);
    return nodes.node("Add", name + ".biased", product, vector(BertShape.bias(name)));
  }

  private String norm(String name, String as, String value) {
    return nodes.norm(
        as, value, vector(BertShape.weight(name)), vector(BertShape.bias(name)), shape.epsilon());
  }

  private float[] values(String name) {
    return Objects.requireNonNull(weights.get(name));
  }

  private String vector(String name) {
    float[] values = values(name);
    return nodes.tensor(name, values, values.length);
  }

  private String table(String name) {
    float[] values = values(name);
    int rows = values.length / shape.dimension();
    return large(name, values, rows, shape.dimension(), false);
  }

  /** Weights [out × in] as a product takes them, [in × out]. */
  private String matrix(String name, int in, int out) {
    // By a name of its own: who knows the usual one would take it for [out × in].
    return large(name + ".turned", values(name), in, out, true);
  }

  private String large(String name, float[] values, int rows, int columns, boolean turned) {
    large.add(
        new OnnxWriter.Large(
            Nodes.header(name, rows, columns),
            (long) values.length * Float.BYTES,
            out -> write(values, rows, columns, turned, out)));
    return name;
  }

  private void write(float[] values, int rows, int columns, boolean turned, OutputStream out)
      throws IOException {
    var bytes = ByteBuffer.allocate(FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        bytes.putFloat(turned ? values[column * rows + row] : values[row * columns + column]);
        if (!bytes.hasRemaining()) {
          write(bytes, out);
        }
      }
    }
    write(bytes, out);
  }

  private void write(ByteBuffer bytes, OutputStream out) throws IOException {
    cancel.check();
    out.write(bytes.array(), 0, bytes.position());
    progress.update("writing the model", done += bytes.position(), total);
    bytes.clear();
  }

  private HeadWriter.HeadWeights head() {
    int n = shape.dimension();
    float[] dense = values(BertShape.weight(BertShape.HEAD_DENSE));
    var turned = new float[dense.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = dense[i % n * n + i / n];
    }
    return new HeadWriter.HeadWeights(
        shape.layers(),
        turned,
        values(BertShape.bias(BertShape.HEAD_DENSE)),
        values(BertShape.weight(BertShape.HEAD_NORM)),
        values(BertShape.bias(BertShape.HEAD_NORM)),
        shape.epsilon(),
        values(BertShape.HEAD_BIAS));
  }
}
