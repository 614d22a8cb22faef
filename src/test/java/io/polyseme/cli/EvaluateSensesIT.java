package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small sets that are written here, with a real model. */
@Timeout(300)
class EvaluateSensesIT {
  private static final List<String> MONEY =
      List.of("lends money to firms", "raised its rates", "opened my account", "sold its shares");
  private static final List<String> RIVER =
      List.of("is muddy", "of the stream floods", "has willows on it", "of the canal is steep");
  private static final List<String> BEFORE =
      List.of("Last year the bank", "We saw that the bank", "As he says , the bank");

  @TempDir Path folder;

  private final List<String> texts = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();

  @BeforeEach
  void writeTexts() {
    for (String before : BEFORE) {
      for (int i = 0; i < MONEY.size(); i++) {
        texts.add(before + " " + MONEY.get(i) + " .");
        labels.add("0");
        texts.add(before + " " + RIVER.get(i) + " .");
        labels.add("1");
      }
    }
  }

  private static int word(String text) {
    return List.of(text.split(" ")).indexOf("bank");
  }

  private void writeParts() throws IOException {
    Path bank = Files.createDirectories(folder.resolve("set").resolve("bank"));
    Files.writeString(bank.resolve("classes_map.txt"), "{\"0\": \"money\", \"1\": \"river\"}");
    write(bank, "train", 0, 16);
    write(bank, "test", 16, 24);
  }

  private void write(Path bank, String part, int from, int to) throws IOException {
    Files.write(
        bank.resolve(part + ".data.txt"),
        texts.subList(from, to).stream().map(text -> word(text) + "\t" + text).toList());
    Files.write(bank.resolve(part + ".gold.txt"), labels.subList(from, to));
  }

  private static JsonObject result(JsonArray results, String section, String metric) {
    for (JsonElement result : results) {
      if (result.getAsJsonObject().get("section").getAsString().equals(section)
          && result.getAsJsonObject().get("metric").getAsString().equals(metric)) {
        return result.getAsJsonObject();
      }
    }
    throw new AssertionError("no " + metric + " of " + section + " in " + results);
  }

  @Test
  void sensesOfPartsAreToldByLayersAndWhitened() throws IOException {
    writeParts();
    String set = folder.resolve("set").toString();
    String[] coarse = {"evaluate", "coarse", set, "--model", "all-minilm-l6-v2", "--json"};
    JsonArray whitened = Ran.run(coarse).results();
    JsonObject f1 = result(whitened, "bank", "macro-f1");
    assertTrue(f1.get("value").getAsDouble() > 0.7, f1.toString());
    assertEquals("words(5-6)+sentence(6)", f1.get("layer").getAsString());
    assertEquals(
        0.5, result(whitened, "bank", "most frequent accuracy").get("value").getAsDouble());
    JsonArray layers = Ran.run(with(coarse, "--layer", "2-3")).results();
    assertEquals(4, layers.size());
    assertEquals("2", layers.get(0).getAsJsonObject().get("layer").getAsString());
    JsonArray curve = Ran.run(with(coarse, "--curve")).results();
    assertEquals(8, result(curve, "3 a sense", "macro-f1").get("n").getAsInt());
    JsonArray found =
        Ran.run("evaluate", "induction", set, "--model", "all-minilm-l6-v2", "--json").results();
    double rand = result(found, "balanced", "adjusted rand").get("value").getAsDouble();
    assertTrue(rand >= -0.5 && rand <= 1, found.toString());
    assertEquals(0, result(found, "balanced, all one", "adjusted rand").get("value").getAsDouble());
    Ran table =
        Ran.run("evaluate", "induction", set, "--model", "all-minilm-l6-v2", "--draws", "2");
    assertEquals(0, table.code(), table.err());
    assertTrue(table.out().contains("natural, all single"), table.out());
  }

  private static String[] with(String[] arguments, String... more) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void samplesAreDividedInHalves() throws IOException {
    var xml = new StringBuilder("<corpus lang=\"en\">\n<lexelt item=\"bank-n\">\n");
    for (int i = 0; i < texts.size(); i++) {
      xml.append("<instance id=\"%d\">\n<answer senseid=\"S%s\"/>\n".formatted(i, labels.get(i)))
          .append("<context>")
          .append(texts.get(i).replace("bank", "<head>bank</head>"))
          .append("</context>\n</instance>\n");
    }
    Path file = Files.writeString(folder.resolve("bank.pos"), xml);
    String[] coarse = {
      "evaluate", "coarse", file.toString(), "--model", "all-minilm-l6-v2", "--json"
    };
    JsonObject accuracy = result(Ran.run(coarse).results(), "bank", "accuracy");
    assertTrue(accuracy.get("value").getAsDouble() > 0.5, accuracy.toString());
    assertEquals("words(3-4)+words(5-6)+sentence(6)", accuracy.get("layer").getAsString());
    Ran refused = Ran.run(with(coarse, "--curve"));
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("has none"), refused.err());
  }
}
