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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of other programs on the command line. */
@Timeout(60)
class WordsCommandTest {
  @TempDir Path folder;

  private String text;
  private String space;

  @BeforeEach
  void make() throws IOException {
    text =
        Files.writeString(
                folder.resolve("royal.txt"),
                """
                king 1 1 0 0.2
                queen 1 0 1 0.2
                man 0 1 0 0
                woman 0 0 1 0
                car 0 0 0 1
                new_york 0.5 0.5 0.5 -1
                """)
            .toString();
    space = folder.resolve("royal.words").toString();
  }

  private static List<String> labels(Ran ran) {
    return ran.results().asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(result -> result.get("label").getAsString())
        .toList();
  }

  @Test
  void convertsThereAndBack() throws IOException {
    JsonObject made =
        Ran.run("words", "convert", text, space, "--json").results().get(0).getAsJsonObject();
    assertEquals(6, made.get("size").getAsInt());
    assertEquals("glove", made.get("format").getAsString());
    assertTrue(Ran.run("words", "info", space, "--verify").out().contains("right"));
    for (String out : List.of("back.txt", "back.bin", "back.vec.gz")) {
      String back = folder.resolve(out).toString();
      Ran ran = Ran.run("words", "convert", space, back);
      assertEquals(0, ran.code(), ran.err());
      assertEquals(
          labels(Ran.run("similar", "king", "--space", text, "--json")),
          labels(Ran.run("similar", "king", "--space", back, "--json")));
    }
    String glove = folder.resolve("back.glove").toString();
    assertEquals(0, Ran.run("words", "convert", space, glove, "--to", "glove").code());
    assertTrue(Files.readString(Path.of(glove)).startsWith("king 1.0 1.0 0.0 0.2\n"));
  }

  @Test
  void answersOverFilesAsTheyAre() {
    assertEquals(
        "queen",
        labels(Ran.run("analogy", "king - man + woman", "--space", text, "--json")).getFirst());
    Ran folded = Ran.run("similar", "New York", "--space", text);
    assertTrue(folded.err().contains("read as \"new_york\""), folded.err());
    Ran unknown = Ran.run("similar", "King", "--space", text, "--unknown", "error");
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("did you mean king"), unknown.err());
    Ran spelling = Ran.run("similar", "quene", "--space", text, "--unknown", "spelling");
    assertTrue(spelling.err().contains("read as \"queen\""), spelling.err());
    Ran skipped =
        Ran.run("analogy", "king - man + zzz", "--space", text, "--unknown", "skip", "--json");
    assertTrue(skipped.json().get("warnings").toString().contains("zzz"));
    assertEquals(2, Ran.run("similar", "king", "--space", text, "--unknown", "guess").code());
  }

  @Test
  void restrictsAnswers() throws IOException {
    String list = Files.writeString(folder.resolve("list"), "man\ncar\n").toString();
    assertEquals(
        List.of("man", "car"),
        labels(Ran.run("similar", "king", "--space", text, "--only", list, "--json")));
    assertEquals(
        List.of("man", "queen"),
        labels(Ran.run("similar", "king", "--space", text, "--first", "3", "--json")));
    assertEquals(
        List.of("man", "woman"),
        labels(Ran.run("similar", "king", "--space", text, "--match", ".*man", "--json")));
    assertEquals(2, Ran.run("similar", "king", "--space", text, "--match", "(").code());
    assertEquals(2, Ran.run("similar", "king", "--space", text, "--first", "-1").code());
  }

  @Test
  void answersLineByLine() {
    byte[] lines = "king\nemperor\n\nqueen\n".getBytes(StandardCharsets.UTF_8);
    Ran ran = Ran.runWith(lines, "similar", "--lines", "--space", text, "--top", "1", "--json");
    assertEquals(1, ran.code());
    assertEquals(3, ran.out().lines().count());
    assertTrue(ran.err().contains("line 2"), ran.err());
    assertTrue(ran.err().contains("1 of 4 lines"), ran.err());
    assertEquals(2, Ran.runWith(lines, "similar", "king", "--lines", "--space", text).code());
    byte[] invalid = {(byte) 0xC3, '\n'};
    Ran bytes = Ran.runWith(invalid, "similar", "--lines", "--space", text);
    assertEquals(1, bytes.code());
    assertTrue(bytes.err().contains("UTF-8"), bytes.err());
  }

  @Test
  void writesOverNothingThatMatters() throws IOException {
    Ran.run("words", "convert", text, space);
    for (String[] command :
        new String[][] {
          {"words", "convert", text, text, "--to", "glove", "--limit", "1"},
          {"words", "convert", space, space},
          {"words", "process", space, "--unit", "--out", space},
          {"words", "process", space, "--unit", "--out", "en"},
          {"words", "convert", text, "zh"},
          {"words", "convert", text, "/dev/null", "--to", "glove"}
        }) {
      Ran ran = Ran.run(command);
      assertEquals(1, ran.code(), String.join(" ", command) + ran.err());
    }
    assertEquals(2, Ran.run("words", "process", space, "--unit", "--out", "").code());
    assertEquals(2, Ran.run("words", "process", space, "--components", "0", "--out", "x").code());
    assertEquals(2, Ran.run("words", "convert", text, space + ".xyz").code());
    assertEquals(6, Files.readAllLines(Path.of(text)).size());
    // Damage would have fresh checksums in a copy.
    byte[] bytes = Files.readAllBytes(Path.of(space));
    bytes[140] ^= 1;
    Files.write(Path.of(space), bytes);
    Ran copy = Ran.run("words", "convert", space, folder.resolve("copy.words").toString());
    assertEquals(1, copy.code());
    assertTrue(copy.err().contains("is damaged"), copy.err());
  }

  @Test
  void optionsThatMeanNothingAreSaid() {
    assertEquals(
        2, Ran.run("odd-one-out", "king", "man", "car", "--top", "1", "--space", text).code());
    assertEquals(2, Ran.run("compare", "king", "man", "--match", "x", "--space", text).code());
    assertEquals(2, Ran.run("similar", "king", "--first", "0", "--space", text).code());
    Ran field = Ran.run("similar", "king", "--filter", "colour=red", "--space", text);
    assertEquals(2, field.code());
    assertTrue(field.err().contains("there are label, rank"), field.err());
    assertEquals(2, Ran.run("similar", "king", "--unknown", "error,skip", "--space", text).code());
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    String broken = Files.writeString(folder.resolve("broken.txt"), "2 2\na 1 2\nb 1\n").toString();
    Ran ran = Ran.run("words", "convert", broken, space);
    assertEquals(1, ran.code());
    assertTrue(ran.err().contains("line 3"), ran.err());
    assertFalse(Files.exists(Path.of(space)));
    Ran lenient = Ran.run("words", "convert", broken, space, "--lenient");
    assertEquals(0, lenient.code(), lenient.err());
    assertTrue(lenient.err().contains("line 3"), lenient.err());
    assertEquals(1, Ran.run("words", "convert", folder.resolve("no").toString(), space).code());
    assertEquals(2, Ran.run("words", "convert", text, space, "--to", "fasttext").code());
    assertEquals(2, Ran.run("words", "convert", text, space, "--limit", "-1").code());
    assertEquals(
        1, Ran.run("words", "convert", text, folder.resolve("no/a.words").toString()).code());
    String nothing = Files.writeString(folder.resolve("nothing"), "what is this\n\n").toString();
    assertEquals(1, Ran.run("similar", "king", "--space", nothing).code());
  }
}
