package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * A small Transformer with random weights, in two forms that share nothing but the weights: an ONNX
 * graph in plain operators, put together as PyTorch's exporter writes the models of that kind; and
 * the arithmetic of the papers in double, for one text without padding.
 */
public final class TinyTransformer {
  /** Where a token's place comes from. */
  public enum Positions {
    NONE,
    /** A table, by the place (BERT). */
    LEARNED,
    /** A table, by a sum over what is not padding, from the padding's number on (RoBERTa). */
    FROM_IDS,
    /** A table, by numbers that the model is given (GPT-2). */
    GIVEN,
    /** Queries and keys turned (RoFormer, Llama), by places. */
    ROTARY,
    /** The same, by numbers that the model is given. */
    ROTARY_GIVEN,
    /** A bias to each score by the distance (T5, MPNet). */
    RELATIVE
  }

  /** How queries, keys and values are projected. */
  public enum Projections {
    SEPARATE,
    /** One product, taken apart by heads (ModernBERT). */
    UNBOUND,
    /** One product, taken apart by an index (nomic). */
    INDEXED,
    /** One product, cut in three (GPT-2). */
    CUT
  }

  /** The feed-forward layer. */
  public enum Gate {
    NONE,
    /** One product, cut in two, the half of which gates the other (ModernBERT). */
    CUT,
    /** Two products (Llama). */
    SEPARATE
  }

  public static final int VOCABULARY = 700;
  public static final int PADDING = 1;
  private static final double EPSILON = 1e-5;

  final String name;
  int dimension = 32;
  int inner = 80;
  int heads = 4;
  int keyHeads = 4;
  int width = 8;
  int blocks = 3;
  int embedding;
  int rows = 64;
  int local;
  Positions positions = Positions.LEARNED;
  Projections projections = Projections.SEPARATE;
  Gate gate = Gate.NONE;
  boolean types;
  boolean rootMeanSquare;
  boolean normFirst;
  boolean firstNormLeftOut;
  boolean normedEmbeddings = true;
  boolean biases = true;
  boolean causal;
  boolean normedHeads;
  boolean shared;
  boolean past;
  boolean pastUnknown;
  boolean fused;
  boolean normAsNode;
  boolean scaledBefore;
  boolean narrow;
  boolean headsCounted = true;
  String idsName = "input_ids";
  String maskName = "attention_mask";

  private final Map<String, float[]> weights = new TreeMap<>();
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny");
  private final Set<String> initializers = new LinkedHashSet<>();
  private int seed;
  private int count;
  private String[] lengths;

  private TinyTransformer(String name) {
    this.name = name;
  }

  @Override
  public String toString() {
    return seed == 0
        ? name
        : "%s of %d × %d × %d, inner %d, heads of %d"
            .formatted(name, blocks, dimension, heads, inner, width);
  }

  private static TinyTransformer of(String name, Consumer<TinyTransformer> settings) {
    var tiny = new TinyTransformer(name);
    settings.accept(tiny);
    return tiny;
  }

