package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.BertReader;
import io.polyseme.encoder.graph.BertShape;
import io.polyseme.encoder.graph.BertWriter;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled encoders taken apart into weights and written anew are the same encoders. */
@Timeout(240)
class BertFilesIT {
  private static final float TOLERANCE = 1e-4f;
  private static final List<String> TEXTS =
      List.of(
          "Bank.",
          "The crane lifted the beams; a heron and a crane flew by.",
          "银行在河边。他去银行取钱。",
          "He sat on the bank of the river, and the bank lent him money to buy the boat on it. "
              .repeat(8),
          "A word has no one meaning.");

  private static ModelFiles open(String model) {
    return ModelStore.standard().open(model, Progress.NONE, Cancel.create());
  }

  /** A folder with a model and the tokenizer of another. */
  private static ModelFiles folder(
      Path folder, ModelFiles like, BertShape shape, Map<String, float[]> weights)
      throws IOException {
    Files.createDirectories(folder);
    BertWriter.write(folder.resolve("model.onnx"), shape, weights, Progress.NONE, Cancel.create());
    Files.copy(like.tokenizer(), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("config.json"), "{\"max_position_embeddings\": " + shape.positions() + "}");
    return open(folder.toString());
  }

  private static Map<String, Encoded> encoded(ModelFiles files) {
    EncodeRequest request = EncodeRequest.ofWords().withLayers(Layers.all());
    Map<String, Encoded> all = new HashMap<>();
    try (Encoder encoder = Encoder.open(files)) {
      encoder.encodeAll(
          TEXTS.stream().map(TextInput::of).iterator(),
          request,
          result -> {
            Encoded encoded = assertInstanceOf(EncodeResult.Done.class, result).encoded();
            all.put(encoded.text(), encoded);
          },
          Cancel.create());
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2, 30522, 2, 384, 6, 12, 1536",
    "bge-small-en-v1.5, 30522, 2, 384, 12, 12, 1536",
    "bge-small-zh-v1.5, 21128, 2, 512, 4, 8, 2048"
  })
  void whatIsReadAndWrittenIsTheSameEncoder(
      String name,
      int vocabulary,
      int types,
      int dimension,
      int layers,
      int heads,
      int inner,
      @TempDir Path temporary)
      throws IOException {
    ModelFiles bundled = open(name);
    BertReader read = BertReader.read(bundled.onnx());
    assertEquals(
        new BertShape(vocabulary, 512, types, dimension, layers, heads, inner, 1e-12f, false),
        read.shape());
    assertEquals(
        List.copyOf(read.shape().weights(false).keySet()), List.copyOf(read.weights().keySet()));
    ModelFiles written =
        folder(temporary.resolve("written"), bundled, read.shape(), read.weights());
    Map<String, Encoded> expected = encoded(bundled);
    Map<String, Encoded> actual = encoded(written);
    for (String text : TEXTS) {
      List<EncodedWord> words = expected.get(text).words();
      assertEquals(words.size(), actual.get(text).words().size());
      for (int word = 0; word < words.size(); word++) {
        List<LayerVector> vectors = words.get(word).vectors();
        assertEquals(layers + 1, vectors.size());
        for (int layer = 0; layer <= layers; layer++) {
          assertArrayEquals(
              vectors.get(layer).vector(),
              actual.get(text).words().get(word).vectors().get(layer).vector(),
              TOLERANCE,
              "%s, layer %d, word %d of %s".formatted(name, layer, word, text));
        }
      }
    }
    insideIsTheSame(bundled, written);
    ModelFiles integers =
        Quantiser.quantise(
                written,
                ModelStore.standard(),
                ModelTarget.of(temporary.resolve("int8").toString()),
                Progress.NONE,
                Cancel.create())
            .files();
    quantisedIsNear(actual, integers);
    assertThrows(PolysemeException.class, () -> BertReader.read(integers.onnx()));
  }

  private static void insideIsTheSame(ModelFiles bundled, ModelFiles written) {
    try (Encoder one = Encoder.open(bundled);
        Encoder other = Encoder.open(written)) {
      Inside first = one.inside();
      Inside second = other.inside();
      Set<Tap> taps = new HashSet<>();
      for (int layer = 0; layer <= first.layers(); layer++) {
        taps.add(new Tap.HiddenState(layer));
        if (layer > 0) {
          taps.addAll(
              List.of(
                  new Tap.Attention(layer),
                  new Tap.Query(layer),
                  new Tap.Value(layer),
                  new Tap.AttentionOutput(layer),
                  new Tap.FeedForwardOutput(layer)));
        }
      }
      ActivationRequest request = ActivationRequest.of(taps);
      for (String text : TEXTS) {
        Activations expected = first.activations(first.tokenise(text), request);
        Activations actual = second.activations(second.tokenise(text), request);
        for (Tap tap : taps) {
          assertArrayEquals(expected.all(tap), actual.all(tap), TOLERANCE, tap.toString());
        }
      }
    }
  }

  private static void quantisedIsNear(Map<String, Encoded> floats, ModelFiles integers) {
    try (Encoder encoder = Encoder.open(integers)) {
      assertEquals(Quantisation.BY_ROW, encoder.info().quantisation());
      for (String text : TEXTS) {
        Encoded near = encoder.encode(text, EncodeRequest.ofWords());
        List<EncodedWord> words = floats.get(text).words();
        double sum = 0;
        for (int word = 0; word < words.size(); word++) {
          sum +=
              Vectors.cosine(
                  words.get(word).vectors().getLast().vector(),
                  near.words().get(word).vectors().getLast().vector());
        }
        assertTrue(sum / words.size() > 0.98, text + ": mean cosine " + sum / words.size());
      }
    }
  }

  /** A model with random weights and a head is known for what it predicts. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHeadIsOneForMaskedOrForNextWords(boolean causal, @TempDir Path temporary)
      throws IOException {
    ModelFiles like = open("bge-small-en-v1.5");
    var shape = new BertShape(30522, 64, causal ? 0 : 2, 32, 2, 4, 64, 1e-12f, causal);
    var random = new Random(3);
    Map<String, float[]> weights = new LinkedHashMap<>();
    shape
        .weights(true)
        .forEach(
            (name, sizes) -> {
              var values = new float[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    (float) ((name.endsWith("Norm.weight") ? 1 : 0) + random.nextGaussian() / 4);
              }
              weights.put(name, values);
            });
    ModelFiles files = folder(temporary.resolve("model"), like, shape, weights);
    try (Encoder encoder = Encoder.open(files)) {
      Inside inside = encoder.inside();
      assertTrue(inside.hasHead());
      try (WordHead head = inside.head()) {
        assertEquals(causal ? WordHead.Kind.CAUSAL : WordHead.Kind.MASKED, head.kind());
        assertEquals(shape.layers(), head.layer());
        assertEquals(shape.vocabulary(), head.logits(new float[32], 1).length);
      }
    }
  }
}
