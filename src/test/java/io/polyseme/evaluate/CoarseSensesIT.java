package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The word "bank" with a real model. Runs where {@code -Dpolyseme.data=FOLDER} names a folder that
 * holds {@code coarsewsd20/bank}, which is no part of the project.
 */
@Timeout(600)
class CoarseSensesIT {
  @Test
  void bankIsToldApartAtSomeLayer() {
    String data = System.getProperty("polyseme.data", "");
    assumeTrue(
        !data.isEmpty() && Files.isDirectory(Path.of(data, "coarsewsd20", "bank")),
        "skipped: no CoarseWSD-20; give the folder that holds coarsewsd20 with -Dpolyseme.data=FOLDER");
    CoarseSenses set = CoarseSenses.read(Path.of(data, "coarsewsd20"), List.of("bank"));
    try (Encoder encoder =
        Encoder.open(
            ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()))) {
      Evaluation evaluation =
          set.score(
              ContextVectors.of(encoder, EncodeRequest.ofWords().withLayers(Layers.all())),
              CoarseOptions.DEFAULT.withExamples(30),
              Progress.NONE,
              Cancel.create());
      List<Score> byLayer =
          evaluation.scores().stream().filter(s -> s.metric().equals("macro-f1")).toList();
      assertEquals(
          IntStream.rangeClosed(0, encoder.info().layers()).mapToObj(String::valueOf).toList(),
          byLayer.stream().map(Score::layer).toList());
      assertTrue(
          byLayer.stream().mapToDouble(Score::value).max().orElseThrow() > 0.9, byLayer.toString());
      assertTrue(byLayer.stream().allMatch(s -> s.n() == s.total()), evaluation.toString());
    }
  }
}
