package io.polyseme.bulk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedPassage;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Passages;
import io.polyseme.model.ModelCard;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The formats, read back by readers that know nothing of the writers. */
@Timeout(60)
class VectorWritersTest {
  private static final EncoderInfo INFO =
      new EncoderInfo(
          new ModelCard("tiny", "", "", "", null, false, 16, "", ""),
          "f00d",
          2,
          3,
          1,
          10,
          16,
          io.polyseme.encoder.graph.Quantisation.NONE,
          "");

  @TempDir Path folder;

  private static CorpusText text(long index, @Nullable String id, String text) {
    return new CorpusText(index, index + 1, id, text, "", 0);
  }

  private static Encoded sentence(String text, float[]... layers) {
    var vectors = new ArrayList<LayerVector>();
    for (float[] vector : layers) {
      vectors.add(new LayerVector(Integer.toString(vectors.size()), vector));
    }
    return new Encoded(text, List.of(), vectors, 4, 0, 1, List.of("a warning"));
  }

  private GrowingFile file(String name) throws IOException {
    return GrowingFile.open(folder.resolve(name), 0);
  }

  @Test
  void arraysHaveARowForEachText() throws IOException {
    float[] one = {1, -0f, Float.MIN_VALUE};
    float[] three = {3, 1e30f, -1.5f};
    try (GrowingFile rows = file("a.npy");
        GrowingFile texts = file("a.npy.jsonl")) {
      var writer = new NpyWriter(rows, texts, 0, 1, 3);
      writer.done(text(0, "id \"0\"", "first"), sentence("first", one));
      writer.failed(text(1, null, ""), "it is empty");
      writer.endPart();
      // Another process, which goes on.
      writer = new NpyWriter(rows, texts, 2, 1, 3);
      writer.done(text(2, null, "third\n中"), sentence("third\n中", three));
      writer.endPart();
      writer.finish(3);
      rows.force();
      texts.force();
    }
    Npy array = Npy.read(folder.resolve("a.npy"));
    assertArrayEquals(new int[] {3, 3}, array.shape());
    assertArrayEquals(one, array.row(0));
    assertArrayEquals(new float[] {Float.NaN, Float.NaN, Float.NaN}, array.row(1));
    assertArrayEquals(three, array.row(2));
    List<JsonObject> lines =
        Files.readAllLines(folder.resolve("a.npy.jsonl")).stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertEquals(3, lines.size());
    for (int i = 0; i < 3; i++) {
      assertEquals(i, lines.get(i).get("row").getAsInt());
      assertEquals(i + 1, lines.get(i).get("line").getAsInt());
    }
    assertEquals("id \"0\"", lines.get(0).get("id").getAsString());
    assertEquals("[\"a warning\"]", lines.get(0).get("warnings").toString());
    assertFalse(lines.get(0).has("error"));
    assertEquals("it is empty", lines.get(1).get("error").getAsString());
    assertEquals("third\n中", lines.get(2).get("text").getAsString());
  }

  @Test
  void severalLayersAreAMiddleAxis() throws IOException {
    try (GrowingFile rows = file("b.npy");
        GrowingFile texts = file("b.npy.jsonl")) {
      var writer = new NpyWriter(rows, texts, 0, 2, 2);
      writer.done(text(0, null, "x"), sentence("x", new float[] {1, 2}, new float[] {3, 4}));
      writer.finish(1);
      rows.force();
    }
    Npy array = Npy.read(folder.resolve("b.npy"));
    assertArrayEquals(new int[] {1, 2, 2}, array.shape());
    assertArrayEquals(new float[] {1, 2, 3, 4}, array.values());
  }

  /** A row as the independent reader sees it. */
  private record Row(
      long index,
      @Nullable String id,
      String text,
      @Nullable String layer,
      @Nullable List<Float> vector,
      @Nullable Integer tokens,
      @Nullable List<String> warnings,
      @Nullable String error) {}

