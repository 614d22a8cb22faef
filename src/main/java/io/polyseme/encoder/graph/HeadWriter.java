package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes an encoder's graph with a language-model head over one of its hidden states: a projection,
 * Gelu, a layer normalisation, and the product with the model's own word embeddings, plus a bias
 * for each word, as BERT's (Devlin et al. 2019; output tied to the input as Press and Wolf 2017
 * have it). The new graph gives {@code last_hidden_state} and {@code logits}, float[batch, tokens,
 * vocabulary], beside what it gave before.
 */
public final class HeadWriter {
  static final String STATE = "last_hidden_state";
  static final String LOGITS = "logits";
  private static final String PREFIX = "polyseme.head.";

  /** The first version of ONNX with Erf. */
  private static final int ERF = 9;

  private HeadWriter() {}

  /**
   * What is learned.
   *
   * @param layer whose hidden state it reads
   * @param dense float[dimension × n], n being that of the word embeddings: row by row, one for
   *     each dimension of the state
   * @param denseBias float[n]
   * @param scale float[n], of the normalisation
   * @param shift float[n]
   * @param bias float[vocabulary]
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record HeadWeights(
      int layer,
      float[] dense,
      float[] denseBias,
      float[] scale,
      float[] shift,
      float epsilon,
      float[] bias) {}

  /**
   * Writes the model with the head.
   *
   * @param from a float32 ONNX model; weights in files beside it are taken in
   * @param to the file to write, which must not be there yet; removed where it cannot be completed
   * @param progress told of bytes of weights
   * @return the new file's size in bytes
   * @throws PolysemeException if the model is not understood or not float32, has such outputs
   *     already, or cannot be read; or the file cannot be written or would have 2 GiB or more
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static long write(Path from, Path to, HeadWeights head, Progress progress, Cancel cancel) {
    OnnxFile.Contents contents = OnnxFile.read(from.toAbsolutePath());
    try (var weights = new Weights(from, contents.folder())) {
      ModelProto model = with(contents.model(), from, head);
      var rest = model.getGraph().toBuilder().clearInitializer();
      var large = new ArrayList<OnnxWriter.Large>();
      long total =
          model.getGraph().getInitializerList().stream()
              .filter(Weights::isElsewhere)
              .mapToLong(tensor -> size(weights, tensor))
              .sum();
      var done = new long[1];
      for (TensorProto tensor : model.getGraph().getInitializerList()) {
        if (Weights.isElsewhere(tensor)) {
          large.add(
              weights.copy(
                  tensor,
                  cancel,
                  bytes -> progress.update("writing the model", done[0] += bytes, total)));
        } else {
          rest.addInitializer(tensor);
        }
      }
      return OnnxWriter.write(to, model.toBuilder().setGraph(rest).build(), large);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write %s: %s (is a file missing, or the disk full?)".formatted(to, e), e);
    }
  }

  private static long size(Weights weights, TensorProto tensor) {
    try {
      return weights.bytes(tensor).byteSize();
    } catch (IOException e) {
      throw weights.damaged("the weights %s cannot be read: %s".formatted(tensor.getName(), e));
    }
  }

  private static ModelProto with(ModelProto model, Path file, HeadWeights head) {
    GraphProto graph = model.getGraph();
    var wiring = new Wiring(graph);
    Anatomy anatomy;
    try {
      anatomy = Anatomy.of(wiring);
    } catch (Wiring.NotUnderstood | IndexOutOfBoundsException | ArithmeticException e) {
      throw new PolysemeException(
          "%s cannot get a head: its graph is not understood: %s".formatted(file, e.getMessage()),
          e);
    }
    NodeProto words = wiring.words();
    TensorProto table = words == null ? null : wiring.initializer(words.getInput(0));
    int opset = OnnxFile.opset(model);
    if (table == null
        || table.getDataType() != DataType.FLOAT.getNumber()
        || table.getDims(0) != head.bias.length
        || table.getDims(1) != head.scale.length
        || opset < ERF
        || Weights.isHidden(graph)) {
      throw new PolysemeException(
          "%s cannot get a head: that needs float32 word embeddings of %d × %d, ONNX's operators of version %d or newer, and all weights as initializers"
              .formatted(file, head.bias.length, head.scale.length, ERF));
    }
    boolean given =
        graph.getOutputList().stream().anyMatch(output -> output.getName().equals(LOGITS));
    if (given || wiring.producer(LOGITS) != null) {
      throw new PolysemeException(file + " has an output or a value called logits already");
    }
    var builder = graph.toBuilder();
    String last = state(wiring, anatomy, builder);
    String state = head.layer == anatomy.blocks().size() ? last : anatomy.state(head.layer);
    add(builder, head, opset, state, words.getInput(0));
    builder.addOutput(scores(builder, last, head.bias.length));
    return model.toBuilder().setGraph(builder).build();
  }

  /** The last hidden state under its usual name, declared. */
  private static String state(Wiring wiring, Anatomy anatomy, GraphProto.Builder graph) {
    String found = anatomy.output();
    boolean declared =
        graph.getOutputList().stream().anyMatch(output -> output.getName().equals(found));
    if (found.equals(STATE) && declared) {
      return STATE;
    }
    String name = found;
    if (!found.equals(STATE) && wiring.producer(STATE) == null) {
      name = STATE;
      graph.addNode(Fusion.node("Identity", "", STATE, List.of(found)));
    } else if (declared) {
      return found;
    }
    graph.addOutput(
        ProductsAlone.floats(name, "batch", "tokens", Integer.toString(anatomy.dimension())));
    return name;
  }

  /** An output whose first two sizes are those of the state's. */
  private static ValueInfoProto scores(GraphProto.Builder graph, String state, int vocabulary) {
    ValueInfoProto like =
        graph.getOutputList().stream()
            .filter(output -> output.getName().equals(state))
            .findFirst()
            .orElseThrow();
    TensorShapeProto shape = like.getType().getTensorType().getShape();
    if (shape.getDimCount() != 3) {
      return ProductsAlone.floats(LOGITS, "batch", "tokens", Integer.toString(vocabulary));
    }
    var sizes =
        shape.toBuilder()
            .setDim(2, TensorShapeProto.Dimension.newBuilder().setDimValue(vocabulary));
    return ValueInfoProto.newBuilder()
        .setName(LOGITS)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(DataType.FLOAT.getNumber())
                        .setShape(sizes)))
        .build();
  }

  /**
   * Adds a head that gives {@code logits}.
   *
   * @param state what it reads, float[batch, tokens, dimension]
   * @param words the table of word embeddings
   */
  static void add(
      GraphProto.Builder graph, HeadWeights head, int opset, String state, String words) {
    var nodes = new Nodes(graph, PREFIX, opset);
    int n = head.scale.length;
    String dense = nodes.tensor("dense.weight", head.dense, head.dense.length / n, n);
    String projected = nodes.node("MatMul", "dense", state, dense);
    String biased =
        nodes.node("Add", "biased", projected, nodes.tensor("dense.bias", head.denseBias, n));
    String normed =
        nodes.norm(
            "norm",
            nodes.gelu("gelu", biased),
            nodes.tensor("norm.weight", head.scale, n),
            nodes.tensor("norm.bias", head.shift, n),
            head.epsilon);
    String scores = nodes.node("MatMul", "scores", normed, nodes.transpose("words", words, 1, 0));
    String bias = nodes.tensor("bias", head.bias, head.bias.length);
    graph.addNode(Fusion.node("Add", "", LOGITS, List.of(scores, bias)));
  }
}
