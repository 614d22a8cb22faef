package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small encoder that normalises before each part (pre-LN), written with the operators of newer
 * opsets: LayerNormalization and Gelu are one node each.
 */
@Timeout(60)
class PreLayerNormTest extends SmallGraph {
  @Test
  void theHiddenStateIsTheResidualStream(@TempDir Path folder) throws Exception {
    encoder();
    Path file = save(folder.resolve("model.onnx"));
    EncoderGraph read = EncoderGraph.read(file);
    assertTrue(read.understood(), read.problem());
    assertEquals(2, read.layers());
    assertEquals(DIMENSION, read.dimension());
    assertEquals(2, read.heads());
    assertEquals(VOCABULARY, read.vocabularySize());
    EncoderGraph.Tapped tapped =
        read.tap(
            Set.of(
                new Tap.HiddenState(0),
                new Tap.HiddenState(1),
                new Tap.HiddenState(2),
                new Tap.FeedForward(2),
                new Tap.Query(1)));
    assertEquals(
        Map.of(
            new Tap.HiddenState(0), "embedded",
            new Tap.HiddenState(1), "block1.out",
            new Tap.HiddenState(2), "last_hidden_state",
            new Tap.FeedForward(2), "block2.activation",
            new Tap.Query(1), "block1.q.biased"),
        tapped.outputs());
    // It runs, and a cut graph gives what the whole one does.
    assertArrayEquals(run(tapped, "block1.out"), state(file, 1), 1e-6f);
  }

  @Test
  void aGraphWithoutAttentionGivesOnlyWhatItDeclares(@TempDir Path folder) throws IOException {
    node("Gather", "last_hidden_state", weights("table", VOCABULARY, DIMENSION), "input_ids");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, (long) DIMENSION)));
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("model.onnx")));
    assertFalse(read.understood());
    assertTrue(read.problem().contains("attention"), read.problem());
    var error =
        assertThrows(PolysemeException.class, () -> read.tap(Set.of(new Tap.HiddenState(1))));
    assertTrue(error.getMessage().contains("not understood"), error.getMessage());
  }

  @Test
  void aCircleIsSaidAndNotFollowed(@TempDir Path folder) throws IOException {
    node("Add", "a", "b", "input_ids");
    node("Softmax", "b", "a");
    node("Identity", "last_hidden_state", "b");
    graph.addOutput(value("last_hidden_state", FLOAT, List.of(-1L, -1L, -1L)));
    EncoderGraph read = EncoderGraph.read(save(folder.resolve("model.onnx")));
    assertFalse(read.understood());
    assertTrue(read.problem().contains("circle"), read.problem());
  }
}
