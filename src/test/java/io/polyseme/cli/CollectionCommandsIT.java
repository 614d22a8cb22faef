package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a whole index, by texts of three topics in which some say the same. */
@Timeout(300)
class CollectionCommandsIT {
  private static final List<String> COOKING =
      List.of(
          "Chop the onions and fry them in butter until golden.",
          "Fry the chopped onions in butter until they are golden.",
          "Knead the dough for ten minutes and let it rise.",
          "Bake the bread in a hot oven for half an hour.",
          "Simmer the soup over a low heat and add salt.",
          "Whisk the eggs with sugar until they are fluffy.",
          "Season the soup with salt, pepper and fresh herbs.",
          "Roast the potatoes in the oven with rosemary.");
  private static final List<String> FOOTBALL =
      List.of(
          "The striker scored twice in the second half of the match.",
          "In the match's second half the forward scored two goals.",
          "The goalkeeper saved a penalty in the final minute.",
          "The referee showed the defender a red card.",
          "The team won the league after a draw at home.",
          "The coach praised the midfield after the match.",
          "Fans cheered as the team lifted the cup.",
          "The club sold its best striker to a rival team.");
  private static final List<String> MONEY =
      List.of(
          "The central bank raised its interest rate by half a point.",
          "Interest rates were lifted half a point by the central bank.",
          "Shares fell sharply after the company's profit warning.",
          "Inflation slowed as energy prices fell.",
          "The government issued bonds to finance its debt.",
          "Investors moved their money from shares into bonds.",
          "The company's profit rose by ten per cent this year.",
          "Rising prices cut the value of household savings.");
  private static final String ODD = "Quantum entanglement of photons was measured in orbit.";

  @TempDir static Path folder;
  private static String index;
  private static Path examples;

  @BeforeAll
  static void build() throws IOException {
    var lines = new ArrayList<String>();
    var labelled = new ArrayList<String>();
    Map<String, List<String>> topics =
        Map.of("cooking", COOKING, "football", FOOTBALL, "money", MONEY);
    topics.forEach(
        (topic, texts) -> {
          for (int i = 0; i < texts.size(); i++) {
            var line = new JsonObject();
            line.addProperty("id", topic + i);
            line.addProperty("text", texts.get(i));
            line.addProperty("topic", topic);
            line.addProperty(i < 4 ? "known" : "right", topic);
            lines.add(line.toString());
            if (i < 4) {
              var example = new JsonObject();
              example.addProperty("text", texts.get(i));
              example.addProperty("class", topic);
              labelled.add(example.toString());
            }
          }
        });
    var odd = new JsonObject();
    odd.addProperty("text", ODD);
    lines.add(odd.toString());
    var copy = new JsonObject();
    copy.addProperty("text", COOKING.get(2));
    lines.add(copy.toString());
    Path texts = Files.write(folder.resolve("texts.jsonl"), lines);
    examples = Files.write(folder.resolve("examples.jsonl"), labelled);
    index = folder.resolve("index").toString();
    build(texts, index);
  }

  private static void build(Path texts, String index) {
    Ran built =
        Ran.run(
            "index", "build", index, "--from", texts.toString(), "--model", "bge-small-en-v1.5");
    assertEquals(0, built.code(), built.err());
  }

  private static void refused(int code, String message, String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
    assertFalse(ran.err().contains("internal error"), ran.err());
    assertEquals("", ran.out());
  }

  private static Set<String> texts(JsonObject pair) {
    return Set.of(
        pair.get("text").getAsString(), pair.getAsJsonObject("with").get("text").getAsString());
  }

  @Test
  void paraphrasesComeFirst() {
    Ran ran = Ran.run("mine", index, "--top", "3", "--json");
    JsonObject mining = ran.json().getAsJsonObject("mining");
    assertEquals(26, mining.get("entries").getAsInt());
    assertEquals(25, mining.get("texts").getAsInt());
    var found = new HashSet<Set<String>>();
    ran.results().forEach(it -> found.add(texts(it.getAsJsonObject())));
    assertEquals(
        Set.of(
            Set.copyOf(COOKING.subList(0, 2)),
            Set.copyOf(FOOTBALL.subList(0, 2)),
            Set.copyOf(MONEY.subList(0, 2))),
        found);
    double least = ran.results().get(2).getAsJsonObject().get("score").getAsDouble();
    Ran stream =
        Ran.run("mine", index, "--stream", "--min-score", Double.toString(least - 1e-4), "--json");
    assertEquals(3, stream.out().lines().count());
    stream
        .out()
        .lines()
        .forEach(
            line ->
                assertTrue(found.contains(texts(JsonParser.parseString(line).getAsJsonObject()))));
    assertTrue(Ran.run("mine", index).out().contains("at random"));
    assertTrue(
        Ran.run("mine", index, "--filter", "topic=money", "--top", "1")
            .out()
            .contains(MONEY.get(1)));
  }

  @Test
  void duplicatesAreWrittenAndRemoved() throws IOException {
    Path out = folder.resolve("kept.txt");
    Ran ran = Ran.run("dedupe", index, "--out", out.toString(), "--min-score", "0.9", "--json");
    JsonObject told = ran.json().getAsJsonObject("duplicates");
    assertEquals(26, told.get("kept").getAsInt() + told.get("removed").getAsInt());
    assertEquals(told.get("kept").getAsInt(), Files.readAllLines(out).size());
    String other = folder.resolve("other").toString();
    build(folder.resolve("texts.jsonl"), other);
    assertTrue(Ran.run("dedupe", other, "--min-score", "0.999").out().contains("would remove"));
    Ran removed = Ran.run("dedupe", other, "--min-score", "0.999", "--delete", "--json");
    assertEquals(1, removed.json().getAsJsonObject("duplicates").get("removed").getAsInt());
    assertTrue(
        removed
            .results()
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("removed")
            .get(0)
            .getAsJsonObject()
            .get("copy")
            .getAsBoolean());
    assertEquals(
        25,
        Ran.run("index", "info", other, "--json")
            .results()
            .get(0)
            .getAsJsonObject()
            .get("size")
            .getAsInt());
    assertEquals(
        0,
        Ran.run("dedupe", other, "--min-score", "0.999", "--json")
            .json()
            .getAsJsonObject("duplicates")
            .get("removed")
            .getAsInt());
  }

