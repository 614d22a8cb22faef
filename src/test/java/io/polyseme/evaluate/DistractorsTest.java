package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.evaluate.RetrievalSet.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistractorsTest {
  @TempDir Path folder;

  private final Random random = new Random(7);

  private String text(int words) {
    return IntStream.range(0, words)
        .mapToObj(_ -> "w" + random.nextInt(100_000))
        .collect(Collectors.joining(" "));
  }

  private static Distractors draw(Path file, List<Document> like, int count, long seed) {
    return Distractors.draw(file, like, count, seed, Progress.NONE, Cancel.create());
  }

  private List<Document> documents() {
    return IntStream.range(0, 100).mapToObj(i -> new Document("d" + i, text(20 + i))).toList();
  }

  @Test
  void theyAreAsLongAsTheDocumentsAndRepeatNone() throws IOException {
    List<Document> like = documents();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      lines.add(text(1 + random.nextInt(200)));
    }
    String twice = lines.get(500);
    lines.add(twice);
    like.forEach(document -> lines.add(document.text()));
    // All but the first words are a document's.
    lines.add("Now " + like.get(50).text().toUpperCase(java.util.Locale.ROOT));
    Path file = Files.write(folder.resolve("raw.txt"), lines);
    Distractors drawn = draw(file, like, 400, 1);
    assertEquals(400, drawn.documents().size());
    assertEquals(List.of(file + ": 101 texts repeat a document, and are not taken"), drawn.notes());
    int[] lengths = like.stream().mapToInt(d -> d.text().length()).sorted().toArray();
    int[] own = drawn.documents().stream().mapToInt(d -> d.text().length()).sorted().toArray();
    for (int tenth = 1; tenth < 10; tenth++) {
      assertEquals(lengths[10 * tenth], own[40 * tenth], 25, "tenth " + tenth);
    }
    assertTrue(own[0] >= lengths[0] && own[399] <= lengths[99]);
    for (Document document : drawn.documents()) {
      int line = Integer.parseInt(document.id().substring("distractor:".length()));
      assertEquals(lines.get(line - 1), document.text());
      assertTrue(line <= 3001, "a repeated document, line " + line);
    }
    assertEquals(
        400, new HashSet<>(drawn.documents().stream().map(Document::text).toList()).size());
    assertEquals(drawn, draw(file, like, 400, 1));
    assertNotEquals(drawn, draw(file, like, 400, 2));
  }

  @Test
  void whereOneLengthIsRareThereAreMoreOfTheOthers() throws IOException {
    List<Document> like = documents();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add(text(i < 295 ? 30 : 110));
    }
    Path file = Files.write(folder.resolve("raw.txt"), lines);
    Distractors drawn = draw(file, like, 50, 1);
    assertEquals(50, drawn.documents().size());
    assertEquals(
        5, drawn.documents().stream().filter(d -> d.text().split(" ").length == 110).count());
    assertEquals(List.of(), drawn.notes());
    Distractors all = draw(file, like, 400, 1);
    assertEquals(300, all.documents().size());
    assertTrue(all.notes().getFirst().contains("400 were asked for"), all.notes().toString());
  }

  @Test
  void chineseIsComparedByCharacters() throws IOException {
    String gold = "天空中飘着几朵白云，孩子们在草地上放风筝，老人们坐在树下聊天，一切都显得那么安静。";
    String shorter = gold.substring(0, gold.length() - 10);
    Path file =
        Files.write(
            folder.resolve("zh.txt"),
            List.of(
                "  " + gold, "昨天" + gold.substring(2), "经济学家认为明年的物价将会继续上涨，但是工资的增长速度可能不会太快，需要观察。"));
    Distractors drawn =
        draw(file, List.of(new Document("a", gold), new Document("b", shorter)), 5, 1);
    assertEquals(List.of("distractor:3"), drawn.documents().stream().map(Document::id).toList());
  }

  @Test
  void aFileWithoutSuchTextsIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("short.txt"), "a\nb\n");
    assertTrue(
        assertThrows(PolysemeException.class, () -> draw(file, documents(), 5, 1))
            .getMessage()
            .contains("no text of"));
    assertThrows(
        PolysemeException.class, () -> draw(folder.resolve("none.txt"), documents(), 5, 1));
    assertThrows(IllegalArgumentException.class, () -> draw(file, List.of(), 5, 1));
    assertThrows(IllegalArgumentException.class, () -> draw(file, documents(), 0, 1));
  }
}
