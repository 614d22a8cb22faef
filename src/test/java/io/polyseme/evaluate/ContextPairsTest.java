package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.evaluate.ContextPairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextPairsTest {
  private static final String ITEM =
      "{\"id\":\"d.0\",\"lemma\":\"bank\",\"sentence1\":\"\uD83C\uDFE6 The bank lends.\","
          + "\"sentence2\":\"A bank.\",\"start1\":\"6\",\"end1\":\"10\",\"start2\":\"2\",\"end2\":\"6\"}";

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static List<Pair> pairs(Path path) {
    return ContextPairs.readAll(path).sets().getFirst().pairs();
  }

  private static void assertProblem(Path path, String problem) {
    String said =
        assertThrows(PolysemeException.class, () -> ContextPairs.readAll(path)).getMessage();
    assertTrue(said.contains(problem), said);
  }

  @Test
  void wordsInContext() throws IOException {
    Path file =
        write(
            "dev.data.txt",
            "bank\tN\t4-1\tHe sat on the bank .\tThe banks , they say , lend .\r\n"
                + "do\tV\t0-2\tDo it !\tI ca do n't .\n");
    write("dev.gold.txt", "F\nT\n");
    List<Pair> pairs = pairs(file);
    assertEquals(2, pairs.size());
    Pair first = pairs.getFirst();
    assertEquals("bank", first.lemma());
    assertEquals("bank", first.first().word());
    assertEquals("He sat on the bank.", first.first().text());
    assertEquals("banks", first.second().word());
    assertFalse(first.same());
    assertEquals("do", pairs.get(1).second().word());
    assertTrue(pairs.get(1).same());
  }

  @Test
  void malformedLinesOfWordsInContext() throws IOException {
    Path file = folder.resolve("dev.data.txt");
    write("dev.gold.txt", "T\nT\n");
    String good = "bank\tN\t1-1\tA bank .\tThe bank .\n";
    for (String[] bad :
        new String[][] {
          {"bank\tN\t1-1\tA bank .", "line 2: 4 columns where"},
          {"bank\tN\t1\tA bank .\tA bank .", "line 2: no two indices such as 2-5"},
          {"bank\tN\t1-x\tA bank .\tA bank .", "line 2: the index \"x\" is no number"},
          {"bank\tN\t1-3\tA bank .\tA bank .", "line 2: there is no token 3 among a text's 3"},
          {"", "line 2: 1 columns"}
        }) {
      Files.writeString(file, good + bad[0] + "\n");
      assertProblem(file, bad[1]);
    }
    Files.writeString(file, good + good);
    write("dev.gold.txt", "T\nyes\n");
    assertProblem(file, "dev.gold.txt, line 2: the answer is neither T nor F");
    write("dev.gold.txt", "T\n");
    assertProblem(file, "has 2 lines and");
    Files.delete(folder.resolve("dev.gold.txt"));
    assertProblem(file, "dev.gold.txt does not exist; T or F");
  }

  @Test
  void multilingualWordsInContext() throws IOException {
    Path file = write("dev.en-en.data", "[\n" + ITEM + "\n]");
    write("dev.en-en.gold", "[{\"id\":\"d.0\",\"tag\":\"T\"}]");
    Pair pair = pairs(file).getFirst();
    assertEquals("bank", pair.first().word(), "offsets count code points");
    assertEquals("bank", pair.second().word());
    assertTrue(pair.same());
    write(
        "dev.en-en.data",
        "[" + ITEM.replace("\"start2\":\"2\",\"end2\":\"6\"", "\"ranges2\":\"2-6,0-1\"") + "]");
    assertEquals("bank", pairs(file).getFirst().second().word());
  }

  @Test
  void malformedItemsOfMultilingualWordsInContext() throws IOException {
    String gold = "[{\"id\":\"d.0\",\"tag\":\"T\"}]";
    Path file = folder.resolve("dev.en-en.data");
    Path golds = write("dev.en-en.gold", gold);
    for (String[] bad :
        new String[][] {
          {ITEM + "," + ITEM.replace("\"lemma\"", "\"lemmas\""), "item 2: it has no \"lemma\""},
          {ITEM.replace("\"10\"", "\"99\""), "item 1: 6 to 99 is no place in sentence1"},
          {ITEM.replace("\"10\"", "\"6\""), "item 1: the word ends at 6 before it begins"},
          {ITEM.replace("\"10\"", "\"x\""), "item 1: 6 to x is no place"},
          {ITEM.replace("d.0", "d.1"), "has no answer to d.1"},
          {"{", "is not a JSON array of objects with id, lemma"},
          {"1", "is not a JSON array of objects with id, lemma"}
        }) {
      Files.writeString(file, "[" + bad[0] + "]");
      assertProblem(file, bad[1]);
    }
    Files.writeString(file, "[" + ITEM + "]");
    Files.writeString(golds, gold.replace("\"T\"", "\"same\""));
    assertProblem(file, "dev.en-en.gold, item 1: the tag is neither T nor F: \"same\"");
    Files.writeString(golds, gold.replace("}]", "},{\"id\":\"d.0\",\"tag\":\"F\"}]"));
    assertProblem(file, "dev.en-en.gold, item 2: there is a second answer to d.0");
  }

  @Test
  void acrossLanguages() throws IOException {
    String heading = "context1\tcontext2\tlabel\n";
    Path file =
        write(
            "dev.tsv",
            heading
                + "他坐在 <word>河岸</word> 上。\tHe sat on the  <word> bank </word> .\tT\n\n"
                + "<word>Bank</word>\tThe <word>bank</word>\tF\n");
    List<Pair> pairs = pairs(file);
    assertEquals(2, pairs.size());
    assertEquals("河岸", pairs.getFirst().lemma());
    assertEquals("他坐在 河岸 上。", pairs.getFirst().first().text());
    assertEquals("He sat on the  bank .", pairs.getFirst().second().text());
    assertEquals("bank", pairs.get(1).lemma());
    assertFalse(pairs.get(1).same());
    for (String[] bad :
        new String[][] {
          {"a <word>b</word>\tT", "line 2: 2 columns where two contexts and T or F should be"},
          {"a <word>b</word>\ta b\tT", "line 2: a context has no word between <word> and </word>"},
          {"a <word> </word>\ta <word>b</word>\tT", "line 2: a context has no word"},
          {"a <word>b</word>\ta <word>b</word>\t1", "line 2: the answer is neither T nor F"}
        }) {
      Files.writeString(file, heading + bad[0] + "\n");
      assertProblem(file, bad[1]);
    }
    Files.writeString(file, heading);
    assertProblem(file, "has no pairs");
  }

  @Test
  void folders() throws IOException {
    String data = "bank\tN\t1-1\tA bank .\tThe bank .\n";
    write("wic/train/train.data.txt", data);
    write("wic/train/train.gold.txt", "T\n");
    write("wic/dev/dev.data.txt", data);
    write("wic/dev/dev.gold.txt", "T\n");
    write("wic/test/test.data.txt", data);
    ContextPairs.Found found = ContextPairs.readAll(folder);
    assertEquals(List.of("dev", "train"), found.sets().stream().map(ContextPairs::name).toList());
    assertEquals(
        List.of(false, true), found.sets().stream().map(ContextPairs::isTraining).toList());
    assertEquals(1, found.notes().size());
    assertTrue(found.notes().getFirst().contains("test.gold.txt, are not there"));
    write("de/train.tsv", "a <word>b</word>\ta <word>b</word>\tT\n");
    write("de/new.tsv", "a <word>b</word>\ta <word>b</word>\tT\n");
    found = ContextPairs.readAll(folder);
    assertEquals(
        List.of("new", "de/train", "dev", "wic/train/train"),
        found.sets().stream().map(ContextPairs::name).toList());
    assertEquals(
        List.of(false, true, false, true),
        found.sets().stream().map(ContextPairs::isTraining).toList());
    assertProblem(Files.createDirectory(folder.resolve("empty")), "holds no pairs of contexts");
    assertProblem(write("pairs.csv", data), "is not known by its name; a file of WiC");
  }
}
