package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class InspectIT {
  private static final String TEXT = "The animal didn't cross the street because it was tired.";

  @Test
  void attentionIsShownByWordHeadAndPair(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("attention.html");
    Ran shown = Ran.run("inspect", "attention", TEXT, "--layer", "2", "--html", page.toString());
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.out().contains("layer 2, all heads"), shown.out());
    assertTrue(shown.out().contains("animal   2"), shown.out());
    String html = Files.readString(page);
    assertTrue(html.contains("echarts"), "the library is in it");
    assertFalse(html.contains("<script src") || html.contains("<link"), "nothing is fetched");

    JsonObject json =
        Ran.run("inspect", "attention", TEXT, "--layer", "2", "--head", "5", "--json").json();
    assertEquals("inspect attention", json.get("command").getAsString());
    JsonArray rows =
        json.getAsJsonArray("results").get(0).getAsJsonObject().getAsJsonArray("attention");
    assertEquals(json.getAsJsonArray("units").size(), rows.size());
    JsonObject pair =
        Ran.run("inspect", "attention", TEXT, "--word", "it", "--to", "animal", "--json").json();
    JsonObject best = pair.getAsJsonArray("results").get(0).getAsJsonObject();
    assertTrue(best.get("attention").getAsDouble() > 0.2, best.toString());
    Ran second = Ran.run("inspect", "attention", "A bank lends.", "It is safe.", "--word", "It");
    assertEquals(0, second.code(), second.err());
    assertTrue(second.out().contains("bank"), second.out());
  }

  @Test
  void aWordsWayIsShownForEachText() {
    Ran shown =
        Ran.run(
            "inspect",
            "layers",
            "He put money in the bank.",
            "He sat on the bank of the river.",
            "--word",
            "bank");
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.out().contains("cosine of texts 1 and 2"), shown.out());
    assertTrue(shown.out().contains("bank%1:17:01::"), shown.out());

    JsonObject json =
        Ran.run("inspect", "layers", "He sat on the bank of the river.", "--word", "bank", "--json")
            .json();
    JsonArray results = json.getAsJsonArray("results");
    assertEquals(13, results.size());
    JsonObject last = results.get(12).getAsJsonObject();
    assertEquals("bank%1:17:01::", last.get("sense").getAsString());
    assertEquals(12, last.get("layer").getAsInt());
  }

  @Test
  void aWordsMeanWayIsShownOfACorpus(@TempDir Path folder) throws IOException {
    Path corpus = folder.resolve("corpus.txt");
    Files.writeString(corpus, "The bank lends.\nWe sat on the bank.\n\nNothing of it here.\n");
    JsonObject json =
        Ran.run("inspect", "layers", "--in", corpus.toString(), "--word", "bank", "--json").json();
    assertEquals(2, json.getAsJsonObject("corpus").get("words").getAsInt());
    assertEquals(13, json.getAsJsonArray("results").size());
    assertWrong(
        1,
        "no text has the word",
        "inspect",
        "layers",
        "--in",
        corpus.toString(),
        "--word",
        "zebra");
  }

  @Test
  void theLensIsLearnedOnceAndKept(@TempDir Path folder) throws IOException {
    Path lens = folder.resolve("my.lens");
    Path page = folder.resolve("lens.html");
    String[] arguments = {
      "inspect",
      "lens",
      "He sat on the bank.",
      "--word",
      "bank",
      "--lens",
      lens.toString(),
      "--positions",
      "3000",
      "--html",
      page.toString(),
      "--json"
    };
    JsonObject first = Ran.run(arguments).json();
    assertTrue(Files.size(lens) > 1 << 20);
    assertTrue(Files.readString(page).contains("<table>"));
    JsonObject best = first.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals("bank", best.get("label").getAsString());
    assertEquals(0, best.get("layer").getAsInt());
    assertEquals(first, Ran.run(arguments).json());
    Ran other =
        Ran.run("inspect", "lens", "One", "--lens", lens.toString(), "--model", "all-minilm-l6-v2");
    assertEquals(1, other.code());
    assertTrue(other.err().contains("another model"), other.err());
  }

  @Test
  void wrongUseIsTold() {
    assertWrong(2, "there is no layer 13", "inspect", "attention", TEXT, "--layer", "13");
    assertWrong(
        2, "there is no head 12", "inspect", "attention", TEXT, "--layer", "1", "--head", "12");
    assertWrong(2, "give --layer", "inspect", "attention", TEXT, "--head", "1");
    assertWrong(1, "its words are The, animal", "inspect", "attention", TEXT, "--word", "zebra");
    assertWrong(1, "occurrence 3", "inspect", "layers", TEXT, "--word", "the", "--occurrence", "3");
    assertWrong(1, "513 tokens", "inspect", "attention", "word ".repeat(511));
    assertWrong(1, "nothing to encode", "inspect", "attention", " ");
    assertWrong(2, "--measure is", "inspect", "attention", TEXT, "--measure", "x");
    assertWrong(
        1, "no such folder", "inspect", "attention", "One", "--html", "none/such/page.html");
    assertWrong(2, "needs a command", "inspect");
    assertEquals(0, Ran.run("inspect", "attention", "🎉👩‍🚀").code());
    assertEquals(0, Ran.run("inspect", "attention", "word").code());
  }

  @Test
  void aGraphThatTheRuntimeHasFusedGivesWhatItCan(@TempDir Path folder) throws Exception {
    ModelFiles files =
        ModelStore.standard().open("bge-small-zh-v1.5", Progress.NONE, Cancel.create());
    Files.copy(files.tokenizer(), folder.resolve("tokenizer.json"));
    try (var options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
      options.setOptimizedModelFilePath(folder.resolve("model.onnx").toString());
      OrtEnvironment.getEnvironment().createSession(files.onnx().toString(), options).close();
    }
    String model = folder.toString();
    Ran attention = Ran.run("inspect", "attention", "银行在河边", "--model", model);
    assertTrue(
        attention.code() == 0 || attention.err().contains("fused operator"), attention.err());
    Ran layers = Ran.run("inspect", "layers", "银行在河边", "--word", "银行", "--model", model);
    assertEquals(0, layers.code(), layers.err());
    assertTrue(layers.out().contains("to layer 0"), layers.out());
  }

  @Test
  void aFileThatIsNoEncoderIsTold(@TempDir Path folder) throws Exception {
    ModelFiles files =
        ModelStore.standard().open("bge-small-zh-v1.5", Progress.NONE, Cancel.create());
    Files.copy(files.tokenizer(), folder.resolve("tokenizer.json"));
    Path onnx = folder.resolve("model.onnx");
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(7)
            .setGraph(
                GraphProto.newBuilder()
                    .addNode(NodeProto.newBuilder().setOpType("Neg").addInput("x").addOutput("y"))
                    .addInput(ValueInfoProto.newBuilder().setName("x"))
                    .addOutput(ValueInfoProto.newBuilder().setName("y")))
            .build();
    Files.write(onnx, model.toByteArray());
    assertWrong(
        1,
        "no attention that is known",
        "inspect",
        "attention",
        "One",
        "--model",
        folder.toString());
    Files.write(onnx, new byte[] {1, 2, 3});
    assertWrong(1, "model.onnx", "inspect", "attention", "One", "--model", folder.toString());
  }

  private static void assertWrong(int code, String message, String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
  }
}
