package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An int8 model gives nearly what its float32 model gives, whatever else is encoded beside. */
@Timeout(240)
class QuantisedIT {
  private static final EncodeRequest SENTENCES = EncodeRequest.ofSentences();

  private static List<String> texts(int count) {
    var all = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(synset -> all.add(synset.definition()));
    }
    Collections.shuffle(all, new Random(11));
    return List.copyOf(all.subList(0, count));
  }

  private static Map<String, float[]> encoded(Encoder encoder, List<String> texts) {
    Map<String, float[]> vectors = new HashMap<>();
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        SENTENCES,
        result -> {
          Encoded encoded = ((EncodeResult.Done) result).encoded();
          vectors.put(encoded.text(), encoded.vector());
        },
        Cancel.create());
    return vectors;
  }

  @Test
  void vectorsAreNearTheFloatsAndDoNotDependOnTheirCompanions(@TempDir Path folder) {
    ModelStore store = ModelStore.standard();
    ModelFiles floats = store.open("bge-small-en-v1.5", Progress.NONE, Cancel.create());
    ModelFiles integers =
        Quantiser.quantise(
                floats,
                store,
                ModelTarget.of(folder.resolve("int8").toString()),
                Progress.NONE,
                Cancel.create())
            .files();
    List<String> texts = texts(300);
    Map<String, float[]> expected;
    try (Encoder encoder = Encoder.open(floats)) {
      expected = encoded(encoder, texts);
    }
    Map<String, float[]> alone = new HashMap<>();
    try (Encoder encoder = Encoder.open(integers)) {
      assertEquals(Quantisation.BY_ROW, encoder.info().quantisation());
      double sum = 0;
      double least = 1;
      for (String text : texts) {
        float[] vector = encoder.encode(text, SENTENCES).vector();
        alone.put(text, vector);
        double cosine = Vectors.cosine(expected.get(text), vector);
        sum += cosine;
        least = Math.min(least, cosine);
      }
      assertTrue(sum / texts.size() > 0.995, "mean cosine " + sum / texts.size());
      assertTrue(least > 0.98, "least cosine " + least);
    }
    // Other threads, budgets, orders and companions. Sums of integers are exact; what float32
    // rounds otherwise in a batch of another shape may tip a value to the next integer.
    var random = new Random(23);
    for (int round = 0; round < 6; round++) {
      EncoderOptions options =
          EncoderOptions.DEFAULT
              .withThreads(1 + random.nextInt(4))
              .withBatchTokens(32 << random.nextInt(6));
      var some = new ArrayList<>(texts);
      Collections.shuffle(some, random);
      List<String> chosen = some.subList(0, 20 + random.nextInt(texts.size() - 20));
      try (Encoder encoder = Encoder.open(integers, options)) {
        encoded(encoder, chosen)
            .forEach(
                (text, vector) -> {
                  double cosine = Vectors.cosine(alone.get(text), vector);
                  assertTrue(cosine > 1 - 1e-4, "%s: %s, %s".formatted(options, text, 1 - cosine));
                });
      }
    }
  }
}
