package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RatedContextsTest {
  private static final String GOOD =
      "1\tbank\tn\tshore\tn\tHe sat on the <b> bank </b> .\tThe <b>shore</b> was wet ."
          + "\t7.5\t8\t7\t8\t7\t8\t7\t8\t7\t8\t7\n";

  @TempDir Path folder;

  @Test
  void aFileOrItsFolder() throws IOException {
    Path file =
        Files.writeString(folder.resolve("ratings.txt"), GOOD + "\n" + GOOD.replace("7.5", "2"));
    for (Path path : new Path[] {file, folder}) {
      RatedContexts read = RatedContexts.read(path);
      assertEquals("ratings", read.name());
      assertEquals(2, read.pairs().size());
      RatedContexts.Pair first = read.pairs().getFirst();
      assertEquals("bank", first.first().word());
      assertEquals("He sat on the bank .", first.first().text());
      assertEquals("shore", first.second().word());
      assertEquals(7.5, first.rating());
      assertEquals(2, read.pairs().get(1).rating());
    }
  }

  @Test
  void malformedLines() throws IOException {
    Path file = folder.resolve("ratings.txt");
    for (String[] bad :
        new String[][] {
          {"1\tbank\tn\tshore\tn\tA <b>bank</b>\tA <b>shore</b>", "line 2: 7 columns where"},
          {GOOD.replace("</b> .\tThe", ".\tThe"), "line 2: a context has no word between <b> and"},
          {GOOD.replace("7.5", "high"), "line 2: the mean rating \"high\" is no number"},
          {GOOD.replace("7.5", "NaN"), "line 2: the mean rating \"NaN\" is no number"}
        }) {
      Files.writeString(file, GOOD + bad[0]);
      assertProblem(file, bad[1]);
    }
    Files.writeString(file, "\n");
    assertProblem(file, "has no pairs; a ratings.txt of SCWS");
    Files.delete(file);
    assertProblem(folder, "ratings.txt does not exist; a ratings.txt of SCWS");
  }

  private static void assertProblem(Path path, String problem) {
    String said =
        assertThrows(PolysemeException.class, () -> RatedContexts.read(path)).getMessage();
    assertTrue(said.contains(problem), said);
  }
}
