package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.analogy.Analogies;
import io.polyseme.analogy.AnalogyOptions;
import io.polyseme.analogy.Expressions;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Word vectors need no ONNX Runtime, tokenizers, Lucene or incubating module. */
@Timeout(60)
class ClassPathTest {
  @TempDir Path folder;

  @Test
  void answersWithFewLibraries() throws Exception {
    String few =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                p ->
                    p.matches(
                        ".*(classes/?|hppc-[^/\\\\]*jar|gson-[^/\\\\]*jar|jspecify-[^/\\\\]*jar)"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                few,
                Asker.class.getName(),
                folder.resolve("few").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals("queen false", output.strip());
  }

  /** What the fresh JVM runs. */
  static final class Asker {
    private Asker() {}

    public static void main(String[] args) {
      Path file = Path.of(args[0]);
      var info = new SpaceInfo("few", 0, 3, Similarity.COSINE, Maker.UNKNOWN, Map.of());
      try (var writer = WordVectorsWriter.create(file, info)) {
        writer.add("king", new float[] {1, 1, 0});
        writer.add("man", new float[] {0, 1, 0});
        writer.add("woman", new float[] {0, 0, 1});
        writer.add("queen", new float[] {1, 0, 1});
        writer.add("car", new float[] {-1, 0, 0});
        writer.commit();
      }
      try (var words = WordVectors.open(file)) {
        var expression = Expressions.parse("king - man + woman");
        var answer = Analogies.ask(words, words, expression, AnalogyOptions.DEFAULT);
        System.out.println(answer.hits().getFirst().label() + " " + Vectors.simd());
      }
    }
  }
}
