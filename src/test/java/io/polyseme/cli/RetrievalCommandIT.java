package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/** Search measured on a small collection, with bge-small-en-v1.5. */
@Timeout(600)
class RetrievalCommandIT {
  /** One is found by its words, one by its meaning alone, and one by either. */
  private static final List<String> DOCUMENTS =
      List.of(
          "The part XK-4711 is sold out and will not be made again.",
          "The physician examined the ill child and wrote a prescription.",
          "Volcanoes erupt when magma rises through cracks in the crust of the earth.",
          "The part XK-4812 is in the store and can be sent tomorrow.",
          "A nurse and a lawyer met in the garden of the hotel for tea.",
          "The orchestra played a symphony in the old concert hall.");

  private static final List<String> QUERIES =
      List.of("XK-4711", "a doctor treats a sick kid", "why volcanoes erupt");

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    var corpus = new ArrayList<String>();
    for (int i = 0; i < DOCUMENTS.size(); i++) {
      corpus.add("{\"_id\": \"d%d\", \"text\": \"%s\"}".formatted(i, DOCUMENTS.get(i)));
    }
    var queries = new ArrayList<String>();
    var judgements = new ArrayList<>(List.of("query-id\tcorpus-id\tscore"));
    for (int i = 0; i < QUERIES.size(); i++) {
      queries.add("{\"_id\": \"q%d\", \"text\": \"%s\"}".formatted(i, QUERIES.get(i)));
      judgements.add("q%d\td%d\t1".formatted(i, i));
    }
    Path set = Files.createDirectories(folder.resolve("small"));
    Files.write(set.resolve("corpus.jsonl"), corpus);
    Files.write(set.resolve("queries.jsonl"), queries);
    Files.write(Files.createDirectories(set.resolve("qrels")).resolve("test.tsv"), judgements);
    var others = new ArrayList<String>();
    for (String town : List.of("Lisbon", "Porto", "Faro", "Braga", "Evora", "Coimbra")) {
      others.add("The train to %s leaves at noon from the platform at the left.".formatted(town));
    }
    others.add(DOCUMENTS.get(2));
    others.add("Short.");
    Files.write(folder.resolve("others.txt"), others);
  }

  private static JsonObject result(JsonArray results, String mode, String section, String metric) {
    for (JsonElement element : results) {
      JsonObject result = element.getAsJsonObject();
      if (result.get("mode").getAsString().equals(mode)
          && result.get("section").getAsString().equals(section)
          && result.get("metric").getAsString().equals(metric)) {
        return result;
      }
    }
    throw new AssertionError("no %s of %s by %s in %s".formatted(metric, section, mode, results));
  }

  private Ran evaluate(String... options) {
    var all = new ArrayList<>(List.of("evaluate", "retrieval", folder.resolve("small").toString()));
    all.addAll(List.of(options));
    return Ran.run(all.toArray(String[]::new));
  }

  @Test
  void wordsVectorsAndBothAreMeasured() {
    String others = folder.resolve("others.txt").toString();
    String work = folder.resolve("work").toString();
    Ran ran =
        evaluate(
            "--distractors",
            others,
            "--distractor-count",
            "6",
            "--work",
            work,
            "--alpha",
            "1",
            "--json");
    assertEquals(0, ran.code(), ran.err());
    JsonObject collection = ran.json().getAsJsonObject("collection");
    assertEquals(6, collection.get("documents").getAsInt());
    assertEquals(6, collection.get("distractors").getAsInt());
    JsonArray results = ran.results();
    JsonObject hybrid = result(results, "hybrid", "small", "MRR@10");
    assertTrue(hybrid.get("value").getAsDouble() > 0.9, hybrid.toString());
    assertTrue(hybrid.get("low").getAsDouble() <= hybrid.get("value").getAsDouble());
    assertTrue(hybrid.get("high").getAsDouble() >= hybrid.get("value").getAsDouble());
    assertEquals(1, hybrid.get("coverage").getAsDouble());
    assertEquals(3, hybrid.get("n").getAsInt());
    // The doctor has no word in common with the physician.
    double words = result(results, "words", "small", "MRR@10").get("value").getAsDouble();
    assertTrue(words < 0.9, "words " + words);
    assertEquals(2, result(results, "words", "small (odd queries)", "MRR@10").get("n").getAsInt());
    // A weight of one leaves the vectors alone.
    assertEquals(
        result(results, "vectors", "small", "MRR@10").get("value").getAsDouble(),
        result(results, "hybrid, alpha 1.0", "small", "MRR@10").get("value").getAsDouble());
    JsonObject difference = result(results, "hybrid", "small", "MRR@10 difference");
    assertTrue(difference.get("primary").getAsBoolean());
    double p = difference.get("p").getAsDouble();
    assertTrue(p > 0 && p <= 1, difference.toString());
    assertTrue(Files.exists(folder.resolve("work").resolve("index")));
    Ran again =
        evaluate(
            "--distractors",
            others,
            "--distractor-count",
            "6",
            "--work",
            work,
            "--alpha",
            "1",
            "--json");
    assertEquals(ran.out(), again.out());
  }

  @Test
  void theTableSaysEachFigureAndTheDifference() {
    Ran ran = evaluate("--queries", "odd");
    assertEquals(0, ran.code(), ran.err());
    assertTrue(
        ran.out().startsWith("model bge-small-en-v1.5, 6 documents" + System.lineSeparator()),
        ran.out());
    assertTrue(ran.out().contains("small (odd queries): 2 queries"), ran.out());
    assertTrue(ran.out().contains("hybrid, reciprocal ranks"), ran.out());
    assertTrue(ran.out().contains("hybrid against "), ran.out());
    assertFalse(ran.out().contains("even"), ran.out());
  }

  @Test
  void wrongUseAndBadFilesAreSaid() {
    assertEquals(2, evaluate("--alpha", "1.5").code());
    assertEquals(2, evaluate("--queries", "none").code());
    assertEquals(2, evaluate("--distractor-count", "0").code());
    assertEquals(2, evaluate(folder.resolve("small").toString()).code());
    Ran missing = Ran.run("evaluate", "retrieval", folder.resolve("none.json").toString());
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("does not exist"), missing.err());
  }
}
