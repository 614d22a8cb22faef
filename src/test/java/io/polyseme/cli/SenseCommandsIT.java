package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SenseCommandsIT {
  @Test
  void sensesOfAWord() {
    JsonObject first =
        Ran.run("senses", "banks", "--pos", "noun", "--json").results().get(1).getAsJsonObject();
    assertEquals("bank%1:17:01::", first.get("label").getAsString());
    assertEquals("bank", first.get("lemma").getAsString());
    assertEquals("noun", first.get("pos").getAsString());
    assertEquals(25, first.get("count").getAsInt());
    Ran unknown = Ran.run("senses", "bnak");
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("near it are bank"), unknown.err());
    assertEquals(2, Ran.run("senses", "bank", "--pos", "nowt").code());
    assertEquals(1, Ran.run("senses", "bank", "--inventory", "none.jsonl").code());
  }

  @Test
  void aWordInItsContext() {
    String text = "He sat on the bank of the river";
    JsonObject answer = Ran.run("sense", text, "--word", "bank", "--json").json();
    assertEquals("sense", answer.get("command").getAsString());
    JsonObject first = answer.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals("bank%1:17:01::", first.get("label").getAsString());
    assertEquals(14, first.getAsJsonArray("span").get(0).getAsInt());
    assertTrue(first.get("score").getAsDouble() > 0.5);
    assertEquals(
        "example",
        first.getAsJsonArray("evidence").get(0).getAsJsonObject().get("kind").getAsString());
    assertEquals(1, Ran.run("sense", text, "--word", "bnak").code());
    for (List<String> wrong :
        List.of(
            List.of("sense", text),
            List.of("sense", text, "--word", "bank", "--all"),
            List.of("sense", text, "--word", "bank", "--top", "0"),
            List.of("sense", text, "--word", "bank", "--method", "guess"),
            List.of("sense", text, "--all", "--pos", "noun"),
            List.of("sense", text, "--all", "--lines"),
            List.of("sense", " ", "--all"))) {
      assertEquals(2, Ran.run(wrong.toArray(String[]::new)).code(), wrong::toString);
    }
  }

  @Test
  void manyTexts() {
    byte[] in =
        "The bank lends money.\n\nNo such word.\nThe river bank is steep.\n"
            .getBytes(StandardCharsets.UTF_8);
    Ran ran = Ran.runWith(in, "sense", "--word", "bank", "--lines", "--json");
    assertEquals(1, ran.code());
    assertTrue(ran.err().contains("1 of 3 lines could not be answered"), ran.err());
    assertEquals(3, ran.out().lines().count());
    Ran all = Ran.runWith(in, "sense", "--all", "--lines");
    assertEquals(0, all.code(), all.err());
    assertTrue(all.out().contains("bank%1:14:00::"), all.out());
  }
}