  /** Makes another of some kind. */
  public static TinyTransformer named(String name) {
    return Stream.concat(all().stream(), Stream.of(fusedDecoder()))
        .filter(tiny -> tiny.name.equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * A decoder whose attention is one operator, with the rotation and a past, as onnxruntime-genai
   * writes them.
   */
  public static TinyTransformer fusedDecoder() {
    return of(
        "mistral, fused",
        t -> {
          decoder(t);
          t.positions = Positions.ROTARY;
          t.biases = false;
          t.past = true;
          t.width = 16;
          t.fused = true;
        });
  }

  /** The same with past keys and values of a size that the graph does not say. */
  public TinyTransformer withUnknownPast() {
    past = true;
    pastUnknown = true;
    return this;
  }

  /** One of each kind, each time new. */
  public static List<TinyTransformer> all() {
    return List.of(
        of("bert", t -> t.types = true),
        of(
            "xlm-roberta",
            t -> {
              t.types = true;
              t.positions = Positions.FROM_IDS;
            }),
        of(
            "roberta, newer operators",
            t -> {
              t.positions = Positions.FROM_IDS;
              t.normAsNode = true;
              t.scaledBefore = true;
              t.headsCounted = false;
            }),
        of("distilbert", t -> t.narrow = true),
        of(
            "mpnet",
            t -> {
              t.positions = Positions.RELATIVE;
            }),
        of(
            "albert",
            t -> {
              t.types = true;
              t.shared = true;
              t.embedding = 12;
            }),
        of(
            "modernbert",
            t -> {
              t.positions = Positions.ROTARY;
              t.projections = Projections.UNBOUND;
              t.gate = Gate.CUT;
              t.normFirst = true;
              t.firstNormLeftOut = true;
              t.biases = false;
              t.local = 4;
              t.normAsNode = true;
              t.scaledBefore = true;
            }),
        of(
            "nomic",
            t -> {
              t.types = true;
              t.positions = Positions.ROTARY;
              t.projections = Projections.INDEXED;
              t.gate = Gate.SEPARATE;
              t.biases = false;
            }),
        of(
            "gpt2",
            t -> {
              t.positions = Positions.GIVEN;
              t.projections = Projections.CUT;
              t.normFirst = true;
              t.normedEmbeddings = false;
              t.causal = true;
            }),
        of(
            "mistral",
            t -> {
              decoder(t);
              t.biases = false;
            }),
        of(
            "qwen3",
            t -> {
              decoder(t);
              t.biases = false;
              t.normedHeads = true;
              t.width = 12;
              t.headsCounted = false;
              t.scaledBefore = true;
            }),
        of(
            "qwen2, with a past",
            t -> {
              decoder(t);
              t.past = true;
            }),
        of(
            "bert, other names",
            t -> {
              t.types = true;
              t.narrow = true;
              t.idsName = "text";
              t.maskName = "pad_mask";
            }));
  }

  /** One of some kind, with other weights and sizes than its own. */
  public static TinyTransformer random(Random random) {
    List<TinyTransformer> kinds = all();
    TinyTransformer kind = kinds.get(random.nextInt(kinds.size()));
    int groups = kind.heads / kind.keyHeads;
    kind.keyHeads = 1 + random.nextInt(3);
    kind.heads = kind.keyHeads * groups;
    kind.width = 16 + 4 * random.nextInt(3);
    kind.dimension = kind.heads * kind.width;
    kind.inner = kind.dimension + 8 + random.nextInt(80);
    kind.blocks = 1 + random.nextInt(4);
    kind.biases = random.nextBoolean();
    kind.normAsNode = random.nextBoolean();
    kind.scaledBefore = random.nextBoolean();
    kind.seed = random.nextInt();
    return kind;
  }

  private static void decoder(TinyTransformer t) {
    t.positions = Positions.ROTARY_GIVEN;
    t.keyHeads = 2;
    t.gate = Gate.SEPARATE;
    t.rootMeanSquare = true;
    t.normFirst = true;
    t.normedEmbeddings = false;
    t.causal = true;
  }

  public int dimension() {
    return dimension;
  }

  /** How many tokens there are positions for; 0 for any number. */
  public int window() {
    return switch (positions) {
      case LEARNED, GIVEN -> rows;
      case FROM_IDS -> rows - PADDING - 1;
      default -> 0;
    };
  }

  // ---- weights --------------------------------------------------------------------------------

  private float[] weight(String name, double scale, double mean, int... shape) {
    return weights.computeIfAbsent(
        name,
        _ -> {
          var random = new Random(name.hashCode() ^ seed);
          var values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + scale * random.nextGaussian());
          }
          return values;
        });
  }

