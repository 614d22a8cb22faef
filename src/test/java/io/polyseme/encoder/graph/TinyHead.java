package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Scores of words over the last hidden state of a small Transformer, by random weights. */
public final class TinyHead {
  private TinyHead() {}

  /** The weights, float[dimension × vocabulary]. */
  public static float[] weights(TinyTransformer tiny) {
    var random = new Random(7);
    var weights = new float[tiny.dimension() * TinyTransformer.VOCABULARY];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (0.3 * random.nextGaussian());
    }
    return weights;
  }

  /** Rewrites a model so that it gives scores of words, and no hidden state. */
  public static void replaceOutput(Path file, TinyTransformer tiny) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    float[] weights = weights(tiny);
    var bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(weights);
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName("lm_head")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(tiny.dimension())
            .addDims(TinyTransformer.VOCABULARY)
            .setRawData(ByteString.copyFrom(bytes)));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("MatMul")
            .addInput("last_hidden_state")
            .addInput("lm_head")
            .addOutput("logits"));
    for (int i = 0; i < graph.getOutputCount(); i++) {
      ValueInfoProto output = graph.getOutput(i);
      if (output.getName().equals("last_hidden_state")) {
        graph.setOutput(
            i,
            ProductsAlone.floats(
                "logits", "batch", "tokens", String.valueOf(TinyTransformer.VOCABULARY)));
      }
    }
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
  }
}
