package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WordVectorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on word spaces that need no model. */
@Timeout(60)
class WordSpaceCommandsTest {
  private static final List<String> ENGLISH =
      List.of("cat", "dog", "horse", "car", "train", "bus", "red", "blue");
  private static final List<String> CHINESE = List.of("猫", "狗", "马", "汽车", "火车", "公车", "红", "蓝");
  private static final float[][] VECTORS = {
    {1, 0.1f, 0.2f},
    {1, 0.3f, 0},
    {0.8f, 0, -0.4f},
    {0.1f, 1, 0.3f},
    {-0.2f, 1, 0},
    {0, 0.9f, -0.3f},
    {0, 0.2f, 1},
    {-0.3f, 0, 1}
  };

  @TempDir Path folder;

  @BeforeEach
  void makeSpaces() throws IOException {
    write("en", ENGLISH, 0);
    write("zh", CHINESE, 1);
    Files.writeString(
        folder.resolve("pairs.tsv"),
        String.join(
            "\n",
            IntStream.range(0, 8).mapToObj(i -> ENGLISH.get(i) + "\t" + CHINESE.get(i)).toList()));
  }

  /** The same vectors, their axes turned round, and a further one where asked. */
  private void write(String name, List<String> words, int turn) {
    var info = new SpaceInfo(name, 8, 3 + turn, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(folder.resolve(name + ".words"), info)) {
      for (int i = 0; i < words.size(); i++) {
        var vector = new float[3 + turn];
        for (int d = 0; d < 3; d++) {
          vector[(d + turn) % vector.length] = VECTORS[i][d];
        }
        writer.add(words.get(i), vector);
      }
      writer.commit();
    }
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static int run(String... arguments) {
    return Ran.run(arguments).code();
  }

  private static String text(String... arguments) {
    Ran ran = Ran.run(arguments);
    assertEquals(0, ran.code(), ran.err());
    return ran.out().strip();
  }

  private JsonObject json(String... arguments) {
    return JsonParser.parseString(text(arguments)).getAsJsonObject();
  }

  private static List<String> labels(JsonObject answer) {
    JsonArray results = answer.getAsJsonArray("results");
    return IntStream.range(0, results.size())
        .mapToObj(i -> results.get(i).getAsJsonObject().get("label").getAsString())
        .toList();
  }

  @Test
  void stepsAreDoneInTheOrderGiven() {
    String made = file("made.words");
    JsonObject answer =
        json(
            "words",
            "process",
            file("en.words"),
            "--out",
            made,
            "--unit",
            "--mean",
            "--components",
            "2",
            "--quantise",
            "--json");
    JsonObject result = answer.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals("words process", answer.get("command").getAsString());
    assertEquals(
        "unit length, mean removed, 2 components, 8 bits", result.get("processed").getAsString());
    assertEquals(2, result.get("dimension").getAsInt());
    assertTrue(result.get("explained").getAsDouble() < 1);
    assertTrue(result.get("leastCosine").getAsDouble() > 0.999);
    String shown =
        text("words", "process", file("en.words"), "--all-but-the-top=2", "--unit", "--out", made);
    assertTrue(shown.endsWith("all but the top 2, unit length"), shown);
    assertTrue(text("words", "info", made).contains("all but the top 2, unit length"));
    text("words", "process", file("en.words"), "--out", made, "--all-but-the-top");
    try (var words = WordVectors.open(Path.of(made))) {
      assertEquals("all but the top", words.info().properties().get("processed"));
    }
    assertEquals(2, run("words", "process", file("en.words"), "--out", made));
    assertEquals(2, run("words", "process", file("en.words"), "--unit"));
    assertEquals(2, run("words", "process", file("en.words"), "--out", made, "--components", "4"));
  }

  @Test
  void aSpaceIsMappedIntoAnother() {
    String mapped = file("mapped.words");
    JsonObject answer =
        json(
            "words",
            "align",
            file("en.words"),
            file("zh.words"),
            "--pairs",
            file("pairs.tsv"),
            "--hold-out",
            "0.25",
            "--out",
            mapped,
            "--json");
    JsonArray results = answer.getAsJsonArray("results");
    assertEquals(4, results.size());
    for (JsonElement result : results) {
      // Of eight words all are neighbours of all: CSLS has nothing to go by.
      if (result.getAsJsonObject().get("section").getAsString().equals("cosine")) {
        assertEquals(1, result.getAsJsonObject().get("value").getAsDouble());
      }
      assertEquals(2, result.getAsJsonObject().get("words").getAsInt());
    }
    assertEquals(
        "狗",
        labels(json("similar", "dog", "--space", mapped, "--among", file("zh.words"), "--json"))
            .getFirst());
    String shown =
        text(
            "words",
            "align",
            file("en.words"),
            file("zh.words"),
            "--pairs",
            file("pairs.tsv"),
            "--test",
            file("pairs.tsv"),
            "--refine",
            "1",
            "--out",
            mapped);
    assertTrue(shown.contains("8 words held out  precision@1  precision@5"), shown);
    Ran apart = Ran.run("similar", "dog", "--space", file("en.words"), "--among", file("zh.words"));
    assertEquals(1, apart.code());
    assertTrue(apart.err().contains("words align"));
    assertEquals(
        2,
        run(
            "words",
            "align",
            file("en.words"),
            file("zh.words"),
            "--pairs",
            file("pairs.tsv"),
            "--test",
            file("pairs.tsv"),
            "--hold-out",
            "0.5",
            "--out",
            mapped));
    assertEquals(
        1,
        run(
            "words",
            "align",
            file("zh.words"),
            file("en.words"),
            "--pairs",
            file("pairs.tsv"),
            "--out",
            mapped));
  }

  @Test
  void wordsAreComparedInManyWays() {
    String space = file("en.words");
    double sets = Double.parseDouble(text("compare", "cat,dog", "horse", "--space", space));
    assertTrue(sets > 0.8 && sets < 1, "" + sets);
    assertEquals("1", text("compare", "cat", "dog", "--rank", "--space", space));
    assertEquals("4", text("compare", "cat", "red", "--rank", "--space", space));
    assertEquals(
        List.of("dog", "horse", "car"),
        labels(json("compare", "cat", "red", "--closer", "--space", space, "--json")));
    assertEquals(
        List.of("dog", "red", "train"),
        labels(json("compare", "cat", "train,red,dog", "--each", "--space", space, "--json")));
    JsonObject moved = json("compare", "the cat", "a dog", "--wmd", "--space", space, "--json");
    assertEquals(
        Math.sqrt(2 - 2 * 1.03 / Math.sqrt(1.05 * 1.09)),
        moved.getAsJsonArray("results").get(0).getAsJsonObject().get("score").getAsDouble(),
        1e-5);
    assertTrue(moved.getAsJsonArray("warnings").get(0).getAsString().contains("the, a"));
    assertEquals(
        "train",
        labels(json("odd-one-out", "cat", "dog", "train", "--space", space, "--json")).getFirst());
    assertEquals("train", text("odd-one-out", "cat", "dog", "train", "--space", space));
    assertEquals(2, run("compare", "cat", "dog", "--rank", "--wmd", "--space", space));
    assertEquals(1, run("compare", "nothing", "dog", "--wmd", "--space", space));
  }
}
