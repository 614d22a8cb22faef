package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.polyseme.lexicon.WordNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class PredictCommandIT {
  @TempDir Path folder;

  private static void refused(int code, String message, String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
    assertFalse(ran.err().contains("internal error"), ran.err());
    assertEquals("", ran.out());
  }

  private Path corpus() throws IOException {
    var texts = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(
          entry -> {
            if (texts.size() < 600 && entry.definition().split(" ").length > 9) {
              texts.add(entry.definition());
            }
          });
    }
    return Files.write(folder.resolve("texts.txt"), texts);
  }

  @Test
  void aHeadIsLearnedAndAsked() throws IOException {
    String out = folder.resolve("head").toString();
    String[] train = {
      "train-head",
      "all-minilm-l6-v2",
      "--in",
      corpus().toString(),
      "--out",
      out,
      "--held-out",
      "0.1",
      "--epochs",
      "1",
      "--batch",
      "64",
      "--samples",
      "128",
      "--json"
    };
    Ran trained = Ran.run(train);
    JsonObject result = trained.results().get(0).getAsJsonObject();
    assertTrue(trained.err().contains("pass 1 of 1: "), trained.err());
    int layer = result.get("layer").getAsInt();
    assertTrue(
        result.getAsJsonObject("heldOut").get("crossEntropy").getAsDouble()
            < result.getAsJsonObject("byFrequency").get("crossEntropy").getAsDouble());
    refused(1, "--overwrite", train);

    String text = "The [mask] of a river, and [MASK].";
    Ran ran = Ran.run("predict", text, "--model", out, "--top", "3", "--json");
    assertEquals("predict", ran.json().get("command").getAsString());
    assertEquals(6, ran.results().size());
    JsonObject first = ran.results().get(0).getAsJsonObject();
    assertEquals(1, first.get("rank").getAsInt());
    assertEquals(layer, first.get("layer").getAsInt());
    assertEquals("[4,10]", first.getAsJsonArray("span").toString());
    assertFalse(first.get("label").getAsString().isEmpty());
    double score = first.get("score").getAsDouble();
    assertTrue(score > 0 && score < 1, ran.out());
    assertTrue(score >= ran.results().get(1).getAsJsonObject().get("score").getAsDouble());
    JsonObject second = ran.results().get(3).getAsJsonObject();
    assertEquals("[27,33]", second.getAsJsonArray("span").toString());

    Ran layers =
        Ran.run(
            "predict", "The bank of a river.", "--word", "bank", "--model", out, "--layer", "all");
    assertEquals(0, layers.code(), layers.err());
    assertEquals(7, layers.out().lines().count(), layers.out());
    assertTrue(layers.out().startsWith("layer 0"), layers.out());

    refused(1, "has no mask", "predict", "No mask.", "--model", out);
    refused(1, "is not in the text", "predict", "A [MASK].", "--word", "x", "--model", out);
    refused(1, "no layer 7", "predict", "A [MASK].", "--layer", "7", "--model", out);
    refused(2, "--layer is", "predict", "A [MASK].", "--layer", "some", "--model", out);
    refused(1, "takes 512 at once", "predict", "[MASK]" + " a".repeat(511), "--model", out);
    Files.writeString(folder.resolve("head").resolve("model.onnx"), "no model");
    refused(1, "model.onnx", "predict", "A [MASK].", "--model", out);
  }

  @Test
  void whatCannotBeLearnedSaysWhy() throws IOException {
    refused(1, "train-head", "predict", "A [MASK].", "--model", "all-minilm-l6-v2");
    refused(1, "there is no model", "predict", "A [MASK].", "--model", "no-such-model");
    refused(2, "the text is empty", "predict", " ", "--model", "all-minilm-l6-v2");
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    String out = folder.resolve("out").toString();
    refused(
        1,
        "too little text",
        "train-head",
        "all-minilm-l6-v2",
        "--in",
        empty.toString(),
        "--out",
        out);
    refused(
        2, "epochs", "train-head", "all-minilm-l6-v2", "--in", empty.toString(), "--epochs", "0");
    refused(1, "there is no file", "train-head", "all-minilm-l6-v2", "--in", out, "--out", out);
    refused(
        1, "quantised", "train-head", "all-minilm-l6-v2-q", "--in", empty.toString(), "--out", out);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(empty), left.toList());
    }
  }
}
