package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SubstitutesCommandIT {
  private static final String RIVER = "He sat on the bank of the river.";

  @TempDir Path folder;

  private static Ran run(String... arguments) {
    var all = new ArrayList<>(List.of("substitutes"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--model", "all-minilm-l6-v2", "--space", "none"));
    return Ran.run(all.toArray(String[]::new));
  }

  private static void refused(int code, String message, String... arguments) {
    Ran ran = run(arguments);
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(message), ran.err());
    assertFalse(ran.err().contains("internal error"), ran.err());
    assertEquals("", ran.out());
  }

  @Test
  void wordsThatCouldStandThere() {
    Ran ran = run(RIVER, "--word", "bank", "--top", "5", "--json");
    JsonObject answer = ran.json();
    assertEquals("substitutes", answer.get("command").getAsString());
    assertEquals(RIVER, answer.get("query").getAsString());
    assertEquals("all-minilm-l6-v2", answer.get("model").getAsString());
    assertEquals("bank%1:17:01::", answer.getAsJsonObject("sense").get("label").getAsString());
    assertTrue(answer.getAsJsonObject("sense").get("score").getAsDouble() > 0.5);
    assertEquals(5, ran.results().size());
    int rank = 0;
    for (JsonElement it : ran.results()) {
      JsonObject result = it.getAsJsonObject();
      assertEquals(++rank, result.get("rank").getAsInt());
      String text = result.get("text").getAsString();
      int start = result.getAsJsonArray("span").get(0).getAsInt();
      int end = result.getAsJsonArray("span").get(1).getAsInt();
      assertEquals(result.get("label").getAsString(), text.substring(start, end));
      assertEquals(RIVER, text.substring(0, start) + "bank" + text.substring(end));
      assertTrue(
          List.of("synonym", "broader", "narrower", "sibling")
              .contains(result.get("source").getAsString()));
      assertTrue(result.get("score").getAsDouble() <= 1);
    }
    Ran money = run(RIVER, "--word", "bank", "--sense", "bank%1:14:00::");
    assertEquals(0, money.code(), money.err());
    assertTrue(money.out().startsWith("in the sense bank%1:14:00::"), money.out());
    assertTrue(money.out().contains("synonym"), money.out());
    // A phrase is one word.
    Ran phrase = run("The ice cream melted.", "--word", "ice cream", "--json");
    assertEquals("ice cream", phrase.json().getAsJsonObject("sense").get("lemma").getAsString());
  }

  @Test
  void aWordThatIsThereTwice() {
    String twice = "The bank by the river is near the bank that lends money.";
    Ran first = run(twice, "--word", "bank", "--json");
    assertTrue(first.json().getAsJsonArray("warnings").toString().contains("2 times in the text"));
    Ran second = run(twice, "--word", "bank", "--occurrence", "2", "--json");
    assertTrue(second.json().getAsJsonArray("warnings").isEmpty());
    String text = second.results().get(0).getAsJsonObject().get("text").getAsString();
    assertTrue(text.startsWith("The bank by the river is near the "), text);
    refused(1, "occurrence 3", twice, "--word", "bank", "--occurrence", "3");
    refused(2, "--occurrence", twice, "--word", "bank", "--occurrence", "0");
  }

  @Test
  void whatCannotBeAnswered() {
    refused(1, "not in the text", RIVER, "--word", "boat");
    refused(1, "not in the text", RIVER, "--word", "bnak");
    refused(1, "part of \"river\"", RIVER, "--word", "rive");
    refused(1, "has no sense", RIVER, "--word", "bank", "--sense", "bank%9");
    refused(
        1,
        "is one of \"tree\" and not of \"bank\"",
        RIVER,
        "--word",
        "bank",
        "--sense",
        "tree%1:20:00::");
    refused(1, "nothing is known", "The zorgle sat on the bank.", "--word", "zorgle");
    refused(1, "as adverb", RIVER, "--word", "bank", "--pos", "adverb");
    refused(2, "top", RIVER, "--word", "bank", "--top", "0");
    refused(2, "--pos", RIVER, "--word", "bank", "--pos", "nowt");
    refused(2, "empty", " ", "--word", "bank");
    refused(2, "--word", RIVER);
  }

  @Test
  void anInventoryOfOnesOwn() throws IOException {
    Path file = folder.resolve("flowers.jsonl");
    Files.writeString(
        file,
        """
        {"id":"花-1","lemma":"花","gloss":"植物的花朵","synonyms":["花朵"]}
        {"id":"花-2","lemma":"花","gloss":"用掉钱","synonyms":["花费","用掉"]}
        """,
        StandardCharsets.UTF_8);
    Ran ran =
        Ran.run(
            "substitutes",
            "他花了很多钱",
            "--word",
            "花",
            "--inventory",
            file.toString(),
            "--sense",
            "花-2",
            "--space",
            "none",
            "--json");
    List<String> words =
        ran.results().asList().stream()
            .map(it -> it.getAsJsonObject().get("label").getAsString())
            .sorted()
            .toList();
    assertEquals(List.of("用掉", "花费"), words);
  }
}
