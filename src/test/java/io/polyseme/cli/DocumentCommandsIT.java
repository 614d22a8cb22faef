package io.polyseme.cli;

import static io.polyseme.cli.Ran.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.polyseme.Cancel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DocumentCommandsIT {
  @TempDir Path folder;

  private String texts() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("texts/deep"));
    Files.writeString(texts.resolve("a.md"), "# Banks\n\nThe river bank was green.\n");
    Files.writeString(
        texts.resolve("b.csv"), "name,body\nx1,Money in the bank.\nx2,A dog barks.\n");
    Files.writeString(texts.resolve("empty.txt"), "");
    return texts.getParent().toString();
  }

  @Test
  void aFolderIsBuiltAndToldOnScreenAndAsJson() throws IOException {
    String texts = texts();
    String index = folder.resolve("index").toString();
    String[] build = {
      "index",
      "build",
      index,
      "--from",
      texts,
      "--field",
      "body",
      "--id-field",
      "name",
      "--model",
      "bge-small-en-v1.5"
    };
    Ran built = run(build);
    assertEquals(0, built.code(), built.err());
    assertTrue(
        built.out().contains("3 documents; 1 left out:\n  deep/empty.txt: it is empty\n"),
        built.out());
    assertTrue(built.out().contains("3 entries (3 added, 0 taken over, 0 removed)"), built.out());
    String[] again = java.util.Arrays.copyOf(build, build.length + 1);
    again[build.length] = "--json";
    JsonObject result = run(again).results().get(0).getAsJsonObject();
    assertEquals(3, result.get("documents").getAsInt());
    assertEquals(1, result.get("unchanged").getAsInt());
    assertEquals(3, result.get("reused").getAsInt());
    JsonObject skipped = result.getAsJsonArray("skipped").get(0).getAsJsonObject();
    assertEquals("deep/empty.txt", skipped.get("document").getAsString());
    assertEquals("it is empty", skipped.get("reason").getAsString());
    Ran wrong = run("index", "build", index, "--from", texts, "--format", "word");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("markdown"), wrong.err());
    assertEquals(2, run("index", "build", index, "--from", texts, "--chunk", "9").code());
    assertEquals(
        2,
        run("index", "build", index, "--from", texts, "--from", texts, "--source", "lines").code());
    assertEquals(2, run("index", "watch", index, "--from", texts, "--source", "lines").code());
    assertEquals(1, run("index", "watch", index, "--from", "-").code());
  }

  @Test
  void watchingGoesOnUntilItIsEnded() throws Exception {
    String texts = texts();
    String index = folder.resolve("index").toString();
    var out = new ByteArrayOutputStream();
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    Cancel cancel = Cancel.create();
    var terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]), stream, stream, true, false, false, cancel);
    CompletableFuture<Integer> watching =
        CompletableFuture.supplyAsync(
            () ->
                Main.run(
                    terminal,
                    "index",
                    "watch",
                    index,
                    "--from",
                    texts,
                    "--field",
                    "body",
                    "--settle",
                    "0.1",
                    "--model",
                    "bge-small-en-v1.5"));
    await(out, ": 3 documents, 3 entries (3 added, 0 removed), 1 left out");
    Files.writeString(Path.of(texts, "new.txt"), "Another text comes in.");
    await(out, ": 4 documents, 4 entries (1 added, 0 removed), 1 left out");
    Files.delete(Path.of(texts, "deep/a.md"));
    await(out, ": 3 documents, 3 entries (0 added, 1 removed), 1 left out");
    cancel.cancel();
    assertEquals(0, watching.get(20, TimeUnit.SECONDS));
    assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("stopped\n"));
  }

  private static void await(ByteArrayOutputStream out, String line) throws InterruptedException {
    for (int i = 0; i < 400; i++) {
      if (out.toString(StandardCharsets.UTF_8).contains(line)) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never told: " + line + "\n" + out.toString(StandardCharsets.UTF_8));
  }
}
