package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Texts whose vectors, and whose characters several times over, would not fit the memory that there
 * is, at the layer of the embeddings, which costs the model nearly nothing.
 */
@Timeout(600)
class HugeTextIT {
  @ParameterizedTest
  @CsvSource({
    "words, english, 10000000",
    "words, spaceless, 10000000",
    "late, english, 2000000",
    "chunks, english, 2000000",
    "late, chinese, 500000"
  })
  void aHugeTextNeedsLittleMemory(String what, String kind, int length) throws Exception {
    Map<String, Integer> said = run(what, kind, Integer.toString(length));
    String all = said.toString();
    assertEquals(length, said.get("characters"), all);
    assertTrue(said.get("tokens") > (kind.equals("spaceless") ? 100 : length / 6), all);
    if (what.equals("words")) {
      assertEquals(0, said.get("passages"), all);
      assertTrue(said.get("words") > (kind.equals("spaceless") ? 100 : length / 8), all);
    } else {
      // A chunk has at most 200 tokens, of which 40 may be those of the one before.
      assertTrue(said.get("passages") >= said.get("tokens") / 200, all);
      assertTrue(said.get("passages") <= said.get("tokens") / 80, all);
    }
    assertTrue(said.get("last") > length - 100, all);
    assertEquals(kind.equals("spaceless") ? (length - 1) / TextPieces.SIZE : 0, said.get("cuts"));
    assertTrue(said.get("warned") < 2000, all);
  }

  private static Map<String, Integer> run(String... arguments) throws Exception {
    var command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:-UsePerfData",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            HugeText.class.getName());
    command.command().addAll(List.of(arguments));
    Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), out);
      String[] said = out.lines().toList().getLast().split(" ");
      var numbers = new HashMap<String, Integer>();
      for (int i = 0; i < said.length; i += 2) {
        numbers.put(said[i], Integer.valueOf(said[i + 1]));
      }
      return numbers;
    } finally {
      process.destroyForcibly();
    }
  }
}
