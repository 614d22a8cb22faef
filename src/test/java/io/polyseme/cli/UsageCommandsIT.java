package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.polyseme.usage.PlantedCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of an index of usages, by a corpus in which the mouse became a device. */
@Timeout(300)
class UsageCommandsIT {
  private static final String ANIMAL = "The cat ate the mouse.";

  @TempDir static Path folder;
  private static String index;
  private static String lines;

  @BeforeAll
  static void build() throws IOException {
    String from = PlantedCorpus.write(folder.resolve("texts.jsonl")).toString();
    index = folder.resolve("usages").toString();
    Ran built =
        Ran.run(
            "index",
            "build",
            index,
            "--from",
            from,
            "--source",
            "usages",
            "--model",
            "all-minilm-l6-v2");
    assertEquals(0, built.code(), built.err());
    Path texts = Files.writeString(folder.resolve("texts.txt"), "A mouse.\nSome bread.\n");
    lines = folder.resolve("lines").toString();
    Ran other =
        Ran.run(
            "index",
            "build",
            lines,
            "--from",
            texts.toString(),
            "--source",
            "lines",
            "--model",
            "all-minilm-l6-v2");
    assertEquals(0, other.code(), other.err());
  }

  private static JsonObject first(Ran ran) {
    return ran.results().get(0).getAsJsonObject();
  }

  private static void refused(int code, String message, String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
    assertFalse(ran.err().contains("internal error"), ran.err());
    assertEquals("", ran.out());
  }

  @Test
  void usagesByMeaning() {
    Ran ran = Ran.run("usages", index, "mice", "--in", ANIMAL, "--word", "mouse", "--json");
    assertEquals(2, ran.code()); // the word has no option of its own
    ran = Ran.run("usages", index, "mouse", "--in", ANIMAL, "--top", "16", "--json");
    JsonObject answer = ran.json();
    assertEquals("usages", answer.get("command").getAsString());
    assertEquals(index, answer.get("index").getAsString());
    assertEquals("mouse", answer.getAsJsonObject("meaning").get("lemma").getAsString());
    assertEquals(16, ran.results().size());
    for (JsonElement it : ran.results()) {
      JsonObject result = it.getAsJsonObject();
      String text = result.get("text").getAsString();
      assertTrue(text.contains("caught a mouse"), text);
      assertEquals(
          "mouse",
          text.substring(
              result.getAsJsonArray("span").get(0).getAsInt(),
              result.getAsJsonArray("span").get(1).getAsInt()));
      assertEquals("1950", result.getAsJsonObject("fields").get("year").getAsString());
      assertTrue(result.has("label") && result.has("document") && result.has("score"));
    }
    Ran screen = Ran.run("usages", index, "mouse", "--in", ANIMAL);
    assertEquals(0, screen.code(), screen.err());
    assertEquals(10, screen.out().lines().count());
    assertTrue(screen.out().contains("[mouse]"), screen.out());
  }

  @Test
  void usagesOfASenseAndOfAnyWord() {
    Ran device = Ran.run("usages", index, "mouse", "--sense", "mouse%1:06:00::", "--json");
    // One of its texts is the sense's example, the other its definition.
    assertEquals(2, device.json().getAsJsonObject("meaning").getAsJsonArray("texts").size());
    assertEquals("mouse", first(device).get("lemma").getAsString());
    Ran others = Ran.run("usages", index, "mouse", "--in", ANIMAL, "--others", "--json");
    for (JsonElement it : others.results()) {
      assertNotEquals("mouse", it.getAsJsonObject().get("lemma").getAsString());
    }
    Ran any = Ran.run("usages", index, "mouse", "--in", ANIMAL, "--any", "--json");
    assertEquals("mouse", first(any).get("lemma").getAsString());
    Ran later =
        Ran.run("usages", index, "mouse", "--in", ANIMAL, "--filter", "year=2000", "--json");
    assertTrue(first(later).get("text").getAsString().startsWith("Click"), later.out());
    // A word that the index lacks may be asked for by what it means.
    Ran rat = Ran.run("usages", index, "rat", "--in", "The cat ate the rat.", "--any", "--json");
    assertEquals("1950", first(rat).getAsJsonObject("fields").get("year").getAsString());
  }