  @Test
  void topicsAreClusters() throws IOException {
    Path out = folder.resolve("clusters.jsonl");
    Ran ran = Ran.run("cluster", index, "--k", "3", "--out", out.toString(), "--json");
    assertEquals(3, ran.results().size());
    JsonObject first = ran.results().get(0).getAsJsonObject();
    for (String key : List.of("rank", "label", "size", "score", "words", "examples")) {
      assertTrue(first.has(key), key);
    }
    List<String> lines = Files.readAllLines(out);
    assertEquals(26, lines.size());
    // Each topic's texts are mostly in one cluster, and in one of its own.
    Map<String, Map<Integer, Integer>> counts = new HashMap<>();
    List<String> texts = Files.readAllLines(folder.resolve("texts.jsonl"));
    for (int i = 0; i < 24; i++) {
      String topic =
          JsonParser.parseString(texts.get(i)).getAsJsonObject().get("topic").getAsString();
      int cluster =
          JsonParser.parseString(lines.get(i)).getAsJsonObject().get("cluster").getAsInt();
      counts.computeIfAbsent(topic, _ -> new HashMap<>()).merge(cluster, 1, Integer::sum);
    }
    var of = new HashSet<Integer>();
    counts.forEach(
        (topic, clusters) ->
            clusters.forEach(
                (cluster, count) -> {
                  if (count >= 7) {
                    of.add(cluster);
                  }
                }));
    assertEquals(3, of.size(), counts.toString());
    for (String method : List.of("communities", "hdbscan", "kmeans")) {
      Ran other = Ran.run("cluster", index, "--method", method, "--min-size", "3");
      assertEquals(0, other.code(), other.err());
      assertTrue(other.out().contains("by " + method), other.out());
    }
  }

  @Test
  void theOddOneIsTheFirstOutlier() {
    for (String measure : List.of("distance", "lof")) {
      Ran ran = Ran.run("outliers", index, "--measure", measure, "--neighbours", "5", "--json");
      JsonObject first = ran.results().get(0).getAsJsonObject();
      assertEquals(ODD, first.get("text").getAsString());
      assertTrue(first.getAsJsonObject("nearest").get("score").getAsDouble() < 0.7);
    }
    assertTrue(Ran.run("outliers", index).out().contains("nearest ("));
  }

  @Test
  void textsAreClassifiedByExamples() throws IOException {
    Ran ran =
        Ran.run(
            "classify",
            index,
            "--examples",
            examples.toString(),
            "The oven must be hot before the cake goes in.",
            "The winger crossed the ball and it was a goal.",
            "--json");
    assertEquals("cooking", ran.results().get(0).getAsJsonObject().get("class").getAsString());
    assertEquals("football", ran.results().get(1).getAsJsonObject().get("class").getAsString());
    assertTrue(ran.json().getAsJsonObject("classifier").get("accuracy").getAsDouble() > 0.7);
    Path out = folder.resolve("classes.jsonl");
    Ran own =
        Ran.run(
            "classify",
            index,
            "--field",
            "known",
            "--out",
            out.toString(),
            "--top",
            "50",
            "--json");
    assertEquals(14, own.results().size());
    assertEquals(14, Files.readAllLines(out).size());
    int right = 0;
    for (JsonElement it : own.results()) {
      JsonElement known = it.getAsJsonObject().getAsJsonObject("fields").get("right");
      right += known != null && known.equals(it.getAsJsonObject().get("class")) ? 1 : 0;
    }
    assertTrue(right >= 11, "right of 12: " + right);
    Ran unsure = Ran.run("classify", index, "--field", "known", "--min-probability", "1", "--json");
    assertFalse(unsure.results().get(0).getAsJsonObject().has("class"));
    Ran piped =
        Ran.runWith(
            "A cake in the oven.\n".getBytes(StandardCharsets.UTF_8),
            "classify",
            index,
            "--field",
            "known",
            "--lines");
    assertEquals(0, piped.code(), piped.err());
    assertTrue(piped.out().contains("cooking"), piped.out());
  }

  @Test
  void wrongUseIsExplained() {
    refused(2, "--min-score", "mine", index, "--stream");
    refused(2, "--top must be at least 1", "mine", index, "--top", "0");
    refused(2, "from -1 to 1", "dedupe", index, "--min-score", "95");
    refused(2, "first, longest, central", "dedupe", index, "--keep", "best");
    refused(2, "--k is for", "cluster", index, "--k", "3", "--method", "hdbscan");
    refused(1, "cannot be in 99", "cluster", index, "--k", "99");
    refused(1, "no entry of", "cluster", index, "--filter", "topic=sailing");
    refused(1, "there is no such folder", "cluster", index, "--out", folder + "/none/x.jsonl");
    refused(2, "what are the examples", "classify", index);
    refused(1, "no field \"colour\"", "classify", index, "--field", "colour");
    refused(1, "there is no index", "outliers", "no-such-index");
  }
}
