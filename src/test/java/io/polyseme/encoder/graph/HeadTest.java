package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class HeadTest {
  static List<TinyTransformer> architectures() {
    return TinyTransformer.all();
  }

  /** Graphs of language models give scores alone: their last hidden state is found before these. */
  @ParameterizedTest
  @MethodSource("architectures")
  void theLastStateIsFoundWhereTheGraphGivesScoresAlone(TinyTransformer tiny, @TempDir Path folder)
      throws Exception {
    Path file = tiny.save(folder.resolve("model.onnx"));
    var last = new Tap.HiddenState(tiny.blocks);
    int[] text = {3, 47, 600, 12, 99, 2};
    EncoderGraph plain = EncoderGraph.read(file);
    assertNull(plain.head());
    float[] expected =
        TinyRun.run(plain.tap(Set.of(last)), tiny, OptLevel.BASIC_OPT, text).get(last).values();
    TinyHead.replaceOutput(file, tiny);
    EncoderGraph graph = EncoderGraph.read(file);
    assertTrue(graph.understood(), graph.problem());
    assertEquals(tiny.blocks, graph.layers());
    float[] found =
        TinyRun.run(graph.tap(Set.of(last)), tiny, OptLevel.BASIC_OPT, text).get(last).values();
    assertArrayEquals(expected, found, 1e-5f);
    assertEquals(tiny.blocks, graph.head().layer());
    Path fused = folder.resolve("fused.onnx");
    TinyRun.optimise(file, OptLevel.EXTENDED_OPT, fused);
    EncoderGraph again = EncoderGraph.read(fused);
    assertTrue(again.understood(), again.problem());
    assertEquals(tiny.blocks, again.head().layer());
  }
}