  @Test
  void usagesThatAreNone() {
    refused(1, "did you mean mouse", "usages", index, "mouze");
    refused(1, "\"rat\"", "usages", index, "rat", "--in", "The cat ate the rat.");
    refused(1, "not in the text", "usages", index, "mouse", "--in", "The cat ate the bird.");
    refused(1, "has no sense", "usages", index, "mouse", "--sense", "mouse%9");
    refused(1, "not of usages", "usages", lines, "mouse");
    refused(1, "no index", "usages", folder.resolve("none").toString(), "mouse");
    refused(1, "no field \"colour\"", "usages", index, "mouse", "--filter", "colour=red");
    refused(2, "--filter", "usages", index, "mouse", "--filter", "colour");
    refused(2, "--top", "usages", index, "mouse", "--top", "0");
    refused(2, "--any", "usages", index, "mouse", "--any");
    refused(2, "give one", "usages", index, "mouse", "--in", ANIMAL, "--sense", "mouse%1:05:00::");
  }

  @Test
  void sensesOfACorpus() {
    JsonObject answer = Ran.run("induce", index, "mouse", "--json").json();
    assertEquals("induce", answer.get("command").getAsString());
    JsonObject whole = answer.getAsJsonObject("induction");
    assertEquals(32, whole.get("usages").getAsInt());
    assertTrue(whole.get("senses").getAsInt() >= 2, answer::toString);
    int size = 0;
    for (JsonElement it : answer.getAsJsonArray("results")) {
      JsonObject sense = it.getAsJsonObject();
      size += sense.get("size").getAsInt();
      assertTrue(sense.get("label").getAsString().startsWith("mouse."));
      assertTrue(sense.has("words") && sense.has("examples"));
    }
    assertEquals(32, size);
    refused(1, "is used once", "induce", index, "giraffe");
    refused(1, "did you mean mouse", "induce", index, "mouze");
    refused(1, "not of usages", "induce", lines, "mouse");
    refused(2, "senses", "induce", index, "mouse", "--senses", "-1");
  }

  @Test
  void changeBetweenParts() {
    Ran ran = Ran.run("shift", index, "mouse", "--by", "year", "--json");
    JsonObject whole = ran.json().getAsJsonObject("shift");
    assertEquals("1950", whole.get("before").getAsString());
    assertEquals("2000", whole.get("after").getAsString());
    JsonObject mouse = first(ran);
    assertEquals("mouse", mouse.get("label").getAsString());
    assertTrue(mouse.get("apdP").getAsDouble() < 0.002, ran.out());
    assertTrue(mouse.get("prt").getAsDouble() > mouse.get("prtControl").getAsDouble(), ran.out());
    Ran all = Ran.run("shift", index, "--by", "year", "--json");
    assertEquals("mouse", first(all).get("label").getAsString());
    assertTrue(first(all).has("falseDiscoveryRate"));
    Ran screen = Ran.run("shift", index, "--by", "year");
    assertTrue(screen.out().contains("mouse"), screen.out());
    refused(1, "did you mean mouse", "shift", index, "mouze", "--by", "year");
    refused(1, "at least 10", "shift", index, "giraffe", "--by", "year");
    refused(1, "no field \"colour\"", "shift", index, "mouse", "--by", "colour");
    refused(1, "not of usages", "shift", lines, "mouse", "--by", "year");
    refused(1, "\"2050\"", "shift", index, "--by", "year", "--before", "1950", "--after", "2050");
    refused(1, "--least", "shift", index, "--by", "year", "--least", "1000");
    refused(2, "--by", "shift", index, "mouse");
    refused(2, "give both", "shift", index, "mouse", "--by", "year", "--before", "1950");
    refused(2, "least", "shift", index, "mouse", "--by", "year", "--least", "1");
    refused(2, "--measure", "shift", index, "mouse", "--by", "year", "--measure", "none");
    refused(
        2,
        "ends before it begins",
        "shift",
        index,
        "mouse",
        "--by",
        "year",
        "--before",
        "1999..1950",
        "--after",
        "2000");
  }

  @Test
  void wordsByHowMuchTheyVary() {
    Ran ran = Ran.run("polysemy", index, "--json");
    List<String> words =
        ran.results().asList().stream()
            .map(it -> it.getAsJsonObject().get("label").getAsString())
            .toList();
    assertTrue(words.indexOf("mouse") < words.indexOf("bread"), words::toString);
    assertTrue(words.contains("mouse") && !words.contains("giraffe"), words::toString);
    JsonObject first = first(ran);
    assertEquals(
        1, first.get("score").getAsDouble() + first.get("selfSimilarity").getAsDouble(), 1e-9);
    assertTrue(first.has("usages") && first.has("senses") && first.has("silhouette"));
    assertTrue(Ran.run("polysemy", index).out().contains("spread"));
    refused(1, "--least", "polysemy", index, "--least", "1000");
    refused(1, "not of usages", "polysemy", lines);
    refused(1, "no field \"colour\"", "polysemy", index, "--filter", "colour=red");
    refused(2, "least", "polysemy", index, "--least", "1");
    refused(2, "--top", "polysemy", index, "--top", "0");
  }
}
