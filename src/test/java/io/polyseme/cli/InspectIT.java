package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
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

  private static void assertWrong(int code, String message, String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
  }
}
