package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class InspectHeadsIT {
  private static final String[] MODEL = {"--model", "all-minilm-l6-v2"};

  @TempDir Path folder;

  private static Ran run(String... arguments) {
    var all = new ArrayList<>(List.of("inspect"));
    all.addAll(List.of(arguments));
    all.addAll(List.of(MODEL));
    return Ran.run(all.toArray(String[]::new));
  }

  @Test
  void headsOfATextAndOfAFolder() throws IOException {
    Ran one = run("heads", "The crane lifted the beam, and the crane broke.", "--json");
    assertEquals("inspect heads", one.json().get("command").getAsString());
    assertEquals(72, one.results().size());
    JsonObject head = one.results().get(2).getAsJsonObject();
    assertEquals("1.2", head.get("label").getAsString());
    assertEquals("previous", head.get("job").getAsString());
    assertTrue(head.getAsJsonObject("shares").get("previous").getAsDouble() > 0.8);
    Files.writeString(folder.resolve("a.txt"), "A cat sat.\n\nThe dog ran after the cat.\n");
    Files.writeString(folder.resolve("b.md"), "not read");
    Path page = folder.resolve("page.html");
    Ran in = run("heads", "--in", folder.toString(), "--html", page.toString());
    assertEquals(0, in.code(), in.err());
    assertTrue(in.out().contains("2 texts in 2 pieces"), in.out());
    assertTrue(in.out().contains("prev"), in.out());
    assertTrue(in.err().contains("1 files of"), in.err());
    assertTrue(in.err().contains("1 texts had nothing to read"), in.err());
    assertTrue(Files.readString(page).contains("The best heads"));
  }

  @Test
  void partsOfALayerAreRanked() throws IOException {
    Path word = Files.createDirectories(folder.resolve("bank"));
    Files.writeString(word.resolve("classes_map.txt"), "{\"0\": \"money\", \"1\": \"river\"}");
    for (String part : List.of("train", "test")) {
      Files.writeString(
          word.resolve(part + ".data.txt"),
          "1\tthe bank lends money\n1\tthe bank paid interest\n"
              + "1\tthe bank of the river\n2\ta muddy bank by the stream\n");
      Files.writeString(word.resolve(part + ".gold.txt"), "0\n0\n1\n1\n");
    }
    Ran ran =
        run(
            "ablation",
            "bank",
            "--data",
            folder.toString(),
            "--only",
            "layers",
            "--layer",
            "2",
            "--json");
    assertEquals(4, ran.results().size());
    JsonObject whole = ran.json().getAsJsonObject("ablation");
    assertEquals(2, whole.get("layer").getAsInt());
    assertEquals(2, whole.getAsJsonObject("told").get("river").getAsInt());
    double last = Double.POSITIVE_INFINITY;
    for (var result : ran.results()) {
      double score = result.getAsJsonObject().get("score").getAsDouble();
      assertTrue(score <= last);
      last = score;
    }
    Ran beyond = run("ablation", "bank", "--data", folder.toString(), "--layer", "7");
    assertEquals(1, beyond.code());
    assertTrue(beyond.err().contains("layers 1 to 6"), beyond.err());
  }

  @Test
  void whatCannotBeDoneIsSaid() throws IOException {
    Ran both = run("heads", "a text", "--pronouns");
    assertEquals(2, both.code());
    assertTrue(both.err().contains("by itself"), both.err());
    assertEquals(2, run("heads", "a text", "--tokens", "5").code());
    Path bad = Files.writeString(folder.resolve("bad.conllu"), "1\tone\n");
    Ran conllu = run("heads", "--conllu", bad.toString());
    assertEquals(1, conllu.code());
    assertTrue(conllu.err().contains("line 1: 2 columns"), conllu.err());
    Ran none = run("ablation", "bank", "--data", folder.resolve("none").toString());
    assertEquals(1, none.code());
    Path pairs = Files.writeString(folder.resolve("pairs.tsv"), "Peru\tLima\nChad\tNdjamena\n");
    Ran few = run("facts", "--pairs", pairs.toString());
    assertEquals(1, few.code());
    assertTrue(few.err().contains("2 pairs are too few"), few.err());
    Ran template = run("facts", "--pairs", pairs.toString(), "--probe", "of {subject}");
    assertEquals(2, template.code());
    assertTrue(template.err().contains("no [word]"), template.err());
    Path questions =
        Files.writeString(folder.resolve("q.txt"), ": capitals\nLima Peru Rome Italy\n");
    Ran section = run("facts", "--pairs", questions.toString(), "--section", "rivers");
    assertEquals(1, section.code());
    assertTrue(section.err().contains("it has capitals"), section.err());
  }
}
