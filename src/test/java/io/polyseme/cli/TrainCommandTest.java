package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Word vectors from raw text on the command line. */
@Timeout(60)
class TrainCommandTest {
  @TempDir Path folder;

  private String text;

  @BeforeEach
  void write() throws IOException {
    var random = new Random(2);
    var lines = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      String group = random.nextBoolean() ? "Meer" : "Wald";
      for (int n = 0; n < 8; n++) {
        lines.append(group).append((char) ('a' + random.nextInt(5))).append(n < 7 ? ' ' : '\n');
      }
    }
    text = Files.writeString(folder.resolve("text.txt"), lines).toString();
  }

  private String out(String name) {
    return folder.resolve(name).toString();
  }

  private Ran train(String out, String... more) {
    return Ran.run(
        Stream.concat(
                Stream.of("train", "--in", text, "--out", out, "--threads", "1", "--dim", "10"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void trainsInEveryFormat() throws IOException {
    for (String name : List.of("a.words", "a.txt", "a.vec.gz", "a.bin")) {
      JsonObject result =
          train(out(name), "--json", "--sample", "0", "--learning-rate", "0.2")
              .results()
              .get(0)
              .getAsJsonObject();
      assertEquals(10, result.get("size").getAsInt());
      assertEquals(10, result.get("dimension").getAsInt());
      assertEquals(12_000, result.get("tokens").getAsInt());
      assertTrue(result.get("loss").getAsDouble() < 6 * Math.log(2));
      Ran near = Ran.run("similar", "meera", "--space", out(name), "--top", "4", "--json");
      near.results()
          .forEach(
              hit ->
                  assertTrue(
                      hit.getAsJsonObject().get("label").getAsString().startsWith("meer"),
                      near.out()));
    }
    Ran subwords = train(out("b.bin"), "--subwords", "2-3", "--buckets", "1000", "--epochs", "1");
    assertEquals(0, subwords.code(), subwords.err());
    assertTrue(subwords.err().contains("12,000 words of text"), subwords.err());
    assertTrue(subwords.out().contains("words/s"), subwords.out());
    assertTrue(Ran.run("words", "info", out("b.bin")).out().contains("2 to 3"));
    Ran kept = train(out("c.words"), "--start", out("a.words"), "--json");
    assertEquals(10, kept.results().get(0).getAsJsonObject().get("size").getAsInt());
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.getFileName().toString().startsWith(".")));
    }
  }

  @Test
  void phrasesAreTold() {
    JsonObject result =
        train(out("p.words"), "--phrases", "2", "--phrase-threshold", "1", "--json")
            .results()
            .get(0)
            .getAsJsonObject();
    JsonObject phrases = result.getAsJsonObject("phrases");
    assertTrue(phrases.get("count").getAsInt() >= 10, phrases.toString());
    assertEquals(10, phrases.getAsJsonArray("best").size());
    assertTrue(result.get("words").getAsLong() < 12_000);
    assertTrue(Ran.run("words", "info", out("p.words")).out().contains("threshold of phrases"));
    Ran ran = train(out("q.words"), "--phrases", "--punctuation", "keep");
    assertTrue(ran.out().contains("0 phrases"), ran.out());
    failed(2, "--phrases", train(out("x.words"), "--phrase-threshold", "3"));
    failed(2, "passes for phrases", train(out("x.words"), "--phrases", "0"));
    failed(2, "--punctuation", train(out("x.words"), "--punctuation", "some"));
  }

  @Test
  void whatIsWrongIsToldBeforeAnythingIsDone() throws IOException {
    for (String wrong : List.of("0", "10001")) {
      failed(
          2,
          "dimension must be from 1 to 10,000",
          Ran.run("train", "--in", text, "--out", out("x.words"), "--dimension", wrong));
    }
    failed(2, "--model", train(out("x.words"), "--model", "glove"));
    failed(2, "--subwords", train(out("x.words"), "--subwords", "many"));
    failed(2, "--subwords", train(out("x.words"), "--subwords", "6-3"));
    failed(2, "does not tell the format", train(out("x.pdf")));
    failed(1, "no folder", train(out("missing/x.words")));
    failed(1, "is a folder", train(Files.createDirectory(folder.resolve("d.words")).toString()));
    failed(1, "5,000 are asked for", train(out("x.words"), "--min-count", "5000"));
    text = out("none.txt");
    failed(1, "no file or folder", train(out("x.words")));
    assertFalse(Files.exists(folder.resolve("x.words")));
  }

  private static void failed(int code, String why, Ran ran) {
    assertEquals(code, ran.code(), ran.err());
    assertTrue(ran.err().contains(why), ran.err());
  }

  @Test
  void modelsGoOnAndAreLookedAt() throws IOException {
    assertEquals(0, train(out("a.bin"), "--subwords", "2-3", "--buckets", "500").code());
    String questions =
        Files.writeString(folder.resolve("questions.txt"), ": all\nmeera meerb walda waldb\n")
            .toString();
    String pairs =
        Files.writeString(
                folder.resolve("pairs.txt"), "meera meerb 9\nmeera walda 1\nmeerc waldb 2\n")
            .toString();
    String[] more = {
      "train",
      "--in",
      text,
      "--continue",
      out("a.bin"),
      "--threads",
      "1",
      "--epochs",
      "2",
      "--evaluate",
      questions,
      "--evaluate",
      pairs,
      "--neighbours",
      "meera,nowhere"
    };
    Ran shown = Ran.run(with(more, "--out", out("b.bin")));
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.err().contains("after epoch 2: loss"), shown.err());
    assertTrue(shown.err().contains("meera: meer"), shown.err());
    assertTrue(shown.err().contains("nowhere: not there"), shown.err());
    JsonObject result =
        Ran.run(with(more, "--out", out("c.bin"), "--json", "--freeze"))
            .results()
            .get(0)
            .getAsJsonObject();
    assertEquals(10, result.get("dimension").getAsInt());
    assertEquals(2, result.getAsJsonArray("looks").size());
    assertEquals(
        2, result.getAsJsonArray("looks").get(1).getAsJsonObject().getAsJsonArray("scores").size());
    assertTrue(Ran.run("words", "info", out("c.bin")).out().contains("2 to 3"));

    assertEquals(2, train(out("d.words"), "--freeze").code());
    assertEquals(2, train(out("d.words"), "--start", "x", "--continue", "y").code());
    assertEquals(2, train(out("d.words"), "--position-weights").code());
    Ran missing = train(out("d.words"), "--evaluate", out("none.txt"));
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("none.txt"), missing.err());
    assertEquals(
        0, train(out("d.words"), "--model", "cbow", "--position-weights", "--quiet").code());
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }
}
