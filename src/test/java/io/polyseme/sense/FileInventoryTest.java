package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class FileInventoryTest {
  @TempDir Path folder;

  private FileInventory read(String... lines) throws IOException {
    return FileInventory.read(Files.write(folder.resolve("senses.txt"), List.of(lines)));
  }

  @Test
  void jsonLines() throws IOException {
    try (var senses =
        read(
            "\uFEFF{\"id\": \"花.plant\", \"lemma\": \"花\", \"pos\": \"名词\", \"gloss\": \"植物的繁殖器官\", \"examples\": [\"园里的花开了\"], \"synonyms\": [\"花朵\"]}",
            "",
            "{\"lemma\": \"花\", \"pos\": \"verb\", \"examples\": \"他花了很多钱\", \"broader\": [\"用\"]}",
            "{\"id\": \"用\", \"lemma\": \"用\", \"gloss\": \"使用\", \"topic\": null}")) {
      assertEquals(2, senses.senses("花", null).size());
      assertEquals("花.2", senses.senses("花", PartOfSpeech.VERB).getFirst().id());
      assertEquals(List.of("他花了很多钱"), senses.sense("花.2").orElseThrow().examples());
      assertEquals("用", senses.broader(senses.sense("花.2").orElseThrow()).getFirst().id());
      assertEquals("花.2", senses.narrower(senses.sense("用").orElseThrow()).getFirst().id());
      assertEquals(List.of("花"), senses.lemmas("花", PartOfSpeech.VERB));
      assertEquals(List.of("花", "用"), senses.lemmas().toList());
      // A sense whose part of speech is not told may have any.
      assertEquals(1, senses.senses("用", PartOfSpeech.NOUN).size());
    }
  }

  @Test
  void columns() throws IOException {
    try (var senses =
        read(
            "lemma\tpos\tgloss\texamples",
            "crane\tn\ta bird with long legs\tThe crane flew. | Two cranes danced.",
            "crane\tn\ta machine that lifts\t")) {
      assertEquals(2, senses.senses("Crane", PartOfSpeech.NOUN).size());
      assertEquals(
          List.of("The crane flew.", "Two cranes danced."),
          senses.sense("crane.1").orElseThrow().examples());
      assertEquals(2, senses.sense("crane.2").orElseThrow().number());
      assertEquals(List.of("crane"), senses.lemmas("cranes", null));
      assertEquals(List.of("crane"), senses.nearLemmas("carne", 3));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                       | line 1: a sense needs a lemma",
        "{\"lemma\": \"a\"}                                       | neither a gloss nor examples",
        "{\"lemma\": \"a\", \"gloss\": \"\", \"examples\": [\" \"]} | neither a gloss nor examples",
        "{\"lemma\": \"a\", \"glos\": \"x\"}                      | no field \"glos\"",
        "{\"lemma\": \"a\", \"gloss\": {\"x\": 1}}                | no JSON object with texts",
        "{\"lemma\": \"a\", \"gloss\": [\"x\", \"y\"]}            | \"gloss\" must be one text",
        "{\"lemma\": \"a\", \"gloss\": \"x\", \"pos\": \"nowt\"}  | \"nowt\" is no part of speech",
        "{\"lemma\": \"a\", \"gloss\": \"x\", \"broader\": [\"b\"]} | no sense \"b\"",
        "{\"lemma\": \"a\", \"gloss\": \"x\", \"broader\": [\"a.1\"]} | \"a.1\" is broader than itself",
        "{\"lemma\": \"a\", \"gloss\":                            | no JSON object",
        "lemma,gloss                                              | no field \"lemma,gloss\"",
        "gloss                                                    | must name the columns",
      })
  void whatIsWrongIsToldWithItsLine(String line, String message) {
    var error = assertThrows(PolysemeException.class, () -> read(line));
    assertTrue(error.getMessage().contains(message), error.getMessage());
    assertTrue(error.getMessage().contains("line 1"), error.getMessage());
  }

  @Test
  void whatIsWrongOverall() throws IOException {
    assertTrue(
        failure(
                "{\"id\": \"x\", \"lemma\": \"a\", \"gloss\": \"g\"}",
                "{\"id\": \"x\", \"lemma\": \"b\", \"gloss\": \"g\"}")
            .contains("line 2: the id \"x\" is there a second time"));
    assertTrue(failure("", " ").contains("is empty"));
    assertTrue(failure("lemma\tgloss", "a\tb\tc").contains("line 2: 3 columns instead of 2"));
    Path file = folder.resolve("bytes");
    Files.write(file, new byte[] {'{', (byte) 0xC3, '}'});
    assertTrue(
        assertThrows(PolysemeException.class, () -> FileInventory.read(file))
            .getMessage()
            .contains("no text in UTF-8"));
    assertTrue(
        assertThrows(PolysemeException.class, () -> FileInventory.read(folder.resolve("none")))
            .getMessage()
            .contains("there is no inventory file"));
    assertThrows(PolysemeException.class, () -> FileInventory.read(folder));
  }

  private String failure(String... lines) {
    return assertThrows(PolysemeException.class, () -> read(lines)).getMessage();
  }

  /** A chain as long as the file is no cycle; closed to a ring, it is. */
  @Test
  void longChains() throws IOException {
    int n = 50_000;
    var lines = new String[n];
    for (int i = 0; i < n; i++) {
      lines[i] =
          "{\"id\": \"s%d\", \"lemma\": \"w%d\", \"gloss\": \"g\"%s}"
              .formatted(i, i, i + 1 < n ? ", \"broader\": [\"s" + (i + 1) + "\"]" : "");
    }
    read(lines).close();
    lines[n - 1] = lines[n - 1].replace("}", ", \"broader\": [\"s0\"]}");
    assertTrue(failure(lines).contains("is broader than itself"));
  }

  /** Whatever the order of links, there is a cycle if and only if a topological order fails. */
  @Test
  void cyclesInRandomGraphs() throws IOException {
    var random = new Random(5);
    for (int round = 0; round < 200; round++) {
      int n = 1 + random.nextInt(8);
      var links = new boolean[n][n];
      var lines = new String[n];
      for (int i = 0; i < n; i++) {
        var wider = new StringBuilder();
        for (int j = 0; j < n; j++) {
          links[i][j] = random.nextInt(6) == 0;
          if (links[i][j]) {
            wider.append(wider.isEmpty() ? "" : ", ").append("\"s").append(j).append('"');
          }
        }
        lines[i] =
            "{\"id\": \"s%d\", \"lemma\": \"词\", \"gloss\": \"g\", \"broader\": [%s]}"
                .formatted(i, wider);
      }
      var reach = new boolean[n][];
      for (int i = 0; i < n; i++) {
        reach[i] = links[i].clone();
      }
      for (int k = 0; k < n; k++) {
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            reach[i][j] |= reach[i][k] && reach[k][j];
          }
        }
      }
      boolean cyclic = false;
      for (int i = 0; i < n; i++) {
        cyclic |= reach[i][i];
      }
      if (cyclic) {
        assertTrue(failure(lines).contains("is broader than itself"));
      } else {
        read(lines).close();
      }
    }
  }
}
