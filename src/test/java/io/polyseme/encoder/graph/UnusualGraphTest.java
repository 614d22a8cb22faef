package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ways in which exporters write the same encoder that the bundled models do not show. Its weights
 * are raw and large enough to be left in the file.
 */
@Timeout(60)
class UnusualGraphTest extends SmallGraph {
  @Test
  void aLinkToAModelIsAsGoodAsTheModel(@TempDir Path folder) throws Exception {
    encoder();
    Path file = save(Files.createDirectory(folder.resolve("blobs")).resolve("5f3a"));
    Path link = Files.createDirectory(folder.resolve("snapshot")).resolve("model.onnx");
    Files.createSymbolicLink(link, file);
    assertArrayEquals(state(file, 1), state(link, 1));
  }

  @Test
  void weightsThatAreAlsoDeclaredAsInputsAreNotAskedForAfterACut(@TempDir Path folder)
      throws Exception {
    encoder();
    for (TensorProto tensor : List.copyOf(graph.getInitializerList())) {
      graph.addInput(value(tensor.getName(), tensor.getDataType(), tensor.getDimsList()));
    }
    Path file = save(folder.resolve("model.onnx"));
    assertEquals(List.of("input_ids"), EncoderGraph.read(file).inputs());
    assertEquals(3 * DIMENSION, state(file, 1).length);
    assertEquals(3 * DIMENSION, state(file, 2).length);
  }

  @Test
  void aScaleThatIsTakenFromAShapeIsNoData(@TempDir Path folder) throws Exception {
    encoder();
    float[] plain = state(save(folder.resolve("plain.onnx")), 2);
    graph.clear();
    random.setSeed(17);
    scaleFromShape = true;
    encoder();
    Path file = save(folder.resolve("model.onnx"));
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(2, read.layers());
    assertEquals(2, read.heads());
    assertEquals(VOCABULARY, read.vocabularySize());
    assertArrayEquals(plain, state(file, 2), 1e-5f);
    assertEquals(
        Map.of(new Tap.Query(1), "block1.q.biased", new Tap.Key(1), "block1.k.biased"),
        read.tap(Set.of(new Tap.Query(1), new Tap.Key(1))).outputs());
  }

  @Test
  void logitsAreNotTakenForHiddenStates(@TempDir Path folder) throws Exception {
    encoder();
    graph.clearOutput();
    dense("last_hidden_state", "logits", DIMENSION, VOCABULARY);
    graph.addOutput(value("logits.biased", FLOAT, List.of(-1L, -1L, (long) VOCABULARY)));
    Path alone = save(folder.resolve("logits.onnx"));
    EncoderGraph read = EncoderGraph.read(alone);
    assertTrue(read.understood(), read.problem());
    assertEquals(2, read.head().layer());

    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
    Path both = save(folder.resolve("both.onnx"));
    assertEquals(3 * DIMENSION, state(both, 2).length);
    assertArrayEquals(state(both, 2), state(alone, 2), 1e-5f);
  }

  @Test
  void projectionsWhoseBiasIsInsideAFusedOperatorAreRefused(@TempDir Path folder) throws Exception {
    node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    norm("embedded", "normed");
    for (String side : List.of("q", "k", "v")) {
      node("MatMul", side, "normed", weights(side + ".weights", DIMENSION, DIMENSION));
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("MultiHeadAttention")
            .setDomain("com.microsoft")
            .addAllInput(List.of("q", "k", "v", weights("biases", 3 * DIMENSION)))
            .addOutput("context")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("num_heads")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(2)));
    node("Add", "middle", "normed", dense("context", "o", DIMENSION, DIMENSION));
    norm("middle", "last_hidden_state");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
    Path file = save(folder.resolve("model.onnx"));
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(3 * DIMENSION, state(file, 0).length);
    for (Tap tap :
        List.of(new Tap.Query(1), new Tap.Key(1), new Tap.Value(1), new Tap.Attention(1))) {
      var error = assertThrows(PolysemeException.class, () -> read.tap(Set.of(tap)));
      assertTrue(error.getMessage().contains("fused"), error.getMessage());
    }
  }

  /** Operators with any number of inputs must not multiply the ways that are followed back. */
  @Test
  @Timeout(20)
  void wideOperatorsAreReadInTime(@TempDir Path folder) throws IOException {
    String at = "input_ids";
    for (int level = 0; level < 10; level++) {
      var same = new String[300];
      java.util.Arrays.fill(same, at);
      at = node("Max", "wide" + level, same);
    }
    node("Softmax", "probabilities", at);
    node("MatMul", "last_hidden_state", "probabilities", at);
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, -1L)));
    assertFalse(EncoderGraph.read(save(folder.resolve("model.onnx"))).understood());
  }

  /** Streams that part and meet again and again must not multiply the ways back either. */
  @Test
  @Timeout(20)
  void streamsThatMeetOftenAreReadInTime(@TempDir Path folder) throws IOException {
    String at = node("Gather", "embedded", weights("table", VOCABULARY, DIMENSION), "input_ids");
    for (int level = 0; level < 400; level++) {
      String[] parts = {
        node("Neg", "a" + level, at), node("Abs", "b" + level, at), node("Sqrt", "c" + level, at)
      };
      node("Concat", "joined" + level, parts);
      at = node("Max", "met" + level, "joined" + level, parts[0], parts[1], parts[2]);
    }
    node("MatMul", "scores", at, at);
    node("Softmax", "probabilities", "scores");
    node("MatMul", "last_hidden_state", "probabilities", at);
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, -1L)));
    assertFalse(EncoderGraph.read(save(folder.resolve("model.onnx"))).understood());
  }

  @Test
  @Timeout(20)
  void manyAttentionsOfOneValueAreReadInTime(@TempDir Path folder) throws IOException {
    for (int i = 0; i < 20_000; i++) {
      node("MatMul", "scores" + i, "input_ids", "input_ids");
      node("Softmax", "probabilities" + i, "scores" + i);
      node("MatMul", "context" + i, "probabilities" + i, "input_ids");
    }
    graph.addOutput(value("context0", FLOAT, List.of(-1L, -1L, -1L)));
    assertFalse(EncoderGraph.read(save(folder.resolve("model.onnx"))).understood());
  }

  /** Nested groups are skipped by recursion. */
  @Test
  void deeplyNestedFieldsAreSaidToBeBroken(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    var groups = new byte[5_000_000];
    java.util.Arrays.fill(groups, (byte) (100 << 3 & 0x7f | 3)); // starts of groups
    Files.write(file, groups);
    var error = assertThrows(PolysemeException.class, () -> EncoderGraph.read(file));
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
  }

  /** A gigabyte of nothing costs no space on disk, and must cost none in memory. */
  @Test
  void oneHugeFieldIsRefusedWithoutReadingIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    int length = 2_000_000_000;
    var head = ByteBuffer.allocate(6);
    head.put((byte) (ModelProto.PRODUCER_NAME_FIELD_NUMBER << 3 | 2));
    for (int left = length; left != 0; left >>>= 7) {
      head.put((byte) (left & 0x7f | (left > 0x7f ? 0x80 : 0)));
    }
    try (var channel =
        java.nio.channels.FileChannel.open(
            file,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.SPARSE,
            java.nio.file.StandardOpenOption.WRITE)) {
      channel.write(head.flip());
      channel.write(ByteBuffer.allocate(1), head.limit() + length - 1L);
    }
    var error = assertThrows(PolysemeException.class, () -> EncoderGraph.read(file));
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
  }
}
