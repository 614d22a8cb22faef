package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.HubServer;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real model, fetched as from Hugging Face and then used by its name. */
@Timeout(120)
class PullIT {
  private static final String ID = "someone/minilm";

  @TempDir Path home;
  private String before;
  private byte[] onnx;
  private byte[] tokenizer;

  @BeforeEach
  void moveHome() throws IOException {
    ModelFiles model =
        ModelStore.standard().open("all-minilm-l6-v2-q", Progress.NONE, Cancel.create());
    onnx = Files.readAllBytes(model.onnx());
    tokenizer = Files.readAllBytes(model.tokenizer());
    // One more byte of documentation (field 6 of a ModelProto): a file that no record knows.
    onnx = java.util.Arrays.copyOf(onnx, onnx.length + 3);
    onnx[onnx.length - 3] = 0x32;
    onnx[onnx.length - 2] = 1;
    onnx[onnx.length - 1] = 'x';
    before = System.getProperty("polyseme.home");
    System.setProperty("polyseme.home", home.toString());
  }

  @AfterEach
  void moveBack() {
    if (before == null) {
      System.clearProperty("polyseme.home");
    } else {
      System.setProperty("polyseme.home", before);
    }
  }

  private static String run(int code, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            true,
            false,
            false,
            Cancel.create());
    assertEquals(code, Main.run(terminal, arguments), () -> err.toString(StandardCharsets.UTF_8));
    return code == 0 ? out.toString(StandardCharsets.UTF_8) : err.toString(StandardCharsets.UTF_8);
  }

  private static JsonObject json(String... arguments) {
    return JsonParser.parseString(run(0, arguments)).getAsJsonObject();
  }

  private static JsonObject first(JsonObject answer) {
    return answer.getAsJsonArray("results").get(0).getAsJsonObject();
  }

  private static double cosine(JsonArray a, JsonArray b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < a.size(); d++) {
      dot += a.get(d).getAsDouble() * b.get(d).getAsDouble();
      aa += a.get(d).getAsDouble() * a.get(d).getAsDouble();
      bb += b.get(d).getAsDouble() * b.get(d).getAsDouble();
    }
    return dot / Math.sqrt(aa * bb);
  }

  @Test
  void aModelIsFetchedAndUsedByItsName() throws IOException {
    String text = "He sat on the bank of the river.";
    try (var server = new HubServer(ID)) {
      server.commit(Map.of("model.onnx", onnx, "tokenizer.json", tokenizer));
      JsonObject pulled = json("models", "pull", ID, "--endpoint", server.address(), "--json");
      assertEquals(ID, pulled.get("model").getAsString());
      String refusal = run(1, "encode", text, "--model", ID);
      assertTrue(refusal.contains("--pool"), refusal);
      JsonArray given =
          first(json("encode", text, "--model", ID, "--pool", "mean", "--json"))
              .getAsJsonArray("vector");
      json("models", "pull", ID, "--endpoint", server.address(), "--pool", "mean", "--json");
      JsonArray kept =
          first(json("encode", text, "--model", ID, "--json")).getAsJsonArray("vector");
      assertEquals(kept, given);
      JsonArray known =
          first(json("encode", text, "--model", "all-minilm-l6-v2-q", "--json"))
              .getAsJsonArray("vector");
      assertEquals(1, cosine(kept, known), 1e-6);
      JsonArray cls =
          first(json("encode", text, "--model", ID, "--pool", "cls", "--json"))
              .getAsJsonArray("vector");
      assertTrue(cosine(cls, known) < 0.99);
      assertEquals(8, json("models", "list", "--json").getAsJsonArray("results").size());
      assertEquals(6, first(json("models", "info", ID, "--json")).get("layers").getAsInt());
    }
  }

  @Test
  void wrongUseIsSaid() {
    assertTrue(run(2, "models", "pull", "a/b", "--endpoint", "nowhere").contains("https://"));
    assertTrue(run(2, "models", "pull", "a/b", "--revision", "../x").contains("branch"));
    assertTrue(run(2, "models", "pull", "a/b", "--pool", "sum").contains("mean, cls, max"));
    assertTrue(run(1, "models", "pull", "a").contains("is neither"));
    assertTrue(
        run(1, "models", "pull", "a/b", "--endpoint", "http://localhost:1").contains("reach"));
  }
}