  private String tensor(String name, double scale, double mean, int... shape) {
    float[] values = weight(name, scale, mean, shape);
    if (initializers.add(name)) {
      var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        bytes.putFloat(value);
      }
      var tensor =
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(TensorProto.DataType.FLOAT_VALUE)
              .setRawData(ByteString.copyFrom(bytes.flip()));
      Arrays.stream(shape).forEach(tensor::addDims);
      graph.addInitializer(tensor);
    }
    return name;
  }

  private String part(int block) {
    return shared ? "block" : "block" + block;
  }

  // ---- the graph ------------------------------------------------------------------------------

  /** Writes the model. */
  public Path save(Path file) throws IOException {
    String state = embeddings();
    String mask = mask(0);
    String localMask = local > 0 ? mask(local) : mask;
    lengths = fused ? lengths() : null;
    boolean turning = positions == Positions.ROTARY || positions == Positions.ROTARY_GIVEN;
    String[] turns = turning && !fused ? turns(projections == Projections.INDEXED ? 2 : 1) : null;
    String bias = positions == Positions.RELATIVE ? relative() : null;
    for (int block = 0; block < blocks; block++) {
      boolean near = local > 0 && block % 2 == 1;
      state = block(block, state, near ? localMask : mask, turns, bias);
    }
    if (normFirst) {
      state = norm(state, "final", dimension);
    }
    node("Identity", "last_hidden_state", state);
    long any = -1;
    graph.addOutput(
        0,
        SmallGraph.value(
            "last_hidden_state",
            TensorProto.DataType.FLOAT_VALUE,
            List.of(any, any, (long) dimension)));
    var whole = graph.clone();
    int number = narrow ? TensorProto.DataType.INT32_VALUE : TensorProto.DataType.INT64_VALUE;
    // Not in the usual order.
    var inputs = new ArrayList<>(List.of(maskName));
    if (types) {
      inputs.add("token_type_ids");
    }
    if (positions == Positions.GIVEN || positions == Positions.ROTARY_GIVEN) {
      inputs.add("position_ids");
    }
    inputs.add(idsName);
    for (String input : inputs) {
      whole.addInput(SmallGraph.value(input, number, List.of(any, any)));
    }
    for (int block = 0; past && block < blocks; block++) {
      for (String side : List.of("key", "value")) {
        whole.addInput(
            SmallGraph.value(
                "past_key_values." + block + "." + side,
                TensorProto.DataType.FLOAT_VALUE,
                List.of(any, pastUnknown ? any : keyHeads, any, (long) width)));
      }
    }
    Files.write(
        file,
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
            .setGraph(whole)
            .build()
            .toByteArray());
    return file;
  }

  private String fresh() {
    return "value" + count++;
  }

  private String node(String type, String out, String... in) {
    graph.addNode(NodeProto.newBuilder().setOpType(type).addAllInput(List.of(in)).addOutput(out));
    return out;
  }

  private String op(String type, String... in) {
    return node(type, fresh(), in);
  }

  private String op(String type, Map<String, Object> attributes, String... in) {
    return op(type, attributes, 1, in)[0];
  }

  private String[] op(String type, Map<String, Object> attributes, int outputs, String... in) {
    var node = NodeProto.newBuilder().setOpType(type).addAllInput(List.of(in));
    attributes.forEach(
        (name, value) -> {
          var attribute = AttributeProto.newBuilder().setName(name);
          if (value instanceof Integer number) {
            attribute.setType(AttributeProto.AttributeType.INT).setI(number);
          } else if (value instanceof Float number) {
            attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number);
          } else {
            attribute.setType(AttributeProto.AttributeType.INTS);
            for (int number : (int[]) value) {
              attribute.addInts(number);
            }
          }
          node.addAttribute(attribute);
        });
    var names = new String[outputs];
    for (int i = 0; i < outputs; i++) {
      names[i] = fresh();
      node.addOutput(names[i]);
    }
    graph.addNode(node);
    return names;
  }

  private String constant(TensorProto.Builder tensor) {
    String out = fresh();
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Constant")
            .addOutput(out)
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("value")
                    .setType(AttributeProto.AttributeType.TENSOR)
                    .setT(tensor)));
    return out;
  }

  private String longs(long... values) {
    var tensor = TensorProto.newBuilder().setDataType(TensorProto.DataType.INT64_VALUE);
    tensor.addDims(values.length);
    Arrays.stream(values).forEach(tensor::addInt64Data);
    return constant(tensor);
  }

  private String number(long value) {
    return constant(
        TensorProto.newBuilder().setDataType(TensorProto.DataType.INT64_VALUE).addInt64Data(value));
  }

  private String number(double value) {
    return constant(
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addFloatData((float) value));
  }

  private String cast(String value, int type) {
    return op("Cast", Map.of("to", type), value);
  }

  private String floats(String value) {
    return cast(value, TensorProto.DataType.FLOAT_VALUE);
  }

  private String wide(String value) {
    return cast(value, TensorProto.DataType.INT64_VALUE);
  }

  private String transpose(String value, int... order) {
    return op("Transpose", Map.of("perm", order), value);
  }

  /** Size of an axis as [1], as PyTorch's view writes it. */
  private String size(String value, int axis) {
    return op("Unsqueeze", op("Gather", op("Shape", value), number((long) axis)), longs(0));
  }

  private String tokens() {
    return op("Gather", op("Shape", idsName), number(1L));
  }

  private String view(String value, String like, long... last) {
    var parts = new ArrayList<String>(List.of(size(like, 0), size(like, 1)));
    Arrays.stream(last).forEach(part -> parts.add(longs(part)));
    return op("Reshape", value, op("Concat", Map.of("axis", 0), parts.toArray(String[]::new)));
  }

  private String dense(String in, String name, int from, int to) {
    String product = op("MatMul", in, tensor(name + ".weight", 1 / Math.sqrt(from), 0, from, to));
    return biases ? op("Add", tensor(name + ".bias", 0.1, 0, to), product) : product;
  }

  private String norm(String in, String name, int size) {
    String gain = tensor(name + ".gain", 0.1, 1, size);
    if (rootMeanSquare) {
      String square = op("Pow", in, number(2.0));
      String mean = op("ReduceMean", Map.of("axes", new int[] {-1}), square);
      String root = op("Sqrt", op("Add", mean, number(EPSILON)));
      return op("Mul", gain, op("Mul", in, op("Div", number(1.0), root)));
    }
    String shift = tensor(name + ".shift", 0.1, 0, size);
    if (normAsNode) {
      return op(
          "LayerNormalization", Map.of("axis", -1, "epsilon", (float) EPSILON), in, gain, shift);
    }
    String difference = op("Sub", in, op("ReduceMean", Map.of("axes", new int[] {-1}), in));
    String variance =
        op("ReduceMean", Map.of("axes", new int[] {-1}), op("Pow", difference, number(2.0)));
    String root = op("Sqrt", op("Add", variance, number(EPSILON)));
    return op("Add", op("Mul", op("Div", difference, root), gain), shift);
  }

  private String embeddings() {
    int size = embedding > 0 ? embedding : dimension;
    String state = op("Gather", tensor("words", 1, 0, VOCABULARY, size), idsName);
    if (types) {
      state = op("Add", state, op("Gather", tensor("types", 0.5, 0, 2, size), "token_type_ids"));
    }
    String places =
        switch (positions) {
          case LEARNED -> {
            var all = new long[rows];
            Arrays.setAll(all, i -> i);
            var buffer =
                TensorProto.newBuilder()
                    .setDataType(TensorProto.DataType.INT64_VALUE)
                    .addDims(1)
                    .addDims(rows);
            Arrays.stream(all).forEach(buffer::addInt64Data);
            yield op("Slice", constant(buffer), longs(0), size(idsName, 1), longs(1), longs(1));
          }
          case FROM_IDS -> {
            String real =
                cast(
                    op("Not", op("Equal", idsName, number((long) PADDING))),
                    TensorProto.DataType.INT32_VALUE);
            String sum = wide(op("Mul", op("CumSum", real, number(1L)), real));
            yield op("Add", sum, number((long) PADDING));
          }
          case GIVEN -> "position_ids";
          default -> null;
        };
    if (places != null) {
      state = op("Add", state, op("Gather", tensor("positions", 0.5, 0, rows, size), places));
    }
    if (normedEmbeddings) {
      state = norm(state, "embeddings", size);
    }
    return embedding > 0 ? dense(state, "mapping", embedding, dimension) : state;
  }

  /** Zero where a token may be looked at, and much less than nothing where not. */
  private String mask(int local) {
    String real = floats(op("Unsqueeze", maskName, longs(1, 2)));
    String hidden = op("Sub", number(1.0), real);
    if (causal || local > 0) {
      String range = op("Range", number(0L), tokens(), number(1L));
      String distance =
          op("Sub", op("Unsqueeze", range, longs(0)), op("Unsqueeze", range, longs(1)));
      String far =
          causal
              ? op("Greater", distance, number(0L))
              : op("Greater", op("Abs", distance), number((long) local / 2));
      hidden = op("Max", hidden, op("Unsqueeze", floats(far), longs(0, 1)));
    }
    return op("Mul", hidden, number(-3.4028234663852886e38));
  }

  private double frequency(int i) {
    return Math.pow(100, -2.0 * i / width);
  }

  /** Cosines and sines, with an axis for the heads. */
  private String[] turns(int headsAxis) {
    var frequencies =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(1)
            .addDims(width / 2)
            .addDims(1);
    for (int i = 0; i < width / 2; i++) {
      frequencies.addFloatData((float) frequency(i));
    }
    String places =
        positions == Positions.ROTARY_GIVEN
            ? floats(op("Unsqueeze", "position_ids", longs(1)))
            : floats(op("Unsqueeze", op("Range", number(0L), tokens(), number(1L)), longs(0, 1)));
    String batch = op("Concat", Map.of("axis", 0), size(places, 0), longs(-1), longs(1));
    String expanded =
        op(
            "Expand",
            constant(frequencies),
            op("Where", op("Equal", batch, longs(-1)), longs(1), batch));
    String angles = transpose(op("MatMul", expanded, places), 0, 2, 1);
    String both = op("Concat", Map.of("axis", -1), angles, angles);
    return new String[] {
      op("Unsqueeze", op("Cos", both), longs(headsAxis)),
      op("Unsqueeze", op("Sin", both), longs(headsAxis))
    };
  }

  private String turned(String value, String[] turns) {
    String half = longs(width / 2);
    String first = op("Slice", value, longs(0), half, longs(3), longs(1));
    String second = op("Slice", value, half, longs(Long.MAX_VALUE), longs(3), longs(1));
    String other = op("Concat", Map.of("axis", -1), op("Neg", second), first);
    return op("Add", op("Mul", value, turns[0]), op("Mul", other, turns[1]));
  }

  private String relative() {
    String range = op("Range", number(0L), tokens(), number(1L));
    String distance = op("Sub", op("Unsqueeze", range, longs(0)), op("Unsqueeze", range, longs(1)));
    String near = op("Min", op("Max", distance, number(-4L)), number(4L));
    String bias = op("Gather", tensor("relative", 1, 0, 9, heads), op("Add", near, number(4L)));
    return op("Unsqueeze", transpose(bias, 2, 0, 1), longs(0));
  }

  private String block(int block, String in, String mask, String[] turns, String bias) {
    String part = part(block);
    String normed =
        normFirst && !(firstNormLeftOut && block == 0) ? norm(in, part + ".norm1", dimension) : in;
    if (fused) {
      return residual(part, in, fusedAttention(block, part, normed));
    }
    String[] sides = sides(part, normed, turns);
    if (past) {
      for (int side = 1; side < 3; side++) {
        String what = block + (side == 1 ? ".key" : ".value");
        String present = "present." + what;
        graph.addNode(
            NodeProto.newBuilder()
                .setOpType("Concat")
                .addInput("past_key_values." + what)
                .addInput(sides[side])
                .addOutput(present)
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("axis")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(-2)));
        graph.addOutput(
            SmallGraph.value(
                present,
                TensorProto.DataType.FLOAT_VALUE,
                List.of(-1L, (long) keyHeads, -1L, (long) width)));
        sides[side] = present;
      }
    }
    for (int side = 1; side < 3 && keyHeads < heads; side++) {
      sides[side] = repeated(sides[side]);
    }
    String query = sides[0];
    String key = transpose(sides[1], 0, 1, 3, 2);
    String scores;
    if (scaledBefore) {
      // As scaled_dot_product_attention is written: the root of the scale on both sides.
      String width = op("Slice", op("Shape", query), longs(-1), longs(Long.MAX_VALUE));
      String scale = op("Div", number(1.0), op("Sqrt", floats(width)));
      scores = op("MatMul", op("Mul", query, op("Sqrt", scale)), op("Mul", key, op("Sqrt", scale)));
    } else {
      scores = op("Div", op("MatMul", query, key), number(Math.sqrt(width)));
    }
    if (bias != null) {
      scores = op("Add", scores, bias);
    }
    String probabilities = op("Softmax", Map.of("axis", -1), op("Add", scores, mask));
    String context = transpose(op("MatMul", probabilities, sides[2]), 0, 2, 1, 3);
    String merged = view(context, context, (long) heads * width);
    return residual(part, in, dense(merged, part + ".out", heads * width, dimension));
  }

  private String residual(String part, String in, String attention) {
    if (normFirst) {
      String middle = op("Add", in, attention);
      return op("Add", middle, feedForward(part, norm(middle, part + ".norm2", dimension)));
    }
    String middle = norm(op("Add", attention, in), part + ".norm1", dimension);
    return norm(op("Add", feedForward(part, middle), middle), part + ".norm2", dimension);
  }

  /** The places of the last tokens, and the length of the whole, as the fused operator asks. */
  private String[] lengths() {
    String sum = op("ReduceSum", Map.of("keepdims", 0), maskName, longs(1));
    int narrowType = TensorProto.DataType.INT32_VALUE;
    return new String[] {cast(op("Sub", sum, number(1L)), narrowType), cast(tokens(), narrowType)};
  }

  private String fusedAttention(int block, String part, String in) {
    var attention =
        NodeProto.newBuilder()
            .setOpType("GroupQueryAttention")
            .setDomain("com.microsoft")
            .addInput(dense(in, part + ".q", dimension, heads * width))
            .addInput(dense(in, part + ".k", dimension, keyHeads * width))
            .addInput(dense(in, part + ".v", dimension, keyHeads * width))
            .addInput("past_key_values." + block + ".key")
            .addInput("past_key_values." + block + ".value")
            .addInput(lengths[0])
            .addInput(lengths[1])
            .addInput(turnsOf("cosines", Math::cos))
            .addInput(turnsOf("sines", Math::sin));
    Map.of("num_heads", heads, "kv_num_heads", keyHeads, "do_rotary", 1)
        .forEach(
            (name, value) ->
                attention.addAttribute(
                    AttributeProto.newBuilder()
                        .setName(name)
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(value)));
    String context = fresh();
    attention.addOutput(context);
    for (String what : List.of(".key", ".value")) {
      String present = "present." + block + what;
      attention.addOutput(present);
      graph.addOutput(
          SmallGraph.value(
              present,
              TensorProto.DataType.FLOAT_VALUE,
              List.of(-1L, (long) keyHeads, -1L, (long) width)));
    }
    graph.addNode(attention);
    return dense(context, part + ".out", heads * width, dimension);
  }

  private String turnsOf(String name, DoubleUnaryOperator function) {
    if (initializers.add(name)) {
      var tensor =
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(TensorProto.DataType.FLOAT_VALUE)
              .addDims(rows)
              .addDims(width / 2);
      for (int place = 0; place < rows; place++) {
        for (int i = 0; i < width / 2; i++) {
          tensor.addFloatData((float) function.applyAsDouble(place * frequency(i)));
        }
      }
      graph.addInitializer(tensor);
    }
    return name;
  }

  /** Queries, keys and values, each [batch, heads, tokens, width]. */
  private String[] sides(String part, String in, String[] turns) {
    int all = heads * width;
    var sides = new String[3];
    switch (projections) {
      case SEPARATE -> {
        for (int side = 0; side < 3; side++) {
          int count = side == 0 ? heads : keyHeads;
          String flat = dense(in, part + "." + "qkv".charAt(side), dimension, count * width);
          String split = view(flat, flat, headsCounted ? count : -1, width);
          if (normedHeads && side < 2) {
            split = norm(split, part + ".norm." + side, width);
          }
          sides[side] = transpose(split, 0, 2, 1, 3);
        }
      }
      case UNBOUND -> {
        String flat = dense(in, part + ".qkv", dimension, 3 * all);
        String split = view(flat, flat, 3, heads, width);
        String[] three =
            op("Split", Map.of("axis", 2), 3, transpose(split, 0, 3, 2, 1, 4), longs(1, 1, 1));
        for (int side = 0; side < 3; side++) {
          sides[side] = op("Squeeze", three[side], longs(2));
        }
      }
      case INDEXED -> {
        String flat = dense(in, part + ".qkv", dimension, 3 * all);
        String split = view(flat, flat, 3, heads, width);
        for (int side = 0; side < 3; side++) {
          String one = op("Gather", Map.of("axis", 2), split, number((long) side));
          sides[side] = transpose(side < 2 ? turned(one, turns) : one, 0, 2, 1, 3);
        }
      }
      case CUT -> {
        String flat = dense(in, part + ".qkv", dimension, 3 * all);
        String[] three = op("Split", Map.of("axis", 2), 3, flat, longs(all, all, all));
        for (int side = 0; side < 3; side++) {
          sides[side] = transpose(view(three[side], three[side], heads, width), 0, 2, 1, 3);
        }
      }
    }
    if (turns != null && projections != Projections.INDEXED) {
      sides[0] = turned(sides[0], turns);
      sides[1] = turned(sides[1], turns);
    }
    return sides;
  }

  /** Keys or values for each head, as many having the same as share them. */
  private String repeated(String side) {
    long times = heads / keyHeads;
    String shape =
        op(
            "Concat",
            Map.of("axis", 0),
            size(side, 0),
            longs(keyHeads),
            longs(times),
            size(side, 2),
            longs(width));
    String expanded = op("Expand", op("Unsqueeze", side, longs(2)), shape);
    return op(
        "Reshape",
        expanded,
        op("Concat", Map.of("axis", 0), size(side, 0), longs(heads), size(side, 2), longs(width)));
  }

  private String feedForward(String part, String in) {
    String activated =
        switch (gate) {
          case NONE -> gelu(dense(in, part + ".up", dimension, inner));
          case CUT -> {
            String[] halves =
                op(
                    "Split",
                    Map.of("axis", -1),
                    2,
                    dense(in, part + ".up", dimension, 2 * inner),
                    longs(inner, inner));
            yield op("Mul", gelu(halves[0]), halves[1]);
          }
          case SEPARATE -> {
            String gates = dense(in, part + ".gate", dimension, inner);
            yield op(
                "Mul",
                op("Mul", gates, op("Sigmoid", gates)),
                dense(in, part + ".up", dimension, inner));
          }
        };
    return dense(activated, part + ".down", inner, dimension);
  }

  private String gelu(String x) {
    String erf = op("Erf", op("Div", x, number(Math.sqrt(2))));
    return op("Mul", op("Mul", x, op("Add", erf, number(1.0))), number(0.5));
  }

  // ---- the arithmetic -------------------------------------------------------------------------

  /**
   * What a text's tokens become.
   *
   * @param states by layer, from 0, and token
   * @param queries and {@code keys}, {@code values}, {@code activations}: by block and token
   * @param attention by block, head and token
   * @param contexts and {@code attentionOutputs}, {@code middles}, {@code outputs}: what the heads
   *     bring, what the attention adds, the states after it, what the feed-forward layer adds
   * @param before what goes into the activation function; none where there is a gate
   */
  public record Result(
      List<double[][]> states,
      List<double[][]> queries,
      List<double[][]> keys,
      List<double[][]> values,
      List<double[][][]> attention,
      List<double[][]> activations,
      List<double[][]> contexts,
      List<double[][]> attentionOutputs,
      List<double[][]> middles,
      List<double[][]> before,
      List<double[][]> outputs) {}

  /** Reckons the states of one text that stands alone. */
  public Result run(int... ids) {
    var result =
        new Result(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    double[][] state = embedded(ids);
    for (int block = 0; block < blocks; block++) {
      result.states.add(state);
      state = reckoned(block, state, result);
    }
    result.states.add(normFirst ? normed(state, "final") : state);
    return result;
  }

  private double[][] embedded(int[] ids) {
    int size = embedding > 0 ? embedding : dimension;
    float[] words = weight("words", 1, 0, VOCABULARY, size);
    var state = new double[ids.length][size];
    for (int i = 0; i < ids.length; i++) {
      for (int d = 0; d < size; d++) {
        state[i][d] = words[ids[i] * size + d];
        if (types) {
          state[i][d] += weight("types", 0.5, 0, 2, size)[d];
        }
        if (window() > 0) {
          int place = positions == Positions.FROM_IDS ? i + PADDING + 1 : i;
          state[i][d] += weight("positions", 0.5, 0, rows, size)[place * size + d];
        }
      }
    }
    if (normedEmbeddings) {
      state = normed(state, "embeddings");
    }
    return embedding > 0 ? projected(state, "mapping", dimension) : state;
  }

  private double[][] reckoned(int block, double[][] in, Result result) {
    String part = part(block);
    int n = in.length;
    double[][] normed =
        normFirst && !(firstNormLeftOut && block == 0) ? normed(in, part + ".norm1") : in;
    double[][] q;
    double[][] k;
    double[][] v;
    int all = heads * width;
    if (projections == Projections.SEPARATE) {
      q = projected(normed, part + ".q", all);
      k = projected(normed, part + ".k", keyHeads * width);
      v = projected(normed, part + ".v", keyHeads * width);
      if (normedHeads) {
        q = normedByHeads(q, part + ".norm.0");
        k = normedByHeads(k, part + ".norm.1");
      }
    } else {
      double[][] three = projected(normed, part + ".qkv", 3 * all);
      q = Arrays.stream(three).map(row -> Arrays.copyOf(row, all)).toArray(double[][]::new);
      k =
          Arrays.stream(three)
              .map(row -> Arrays.copyOfRange(row, all, 2 * all))
              .toArray(double[][]::new);
      v =
          Arrays.stream(three)
              .map(row -> Arrays.copyOfRange(row, 2 * all, 3 * all))
              .toArray(double[][]::new);
    }
    result.queries.add(q);
    result.keys.add(k);
    result.values.add(v);
    if (positions == Positions.ROTARY || positions == Positions.ROTARY_GIVEN) {
      q = turned(q);
      k = turned(k);
    }
    var attention = new double[heads][n][n];
    var context = new double[n][all];
    for (int head = 0; head < heads; head++) {
      int keyHead = head / (heads / keyHeads);
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          boolean hidden =
              causal && j > i || local > 0 && block % 2 == 1 && Math.abs(i - j) > local / 2;
          if (!hidden) {
            double score = 0;
            for (int d = 0; d < width; d++) {
              score += q[i][head * width + d] * k[j][keyHead * width + d];
            }
            score /= Math.sqrt(width);
            if (positions == Positions.RELATIVE) {
              int bucket = Math.clamp(j - i, -4, 4) + 4;
              score += weight("relative", 1, 0, 9, heads)[bucket * heads + head];
            }
            attention[head][i][j] = Math.exp(score);
            sum += attention[head][i][j];
          }
        }
        for (int j = 0; j < n; j++) {
          attention[head][i][j] /= sum;
          for (int d = 0; d < width; d++) {
            context[i][head * width + d] += attention[head][i][j] * v[j][keyHead * width + d];
          }
        }
      }
    }
    result.attention.add(attention);
    double[][] out = projected(context, part + ".out", dimension);
    result.contexts.add(context);
    result.attentionOutputs.add(out);
    if (normFirst) {
      double[][] middle = sum(in, out);
      result.middles.add(middle);
      return sum(middle, fed(part, normed(middle, part + ".norm2"), result));
    }
    double[][] middle = normed(sum(out, in), part + ".norm1");
    result.middles.add(middle);
    return normed(sum(fed(part, middle, result), middle), part + ".norm2");
  }

  private double[][] fed(String part, double[][] in, Result result) {
    double[][] up = projected(in, part + ".up", gate == Gate.CUT ? 2 * inner : inner);
    double[][] gates = gate == Gate.SEPARATE ? projected(in, part + ".gate", inner) : null;
    var activated = new double[in.length][inner];
    for (int i = 0; i < in.length; i++) {
      for (int d = 0; d < inner; d++) {
        activated[i][d] =
            switch (gate) {
              case NONE -> gelu(up[i][d]);
              case CUT -> gelu(up[i][d]) * up[i][inner + d];
              case SEPARATE -> gates[i][d] / (1 + Math.exp(-gates[i][d])) * up[i][d];
            };
      }
    }
    result.activations.add(activated);
    result.before.add(up);
    double[][] output = projected(activated, part + ".down", dimension);
    result.outputs.add(output);
    return output;
  }

  private double[][] projected(double[][] in, String name, int to) {
    int from = in[0].length;
    float[] matrix = weight(name + ".weight", 1 / Math.sqrt(from), 0, from, to);
    var out = new double[in.length][to];
    for (int i = 0; i < in.length; i++) {
      for (int c = 0; c < to; c++) {
        double sum = biases ? weight(name + ".bias", 0.1, 0, to)[c] : 0;
        for (int r = 0; r < from; r++) {
          sum += in[i][r] * matrix[r * to + c];
        }
        out[i][c] = sum;
      }
    }
    return out;
  }

  private double[][] normed(double[][] in, String name) {
    return Arrays.stream(in).map(row -> normed(row, name)).toArray(double[][]::new);
  }

  private double[][] normedByHeads(double[][] in, String name) {
    var out = new double[in.length][in[0].length];
    for (int i = 0; i < in.length; i++) {
      for (int from = 0; from < in[i].length; from += width) {
        double[] head = normed(Arrays.copyOfRange(in[i], from, from + width), name);
        System.arraycopy(head, 0, out[i], from, width);
      }
    }
    return out;
  }

  private double[] normed(double[] row, String name) {
    int size = row.length;
    float[] gain = weight(name + ".gain", 0.1, 1, size);
    double mean = rootMeanSquare ? 0 : Arrays.stream(row).average().orElseThrow();
    double square = Arrays.stream(row).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    var out = new double[size];
    for (int d = 0; d < size; d++) {
      out[d] = (row[d] - mean) / Math.sqrt(square + EPSILON) * gain[d];
      if (!rootMeanSquare) {
        out[d] += weight(name + ".shift", 0.1, 0, size)[d];
      }
    }
    return out;
  }

  private double[][] turned(double[][] in) {
    var out = new double[in.length][in[0].length];
    for (int i = 0; i < in.length; i++) {
      for (int from = 0; from < in[i].length; from += width) {
        for (int d = 0; d < width / 2; d++) {
          double angle = i * frequency(d);
          double x = in[i][from + d];
          double y = in[i][from + width / 2 + d];
          out[i][from + d] = x * Math.cos(angle) - y * Math.sin(angle);
          out[i][from + width / 2 + d] = y * Math.cos(angle) + x * Math.sin(angle);
        }
      }
    }
    return out;
  }

  private static double[][] sum(double[][] a, double[][] b) {
    var sum = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int d = 0; d < a[i].length; d++) {
        sum[i][d] = a[i][d] + b[i][d];
      }
    }
    return sum;
  }

  private static double gelu(double x) {
    return x * 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /** By its series, which is good to nine digits as far as it is used. */
  private static double erf(double x) {
    if (Math.abs(x) > 4.2) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 120; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  /** Inputs by name for texts of several lengths, padded to the longest. */
  Map<String, long[][]> inputs(int[]... texts) {
    int longest = Arrays.stream(texts).mapToInt(text -> text.length).max().orElseThrow();
    Map<String, long[][]> inputs = new LinkedHashMap<>();
    for (String input : List.of(idsName, maskName, "token_type_ids", "position_ids")) {
      inputs.put(input, new long[texts.length][longest]);
    }
    for (int row = 0; row < texts.length; row++) {
      for (int i = 0; i < longest; i++) {
        boolean real = i < texts[row].length;
        inputs.get(idsName)[row][i] = real ? texts[row][i] : PADDING;
        inputs.get(maskName)[row][i] = real ? 1 : 0;
        inputs.get("position_ids")[row][i] = i;
      }
    }
    return inputs;
  }
}
