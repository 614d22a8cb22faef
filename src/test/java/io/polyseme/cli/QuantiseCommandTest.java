package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.encoder.MadeUpTokenizer;
import io.polyseme.encoder.graph.TinyTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code models quantise} with a small model of random weights. */
@Timeout(180)
class QuantiseCommandTest {
  @TempDir Path folder;
  private Path model;
  private Path out;
  private Path texts;

  @BeforeEach
  void write() throws IOException {
    model = Files.createDirectory(folder.resolve("tiny"));
    TinyTransformer.named("xlm-roberta").save(model.resolve("model.onnx"));
    MadeUpTokenizer.all().stream()
        .filter(made -> made.name().equals("xlm-roberta"))
        .findFirst()
        .orElseThrow()
        .write(model);
    Files.writeString(
        model.resolve("config.json"),
        "{\"model_type\": \"xlm-roberta\", \"max_position_embeddings\": 64, \"pad_token_id\": 1}");
    out = folder.resolve("tiny-int8");
    texts =
        Files.write(
            folder.resolve("texts.txt"),
            List.of("hello world", "the bank 银行", "unable", "the river bank", "你好 world"));
  }

  private Ran quantise(String... more) {
    var arguments = new ArrayList<>(List.of("models", "quantise", model.toString()));
    arguments.addAll(List.of("--out", out.toString(), "--texts", texts.toString()));
    arguments.addAll(List.of(more));
    return Ran.run(arguments.toArray(String[]::new));
  }

  /** One sentence on standard error, and nothing of the model that was to be made. */
  private void assertFailed(int code, Ran ran, String... said) throws IOException {
    assertEquals(code, ran.code(), ran.out() + ran.err());
    assertEquals("", ran.out());
    for (String part : said) {
      assertTrue(ran.err().contains(part), ran.err());
    }
    assertFalse(ran.err().contains("\tat "), ran.err());
    if (code == 1) {
      assertEquals(1, ran.err().lines().count(), ran.err());
    }
    assertNothingHalf();
  }

