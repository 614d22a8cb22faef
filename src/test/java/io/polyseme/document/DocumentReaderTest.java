package io.polyseme.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DocumentReaderTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private static List<DocumentResult> all(DocumentOptions options, String... from) {
    var all = new ArrayList<DocumentResult>();
    try (DocumentReader reader = DocumentReader.open(List.of(from), options)) {
      reader.forEachRemaining(all::add);
    }
    return all;
  }

  private List<DocumentResult> all() {
    return all(DocumentOptions.DEFAULT, folder.toString());
  }

  private Document only(Path file) {
    List<DocumentResult> all = all(DocumentOptions.DEFAULT, file.toString());
    assertEquals(1, all.size(), all.toString());
    return assertRead(all.getFirst());
  }

  private static Document assertRead(DocumentResult result) {
    assertTrue(result instanceof DocumentResult.Read, result.toString());
    return ((DocumentResult.Read) result).document();
  }

  private static Map<String, Document> documents(List<DocumentResult> all) {
    Map<String, Document> documents = new LinkedHashMap<>();
    for (DocumentResult result : all) {
      if (result instanceof DocumentResult.Read(Document document, _)) {
        documents.put(document.id(), document);
      }
    }
    return documents;
  }

  private static Map<String, String> skipped(List<DocumentResult> all) {
    Map<String, String> skipped = new TreeMap<>();
    for (DocumentResult result : all) {
      if (result instanceof DocumentResult.Skipped(String name, String reason)) {
        skipped.put(name, reason);
      }
    }
    return skipped;
  }

  @Test
  void aTextIsOneDocumentAsItStands() throws IOException {
    String text = "First line.\nSecond line.\r\n\r\n  Next paragraph.\n";
    Path file = file("notes.txt", text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2024-03-05T06:07:08.9Z")));
    Document document = only(file);
    assertEquals("notes.txt", document.id());
    assertEquals(text, document.text());
    assertEquals(Map.of("modified", "2024-03-05T06:07:08Z", "type", "txt"), document.fields());
    assertEquals(text, only(WrittenFiles.gzip(folder.resolve("packed.txt.gz"), text)).text());
  }

  @Test
  void markdownHasHeadingsAndFrontMatter() throws IOException {
    Document document =
        only(
            file(
                "a.md",
                """
                ---
                title: "The Bank: a walk"
                tags: [river, 银行]
                date: 2024-05-01
                draft: false
                nested: {a: 1}
                ---
                Intro with a [link](http://example.org/x) and *stress*.

                # One
                ## Inner
                ```python
                # no heading
                ```
                - item one
                - item two

                | a | b |
                |---|---|
                | 1 | 2 |

                # Two
                Last
                words.
                """));
    assertEquals(
        "Intro with a link and stress.\n\nOne\n\nInner\n\n# no heading\n\nitem one\n\nitem two\n\n"
            + "a | b\n\n1 | 2\n\nTwo\n\nLast words.",
        document.text());
    assertEquals("The Bank: a walk", document.fields().get("title"));
    assertEquals("river, 银行", document.fields().get("tags"));
    assertEquals("2024-05-01", document.fields().get("date"));
    assertEquals("false", document.fields().get("draft"));
    assertFalse(document.fields().containsKey("nested"));
    assertEquals(
        List.of("One", "One > Inner", "Two"),
        document.sections().stream().map(Document.Section::path).toList());
    document
        .sections()
        .forEach(s -> assertTrue(document.text().startsWith(s.heading(), s.start())));
    assertEquals("", document.sectionAt(3));
    assertEquals("One > Inner", document.sectionAt(document.text().indexOf("item")));
    assertEquals("Two", document.sectionAt(document.text().length() - 1));
  }

  @Test
  void brokenFrontMatterIsText() throws IOException {
    List<DocumentResult> all =
        all(DocumentOptions.DEFAULT, file("a.md", "---\n: [\n---\nWords.\n").toString());
    var read = (DocumentResult.Read) all.getFirst();
    assertTrue(read.document().text().contains("Words."));
    assertEquals(List.of("its front matter is no YAML and is read as text"), read.notes());
    assertEquals("just a rule", only(file("b.md", "---\n\njust a rule\n")).text());
  }

  @Test
  void ofHtmlTheTextWithoutScriptsAndNavigation() throws IOException {
    Document document =
        only(
            file(
                "page.html",
                """
                <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The page</title>
                <meta name="author" content="Ada"><style>p {}</style></head>
                <body><nav><ul><li>Home</li></ul></nav><div role="navigation">More</div>
                <form><h1>Rivers</h1><p>A <b>ban</b>k of<br>sand.</p>
                <script>var x = "<p>no</p>";</script>
                <ul><li>One<li>Two</ul><table><tr><td>a</td><td><p>b</p></td></tr></table>
                <h2>Münze</h2>Loose text</form><footer>Imprint</footer></body></html>
                """));
    assertEquals(
        "Rivers\n\nA bank of sand.\n\nOne\n\nTwo\n\na | b\n\nMünze\n\nLoose text", document.text());
    assertEquals("The page", document.fields().get("title"));
    assertEquals("Ada", document.fields().get("author"));
    assertEquals("Rivers > Münze", document.sectionAt(document.text().length() - 1));
  }

  @Test
  void pdfHasPages() throws IOException {
    Document document =
        only(
            WrittenFiles.pdf(
                folder.resolve("a.pdf"),
                "On Banks",
                "",
                "The first page tells of rivers\nand their banks. It ends",
                "in the middle of a sentence.",
                "The third page."));
    assertTrue(
        document.text().contains("rivers and their banks. It ends\nin the middle"),
        document.text());
    assertTrue(document.text().contains("sentence.\n\nThe third"), document.text());
    assertEquals("On Banks", document.fields().get("title"));
    assertEquals("pdf", document.fields().get("type"));
    assertEquals(3, document.pages().size());
    assertEquals(1, document.pageAt(0));
    assertEquals(2, document.pageAt(document.text().indexOf("in the middle")));
    assertEquals(3, document.pageAt(document.text().indexOf("The third")));
  }

  @Test
  void officeFilesOfEveryKind() throws IOException {
    Document word =
        only(
            file(
                "a.docx", WrittenFiles.docx("Report", "# Summary", "It rained.", "# End", "Dry.")));
    assertTrue(word.text().contains("It rained."));
    assertEquals("Report", word.fields().get("title"));
    assertEquals("Ada Writer", word.fields().get("author"));
    assertEquals("docx", word.fields().get("type"));
    Document sheet =
        only(
            file(
                "a.xlsx",
                WrittenFiles.xlsx("Prices", new String[][] {{"pear", "two"}, {"fig", "one"}})));
    assertTrue(sheet.text().contains("pear | two\n\nfig | one"), sheet.text());
    assertEquals("Prices", sheet.sectionAt(sheet.text().indexOf("fig")));
    Document slides =
        only(file("a.pptx", WrittenFiles.pptx("The first slide.", "The second one.")));
    assertTrue(slides.text().contains("The second one."), slides.text());
    assertEquals(2, slides.pageAt(slides.text().indexOf("The second")));
    assertEquals(
        "Plain rich text.",
        only(file(
                "a.rtf",
                "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\pard Plain {\\b rich} text.\\par}"))
            .text());
    Map<String, String> open = new LinkedHashMap<>();
    open.put("mimetype", "application/vnd.oasis.opendocument.text");
    open.put(
        "content.xml",
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""
            + " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:text>"
            + "<text:h text:outline-level=\"1\">Kopf</text:h><text:p>Ein Absatz.</text:p>"
            + "</office:text></office:body></office:document-content>");
    Document odt = only(file("a.odt", WrittenFiles.zip(open)));
    assertEquals("Kopf\n\nEin Absatz.", odt.text());
    assertEquals("Kopf", odt.sectionAt(10));
    Map<String, String> book = new LinkedHashMap<>();
    book.put("mimetype", "application/epub+zip");
    book.put(
        "META-INF/container.xml",
        "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" version=\"1.0\"><rootfiles>"
            + "<rootfile full-path=\"book.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>");
    book.put(
        "book.opf",
        "<package xmlns=\"http://www.idpf.org/2007/opf\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
            + "<metadata><dc:title>A Book</dc:title></metadata><manifest><item id=\"c\" href=\"c.xhtml\""
            + " media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"c\"/></spine></package>");
    book.put(
        "c.xhtml",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><h1>Chapter</h1><p>It was night.</p></body></html>");
    Document epub = only(file("a.epub", WrittenFiles.zip(book)));
    assertEquals("Chapter\n\nIt was night.", epub.text());
    assertEquals("A Book", epub.fields().get("title"));
  }

  @Test
  void aNameDoesNotMakeAFormat() throws IOException {
    assertEquals(
        "docx", only(file("a.docx", WrittenFiles.docx("T", "Words."))).fields().get("type"));
    assertEquals(
        "office", only(file("b.bin", WrittenFiles.docx("T", "Words."))).fields().get("type"));
    assertEquals("Words.", only(file("page", "<html><p>Words.")).text());
    assertEquals("just words", only(file("README", "just words")).text());
  }

  @Test
  void rowsAreDocumentsWithFields() throws IOException {
    file(
        "a.csv",
        "key,headline,body,when,type\n"
            + "k1,\"One, two\",\"He said \"\"yes\"\"\nand left.\",2024-01-02,letter\n"
            + "k2,Second,Words.,,\n"
            + "k1,Third,More words.,,\n"
            + "k4,Fourth,,,\n");
    file(
        "b.jsonl",
        "{\"key\":\"k9\",\"body\":\"Json\",\"n\":7,\"ok\":true,\"tags\":[\"x\",1]}\n\nno json\n{\"body\":3}\n");
    file(
        "c.json",
        "[{\"body\":\"one\"},{\"key\":\"a.csv\",\"body\":\"two\"}, 5, {\"body\":\"three\"}]");
    file("d.tsv", "body\tkey\n\"quoted\tk1\n");
    var options =
        DocumentOptions.DEFAULT
            .withTextFields(List.of("headline", "body"))
            .withIdField("key")
            .withTitleField("headline");
    List<DocumentResult> all = all(options, folder.toString());
    Map<String, Document> documents = documents(all);
    assertEquals(
        List.of(
            "k1",
            "k2",
            "a.csv:5",
            "k4",
            "k9",
            "b.jsonl:4",
            "c.json:1",
            "c.json:2",
            "c.json:4",
            "d.tsv:2"),
        List.copyOf(documents.keySet()));
    Document first = documents.get("k1");
    assertEquals("One, two\n\nHe said \"yes\"\nand left.", first.text());
    assertEquals("a.csv", first.file());
    assertEquals(
        Map.of(
            "title",
            "One, two",
            "type",
            "csv",
            "line",
            "2",
            "key",
            "k1",
            "when",
            "2024-01-02",
            "own.type",
            "letter"),
        first.fields());
    assertEquals("\"quoted", documents.get("d.tsv:2").text());
    assertEquals(
        Map.of("key", "k9", "type", "jsonl", "line", "1", "n", "7", "ok", "true", "tags", "x, 1"),
        documents.get("k9").fields());
    assertEquals(
        Map.of("b.jsonl:3", "it is no JSON object", "c.json:3", "it is no JSON object"),
        skipped(all));
  }

  @Test
  void columnsByNumberAndOtherSeparators() throws IOException {
    Path file = file("a.csv", "eins;zwei\ndrei;vier\n");
    List<DocumentResult> all =
        all(DocumentOptions.DEFAULT.withTextFields(List.of("2")), file.toString());
    assertEquals(
        List.of("zwei", "vier"), documents(all).values().stream().map(Document::text).toList());
    Map<String, String> wrong = skipped(all(DocumentOptions.DEFAULT, file.toString()));
    assertTrue(wrong.get("a.csv").contains("no column \"text\""), wrong.toString());
  }

  @Test
  void rowsWithoutTextAreGivenUpAfterAWhile() throws IOException {
    file("a.jsonl", "{\"body\":\"x\"}\n".repeat(5000));
    Map<String, String> skipped = skipped(all());
    assertEquals(100, skipped.size());
    assertTrue(skipped.get("a.jsonl").contains("none of its first 100"));
  }

  @Test
  void charsetsAreDetectedAndTold() throws IOException {
    String chinese = "他在河边的银行里打电话给朋友们，说今天天气很好，大家都应该出去走走。".repeat(5);
    String french =
        "Le garçon a mangé une crème brûlée près de la forêt, où l'été était déjà fini.".repeat(5);
    file("a-gbk.txt", chinese.getBytes(Charset.forName("GB18030")));
    file("b-latin.txt", french.getBytes(StandardCharsets.ISO_8859_1));
    file("c-utf16.txt", ("\uFEFF" + chinese).getBytes(StandardCharsets.UTF_16LE));
    file("d-utf16.txt", french.getBytes(StandardCharsets.UTF_16BE));
    file("e-bom.txt", "\uFEFF" + chinese);
    file("f-gbk.csv", ("text,n\n" + chinese + ",1\n").getBytes(Charset.forName("GBK")));
    byte[] damaged = chinese.getBytes(StandardCharsets.UTF_8);
    damaged[4] = 'x';
    file("g-damaged.txt", damaged);
    file(
        "h-gbk.html",
        ("<html><head><meta charset=gbk></head><p>" + chinese).getBytes(Charset.forName("GBK")));
    List<DocumentResult> all = all();
    List<Document> documents = List.copyOf(documents(all).values());
    assertEquals(8, documents.size(), skipped(all).toString());
    for (int i : new int[] {0, 2, 4, 5, 7}) {
      assertEquals(chinese, documents.get(i).text(), documents.get(i).id());
    }
    assertEquals(french, documents.get(1).text());
    assertEquals(french, documents.get(3).text());
    assertTrue(documents.get(6).text().endsWith(chinese.substring(4)));
    List<String> notes =
        all.stream().map(r -> String.join(";", ((DocumentResult.Read) r).notes())).toList();
    assertEquals("not UTF-8; read as GB18030", notes.get(0));
    assertEquals("not UTF-8; read as ISO-8859-1", notes.get(1));
    assertEquals("read as UTF-16LE", notes.get(2));
    assertEquals("", notes.get(4));
    assertTrue(notes.get(6).contains("are not UTF-8"), notes.get(6));
  }

  @Test
  void whatCannotBeReadIsSkippedWithTheReason() throws Exception {
    byte[] docx = WrittenFiles.docx("T", "Words of a document that is whole.");
    file("binary.dat", new byte[] {1, 2, 0, 4, 5});
    file("empty.txt", "");
    file("blank.md", " \n\n");
    file("image.png", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0});
    WrittenFiles.pdf(folder.resolve("locked.pdf"), "T", "secret", "Hidden words.");
    file("locked.docx", WrittenFiles.encryptedDocx("secret"));
    byte[] pdf =
        Files.readAllBytes(WrittenFiles.pdf(folder.resolve("whole.pdf"), "T", "", "All is well."));
    file("half.docx", java.util.Arrays.copyOf(docx, docx.length / 2));
    file("noise.pdf", "%PDF-1.4 and nothing else");
    file("text.pdf", "this is no pdf");
    file("archive.zip", WrittenFiles.zip(Map.of("a.txt", "words")));
    file("object.json", "{\"a\": 1}");
    file("half.json", "[{\"text\": \"one\"}, {\"te");
    file(
        "half.txt.gz",
        java.util.Arrays.copyOf(
            Files.readAllBytes(WrittenFiles.gzip(folder.resolve("z.txt.gz"), "words ".repeat(999))),
            20));
    file("big.txt", "x".repeat(2000));
    assertTrue(pdf.length > 100);
    List<DocumentResult> all =
        all(
            DocumentOptions.DEFAULT.withMostCharacters(1000).withMostBytes(1 << 20),
            folder.toString());
    Map<String, String> skipped = skipped(all);
    assertEquals(
        java.util.Set.of("whole.pdf", "half.json:1"), documents(all).keySet(), skipped.toString());
    assertEquals("it is binary, and no text", skipped.get("binary.dat"));
    assertEquals("it is empty", skipped.get("empty.txt"));
    assertEquals("it has no text", skipped.get("blank.md"));
    assertEquals("it is binary, and no text", skipped.get("image.png"));
    assertEquals("it is encrypted", skipped.get("locked.pdf"));
    assertEquals("it is encrypted", skipped.get("locked.docx"));
    assertTrue(skipped.get("half.docx").startsWith("it "), skipped.get("half.docx"));
    assertTrue(skipped.get("noise.pdf").startsWith("it "), skipped.get("noise.pdf"));
    assertEquals(
        "it is .pdf by its name and not by what is in it; is it whole?", skipped.get("text.pdf"));
    assertEquals("it is an archive, and no document", skipped.get("archive.zip"));
    assertEquals("it is no array of JSON objects", skipped.get("object.json"));
    assertTrue(skipped.get("half.json").contains("what follows is not read"));
    assertTrue(
        skipped.get("half.txt.gz").startsWith("it cannot be read"), skipped.get("half.txt.gz"));
    assertEquals("its text has more than 1,000 characters", skipped.get("big.txt"));
    assertTrue(skipped.containsKey("z.txt.gz"), "6,000 characters unpacked");
  }

  @Test
  void bombsDoNotGoOff() throws IOException {
    WrittenFiles.bomb(folder.resolve("bomb.docx"), WrittenFiles.docx("T", "x"), 300);
    assertTrue(Files.size(folder.resolve("bomb.docx")) < 3_000_000);
    try (var out =
        new java.util.zip.GZIPOutputStream(Files.newOutputStream(folder.resolve("bomb.txt.gz")))) {
      byte[] zeros = "aaaaaaa ".repeat(1 << 17).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 300; i++) {
        out.write(zeros);
      }
    }
    file("deep.html", "<div>".repeat(20_000) + "words");
    file("deep.json", "[".repeat(2_000_000));
    file("deep.jsonl", "{\"a\":" + "[".repeat(2_000_000) + "\n{\"text\":\"fine\"}\n");
    file("deep.md", "> ".repeat(50_000) + "words");
    file(
        "laughs.md",
        "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
            + "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n---\nText.\n");
    List<DocumentResult> all =
        all(DocumentOptions.DEFAULT.withMostBytes(100 << 20), folder.toString());
    Map<String, String> skipped = skipped(all);
    assertTrue(
        skipped.containsKey("bomb.docx") && skipped.containsKey("bomb.txt.gz"), skipped.toString());
    assertTrue(documents(all).containsKey("deep.jsonl:2"), skipped.toString());
    assertTrue(documents(all).containsKey("laughs.md"), skipped.toString());
  }

  @Test
  void noExternalEntityIsRead() throws IOException {
    Path secret = file("secret.txt", "the secret words");
    Map<String, String> open = new LinkedHashMap<>();
    open.put("mimetype", "application/vnd.oasis.opendocument.text");
    open.put(
        "content.xml",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \""
            + secret.toUri()
            + "\">]>"
            + "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""
            + " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:text>"
            + "<text:p>Ein &e; Absatz.</text:p></office:text></office:body></office:document-content>");
    Path file = file("a.odt", WrittenFiles.zip(open));
    for (DocumentResult result : all(DocumentOptions.DEFAULT, file.toString())) {
      assertFalse(result.toString().contains("the secret words"), result.toString());
    }
  }

  @Test
  void foldersWithAllThatCanBeInThem() throws Exception {
    file("b/two.txt", "two");
    file("a/one.md", "# one");
    file(".git/config.txt", "hidden");
    file("a/.hidden.txt", "hidden");
    file("a/~$one.docx", "lock");
    file("odd\nname\u0007 中文.txt", "odd");
    Files.createSymbolicLink(folder.resolve("b/loop"), folder);
    Files.createSymbolicLink(folder.resolve("b/linked.txt"), folder.resolve("a/one.md"));
    Files.createSymbolicLink(folder.resolve("b/dangling.txt"), folder.resolve("nothing"));
    Process fifo = new ProcessBuilder("mkfifo", folder.resolve("pipe.txt").toString()).start();
    assertEquals(0, fifo.waitFor());
    List<DocumentResult> all = all();
    assertEquals(
        List.of("a/one.md", "b/linked.txt", "b/two.txt", "odd?name? 中文.txt"),
        List.copyOf(documents(all).keySet()));
    assertEquals(
        Map.of(
            "b/dangling.txt", "it is a link to nothing",
            "b/loop", "it is a link to a folder, which is not followed",
            "pipe.txt", "it is no regular file"),
        skipped(all));
    assertTrue(
        documents(all(DocumentOptions.DEFAULT.without(folder.resolve("b")), folder.toString()))
            .keySet()
            .stream()
            .noneMatch(id -> id.startsWith("b/")));
  }

  @Test
  void globsAndSeveralPlaces() throws IOException {
    file("notes/a.md", "a");
    file("notes/deep/er/b.md", "b");
    file("notes/c.txt", "c");
    file("more/a.md", "other a");
    String notes = folder.resolve("notes").toString();
    assertEquals(
        List.of("a.md", "deep/er/b.md"),
        List.copyOf(documents(all(DocumentOptions.DEFAULT, notes + "/**/*.md")).keySet()));
    assertEquals(
        List.of("a.md", "c.txt"),
        List.copyOf(documents(all(DocumentOptions.DEFAULT, notes + "/*.{md,txt}")).keySet()));
    assertEquals(
        List.of("a.md", "c.txt", "deep/er/b.md", "more/a.md"),
        List.copyOf(
            documents(all(DocumentOptions.DEFAULT, notes, folder.resolve("more").toString()))
                .keySet()));
    for (String wrong : List.of(notes + "/*.pdf", notes + "/none", folder + "/none/*.md")) {
      PolysemeException e =
          assertThrows(PolysemeException.class, () -> all(DocumentOptions.DEFAULT, wrong));
      assertTrue(e.getMessage().contains("no "), e.getMessage());
    }
  }

  @Test
  void aFolderMayChangeWhileItIsRead() throws IOException {
    for (int i = 0; i < 5; i++) {
      file("f" + i + ".txt", "text " + i);
    }
    try (DocumentReader reader =
        DocumentReader.open(List.of(folder.toString()), DocumentOptions.DEFAULT)) {
      assertEquals("text 0", assertRead(reader.next()).text());
      Files.delete(folder.resolve("f1.txt"));
      Files.writeString(folder.resolve("f2.txt"), "another");
      assertEquals(new DocumentResult.Skipped("f1.txt", "it is not there any more"), reader.next());
      assertEquals("another", assertRead(reader.next()).text());
      assertEquals(5, reader.files());
      assertEquals(30, reader.size());
      assertEquals(12, reader.position());
    }
  }

  @Test
  void whatDidNotChangeIsNotLookedInto() throws IOException {
    Path a = file("a.txt", "one");
    file("b.txt", "two");
    file("c.csv", "text\nrow\n");
    Map<String, String> hashes;
    try (DocumentReader reader =
        DocumentReader.open(List.of(folder.toString()), DocumentOptions.DEFAULT)) {
      reader.forEachRemaining(r -> assertTrue(r instanceof DocumentResult.Read));
      hashes = Map.copyOf(reader.hashes());
    }
    FileTime time = Files.getLastModifiedTime(a);
    Files.writeString(a, "eno"); // as long, and of the same time
    Files.setLastModifiedTime(a, time);
    Files.setLastModifiedTime(folder.resolve("b.txt"), FileTime.fromMillis(0));
    var all = new ArrayList<DocumentResult>();
    try (DocumentReader reader =
        DocumentReader.open(List.of(folder.toString()), DocumentOptions.DEFAULT, hashes)) {
      assertEquals("eno\nrow\n", reader.sample(1000));
      reader.forEachRemaining(all::add);
      assertEquals(java.util.Set.of("a.txt", "b.txt"), reader.hashes().keySet());
    }
    assertEquals("eno", assertRead(all.get(0)).text());
    assertEquals(new DocumentResult.Unchanged("b.txt"), all.get(1));
    assertEquals("row", assertRead(all.get(2)).text());
  }

  @Test
  void standardInput() throws IOException {
    var before = System.in;
    try {
      System.setIn(
          new java.io.ByteArrayInputStream("# Title\nwords".getBytes(StandardCharsets.UTF_8)));
      Document document =
          documents(all(DocumentOptions.DEFAULT.withFormat(DocumentFormat.MARKDOWN), "-")).get("-");
      assertEquals("Title\n\nwords", document.text());
      assertEquals("markdown", document.fields().get("type"));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aHugeTextIsOneDocument() throws IOException {
    Path file = folder.resolve("huge.txt");
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < 1_000_000; i++) {
        out.write("Sentence number " + i + " is not the last of them, but one of very many.\n");
      }
    }
    assertTrue(Files.size(file) > 60_000_000);
    assertEquals(Files.size(file), only(file).text().length());
  }
}
