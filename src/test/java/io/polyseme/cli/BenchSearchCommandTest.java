package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Maker;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BenchSearchCommandTest {
  @TempDir Path temp;
  private String index = "";

  @BeforeEach
  void build() {
    Path folder = temp.resolve("points");
    index = folder.toString();
    var maker = new Maker("none", "0", "0", "none");
    try (IndexBuilder builder = VectorIndex.builder(folder, Recipe.of("test"), maker)) {
      var random = new Random(1);
      for (int i = 0; i < 1_500; i++) {
        var vector = new float[6];
        for (int d = 0; d < vector.length; d++) {
          vector[d] = (float) random.nextGaussian();
        }
        builder.add("point" + i, vector, Map.of());
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
  }

  @Test
  void recommendsTheFastestThatFindsEnough() {
    JsonObject json =
        Ran.run("bench", "search", index, "--json", "--sample", "40", "--ef-search", "100,20")
            .json();
    assertEquals("bench search", json.get("command").getAsString());
    JsonArray results = json.getAsJsonArray("results");
    assertEquals(2, results.size());
    JsonObject first = results.get(0).getAsJsonObject();
    assertEquals(20, first.get("efSearch").getAsInt());
    assertEquals(1, first.get("rank").getAsInt());
    for (String key : new String[] {"queriesPerSecond", "p50Micros", "p99Micros", "visited"}) {
      assertTrue(first.get(key).getAsDouble() > 0, key);
    }
    JsonObject recommended = json.getAsJsonObject("recommended");
    assertTrue(recommended.get("recall").getAsDouble() >= 0.95);
    assertEquals(1_500, json.getAsJsonObject("measured").get("size").getAsInt());
  }

  @Test
  void isATableForAPerson() {
    Ran ran = Ran.run("bench", "search", index, "--sample", "20", "--ef-search", "50");
    assertEquals(0, ran.code(), ran.err());
    assertTrue(ran.out().contains("1,500 vectors of 6 dimensions, cosine, int8"), ran.out());
    assertTrue(ran.out().contains("recall@10"), ran.out());
    assertTrue(ran.out().contains("recommended for a recall of 0.950: efSearch 50"), ran.out());
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    assertEquals(2, Ran.run("bench", "search", index, "--recall", "2").code());
    assertEquals(2, Ran.run("bench", "search", index, "--ef-search", "0").code());
    Ran missing = Ran.run("bench", "search", temp.resolve("other").toString());
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("other"), missing.err());
  }
}
