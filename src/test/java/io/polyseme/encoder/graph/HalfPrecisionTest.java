package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small graphs in float16, run on the CPU. */
@Timeout(60)
class HalfPrecisionTest extends SmallGraph {
  private static final Tap LAST = new Tap.HiddenState(2);

  @Test
  void whatIsGivenAndWhatIsReadStaysAsItWas(@TempDir Path folder) throws Exception {
    scaleFromShape = true;
    encoder();
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("model.onnx")));
    Set<Tap> taps = Set.of(LAST, new Tap.HiddenState(1), new Tap.Attention(2));
    EncoderGraph.Tapped exact = read.tap(taps);
    EncoderGraph.Tapped half = read.tap(taps, Operators.HALF_PRECISION);
    assertEquals(exact.outputs(), half.outputs());
    for (Tap tap : taps) {
      assertClose(
          run(exact, exact.outputs().get(tap)), run(half, half.outputs().get(tap)), tap.toString());
    }
    // What only the shape decides is computed in float32: it has no place in the way of the data.
    List<NodeProto> nodes = ModelProto.parseFrom(half.model()).getGraph().getNodeList();
    assertTrue(
        nodes.stream()
            .filter(node -> node.getOpType().equals("Sqrt"))
            .noneMatch(node -> node.getInput(0).endsWith("/half")));
    assertTrue(
        nodes.stream()
            .filter(node -> Set.of("MatMul", "Softmax").contains(node.getOpType()))
            .allMatch(node -> node.getInputList().stream().allMatch(in -> in.endsWith("/half"))));
  }

  @Test
  void aMaskOfTheLeastFloatHidesWithoutBecomingInfinite(@TempDir Path folder) throws Exception {
    encoder();
    // (1 - mask) times the least float, where the mask takes in no token at all: local attention
    // has such rows, and with infinities they would be no numbers.
    cast("input_ids", "as float");
    node("Mul", "nothing", "as float", scalar("naught", 0));
    node("Sub", "hidden", scalar("one", 1), "nothing");
    node("Mul", "penalty", "hidden", scalar("least", -Float.MAX_VALUE));
    node("Unsqueeze", "mask", "penalty", longs("axes", 1, 2));
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getOpType().equals("Softmax")) {
        String masked = node("Add", node.getOutput(0) + ".masked", node.getInput(0), "mask");
        graph.setNode(i, node.toBuilder().setInput(0, masked));
      }
    }
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("model.onnx")));
    assertTrue(read.understood(), read.problem());
    EncoderGraph.Tapped half = read.tap(Set.of(LAST), Operators.HALF_PRECISION);
    for (float value : run(half, "last_hidden_state")) {
      assertTrue(Float.isFinite(value), "a value is " + value);
    }
    // The CPU may leave out a Cast to float16 before it adds, so that its result tells little.
    var wiring = new Wiring(ModelProto.parseFrom(half.model()).getGraph());
    NodeProto cast = wiring.producer("mask/half");
    NodeProto min = wiring.producer(cast.getInput(0));
    NodeProto max = wiring.producer(min.getInput(0));
    assertEquals("Max", max.getOpType());
    assertEquals("mask", max.getInput(0));
    assertEquals(-65504, wiring.number(max.getInput(1)));
    assertEquals(65504, wiring.number(min.getInput(1)));
  }

  @Test
  void aNumberBeyondTheRangeIsBroughtIntoIt(@TempDir Path folder) throws Exception {
    encoder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getOpType().equals("Softmax")) {
        graph.setNode(
            i,
            node.toBuilder()
                .setInput(
                    0,
                    node(
                        "Where",
                        node.getOutput(0) + ".masked",
                        "last",
                        scalar(node.getOutput(0) + ".least", -Float.MAX_VALUE),
                        node.getInput(0))));
      }
    }
    node("Equal", "is last", "input_ids", longs("eleven", 11));
    node("Unsqueeze", "last", "is last", longs("axes", 1, 2));
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("model.onnx")));
    assertTrue(read.understood(), read.problem());
    EncoderGraph.Tapped half = read.tap(Set.of(LAST), Operators.HALF_PRECISION);
    ModelProto model = ModelProto.parseFrom(half.model());
    TensorProto least =
        model.getGraph().getInitializerList().stream()
            .filter(tensor -> tensor.getName().endsWith(".least/half"))
            .findFirst()
            .orElseThrow();
    assertEquals(-65504, Float.float16ToFloat((short) least.getInt32Data(0)));
    assertClose(
        run(read.tap(Set.of(LAST)), "last_hidden_state"),
        run(half, "last_hidden_state"),
        "the last layer");
  }

  /** Cosine of at least 0.999 over all. */
  private static void assertClose(float[] exact, float[] half, String what) {
    assertEquals(exact.length, half.length);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < exact.length; i++) {
      ab += (double) exact[i] * half[i];
      aa += (double) exact[i] * exact[i];
      bb += (double) half[i] * half[i];
    }
    double cosine = ab / Math.sqrt(aa * bb);
    assertTrue(cosine > 0.999, what + ": " + cosine);
  }
}
