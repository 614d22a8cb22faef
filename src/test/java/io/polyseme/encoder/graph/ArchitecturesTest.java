package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.encoder.graph.TinyRun.Output;
import io.polyseme.encoder.graph.TinyTransformer.Result;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Graphs of other architectures than BERT's are understood, and every inner value is what the
 * arithmetic of the architecture gives, to 1e-4 of values whose size is about one.
 */
@Timeout(120)
class ArchitecturesTest {
  private static final double TOLERANCE = 1e-4;
  private static final int[][] TEXTS = {
    {3, 47, 600, 12, 12, 99, 345, 8, 2}, {3, 500, 77, 61, 2}, {250, 2}
  };

  static List<TinyTransformer> architectures() {
    return TinyTransformer.all();
  }

  static Set<Tap> taps(TinyTransformer tiny) {
    Set<Tap> taps = new LinkedHashSet<>();
    for (int layer = 0; layer <= tiny.blocks; layer++) {
      taps.add(new Tap.HiddenState(layer));
      if (layer > 0) {
        taps.add(new Tap.Attention(layer));
        taps.add(new Tap.Query(layer));
        taps.add(new Tap.Key(layer));
        taps.add(new Tap.Value(layer));
        taps.add(new Tap.Context(layer));
        taps.add(new Tap.AttentionOutput(layer));
        taps.add(new Tap.AfterAttention(layer));
        taps.add(new Tap.FeedForward(layer));
        taps.add(new Tap.FeedForwardOutput(layer));
        if (tiny.gate == TinyTransformer.Gate.NONE) {
          taps.add(new Tap.PreActivation(layer));
        }
      }
    }
    return taps;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void everyInnerValueIsWhatTheArithmeticGives(TinyTransformer tiny, @TempDir Path folder)
      throws Exception {
    EncoderGraph graph = EncoderGraph.read(tiny.save(folder.resolve("model.onnx")));
    assertTrue(graph.understood(), graph.problem());
    assertEquals(tiny.blocks, graph.layers());
    assertEquals(tiny.dimension, graph.dimension());
    assertEquals(tiny.heads, graph.heads());
    assertEquals(TinyTransformer.VOCABULARY, graph.vocabularySize());
    assertEquals(tiny.window(), graph.maximumPositions());
    assertEquals(TinyTransformer.VOCABULARY, graph.rowsLookedUp(tiny.idsName));
    Map<Tap, Output> all = run(graph.tap(taps(tiny)), tiny, OptLevel.BASIC_OPT);
    assertValues(tiny, all);
    assertValues(tiny, run(graph.tap(taps(tiny)), tiny, OptLevel.ALL_OPT));
    for (Tap tap : taps(tiny)) {
      Output cut = run(graph.tap(Set.of(tap)), tiny, OptLevel.BASIC_OPT).get(tap);
      assertArrayEquals(all.get(tap).values(), cut.values(), 1e-5f, tap + " of a cut graph");
    }
  }

  /**
   * Softmax of the scores gives the attention, and projections are what leads to what they give.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void partsOfABlockGoTogether(TinyTransformer tiny, @TempDir Path folder) throws Exception {
    EncoderGraph graph = EncoderGraph.read(tiny.save(folder.resolve("model.onnx")));
    int layer = tiny.blocks - 1;
    Set<Tap> taps = Set.of(new Tap.Scores(layer), new Tap.Attention(layer));
    Map<Tap, Output> values = run(graph.tap(taps), tiny, OptLevel.BASIC_OPT);
    float[] scores = values.get(new Tap.Scores(layer)).values();
    float[] attention = values.get(new Tap.Attention(layer)).values();
    int longest = TEXTS[0].length;
    for (int row = 0; row < tiny.heads * longest; row++) { // of the first text, which is longest
      double sum = 0;
      for (int key = 0; key < longest; key++) {
        sum += Math.exp(scores[row * longest + key]);
      }
      for (int key = 0; key < longest; key++) {
        assertEquals(
            Math.exp(scores[row * longest + key]) / sum, attention[row * longest + key], 1e-5);
      }
    }
    EncoderGraph.Part output =
        graph.between(new Tap.Context(layer), new Tap.AttentionOutput(layer));
    assertEquals(tiny.heads * tiny.width, output.width());
    EncoderGraph.Part second =
        graph.between(new Tap.FeedForward(layer), new Tap.FeedForwardOutput(layer));
    assertEquals(tiny.inner, second.width());
    if (tiny.normFirst) {
      assertNull(graph.normAfterAttention(layer));
      assertNull(graph.normAfterFeedForward(layer));
    } else {
      assertNotNull(graph.normAfterAttention(layer));
      assertNotNull(graph.normAfterFeedForward(layer));
    }
  }

  /** With a part replaced by zeros, what is left of the sum goes on. */
  @ParameterizedTest
  @MethodSource("architectures")
  void whatIsReplacedIsReplacedForItsReaders(TinyTransformer tiny, @TempDir Path folder)
      throws Exception {
    EncoderGraph graph = EncoderGraph.read(tiny.save(folder.resolve("model.onnx")));
    Tap output = new Tap.FeedForwardOutput(1);
    Tap middle = new Tap.AfterAttention(1);
    Tap state = new Tap.HiddenState(1);
    for (Operators operators : List.of(Operators.AS_EXPORTED, Operators.FAST_ON_CPU)) {
      EncoderGraph.Tapped tapped =
          graph.tap(Set.of(middle, state, output), Set.of(output), operators);
      EncoderGraph.Patch patch = tapped.patches().get(output);
      Map<Tap, Output> whole =
          TinyRun.run(tapped, tiny, OptLevel.BASIC_OPT, patch(patch, 1, 0), TEXTS);
      assertValues(tiny, whole);
      Map<Tap, Output> without =
          TinyRun.run(tapped, tiny, OptLevel.BASIC_OPT, patch(patch, 0, 0), TEXTS);
      for (float value : without.get(output).values()) {
        assertEquals(0, value);
      }
      if (tiny.normFirst) {
        assertArrayEquals(
            without.get(middle).values(), without.get(state).values(), 1e-5f, tiny.toString());
      }
      TinyRun.assertClose(whole.get(middle), without.get(middle), tiny, TEXTS, 1e-6, middle);
    }
  }

  private static Map<String, Float> patch(EncoderGraph.Patch patch, float keep, float add) {
    return Map.of(patch.keep(), keep, patch.add(), add);
  }

  /** What the runtime has fused is understood too, and gives the same where it gives it. */
  @ParameterizedTest
  @MethodSource("architectures")
  void graphsThatTheRuntimeHasFusedAreUnderstoodToo(TinyTransformer tiny, @TempDir Path folder)
      throws Exception {
    Path plain = tiny.save(folder.resolve("model.onnx"));
    Path fused = folder.resolve("fused.onnx");
    TinyRun.optimise(plain, OptLevel.EXTENDED_OPT, fused);
    EncoderGraph graph = EncoderGraph.read(fused);
    assertTrue(graph.understood(), graph.problem());
    assertEquals(tiny.blocks, graph.layers());
    assertEquals(tiny.dimension, graph.dimension());
    Set<Tap> taps = new LinkedHashSet<>();
    for (Tap tap : taps(tiny)) {
      try {
        graph.tap(Set.of(tap));
        taps.add(tap);
      } catch (PolysemeException e) {
        assertTrue(e.getMessage().contains("fused operator"), e.getMessage());
        assertTrue(!(tap instanceof Tap.HiddenState), e.getMessage());
      }
    }
    assertValues(tiny, run(graph.tap(taps), tiny, OptLevel.BASIC_OPT));
  }

  @Test
  void aDecoderWhoseAttentionIsOneOperatorHidesItAlone(@TempDir Path folder) throws Exception {
    TinyTransformer tiny = TinyTransformer.fusedDecoder();
    EncoderGraph graph = EncoderGraph.read(tiny.save(folder.resolve("model.onnx")));
    assertTrue(graph.understood(), graph.problem());
    assertEquals(tiny.blocks, graph.layers());
    assertEquals(tiny.heads, graph.heads());
    Set<Tap> taps = taps(tiny);
    taps.removeIf(tap -> tap instanceof Tap.Attention);
    assertValues(tiny, run(graph.tap(taps), tiny, OptLevel.ALL_OPT));
    var error =
        assertThrows(PolysemeException.class, () -> graph.tap(Set.of(new Tap.Attention(1))));
    assertTrue(error.getMessage().contains("fused operator"), error.getMessage());
  }

  static List<TinyTransformer> andSomeOfRandomSizes() {
    var random = new Random(31);
    return Stream.concat(
            TinyTransformer.all().stream(),
            IntStream.range(0, 24).mapToObj(_ -> TinyTransformer.random(random)))
        .toList();
  }

  /** To 1e-5, five times what was seen, of what the model's own operators give. */
  @ParameterizedTest
  @MethodSource("andSomeOfRandomSizes")
  void theOperatorsThatAreFastOnACpuGiveTheSame(TinyTransformer tiny, @TempDir Path folder)
      throws Exception {
    EncoderGraph graph = EncoderGraph.read(tiny.save(folder.resolve("model.onnx")));
    assertTrue(graph.understood(), graph.problem());
    Set<Tap> taps = taps(tiny);
    EncoderGraph.Tapped fast = graph.tap(taps, Operators.FAST_ON_CPU);
    Map<Tap, Output> expected = run(graph.tap(taps), tiny, OptLevel.BASIC_OPT);
    Map<Tap, Output> actual = run(fast, tiny, OptLevel.EXTENDED_OPT);
    assertValues(tiny, actual);
    for (Tap tap : taps) {
      assertArrayEquals(expected.get(tap).shape(), actual.get(tap).shape(), tap.toString());
      TinyRun.assertClose(expected.get(tap), actual.get(tap), tiny, TEXTS, 1e-5, tap);
      if (tap instanceof Tap.HiddenState) {
        EncoderGraph.Tapped only = graph.tap(Set.of(tap), Operators.FAST_ON_CPU);
        Output cut = run(only, tiny, OptLevel.EXTENDED_OPT).get(tap);
        TinyRun.assertClose(expected.get(tap), cut, tiny, TEXTS, 1e-5, tap + " of a cut graph");
      }
    }
    // Where there is a mean to take off, the norms were rewritten.
    List<String> operators =
        ModelProto.parseFrom(fast.model()).getGraph().getNodeList().stream()
            .map(NodeProto::getOpType)
            .toList();
    assertEquals(!tiny.rootMeanSquare, operators.contains("SkipLayerNormalization"), tiny.name);
    assertFalse(operators.contains("LayerNormalization"), tiny.name);
    if (tiny.gate == TinyTransformer.Gate.NONE) {
      assertTrue(operators.contains("Gelu"), tiny.name);
      assertFalse(operators.contains("Erf"), tiny.name);
    }
  }

  private static Map<Tap, Output> run(
      EncoderGraph.Tapped tapped, TinyTransformer tiny, OptLevel level) throws Exception {
    return TinyRun.run(tapped, tiny, level, TEXTS);
  }

  private static void assertValues(TinyTransformer tiny, Map<Tap, Output> outputs) {
    for (int row = 0; row < TEXTS.length; row++) {
      Result expected = tiny.run(TEXTS[row]);
      for (Map.Entry<Tap, Output> entry : outputs.entrySet()) {
        Tap tap = entry.getKey();
        int block = tap.layer() - 1;
        double[][] values =
            switch (tap) {
              case Tap.HiddenState(int layer) -> expected.states().get(layer);
              case Tap.Query _ -> expected.queries().get(block);
              case Tap.Key _ -> expected.keys().get(block);
              case Tap.Value _ -> expected.values().get(block);
              case Tap.FeedForward _ -> expected.activations().get(block);
              case Tap.Context _ -> expected.contexts().get(block);
              case Tap.AttentionOutput _ -> expected.attentionOutputs().get(block);
              case Tap.AfterAttention _ -> expected.middles().get(block);
              case Tap.PreActivation _ -> expected.before().get(block);
              case Tap.FeedForwardOutput _ -> expected.outputs().get(block);
              case Tap.Attention _, Tap.Scores _ -> null;
            };
        if (values != null) {
          assertRow(tiny, tap, entry.getValue(), row, values);
        } else if (tap instanceof Tap.Attention) {
          assertAttention(tiny, tap, entry.getValue(), row, expected.attention().get(block));
        }
      }
    }
  }

  private static void assertRow(
      TinyTransformer tiny, Tap tap, Output output, int row, double[][] expected) {
    int width = expected[0].length;
    int longest = TEXTS[0].length;
    assertArrayEquals(new long[] {TEXTS.length, longest, width}, output.shape(), tiny + ", " + tap);
    for (int i = 0; i < expected.length; i++) {
      for (int d = 0; d < width; d++) {
        assertEquals(
            expected[i][d],
            output.values()[(row * longest + i) * width + d],
            TOLERANCE,
            "%s, %s, text %d, token %d, element %d".formatted(tiny, tap, row, i, d));
      }
    }
  }

  private static void assertAttention(
      TinyTransformer tiny, Tap tap, Output output, int row, double[][][] expected) {
    int longest = TEXTS[0].length;
    assertArrayEquals(
        new long[] {TEXTS.length, tiny.heads, longest, longest}, output.shape(), tiny + ", " + tap);
    for (int head = 0; head < tiny.heads; head++) {
      for (int i = 0; i < TEXTS[row].length; i++) {
        for (int j = 0; j < longest; j++) {
          assertEquals(
              j < TEXTS[row].length ? expected[head][i][j] : 0,
              output.values()[((row * tiny.heads + head) * longest + i) * longest + j],
              TOLERANCE,
              "%s, %s, text %d, head %d, tokens %d, %d".formatted(tiny, tap, row, head, i, j));
        }
      }
    }
  }
}
