package io.polyseme.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.document.Document;
import io.polyseme.document.DocumentOptions;
import io.polyseme.document.DocumentReader;
import io.polyseme.document.DocumentResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.TextChunk;
import io.polyseme.index.Recipe;
import io.polyseme.index.TextOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.train.WordSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DocumentIndexingIT {
  private static final ModelStore MODELS = ModelStore.standard();
  private static final String MODEL = "bge-small-en-v1.5";

  @TempDir Path folder;
  private Path texts;
  private Path at;

  @BeforeEach
  void folders() throws IOException {
    texts = Files.createDirectory(folder.resolve("texts"));
    at = folder.resolve("index");
  }

  private BuildReport build(Recipe recipe, IndexingOptions options) {
    return new Indexing(
            MODELS, new WordSpaces(MODELS, EncoderOptions.DEFAULT), EncoderOptions.DEFAULT)
        .build(at, recipe, List.of(texts.toString()), options, Progress.NONE, Cancel.create());
  }

  private BuildReport build() {
    return build(recipe(48, 12), IndexingOptions.DEFAULT);
  }

  private static Recipe recipe(int chunk, int overlap) {
    return Recipe.of(Indexing.DOCUMENTS)
        .withModel(MODEL)
        .withTexts(TextOptions.DEFAULT.withOverlap(overlap).withChunk(chunk));
  }

  private void write(String name, String text) throws IOException {
    Path file = texts.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private List<VectorIndex.Entry> entries() {
    try (VectorIndex index = VectorIndex.open(at)) {
      return index.entries().sorted(Comparator.comparing(VectorIndex.Entry::label)).toList();
    }
  }

  private TreeSet<String> labels() {
    var labels = new TreeSet<String>();
    entries().forEach(e -> labels.add(e.label()));
    return labels;
  }

  /** Paragraphs of sentences that are all different. */
  private static String prose(int paragraphs, String about) {
    var text = new StringBuilder();
    for (int p = 0; p < paragraphs; p++) {
      for (int s = 0; s < 4; s++) {
        text.append("Sentence %d of paragraph %d tells a little about %s. ".formatted(s, p, about));
      }
      text.append("\n\n");
    }
    return text.toString();
  }

  @Test
  void onlyWhatChangedIsEncoded() throws IOException {
    write("a.md", "# Rivers\n\n" + prose(6, "rivers"));
    write("b/c.txt", prose(3, "banks"));
    write("short.txt", "Only one sentence.");
    BuildReport first = build();
    assertEquals(3, first.documents().documents());
    assertEquals(first.summary().size(), first.summary().added());
    assertTrue(
        labels().containsAll(List.of("a.md#1", "b/c.txt#2", "short.txt")), labels().toString());

    BuildReport again = build();
    assertEquals(0, again.texts());
    assertEquals(3, again.documents().unchanged());
    assertEquals(first.summary().size(), again.summary().reused());

    List<VectorIndex.Entry> before = entries();
    FileTime time = Files.getLastModifiedTime(texts.resolve("short.txt"));
    write("short.txt", "Only two sentences."); // of another length, and the clock stood still
    Files.setLastModifiedTime(texts.resolve("short.txt"), time);
    String rivers = Files.readString(texts.resolve("a.md"));
    write("a.md", "# New\n\n" + prose(2, "something new") + rivers);
    Files.move(texts.resolve("b/c.txt"), texts.resolve("moved.txt"));
    BuildReport changed = build();
    long newChunks =
        entries().stream().filter(e -> e.fields().get("text").contains("something new")).count();
    assertEquals(newChunks + 1, changed.texts(), "what stands after the new part is not new");
    assertEquals(0, changed.documents().unchanged());
    assertTrue(labels().contains("moved.txt#1") && !labels().contains("b/c.txt#1"));

    write("a.md", rivers);
    Files.move(texts.resolve("moved.txt"), texts.resolve("b/c.txt"));
    write("short.txt", "Only one sentence.");
    build();
    List<VectorIndex.Entry> after = entries();
    assertEquals(before.size(), after.size());
    for (int i = 0; i < before.size(); i++) {
      assertEquals(before.get(i).label(), after.get(i).label());
      Map<String, String> fields = new LinkedHashMap<>(after.get(i).fields());
      fields.put("modified", before.get(i).fields().get("modified"));
      assertEquals(before.get(i).fields(), fields);
      assertArrayEquals(before.get(i).vector(), after.get(i).vector(), 1e-5f);
    }
  }

  /** Headings, sentences and lines of several languages, a long word, odd characters. */
  private static String random(Random random) {
    String[] parts = {
      "A short one. ",
      "It was the best of times, it was the worst of times! ",
      "\n\n",
      "\n",
      "# Heading " + random.nextInt(100) + "\n\n",
      "## Lower\n\n",
      "他在河边的银行里打电话给朋友们。",
      "word ",
      "x".repeat(random.nextInt(300)) + " ",
      "3.14 Mr. Smith ",
      "😀 e\u0301 \u00A0",
      "- item\n",
      "| a | b |\n|---|---|\n| c | d |\n\n",
      "endless words without any stop and so on ".repeat(8)
    };
    var text = new StringBuilder("Begin. ");
    for (int i = random.nextInt(60); i >= 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  @Test
  void chunksOfAnyTextKeepTheirPromises() throws IOException {
    var random = new Random(3);
    for (int i = 0; i < 40; i++) {
      write("%02d.%s".formatted(i, i % 2 == 0 ? "md" : "txt"), random(random));
    }
    int most = 32;
    int overlap = 8;
    assertEquals(0, build(recipe(most, overlap), IndexingOptions.DEFAULT).failed());
    Map<String, List<Map<String, String>>> chunks = new LinkedHashMap<>();
    entries().stream()
        .map(VectorIndex.Entry::fields)
        .sorted(Comparator.comparingInt(f -> Integer.parseInt(f.get("chunk"))))
        .forEach(f -> chunks.computeIfAbsent(f.get("document"), d -> new ArrayList<>()).add(f));
    int read = 0;
    try (Encoder encoder = Encoder.open(MODELS.open(MODEL, Progress.NONE, Cancel.create()));
        DocumentReader reader =
            DocumentReader.open(List.of(texts.toString()), DocumentOptions.DEFAULT)) {
      while (reader.hasNext()) {
        Document document = ((DocumentResult.Read) reader.next()).document();
        read++;
        int covered = 0;
        int lastStart = -1;
        List<Map<String, String>> its = chunks.get(document.id());
        for (int i = 0; i < its.size(); i++) {
          Map<String, String> fields = its.get(i);
          assertEquals(Integer.toString(i + 1), fields.get("chunk"));
          int start = Integer.parseInt(fields.get("start"));
          int end = Integer.parseInt(fields.get("end"));
          String text = document.text().substring(start, end);
          assertEquals(text, fields.get("text"));
          assertTrue(start > lastStart && end > covered, "further each time");
          assertTrue(
              document.text().substring(Math.min(covered, start), start).isBlank(), "no gap");
          if (start < covered) {
            String shared = document.text().substring(start, covered);
            assertTrue(tokens(encoder, shared) <= overlap + 2, "shared: " + shared);
          }
          // A chunk in the middle of a word may have one token more by itself.
          assertTrue(tokens(encoder, text) <= most + 2, text);
          assertEquals(document.sectionAt(start), fields.getOrDefault("section", ""));
          lastStart = start;
          covered = end;
        }
        assertTrue(document.text().substring(covered).isBlank());
      }
    }
    assertEquals(40, read);
  }

  private static int tokens(Encoder encoder, String text) {
    return encoder.chunks(text, Passages.chunks(500)).stream().mapToInt(TextChunk::tokens).sum();
  }

  @Test
  void headingsPartChunks() throws IOException {
    write(
        "a.md",
        "# Title\n\n## First\n\n"
            + prose(1, "the first")
            + "## Second\n\n"
            + prose(1, "the second")
            + "## Tiny\n\nA word.\n");
    build(recipe(100, 20), IndexingOptions.DEFAULT);
    List<VectorIndex.Entry> all = entries();
    assertEquals(
        List.of("Title", "Title > Second"),
        all.stream().map(e -> e.fields().get("section")).toList());
    assertTrue(all.get(0).fields().get("text").startsWith("Title\n\nFirst\n\nSentence 0"));
    assertTrue(all.get(1).fields().get("text").endsWith("Tiny\n\nA word."));
  }

  @Test
  void lateChunksKnowWhatIsAroundThem() throws IOException {
    write("a.txt", prose(30, "rivers"));
    Recipe late =
        recipe(48, 12).withTexts(TextOptions.DEFAULT.withOverlap(12).withChunk(48).withLate(true));
    BuildReport first = build(late, IndexingOptions.DEFAULT);
    List<VectorIndex.Entry> pooled = entries();
    assertEquals(first.summary().size(), pooled.size());
    assertTrue(pooled.size() > 20);
    BuildReport again = build(late, IndexingOptions.DEFAULT);
    assertEquals(0, again.texts());
    assertEquals(pooled.size(), again.summary().reused());
    assertTrue(build().texts() > 0, "chunks by themselves are others");
    List<VectorIndex.Entry> alone = entries();
    assertEquals(
        pooled.stream().map(e -> e.fields().get("text")).toList(),
        alone.stream().map(e -> e.fields().get("text")).toList());
  }

  @Test
  void rowsAndDuplicates() throws IOException {
    write(
        "rows.csv",
        "id,title,text,year\nq1,One,The river bank was green.,1990\nq2,Two,\"the RIVER bank, was green\",1991\n"
            + "q3,Three,Something else.,1992\nq4,Four,,1993\n");
    write("long.txt", prose(8, "rivers"));
    write("long copy.txt", prose(8, "rivers") + "One more line.");
    BuildReport report = build();
    DocumentsReport documents = report.documents();
    assertEquals(5, documents.documents());
    assertEquals(
        List.of(
            new DocumentResult.Skipped(
                "rows.csv:5", "it has nothing in \"text\"; it has [id, title, year]")),
        documents.skipped());
    assertTrue(
        documents.duplicates().contains(new DocumentsReport.Duplicate("q2", "q1", 1)),
        documents.duplicates().toString());
    assertEquals("long.txt", documents.nearDuplicates().getFirst().name());
    assertEquals("long copy.txt", documents.nearDuplicates().getFirst().like());
    Map<String, String> fields =
        entries().stream().filter(e -> e.label().equals("q1")).findFirst().orElseThrow().fields();
    assertEquals("rows.csv", fields.get("file"));
    assertEquals("q1", fields.get("document"));
    assertEquals("1990", fields.get("year"));
    assertEquals("One", fields.get("title"));

    var skipping = IndexingOptions.DEFAULT.withSkipDuplicates(true);
    BuildReport fewer = build(recipe(48, 12), skipping);
    assertEquals(0, fewer.texts());
    assertEquals(report.summary().size() - documents.duplicateChunks(), fewer.summary().size());
    assertFalse(labels().contains("q2"));
    Files.delete(texts.resolve("long copy.txt"));
    build(recipe(48, 12), skipping);
    assertTrue(labels().contains("long.txt#1"), "what it repeated is gone");
  }

  @Test
  void addingKeepsTheRest() throws IOException {
    write("a.txt", prose(3, "rivers"));
    build();
    int all = entries().size();
    Files.delete(texts.resolve("a.txt"));
    write("b.txt", "Another text.");
    var adding = IndexingOptions.DEFAULT.withAdd(true);
    assertEquals(0, build(recipe(48, 12), adding).summary().removed());
    assertEquals(all + 1, entries().size());
    write("a.txt", "Now it is short.");
    build(recipe(48, 12), adding);
    assertEquals(new TreeSet<>(List.of("a.txt", "b.txt")), labels());
    BuildReport whole = build();
    assertEquals(2, whole.summary().size());
    assertEquals(0, whole.texts());
  }

  @Test
  void anIndexIsNotEmptiedByAFolderThatIsGone() throws IOException {
    write("a.txt", "A text.");
    build();
    Files.delete(texts.resolve("a.txt"));
    PolysemeException e = assertThrows(PolysemeException.class, this::build);
    assertTrue(e.getMessage().contains("there is nothing to read"), e.getMessage());
    write("b.txt", "");
    e = assertThrows(PolysemeException.class, this::build);
    assertTrue(e.getMessage().contains("b.txt: it is empty"), e.getMessage());
    assertEquals(new TreeSet<>(List.of("a.txt")), labels());
  }

  @Test
  void theModelFollowsTheTexts() throws IOException {
    write("a.txt", "他在河边的银行里打电话给朋友们。".repeat(30));
    Recipe recipe = Recipe.of(Indexing.DOCUMENTS);
    build(recipe, IndexingOptions.DEFAULT);
    int all = entries().size();
    assertTrue(all > 1, "Chinese sentences are told");
    entries().forEach(e -> assertTrue(e.fields().get("text").endsWith("。"), e.label()));
    write("0.txt", "English comes first now, and the model stays as it was.");
    BuildReport report = build(recipe, IndexingOptions.DEFAULT);
    assertEquals(1, report.texts());
    try (VectorIndex index = VectorIndex.open(at)) {
      assertEquals("bge-small-zh-v1.5", index.info().maker().model());
    }
  }
}
