package io.polyseme.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CorpusReaderTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path packed(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static List<CorpusText> all(CorpusReader reader) {
    try (reader) {
      var all = new ArrayList<CorpusText>();
      reader.forEachRemaining(all::add);
      return all;
    }
  }

  private static List<CorpusText> all(Path file, CorpusOptions options) {
    return all(CorpusReader.open(file, options));
  }

  private static List<String> texts(List<CorpusText> all) {
    return all.stream().map(CorpusText::text).toList();
  }

  @Test
  void linesEndAsAReadersDo() throws IOException {
    long seed = System.nanoTime();
    var random = new Random(seed);
    String[] pieces = {"\n", "\r", "\r\n", "a", "word ", "😀", "中", "\u0085", "\u2028", " \t"};
    for (int round = 0; round < 300; round++) {
      var content = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        content.append(pieces[random.nextInt(pieces.length)]);
      }
      if (round % 50 == 0) {
        content.append("long ".repeat(40_000)).append("\r\nend");
      }
      byte[] bytes = content.toString().getBytes(StandardCharsets.UTF_8);
      List<String> expected =
          new BufferedReader(new StringReader(content.toString())).lines().toList();
      InputStream slow =
          new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int from, int length) throws IOException {
              return super.read(into, from, Math.min(length, 1 + random.nextInt(5000)));
            }
          };
      List<CorpusText> all = all(CorpusReader.of(slow, "stream", CorpusOptions.DEFAULT));
      assertEquals(expected, texts(all), "seed " + seed + ", round " + round);
      for (int i = 0; i < all.size(); i++) {
        assertEquals(i, all.get(i).index());
        assertEquals(i + 1, all.get(i).line());
        assertNull(all.get(i).id());
      }
    }
  }

  @Test
  void positionsGoToTheEndOfTheFile() throws IOException {
    Path file = file("a.txt", "\uFEFFfirst\r\nsecond\n\nlast");
    List<CorpusText> all = all(file, CorpusOptions.DEFAULT);
    assertEquals(List.of("first", "second", "", "last"), texts(all));
    assertEquals(Files.size(file), all.getLast().position());
    try (CorpusReader reader = CorpusReader.open(file, CorpusOptions.DEFAULT)) {
      assertEquals(Files.size(file), reader.length());
      assertEquals(0, reader.position());
      reader.next();
      assertEquals(all.getFirst().position(), reader.position());
      assertEquals(1, reader.skip(1));
      assertTrue(reader.position() > all.getFirst().position());
      assertEquals("", reader.next().text());
    }
    Path packed = packed("a.txt.gz", "one\ntwo\n");
    assertEquals(
        Files.size(packed), all(packed, CorpusOptions.DEFAULT).getLast().position(), "packed");
  }

  @Test
  void whatIsNoTextHasItsPlace() throws IOException {
    Path file = folder.resolve("bad.txt");
    Files.write(file, new byte[] {'o', 'k', '\n', 'c', (byte) 0xE9, '\n', 'o', 'n'});
    List<CorpusText> all = all(file, CorpusOptions.DEFAULT);
    assertEquals(List.of("ok", "", "on"), texts(all));
    assertFalse(all.get(1).readable());
    assertTrue(all.get(1).problem().contains("UTF-8"), all.get(1).problem());
    assertEquals(2, all.get(1).line());
  }

  @Test
  void objectsAreReadWithTheirNames() throws IOException {
    String content =
        """
        {"id": "a", "text": "one \\u00e9\\n two", "more": {"text": [1, {"id": 2}]}}

        {"text": "second", "id": 12}
        {"title": "third"}
        {"text": 5}
        [1]
        {"text": "a"} {"text": "b"}
        {"text": "cut
        {'text': 'quoted otherwise'}
        {"text": "last"}
        """;
    for (Path file : List.of(file("a.jsonl", content), packed("a.ndjson.gz", content))) {
      List<CorpusText> all = all(file, CorpusOptions.DEFAULT);
      assertEquals(List.of("one é\n two", "second", "", "", "", "", "", "", "last"), texts(all));
      assertEquals("a", all.get(0).id());
      assertEquals("12", all.get(1).id());
      assertNull(all.get(8).id());
      assertEquals(
          List.of(1L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L),
          all.stream().map(CorpusText::line).toList());
      assertEquals(
          List.of(true, true, false, false, false, false, false, false, true),
          all.stream().map(CorpusText::readable).toList());
      assertTrue(all.get(2).problem().contains("\"text\"; it has [title]"), all.get(2).problem());
      assertTrue(all.get(3).problem().contains("no string but number"), all.get(3).problem());
    }
    List<CorpusText> titles =
        all(
            file("t.jsonl", "{\"title\": \"x\", \"key\": 3}"),
            CorpusOptions.DEFAULT.withTextField("title").withIdField("key"));
    assertEquals("x", titles.getFirst().text());
    assertEquals("3", titles.getFirst().id());
  }

  @Test
  void columnsAreFoundByNameOrNumber() throws IOException {
    Path named =
        file("a.tsv", "id\tlang\ttext\n1\ten\tone \"quoted\"\n2\ten\n3\ten\tthree\tmore\n");
    List<CorpusText> all = all(named, CorpusOptions.DEFAULT);
    assertEquals(List.of("one \"quoted\"", "", "three"), texts(all));
    assertEquals(List.of("1", "2", "3"), all.stream().map(CorpusText::id).toList());
    assertFalse(all.get(1).readable());
    assertEquals(2, all.get(0).line());
    Path bare = file("b.tsv", "7\tone\n8\ttwo\n");
    List<CorpusText> numbered =
        all(bare, CorpusOptions.DEFAULT.withTextField("2").withIdField("1"));
    assertEquals(List.of("one", "two"), texts(numbered));
    assertEquals("7", numbered.getFirst().id());
    var refused =
        assertThrows(
            PolysemeException.class,
            () -> CorpusReader.open(named, CorpusOptions.DEFAULT.withTextField("body")));
    assertTrue(refused.getMessage().contains("[id, lang, text]"), refused.getMessage());
  }

  @Test
  void otherFieldsComeWhereTheyAreAskedFor() throws IOException {
    Path objects =
        file(
            "f.jsonl",
            "{\"id\": 1, \"year\": 1850, \"text\": \"one\", \"source\": \"a\", \"good\": true,"
                + " \"none\": null, \"list\": [1], \"empty\": \"\"}");
    assertEquals(Map.of(), all(objects, CorpusOptions.DEFAULT).getFirst().fields());
    CorpusText text = all(objects, CorpusOptions.DEFAULT.withFields(true)).getFirst();
    assertEquals("1", text.id());
    assertEquals(
        "{year=1850, source=a, good=true}", text.fields().toString(), "in their order, as text");
    Path rows = file("f.tsv", "year\ttext\tsource\n1850\tone\ta\n1950\ttwo\t\n");
    List<CorpusText> all = all(rows, CorpusOptions.DEFAULT.withFields(true));
    assertEquals("{year=1850, source=a}", all.get(0).fields().toString());
    assertEquals("{year=1950}", all.get(1).fields().toString());
    CorpusText bare =
        all(rows, CorpusOptions.DEFAULT.withFields(true).withTextField("2")).getFirst();
    assertEquals("{1=year, 3=source}", bare.fields().toString());
  }

  @Test
  void skippingIsReadingAndThrowingAway() throws IOException {
    var content = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      content.append("{\"text\": \"").append(i).append("\"}\n").append(i % 7 == 0 ? " \n" : "");
    }
    Path file = packed("many.jsonl.gz", content.toString());
    List<CorpusText> all = all(file, CorpusOptions.DEFAULT);
    assertEquals(5000, all.size());
    for (int skip : new int[] {0, 1, 2499, 4999, 5000}) {
      try (CorpusReader reader = CorpusReader.open(file, CorpusOptions.DEFAULT)) {
        assertTrue(reader.sample(40).startsWith("0\n1\n2\n"));
        assertEquals(skip, reader.skip(skip));
        var left = new ArrayList<CorpusText>();
        reader.forEachRemaining(left::add);
        assertEquals(
            all.subList(skip, 5000).stream().map(CorpusText::index).toList(),
            left.stream().map(CorpusText::index).toList());
        assertEquals(texts(all.subList(skip, 5000)), texts(left));
      }
    }
    try (CorpusReader reader = CorpusReader.open(file, CorpusOptions.DEFAULT)) {
      assertEquals(5000, reader.skip(6000));
    }
  }

  @Test
  void whatCannotBeReadIsSaid() throws IOException {
    Path packed = packed("whole.txt.gz", "some text that is long enough\n".repeat(1000));
    Path torn = folder.resolve("torn.txt.gz");
    byte[] bytes = Files.readAllBytes(packed);
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 20));
    assertSays("is it whole", () -> all(torn, CorpusOptions.DEFAULT));
    assertSays("folder", () -> all(folder, CorpusOptions.DEFAULT));
    assertSays("no file", () -> all(folder.resolve("none.txt"), CorpusOptions.DEFAULT));
    assertSays("CSV", () -> all(file("a.csv", "a,b\n"), CorpusOptions.DEFAULT));
    assertEquals(
        List.of("a,b"),
        texts(all(file("b.csv", "a,b\n"), CorpusOptions.DEFAULT.withFormat(CorpusFormat.LINES))));
  }

  @Test
  void manyMembersOfAPackedFileAreOneText() throws IOException {
    var all = new ByteArrayOutputStream();
    all.write(Files.readAllBytes(packed("1.gz", "one\nt")));
    all.write(Files.readAllBytes(packed("2.gz", "wo\n")));
    Path file = folder.resolve("both.gz");
    Files.write(file, all.toByteArray());
    assertEquals(List.of("one", "two"), texts(all(file, CorpusOptions.DEFAULT)));
  }

  private interface Reading {
    void read() throws IOException;
  }

  private static void assertSays(String says, Reading reading) {
    var refused = assertThrows(PolysemeException.class, reading::read);
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }
}