  private void assertNothingHalf() throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertTrue(left.noneMatch(path -> path.getFileName().toString().startsWith(".")));
    }
  }

  @Test
  void saysWhatWasMadeAndHowFarItAgrees() throws IOException {
    Ran ran = quantise();
    assertEquals(0, ran.code(), ran.err());
    assertTrue(ran.out().contains("tiny-int8 is in " + out), ran.out());
    assertTrue(ran.out().contains("18 matrices of weights in int8; 0."), ran.out());
    assertTrue(ran.out().contains("texts a second"), ran.out());
    assertTrue(ran.out().contains("cosine, mean of 5"), ran.out());
    assertFalse(ran.out().contains("spearman"), ran.out());
    assertNothingHalf();
    JsonObject encoded =
        Ran.run("encode", "hello world", "--model", out.toString(), "--pool", "mean", "--json")
            .results()
            .get(0)
            .getAsJsonObject();
    assertEquals(32, encoded.getAsJsonArray("vector").size());
  }

  @Test
  void saysItAsJson() {
    JsonObject json = quantise("--json").json();
    assertEquals("models quantise", json.get("command").getAsString());
    assertEquals("tiny-int8", json.get("model").getAsString());
    JsonObject result = json.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals("tiny", result.get("from").getAsString());
    assertEquals(18, result.get("projections").getAsInt());
    assertEquals(5, result.get("texts").getAsInt());
    assertTrue(result.get("cosine").getAsDouble() > 0.98, result.toString());
    assertTrue(result.get("worstCosine").getAsDouble() <= result.get("cosine").getAsDouble());
    assertTrue(result.get("bytes").getAsLong() < result.get("bytesBefore").getAsLong());
    assertTrue(result.get("textsPerSecond").getAsDouble() > 0);
    assertFalse(result.has("tests"));
    JsonObject unchecked =
        Ran.run(
                "models",
                "quantise",
                model.toString(),
                "--out",
                folder.resolve("unchecked").toString(),
                "--no-check",
                "--json")
            .results()
            .get(0)
            .getAsJsonObject();
    assertFalse(unchecked.has("cosine"));
    assertEquals(result.get("fingerprint"), unchecked.get("fingerprint"));
  }

  private Path testSets() throws IOException {
    Path data = folder.resolve("sets");
    Files.createDirectories(data.resolve("stsb"));
    var pairs = new ArrayList<String>();
    String[] words = {"hello", "world", "the", "bank", "river", "unable", "being"};
    var random = new Random(3);
    for (int i = 0; i < 40; i++) {
      String first = words[random.nextInt(7)] + " " + words[random.nextInt(7)];
      String second = words[random.nextInt(7)] + " " + words[random.nextInt(7)];
      pairs.add(
          "made\tup\t2026\t%04d\t%.1f\t%s\t%s"
              .formatted(i, random.nextInt(51) / 10.0, first, second));
    }
    Files.write(data.resolve("stsb").resolve("sts-dev.csv"), pairs);
    for (String word : List.of("bank", "world")) {
      Path of = Files.createDirectories(data.resolve("coarsewsd20").resolve(word));
      Files.writeString(of.resolve("classes_map.txt"), "{\"0\": \"one\", \"1\": \"other\"}");
      for (String part : List.of("train", "test")) {
        var lines = new ArrayList<String>();
        var senses = new ArrayList<String>();
        for (int i = 0; i < 8; i++) {
          lines.add("1\t%s %s".formatted(i % 2 == 0 ? "the" : "hello", word));
          senses.add(Integer.toString(i % 2));
        }
        Files.write(of.resolve(part + ".data.txt"), lines);
        Files.write(of.resolve(part + ".gold.txt"), senses);
      }
    }
    return data;
  }

  @Test
  void scoresBothByTestSets() throws IOException {
    Path data = testSets();
    Ran ran = quantise("--data", data.toString());
    assertEquals(0, ran.code(), ran.err());
    assertTrue(
        ran.out().lines().anyMatch(l -> l.startsWith("sts stsb/sts-dev, spearman, layer 3 (40)")),
        ran.out());
    for (String layer : List.of("1", "3")) {
      String row = "coarse mean, macro-f1, layer %s \\(16\\)".formatted(layer);
      assertTrue(
          ran.out().lines().anyMatch(line -> line.matches(row + " +1\\.0000 +1\\.0000")),
          ran.out());
    }
    JsonArray tests =
        quantise("--data", data.toString(), "--overwrite", "--json")
            .results()
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("tests");
    assertEquals(3, tests.size());
    JsonObject pairs = tests.get(0).getAsJsonObject();
    assertEquals("sts", pairs.get("test").getAsString());
    assertEquals("spearman", pairs.get("metric").getAsString());
    assertEquals(40, pairs.get("n").getAsInt());
    // The same figures as evaluate gives, one model at a time.
    for (boolean made : new boolean[] {false, true}) {
      JsonObject alone =
          Ran.run(
                  "evaluate",
                  "sts",
                  data.resolve("stsb").resolve("sts-dev.csv").toString(),
                  "--model",
                  (made ? out : model).toString(),
                  "--pool",
                  "mean",
                  "--json")
              .results()
              .get(0)
              .getAsJsonObject();
      JsonObject figure = made ? pairs : pairs.getAsJsonObject("before");
      assertEquals(alone.get("section"), figure.get("section"));
      assertEquals(alone.get("value").getAsDouble(), figure.get("value").getAsDouble(), 0.01);
    }
    JsonObject senses = tests.get(2).getAsJsonObject();
    assertEquals("coarse", senses.get("test").getAsString());
    assertEquals("mean", senses.get("section").getAsString());
    assertEquals("3", senses.get("layer").getAsString());
    assertEquals(1, senses.getAsJsonObject("before").get("value").getAsDouble());
  }

  @Test
  void testSetsThatAreNotThereAreSaidBeforeTheWork() throws IOException {
    assertFailed(2, quantise("--data", folder.toString(), "--no-check"), "--no-check");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertFailed(
        1, quantise("--data", empty.toString()), "no test set", "stsb/sts-dev.csv", "coarsewsd20");
    assertFailed(1, quantise("--data", folder.resolve("none").toString()), "is no folder");
    Path data = testSets();
    Files.writeString(data.resolve("coarsewsd20").resolve("bank").resolve("test.gold.txt"), "7\n");
    assertFailed(1, quantise("--data", data.toString()), "test.gold.txt");
    assertFalse(Files.exists(out));
  }

  @Test
  void aModelThatIsThereIsReplacedOnlyWhenAsked() throws IOException {
    assertEquals(0, quantise().code());
    Path file = out.resolve("model.onnx");
    byte[] made = Files.readAllBytes(file);
    assertFailed(1, quantise(), "is there already", "--overwrite");
    assertArrayEquals(made, Files.readAllBytes(file));
    assertEquals(0, quantise("--overwrite").code());
    assertArrayEquals(made, Files.readAllBytes(file));
    // What this did not make is never replaced, nor the model itself.
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("notes.txt"), "mine");
    out = other;
    assertFailed(1, quantise("--overwrite"), "not replaced");
    assertEquals("mine", Files.readString(other.resolve("notes.txt")));
    out = model;
    assertFailed(1, quantise("--overwrite"), "the folder of the model itself");
    out = Files.writeString(folder.resolve("file"), "mine");
    assertFailed(1, quantise("--overwrite"), "file");
    assertEquals("mine", Files.readString(out));
  }

  @Test
  void whatIsQuantisedAlreadyIsRefused() throws IOException {
    assertEquals(0, quantise().code());
    model = out;
    out = folder.resolve("again");
    assertFailed(1, quantise(), "quantised already", "float32");
    assertFalse(Files.exists(out));
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "empty", "cut", "text", "random", "no tokenizer"})
  void modelsThatAreBrokenAreSaidToBe(String how) throws IOException {
    Path file = model.resolve("model.onnx");
    byte[] whole = Files.readAllBytes(file);
    var random = new byte[10_000];
    new Random(8).nextBytes(random);
    switch (how) {
      case "missing" -> Files.delete(file);
      case "empty" -> Files.write(file, new byte[0]);
      case "cut" -> Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      case "text" -> Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");
      case "random" -> Files.write(file, random);
      default -> Files.delete(model.resolve("tokenizer.json"));
    }
    assertFailed(1, quantise(), how.equals("no tokenizer") ? "tokenizer.json" : model.toString());
    assertFalse(Files.exists(out));
  }

  @Test
  void aTargetThatCannotBeMadeIsSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    out = file.resolve("int8");
    assertFailed(1, quantise(), out.toString());
    assertEquals("mine", Files.readString(file));
    out = folder.resolve("x".repeat(300));
    assertFailed(1, quantise(), "x".repeat(300));
  }

  /** As on a full disk: the write fails in the middle of the file. */
  @Test
  void aFileThatCannotBeWrittenToItsEndLeavesNothing() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/bin/bash")), "skipped: file sizes are limited through bash");
    Path said = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                "ulimit -f 64 && exec \"$@\"",
                "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "models",
                "quantise",
                model.toString(),
                "--out",
                out.toString(),
                "--no-check")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said);
    assertEquals(1, process.exitValue(), text);
    assertTrue(text.contains("the disk full?"), text);
    assertFalse(Files.exists(out), text);
    assertNothingHalf();
  }
}
