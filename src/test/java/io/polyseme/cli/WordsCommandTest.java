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
import java.util.stream.Stream;
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

  @Test
  void combinesSpaces() throws IOException {
    String other =
        Files.writeString(folder.resolve("other.txt"), "king 1 0\nqueen 1 1\nrook 0 1\n")
            .toString();
    String both = folder.resolve("both.words").toString();
    Ran ran = Ran.run("words", "combine", text, other, "--out", both, "--json");
    JsonObject made = ran.results().get(0).getAsJsonObject();
    assertEquals(2, made.get("size").getAsInt());
    assertEquals(6, made.get("dimension").getAsInt());
    assertEquals(2, made.get("common").getAsInt());
    Ran all =
        Ran.run(
            "words",
            "combine",
            text,
            other,
            "--words",
            "all",
            "--weights",
            "1,0.5",
            "--method",
            "average",
            "--centre",
            "--out",
            both);
    assertEquals(0, all.code(), all.err());
    assertTrue(all.out().startsWith("7 words of 4 dimensions"), all.out());
    assertTrue(
        all.out().lines().anyMatch(line -> line.matches(".*other.txt +3 +3 +4 *")), all.out());
    assertTrue(Ran.run("words", "info", both).out().contains("average, all, centred"));
    assertEquals(1, Ran.run("words", "combine", text, other, "--out", other).code());
    assertEquals(1, Ran.run("words", "combine", text, folder + "/no", "--out", both).code());
    for (String[] wrong :
        new String[][] {
          {text},
          {text, other, "--weights", "1"},
          {text, other, "--weights", "1,0"},
          {text, other, "--weights", "1,x"},
          {text, other, "--method", "add"},
          {text, other, "--words", "some"}
        }) {
      String[] command =
          Stream.of(new String[] {"words", "combine", "--out", both}, wrong)
              .flatMap(Stream::of)
              .toArray(String[]::new);
      assertEquals(2, Ran.run(command).code(), String.join(" ", command));
    }
    String far = Files.writeString(folder.resolve("far.txt"), "王后 1 0\n女王 1 1\n").toString();
    Ran none = Ran.run("words", "combine", text, far, "--out", both);
    assertEquals(1, none.code());
    assertTrue(none.err().contains("no word in common"), none.err());
  }

  @Test
  void retrofitsToAFileAndToWordNet() throws IOException {
    String fitted = folder.resolve("fitted.words").toString();
    String pairs = Files.writeString(folder.resolve("pairs"), "king\tNew York\n").toString();
    JsonObject made =
        Ran.run("words", "retrofit", text, "--lexicon", pairs, "--out", fitted, "--json")
            .results()
            .get(0)
            .getAsJsonObject();
    assertEquals(6, made.get("size").getAsInt());
    assertEquals(2, made.get("related").getAsInt());
    assertEquals(
        "new_york", labels(Ran.run("similar", "king", "--space", fitted, "--json")).getFirst());
    String words = Files.writeString(folder.resolve("w.txt"), "car 1 0\nauto 0 1\n").toString();
    Ran synonyms = Ran.run("words", "retrofit", words, "--lexicon", "wordnet", "--out", fitted);
    assertEquals(0, synonyms.code(), synonyms.err());
    assertTrue(synonyms.out().contains("2 moved by 1 relations"), synonyms.out());
    assertTrue(Ran.run("words", "info", fitted).out().contains("WordNet 3.0, synonyms, 10 iter"));
    String kinds = Files.writeString(folder.resolve("k.txt"), "dog 1 0\ncanine 0 1\n").toString();
    Ran alone = Ran.run("words", "retrofit", kinds, "--lexicon", "wordnet", "--out", fitted);
    assertEquals(1, alone.code());
    assertTrue(alone.err().contains("no two words"), alone.err());
    Ran hypernyms =
        Ran.run("words", "retrofit", kinds, "--lexicon", "wordnet", "--hypernyms", "--out", fitted);
    assertEquals(0, hypernyms.code(), hypernyms.err());
  }

  @Test
  void saysWhatCannotBeRetrofitted() throws IOException {
    String fitted = folder.resolve("fitted.words").toString();
    String pairs = Files.writeString(folder.resolve("pairs"), "king queen\n").toString();
    String bad = Files.writeString(folder.resolve("bad"), "king queen\nalone\n").toString();
    for (String[] wrong :
        new String[][] {
          {"--lexicon", pairs, "--beta", "x"}, {"--lexicon", pairs, "--beta", "-1"},
          {"--lexicon", pairs, "--alpha", "0"}, {"--lexicon", pairs, "--iterations", "0"},
          {"--lexicon", pairs, "--hypernyms"}, {}
        }) {
      String[] command =
          Stream.of(new String[] {"words", "retrofit", text, "--out", fitted}, wrong)
              .flatMap(Stream::of)
              .toArray(String[]::new);
      assertEquals(2, Ran.run(command).code(), String.join(" ", command));
    }
    Ran line = Ran.run("words", "retrofit", text, "--lexicon", bad, "--out", fitted);
    assertEquals(1, line.code());
    assertTrue(line.err().contains("line 2"), line.err());
    assertEquals(
        1, Ran.run("words", "retrofit", text, "--lexicon", folder + "/no", "--out", fitted).code());
    assertEquals(1, Ran.run("words", "retrofit", text, "--lexicon", pairs, "--out", text).code());
    assertFalse(Files.exists(Path.of(fitted)));
  }
}