  private static List<Row> sentences(Path file) throws IOException {
    var all = new ArrayList<Row>();
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader rows = reader.rowReader()) {
      while (rows.hasNext()) {
        rows.next();
        all.add(
            new Row(
                rows.getLong("index"),
                string(rows, "id"),
                rows.getString("text"),
                string(rows, "layer"),
                rows.isNull("vector") ? null : floats(rows),
                rows.isNull("tokens") ? null : rows.getInt("tokens"),
                rows.isNull("warnings") ? null : strings(rows, "warnings"),
                string(rows, "error")));
      }
    }
    return all;
  }

  private static @Nullable String string(RowReader rows, String name) {
    return rows.isNull(name) ? null : rows.getString(name);
  }

  private static List<Float> floats(RowReader rows) {
    var all = new ArrayList<Float>();
    rows.getList("vector").floats().forEach(all::add);
    return all;
  }

  private static List<String> strings(RowReader rows, String name) {
    var all = new ArrayList<String>();
    rows.getList(name).strings().forEach(all::add);
    return all;
  }

  @Test
  void tablesHaveARowForEachVector() throws IOException {
    BulkEncoding job = BulkEncoding.to(Path.of("x.parquet"));
    var random = new Random(5);
    var expected = new ArrayList<Row>();
    Path file = folder.resolve("c.parquet");
    long index = 0;
    for (int part = 0; part < 3; part++) {
      try (GrowingFile vectors = GrowingFile.open(file, Files.exists(file) ? Files.size(file) : 0);
          GrowingFile groups =
              GrowingFile.open(
                  folder.resolve("groups"), part == 0 ? 0 : Files.size(folder.resolve("groups")));
          var writer = new ParquetWriter(vectors, groups, job, INFO)) {
        for (int i = 0; i < 700; i++, index++) {
          String words = "text " + index + " 中😀".repeat(random.nextInt(20));
          String id = random.nextInt(3) == 0 ? null : "id" + index;
          if (random.nextInt(10) == 0) {
            writer.failed(text(index, id, words), "why");
            expected.add(new Row(index, id, words, null, null, null, null, "why"));
          } else {
            float[] vector = {random.nextFloat(), -random.nextFloat(), index};
            writer.done(text(index, id, words), sentence(words, vector));
            expected.add(
                new Row(
                    index,
                    id,
                    words,
                    "0",
                    List.of(vector[0], vector[1], vector[2]),
                    4,
                    List.of("a warning"),
                    null));
          }
        }
        writer.endPart();
        if (part == 2) {
          writer.finish(index);
        }
        vectors.force();
        groups.force();
      }
    }
    assertEquals(expected, sentences(file));
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      var data = reader.getFileMetaData();
      assertEquals(2100, data.numRows());
      assertEquals(3, data.rowGroups().size());
      assertEquals("tiny", data.keyValueMetadata().get("polyseme.model"));
      assertEquals("f00d", data.keyValueMetadata().get("polyseme.fingerprint"));
    }
  }

  @Test
  void tablesOfWordsSayWhereTheyStand() throws IOException {
    BulkEncoding job = BulkEncoding.to(Path.of("x.parquet")).withRequest(EncodeRequest.ofWords());
    Path file = folder.resolve("d.parquet");
    try (GrowingFile vectors = file("d.parquet");
        GrowingFile groups = file("groups");
        var writer = new ParquetWriter(vectors, groups, job, INFO)) {
      var word =
          new EncodedWord(
              new Span(0, 6),
              "unwise",
              List.of("un", "##wise"),
              List.of(
                  new LayerVector("1", new float[] {1, 2, 3}),
                  new LayerVector("2", new float[] {4, 5, 6})));
      writer.done(
          text(0, null, "unwise"),
          new Encoded("unwise", List.of(word), List.of(), 2, 0, 1, List.of()));
      writer.done(text(1, null, "!"), new Encoded("!", List.of(), List.of(), 1, 0, 1, List.of()));
      writer.endPart();
      writer.finish(2);
      vectors.force();
    }
    List<Row> rows = sentences(file);
    assertEquals(List.of("1", "2"), rows.subList(0, 2).stream().map(Row::layer).toList());
    assertEquals(List.of(4f, 5f, 6f), rows.get(1).vector());
    assertEquals(List.of(), rows.get(1).warnings());
    assertEquals(3, rows.size());
    assertTrue(String.valueOf(rows.get(2).error()).contains("no word"));
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader read = reader.rowReader()) {
      read.next();
      assertEquals("unwise", read.getString("word"));
      assertEquals(0, read.getInt("start"));
      assertEquals(6, read.getInt("end"));
      assertEquals(List.of("un", "##wise"), strings(read, "pieces"));
    }
  }

  @Test
  void tablesOfChunksSayWhereTheyStand() throws IOException {
    BulkEncoding job =
        BulkEncoding.to(Path.of("x.parquet"))
            .withRequest(EncodeRequest.ofPassages(Passages.chunks(3)));
    Path file = folder.resolve("e.parquet");
    try (GrowingFile vectors = file("e.parquet");
        GrowingFile groups = file("groups");
        var writer = new ParquetWriter(vectors, groups, job, INFO)) {
      var passage =
          new EncodedPassage(
              new Span(4, 7),
              "two",
              1,
              EncodedPassage.Edge.SENTENCE,
              EncodedPassage.Edge.TEXT,
              new EncodedPassage.Made(
                  Passages.Encoding.ALONE, Pooling.MEAN, new Span(0, 1), new Span(4, 7)),
              List.of(new LayerVector("1", new float[] {1, 2, 3})));
      writer.done(
          text(0, null, "One two"),
          new Encoded("One two", List.of(), List.of(), List.of(passage), 2, 0, 0, null, List.of()));
      writer.endPart();
      writer.finish(1);
      vectors.force();
    }
    assertEquals(1, sentences(file).size());
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader read = reader.rowReader()) {
      read.next();
      assertEquals("One two", read.getString("text"));
      assertEquals("two", read.getString("passage"));
      assertEquals(4, read.getInt("start"));
      assertEquals(7, read.getInt("end"));
    }
  }
}
