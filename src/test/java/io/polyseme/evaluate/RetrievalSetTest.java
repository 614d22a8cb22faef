package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polyseme.PolysemeException;
import io.polyseme.evaluate.RetrievalSet.Document;
import io.polyseme.evaluate.RetrievalSet.Part;
import io.polyseme.evaluate.RetrievalSet.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetrievalSetTest {
  @TempDir Path folder;

  private void write(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private static String message(Path path) {
    return assertThrows(PolysemeException.class, () -> RetrievalSet.read(path)).getMessage();
  }

  private void cranfield() throws IOException {
    write(
        "cran.all.1400",
        ".I 1",
        ".T",
        "wings in a",
        "slipstream .",
        ".A",
        "smith,j.",
        ".W",
        "wings in a",
        "slipstream .",
        "  the lift was measured .",
        ".I 2",
        ".T",
        "",
        ".W",
        "",
        ".I 3",
        ".T",
        "shear flow .",
        ".W",
        "past a flat plate .",
        ".I");
    write("cran.qry", ".I 001", ".W", "lift of", "wings .", ".I 004", ".W", "flat plates", ".I");
    write("QRelsCorrectedforTRECeval", "1 0 1 3", "1 0 3 -1", "2 0 3 5", "2 0 9 2");
  }

  @Test
  void cranfieldIsReadWithItsQueriesByOrdinal() throws IOException {
    cranfield();
    RetrievalSet set = RetrievalSet.read(folder);
    assertEquals("cranfield", set.name());
    assertEquals(
        List.of(
            new Document("1", "wings in a slipstream . the lift was measured ."),
            new Document("3", "shear flow .\npast a flat plate .")),
        set.documents());
    assertEquals(
        List.of(new Query("1", "lift of wings ."), new Query("2", "flat plates")), set.queries());
    assertEquals(Map.of("1", 3, "3", -1), set.judgements().get("1"));
    assertEquals(Map.of("3", 5, "9", 2), set.judgements().get("2"));
    assertEquals(
        List.of(
            "cranfield: 1 documents have no text, and cannot be found",
            "cranfield: 1 judgements are of documents that are not there, and count as not found"),
        set.notes());
    assertFalse(set.isKnownItem());
    assertEquals(List.of("1"), set.queries(Part.ODD).stream().map(Query::id).toList());
    assertEquals(List.of("2"), set.queries(Part.EVEN).stream().map(Query::id).toList());
  }

  @Test
  void whatIsWrongWithCranfieldIsSaidWithItsLine() throws IOException {
    cranfield();
    write("QRelsCorrectedforTRECeval", "1 0 1 3", "one 0 3 -1");
    assertTrue(message(folder).contains("QRelsCorrectedforTRECeval, line 2"), message(folder));
    write("QRelsCorrectedforTRECeval", "3 0 1 3");
    assertTrue(message(folder).contains("there are only 2 queries"), message(folder));
    write("QRelsCorrectedforTRECeval", "1 0 1 0");
    assertTrue(message(folder).contains("no query with a relevant document"), message(folder));
    Files.delete(folder.resolve("QRelsCorrectedforTRECeval"));
    assertTrue(message(folder).contains("does not exist"), message(folder));
    write("cran.all.1400", "no record");
    assertTrue(message(folder).contains("cran.all.1400, line 1"), message(folder));
  }

  private static final String SQUAD =
      """
      {"version": "1.1", "data": [
        {"title": "Rain", "paragraphs": [
          {"context": "Rain falls in drops.", "qas": [
            {"id": "q", "question": "What falls?", "answers": [{"text": "Rain"}]},
            {"id": "q", "question": "How does it fall?", "answers": []},
            {"id": "r", "question": " ", "answers": []},
            {"id": "s", "question": "Why?", "is_impossible": true, "answers": []}]},
          {"context": "Snow falls in flakes.", "id": "SNOW", "qas": []}]},
        {"paragraphs": [
          {"context": "Rain falls in drops. ", "qas": [{"question": "In what?"}]}]}]}
      """;

  @Test
  void paragraphsOfSquadAreDocumentsAndQuestionsHaveOne() throws IOException {
    write("rain.json", SQUAD);
    RetrievalSet set = RetrievalSet.read(folder.resolve("rain.json"));
    assertEquals("rain", set.name());
    assertEquals(
        List.of(
            new Document("1.1", "Rain falls in drops."),
            new Document("SNOW", "Snow falls in flakes.")),
        set.documents());
    assertEquals(
        List.of("What falls?", "How does it fall?", "In what?"),
        set.queries().stream().map(Query::text).toList());
    assertTrue(
        set.queries().stream()
            .allMatch(q -> set.judgements().get(q.id()).equals(Map.of("1.1", 1))));
    assertTrue(set.isKnownItem());
    assertEquals(
        List.of(
            "rain: 1 of 5 questions have no answer, and are left out",
            "rain: 1 queries have no text, and are left out"),
        set.notes());
    RetrievalSet scoped = set.scoped();
    assertEquals("rain:SNOW", scoped.documents().getLast().id());
    assertEquals(Map.of("rain:1.1", 1), scoped.judgements().get("1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"data\": [|is no JSON",
        "[]|the file: it is no JSON object",
        "{\"version\": 1}|the file: it has no list \"data\"",
        "{\"data\": [{\"paragraphs\": [7]}]}|article 1, paragraph 1: it is no JSON object",
        "{\"data\": [{\"paragraphs\": [{\"qas\": []}]}]}|article 1, paragraph 1: it has no"
            + " \"context\"",
        "{\"data\": []}|no query with a relevant document"
      })
  void whatIsWrongWithAJsonFileIsSaidWithItsPlace(String json, String problem) throws IOException {
    write("bad.json", json);
    String message = message(folder.resolve("bad.json"));
    assertTrue(message.contains("bad.json") && message.contains(problem), message);
  }

  private void beir() throws IOException {
    write(
        "corpus.jsonl",
        "{\"_id\": \"d1\", \"title\": \"Rain\", \"text\": \"It falls.\", \"metadata\": {}}",
        "{\"_id\": \"d2\", \"title\": \"\", \"text\": \"Snow falls.\"}");
    write(
        "queries.jsonl",
        "{\"_id\": \"q1\", \"text\": \"what falls\"}",
        "{\"_id\": \"q2\", \"text\": \"of another part\"}");
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0");
  }

  @Test
  void beirIsReadWithItsTitles() throws IOException {
    beir();
    RetrievalSet set = RetrievalSet.read(folder);
    assertEquals(folder.getFileName().toString(), set.name());
    assertEquals(
        List.of(new Document("d1", "Rain\nIt falls."), new Document("d2", "Snow falls.")),
        set.documents());
    assertEquals(List.of(new Query("q1", "what falls")), set.queries());
    assertEquals(Map.of("d1", 2, "d2", 0), set.judgements().get("q1"));
    assertEquals(1, set.notes().size(), set.notes().toString());
    Files.move(folder.resolve("qrels/test.tsv"), folder.resolve("qrels/dev.tsv"));
    assertEquals(set, RetrievalSet.read(folder));
  }

  @Test
  void whatIsWrongWithBeirIsSaidWithItsLine() throws IOException {
    beir();
    write("qrels/test.tsv", "q1\td1\t2", "q1\td2\tgood");
    assertTrue(message(folder).contains("test.tsv, line 2"), message(folder));
    Files.delete(folder.resolve("qrels/test.tsv"));
    write("qrels/train.tsv", "q1\td1\t2");
    write("qrels/dev.tsv", "q1\td1\t2");
    assertTrue(message(folder).contains("dev.tsv, train.tsv"), message(folder));
    write("queries.jsonl", "{\"text\": \"what falls\"}");
    assertTrue(message(folder).contains("queries.jsonl, line 1"), message(folder));
    write(
        "corpus.jsonl", "{\"_id\": \"d1\", \"text\": \"a\"}", "{\"_id\": \"d1\", \"text\": \"b\"}");
    assertTrue(message(folder).contains("corpus.jsonl, line 2"), message(folder));
  }

  @Test
  void whatIsNoSetIsRefused() {
    assertTrue(message(folder).contains("corpus.jsonl"), message(folder));
    assertTrue(message(folder.resolve("none.json")).contains("does not exist"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RetrievalSet("a", List.of(), List.of(new Query("1", "x")), Map.of(), List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new RetrievalSet(
                "a",
                List.of(new Document("1", "x"), new Document("1", "y")),
                List.of(),
                Map.of(),
                List.of()));
  }

  /** The counts of the collections' own descriptions, less the two documents without a text. */
  @Test
  void thePublicSetsAreReadWhole() {
    String data = System.getProperty("polyseme.data");
    assumeTrue(data != null, "-Dpolyseme.data=FOLDER");
    RetrievalSet cranfield = RetrievalSet.read(Path.of(data, "cranfield"));
    assertEquals(1398, cranfield.documents().size());
    assertEquals(225, cranfield.queries().size());
    assertEquals(1837, cranfield.judgements().values().stream().mapToInt(Map::size).sum());
    RetrievalSet xquad = RetrievalSet.read(Path.of(data, "xquad", "xquad.zh.json"));
    assertEquals(120, xquad.documents().size());
    assertEquals(612, xquad.queries().size());
    RetrievalSet cmrc = RetrievalSet.read(Path.of(data, "cmrc2018-zh", "cmrc2018_trial.json"));
    assertEquals(256, cmrc.documents().size());
    assertEquals(1000, cmrc.queries().size());
    assertTrue(xquad.isKnownItem() && cmrc.isKnownItem() && !cranfield.isKnownItem());
  }
}
