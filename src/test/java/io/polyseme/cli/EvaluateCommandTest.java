package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.words.WordVectorsWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EvaluateCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void makeSpace() {
    var info = new SpaceInfo("family", 5, 3, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(folder.resolve("family.words"), info)) {
      writer.add("man", new float[] {1, 0, 0});
      writer.add("woman", new float[] {-1, 0.5f, 0});
      writer.add("king", new float[] {1, 0, 1});
      writer.add("queen", new float[] {-1, 0.5f, 1});
      writer.add("apple", new float[] {0.1f, -1, -1});
      writer.commit();
    }
  }

  private Terminal terminal() {
    return new Terminal(
        InputStream.nullInputStream(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false,
        false,
        false,
        Cancel.create());
  }

  private int run(String... arguments) {
    return Main.run(
        terminal(),
        Stream.concat(Stream.of("evaluate"), Stream.of(arguments)).toArray(String[]::new));
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private String space() {
    return folder.resolve("family.words").toString();
  }

  @Test
  void analogiesAsJson() throws IOException {
    String file = write("q.txt", ": family\nman woman king queen\nman woman king emperor\n");
    for (String method : new String[] {"add", "mul"}) {
      out.reset();
      assertEquals(
          0,
          run("analogies", file, "--space", space(), "--method", method, "--json"),
          err.toString());
      JsonObject object = JsonParser.parseString(out.toString()).getAsJsonObject();
      assertEquals("evaluate analogies", object.get("command").getAsString());
      assertEquals(file, object.get("query").getAsString());
      assertEquals(space(), object.get("space").getAsString());
      assertEquals(1, object.getAsJsonArray("warnings").size());
      assertEquals(
          List.of(
              "family accuracy",
              "family accuracy-inputs-kept",
              "family accuracy-top-5",
              "total accuracy",
              "total accuracy-inputs-kept",
              "total accuracy-top-5"),
          object.getAsJsonArray("results").asList().stream()
              .map(JsonElement::getAsJsonObject)
              .map(r -> r.get("section").getAsString() + " " + r.get("metric").getAsString())
              .toList());
      JsonObject total = object.getAsJsonArray("results").get(3).getAsJsonObject();
      assertEquals(method, total.get("method").getAsString());
      assertEquals("total", total.get("section").getAsString());
      assertEquals("accuracy", total.get("metric").getAsString());
      assertEquals(1, total.get("value").getAsDouble());
      assertEquals(0.5, total.get("coverage").getAsDouble());
      assertTrue(total.get("low").getAsDouble() < total.get("high").getAsDouble());
    }
  }

  @Test
  void everyMethodStandsInItsTable() throws IOException {
    String file = write("q.txt", ": family\nman woman king queen\nqueen king woman man\n");
    assertEquals(0, run("analogies", file, "--space", space(), "--method", "all"), err.toString());
    List<String> lines = out.toString().lines().map(line -> line.replaceAll(" +", " ")).toList();
    assertEquals(" accuracy 95 % interval inputs kept top 5 scored", lines.get(1));
    assertEquals("family 3CosAdd 1.0000 0.3424 to 1.0000 1.0000 1.0000 2 of 2", lines.get(2));
    assertEquals("learned from the other pairs of a section, and asked a pair:", lines.get(12));
    assertTrue(lines.get(14).startsWith("family 3CosAvg "), lines.toString());
    assertTrue(lines.get(14).endsWith(" 4 of 4"), lines.toString());
    out.reset();
    assertEquals(
        0,
        run("analogies", file, "--space", space(), "--method", "similar-to-b,lrcos", "--json"),
        err.toString());
    assertEquals(
        List.of("similar-to-b", "lrcos"),
        JsonParser.parseString(out.toString())
            .getAsJsonObject()
            .getAsJsonArray("results")
            .asList()
            .stream()
            .map(r -> r.getAsJsonObject().get("method").getAsString())
            .distinct()
            .toList());
  }

  private int analogy(String... arguments) {
    return Main.run(
        terminal(),
        Stream.concat(Stream.of("analogy"), Stream.of(arguments)).toArray(String[]::new));
  }

  @Test
  void oneQuestionByEveryMethod() throws IOException {
    String pairs = write("pairs.txt", "man\twoman\nking\tempress/queen\nunknown\tword\n");
    for (String method : new String[] {"add", "mul", "direction", "similar-to-any"}) {
      out.reset();
      assertEquals(
          0,
          analogy("man", "woman", "king", "--space", space(), "--method", method, "--top", "1"),
          err.toString());
      // The control takes what is nearest to any of the inputs, and here this is the same.
      assertTrue(out.toString().contains("queen"), method + ": " + out);
    }
    out.reset();
    assertEquals(
        0,
        analogy(
            "man",
            "woman",
            "king",
            "--space",
            space(),
            "--method",
            "similar-to-b",
            "--keep-inputs",
            "--json"),
        err.toString());
    JsonObject first =
        JsonParser.parseString(out.toString())
            .getAsJsonObject()
            .getAsJsonArray("results")
            .get(0)
            .getAsJsonObject();
    assertEquals("king", first.get("label").getAsString(), "the inputs are kept");
    assertEquals(1, first.get("score").getAsDouble(), 1e-6);
    for (String method : new String[] {"avg", "lrcos"}) {
      out.reset();
      err.reset();
      assertEquals(
          0,
          analogy("--pairs", pairs, "king", "--space", space(), "--method", method, "--top", "1"),
          err.toString());
      // The cosine of king and queen is 0 here, which no probability makes more of.
      String answer = method.equals("avg") ? "queen" : "man";
      assertTrue(out.toString().contains(answer), method + ": " + out);
      assertTrue(err.toString().contains("1 of 3 pairs have an unknown word"), err.toString());
    }
    assertEquals(1, analogy("--pairs", pairs, "emperor", "--space", space()));
    assertEquals(2, analogy("--pairs", pairs, "--space", space()));
    assertEquals(2, analogy("--pairs", pairs, "king", "--space", space(), "--method", "add"));
    assertEquals(2, analogy("man", "woman", "king", "--space", space(), "--method", "avg"));
    assertEquals(2, analogy("king - man", "--space", space(), "--method", "direction"));
    assertEquals(
        2, analogy("man", "woman", "king", "--space", space(), "--method", "direction", "--hnsw"));
  }

  @Test
  void hnswAnswersLikeTheWholeSpace() throws IOException {
    String file = write("q.txt", ": family\nman woman king queen\nKing queen man woman\n");
    assertEquals(0, run("analogies", file, "--space", space(), "--hnsw", "--json"), err.toString());
    JsonObject object = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertEquals(
        1, object.getAsJsonArray("results").get(0).getAsJsonObject().get("value").getAsDouble());
  }

  @Test
  void similarityAsATable() throws IOException {
    String file =
        write("pairs.txt", "man king 9\nman queen 2\nqueen woman 7\napple king 1\nno man 4\n");
    assertEquals(0, run("similarity", file, "--space", space()), err.toString());
    // People's ranks are 4 2 3 1, those of the cosines 0.71 -0.67 0.75 -0.45 are 3 1 4 2.
    List<String> lines = out.toString().lines().toList();
    assertEquals("space " + space(), lines.getFirst());
    assertTrue(
        lines.get(2).matches("pairs  spearman  0\\.6000  -1.0000 to 1.0000 +4 of 5"), lines.get(2));
    String first = out.toString();
    out.reset();
    assertEquals(0, run("similarity", file, "--space", space(), "--seed", "1"), err.toString());
    assertEquals(first, out.toString());
    assertTrue(err.toString().contains("note: pairs: 1 of 5 pairs"), err.toString());
  }

  @Test
  void whatCannotBeMeasuredIsLeftOut() throws IOException {
    String file = write("pairs.txt", "x y 9\n");
    assertEquals(1, run("similarity", file, "--space", space(), "--json"), err.toString());
    assertTrue(err.toString().contains("nothing could be scored"), err.toString());
    JsonObject first =
        JsonParser.parseString(out.toString())
            .getAsJsonObject()
            .getAsJsonArray("results")
            .get(0)
            .getAsJsonObject();
    assertFalse(first.has("value"));
    assertEquals(0, first.get("coverage").getAsDouble());
  }

  @Test
  void whatIsLearnedFromIsNotTold() throws IOException {
    String file = write("new.tsv", "a <word>b</word>\ta <word>b</word>\tT\n");
    assertEquals(1, run("wic", folder.toString(), "--train", file));
    assertTrue(err.toString().contains("holds nothing but what is learned"), err.toString());
  }

  @Test
  void wrongUseAndMissingFiles() {
    assertEquals(2, run());
    assertTrue(
        err.toString().contains("similarity, coarse, induction, wsd, wic, scws, sts or retrieval"),
        err.toString());
    assertEquals(2, run("analogies", "q.txt", "--method", "best"));
    assertEquals(2, run("similarity", "p.txt", "--space", "en", "--model", "m"));
    assertEquals(2, run("coarse", "x", "--layer", "top"));
    assertEquals(2, run("coarse", "x", "--examples", "-1"));
    assertEquals(2, run("coarse", "x", "--vector", "top"));
    assertEquals(2, run("coarse", "x", "--layer", "4", "--curve"));
    assertEquals(2, run("coarse", "x", "--curve", "--examples", "3"));
    assertEquals(2, run("induction", "x", "--draws", "0"));
    assertEquals(2, run("induction", "x", "--vector", "words(3-1)"));
    assertEquals(2, run("analogies", "q.txt", "--method", "add,best"));
    assertEquals(2, run("analogies", "q.txt", "--method", "direction", "--hnsw"));
    assertEquals(2, run("analogies", "q.txt", "--first", "-1"));
    assertEquals(2, run("analogies", "q.txt", "--first", "9", "--hnsw"));
    for (String command :
        new String[] {"analogies", "similarity", "coarse", "induction", "sts", "wic", "scws"}) {
      err.reset();
      String missing = folder.resolve("none").toString();
      assertEquals(1, run(command, missing));
      assertTrue(err.toString().contains(missing + " does not exist; a "), err.toString());
    }
    assertEquals("", out.toString());
  }
}
