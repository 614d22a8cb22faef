package io.polyseme.bulk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bulk jobs with a real model, at an early layer, undisturbed and ended in every way. */
@Timeout(600)
class BulkEncodingIT {
  private static final EncodeRequest SENTENCES =
      EncodeRequest.ofSentences().withLayers(Layers.of(1));
  private static final int TEXTS = 1000;
  private static final int PART = 150;

  /** Of the job that is killed. */
  private static final int KILLED = 6000;

  private static Encoder encoder;
  @TempDir Path temporary;
  private Path in;

  @BeforeAll
  static void open() {
    encoder =
        Encoder.open(
            ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()),
            EncoderOptions.DEFAULT.withThreads(2));
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @BeforeEach
  void write() throws IOException {
    in = temporary.resolve("in.txt");
    Files.writeString(in, String.join("\n", texts(TEXTS)));
  }

  /** Of many lengths, each different from the others, some empty. */
  private static List<String> texts(int count) {
    var random = new Random(1);
    String[] words = "the river bank was muddy and she opened an account at it".split(" ");
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var text = new StringBuilder(i % 97 == 13 ? "" : "Text " + i);
      for (int n = i % 97 == 13 ? 0 : random.nextInt(30); n > 0; n--) {
        text.append(' ').append(words[random.nextInt(words.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private BulkEncoding job(String out) {
    return BulkEncoding.to(temporary.resolve(out)).withRequest(SENTENCES).withPartTexts(PART);
  }

  private BulkReport run(BulkEncoding job) {
    return run(job, BulkProgress.NONE, Cancel.create());
  }

  private BulkReport run(BulkEncoding job, BulkProgress progress, Cancel cancel) {
    try (CorpusReader reader = CorpusReader.open(in, CorpusOptions.DEFAULT)) {
      return job.run(reader, encoder, progress, cancel);
    }
  }

  /** Runs until so many texts are done, and then cancels. */
  private void runUntil(BulkEncoding job, long texts) {
    Cancel cancel = Cancel.create();
    var cancelled =
        assertThrows(
            CancelledException.class,
            () ->
                run(
                    job,
                    status -> {
                      if (status.texts() >= texts) {
                        cancel.cancel();
                      }
                    },
                    cancel));
    assertTrue(
        cancelled.getMessage().contains(texts >= PART ? "are done and kept" : "nothing is kept"),
        cancelled.getMessage());
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertSameBytes(Path expected, Path found) throws IOException {
    assertEquals(-1, Files.mismatch(expected, found), found + " differs at this place");
  }

  @Test
  void arraysHoldWhatTheEncoderGives() throws IOException {
    BulkReport report = run(job("a.npy"));
    List<String> texts = texts(TEXTS);
    assertEquals(TEXTS, report.texts());
    assertEquals(11, report.failed());
    assertEquals(5, report.warnings().size());
    assertTrue(report.warnings().getFirst().startsWith("line 14: "), report.warnings().getFirst());
    assertEquals(0, report.resumedAt());
    Npy array = Npy.read(temporary.resolve("a.npy"));
    assertArrayEquals(new int[] {TEXTS, 384}, array.shape());
    List<String> lines = Files.readAllLines(temporary.resolve("a.npy.jsonl"));
    assertEquals(TEXTS, lines.size());
    long tokens = 0;
    for (int i = 0; i < TEXTS; i++) {
      JsonObject line = JsonParser.parseString(lines.get(i)).getAsJsonObject();
      assertEquals(texts.get(i), line.get("text").getAsString());
      tokens += line.get("tokens").getAsLong();
      if (texts.get(i).isEmpty()) {
        assertTrue(line.get("error").getAsString().contains("nothing to encode"));
        assertTrue(Float.isNaN(array.row(i)[383]));
      } else if (i % 50 == 0) {
        assertArrayEquals(
            encoder.encode(texts.get(i), SENTENCES).vector(), array.row(i), 1e-4f, "row " + i);
      }
    }
    assertEquals(tokens, report.tokens());
    assertEquals(List.of("a.npy", "a.npy.jsonl", "in.txt"), left());
  }

  @Test
  void tablesAndLinesHoldTheSameWords() throws IOException {
    Files.writeString(in, String.join("\n", texts(60)));
    EncodeRequest words = EncodeRequest.ofWords().withSentence(true).withLayers(Layers.of(0, 1));
    run(job("w.parquet").withRequest(words).withPartTexts(25));
    run(job("w.jsonl").withRequest(words).withPartTexts(25));
    var expected = new ArrayList<String>();
    long index = 0;
    for (String line : Files.readAllLines(temporary.resolve("w.jsonl"))) {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      for (var result : object.getAsJsonArray("results")) {
        JsonObject r = result.getAsJsonObject();
        expected.add(
            "%d %s %s %s %s"
                .formatted(
                    index,
                    object.get("query").getAsString(),
                    r.has("word") ? r.get("word").getAsString() + r.get("span") : null,
                    r.get("layer").getAsString(),
                    r.getAsJsonArray("vector").get(7).getAsFloat()));
      }
      if (object.getAsJsonArray("results").isEmpty()) {
        expected.add("%d  null null null".formatted(index));
      }
      index++;
    }
    var found = new ArrayList<String>();
    try (ParquetFileReader reader =
            ParquetFileReader.open(InputFile.of(temporary.resolve("w.parquet")));
        RowReader rows = reader.rowReader()) {
      while (rows.hasNext()) {
        rows.next();
        found.add(
            "%d %s %s %s %s"
                .formatted(
                    rows.getLong("index"),
                    rows.getString("text"),
                    rows.isNull("word")
                        ? null
                        : "%s[%d,%d]"
                            .formatted(
                                rows.getString("word"), rows.getInt("start"), rows.getInt("end")),
                    rows.isNull("layer") ? null : rows.getString("layer"),
                    rows.isNull("vector") ? null : rows.getList("vector").floats().get(7)));
      }
    }
    assertEquals(expected, found);
    assertTrue(found.size() > 1000);
  }

  @ParameterizedTest
  @EnumSource(OutputFormat.class)
  void aCancelledJobGoesOnAndItsOutputIsTheSame(OutputFormat format) throws IOException {
    String ending = format.name().toLowerCase(Locale.ROOT);
    BulkEncoding undisturbed = job("whole." + ending);
    run(undisturbed);
    BulkEncoding job = job("ended." + ending);
    Path folder = JobFolder.of(job.out());
    runUntil(job, 0);
    assertFalse(Files.exists(folder), "nothing was done");
    runUntil(job, 400);
    assertTrue(Files.exists(folder));
    assertFalse(Files.exists(job.out()));
    // As much of it as was written before the disk lost the rest.
    try (FileChannel vectors =
        FileChannel.open(folder.resolve("vectors"), StandardOpenOption.WRITE)) {
      vectors.truncate(vectors.size() * 2 / 3);
    }
    runUntil(job, 700);
    var first = new AtomicLong(-1);
    BulkReport report =
        run(job, status -> first.compareAndSet(-1, status.texts()), Cancel.create());
    assertTrue(report.resumedAt() >= 600 && report.resumedAt() % PART == 0, report.toString());
    assertEquals(report.resumedAt(), first.get());
    assertEquals(TEXTS, report.texts());
    assertEquals(11, report.failed());
    assertTrue(report.resumedTokens() > 0 && report.resumedTokens() < report.tokens());
    assertSameBytes(undisturbed.out(), job.out());
    if (format == OutputFormat.NPY) {
      assertSameBytes(temporary.resolve("whole.npy.jsonl"), temporary.resolve("ended.npy.jsonl"));
    }
    assertFalse(Files.exists(folder));
  }

  @Test
  void whatIsAskedDifferentlyIsRefusedUntilBegunAnew() throws IOException {
    BulkEncoding job = job("a.npy");
    runUntil(job, 200);
    var refused =
        assertThrows(
            PolysemeException.class,
            () -> run(job.withRequest(SENTENCES.withLayers(Layers.of(2)))));
    assertTrue(
        refused.getMessage().contains("the request's layers (1 before, now 2)"),
        refused.getMessage());
    Files.writeString(in, "another text");
    var changed = assertThrows(PolysemeException.class, () -> run(job));
    assertTrue(changed.getMessage().contains("the input's length"), changed.getMessage());
    BulkReport report = run(job.withRestart(true));
    assertEquals(1, report.texts());
    assertEquals(0, report.resumedAt());
    assertEquals(1, Npy.read(job.out()).shape()[0]);
  }

  @Test
  void oneAtATimeAndOnlyWhereItCanBeWritten() throws IOException {
    BulkEncoding job = job("a.jsonl");
    var refused = new ArrayList<String>();
    Files.writeString(job.out(), "what was there");
    run(
        job,
        status -> {
          if (status.texts() == 300) {
            assertEquals("what was there", read(job.out()));
            refused.add(assertThrows(PolysemeException.class, () -> run(job)).getMessage());
          }
        },
        Cancel.create());
    assertEquals(1, refused.size());
    assertTrue(refused.getFirst().contains("another process"), refused.getFirst());
    assertEquals(TEXTS, Files.readAllLines(job.out()).size());

    assertSays("written over", job("in.txt"));
    assertSays("is a folder", job("."));
    assertSays("no folder", job("none/a.npy"));
    Files.writeString(in, "");
    assertSays("empty", job("b.npy"));
    in = Files.writeString(temporary.resolve("in.jsonl"), "{\"body\": \"a text\"}\n");
    assertSays("--field", job("b.npy"));
    assertFalse(Files.exists(temporary.resolve(".b.npy.parts")));
    assertThrows(
        IllegalArgumentException.class, () -> job("b.npy").withRequest(EncodeRequest.ofWords()));
    Files.writeString(in, "{\"text\": \"a text\"}\n");
    assertThrows(
        IllegalArgumentException.class,
        () -> run(job("b.jsonl").withRequest(SENTENCES.withLayers(Layers.of(13)))));
    assertFalse(Files.exists(temporary.resolve(".b.jsonl.parts")));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertSays(String says, BulkEncoding job) {
    var refused = assertThrows(PolysemeException.class, () -> run(job));
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }

  @Test
  void oneWordIsFoundWhereItStands() throws IOException {
    Files.writeString(in, "The Bank and the bank.\nA riverbank.\nbank\n");
    BulkReport report =
        run(job("a.jsonl").withRequest(EncodeRequest.ofWords().withLayers(Layers.of(1)), "bank"));
    assertEquals(3, report.texts());
    assertEquals(1, report.failed());
    List<String> lines = Files.readAllLines(temporary.resolve("a.jsonl"));
    assertEquals(3, lines.size());
    assertEquals(
        2, JsonParser.parseString(lines.get(0)).getAsJsonObject().getAsJsonArray("results").size());
    assertTrue(lines.get(1).contains("not in the text"), lines.get(1));
    assertTrue(lines.get(2).contains("\"span\":[0,4]"), lines.get(2));
  }

  @Test
  void ofAStreamNothingIsKept() throws IOException {
    byte[] bytes = Files.readAllBytes(in);
    BulkEncoding job = job("a.npy");
    try (var reader =
        CorpusReader.of(new ByteArrayInputStream(bytes), "a stream", CorpusOptions.DEFAULT)) {
      assertThrows(
          CancelledException.class,
          () ->
              job.run(
                  reader,
                  encoder,
                  status -> assertEquals(-1, status.length()),
                  Cancel.after(Duration.ofMillis(1))));
    }
    assertEquals(List.of("in.txt"), left());
    try (var reader =
        CorpusReader.of(new ByteArrayInputStream(bytes), "a stream", CorpusOptions.DEFAULT)) {
      job.run(reader, encoder, BulkProgress.NONE, Cancel.create());
    }
    run(job("b.npy"));
    assertSameBytes(temporary.resolve("b.npy"), job.out());
  }

  @Test
  void linesAreTheSameInAFileAndOneByOne() throws IOException {
    Files.writeString(in, "one text\n\nanother 😀 text\n");
    run(job("a.jsonl"));
    var lines = new ArrayList<String>();
    try (CorpusReader reader = CorpusReader.open(in, CorpusOptions.DEFAULT)) {
      BulkProgress.Status done =
          EncodedJson.each(
              reader, encoder, SENTENCES, null, lines::add, BulkProgress.NONE, Cancel.create());
      assertEquals(3, done.texts());
      assertEquals(1, done.failed());
    }
    assertEquals(lines, Files.readAllLines(temporary.resolve("a.jsonl")));
    Encoded encoded = encoder.encode("one text", SENTENCES);
    assertTrue(
        EncodedJson.of("m", "i\"d", encoded)
            .startsWith("{\"command\":\"encode\",\"query\":\"one text\",\"id\":\"i\\\"d\","));
  }

  @Test
  void aFullDiskIsSaidAndTheJobGoesOn() throws Exception {
    Path expected = temporary.resolve("whole.npy");
    run(job("whole.npy"));
    Path out = temporary.resolve("full.npy");
    // No file may be larger than half a megabyte: some 340 rows.
    KilledJob.Ended ended = KilledJob.runWithSmallFiles(in, out, PART);
    assertEquals(1, ended.status(), ended.said());
    assertTrue(ended.said().contains("cannot write"), ended.said());
    assertTrue(ended.said().contains("300 texts are done and kept"), ended.said());
    assertFalse(Files.exists(out));
    BulkReport report = run(job("full.npy"));
    assertEquals(300, report.resumedAt());
    assertSameBytes(expected, out);
  }

  /** No text lost, none doubled, whenever the process is killed. */
  @ParameterizedTest
  @EnumSource(
      value = OutputFormat.class,
      names = {"JSONL", "NPY"})
  void killedTenTimesTheOutputIsTheSame(OutputFormat format) throws Exception {
    long seed = System.nanoTime();
    System.err.println("killing at moments of seed " + seed);
    var random = new Random(seed);
    String ending = format.name().toLowerCase(Locale.ROOT);
    Files.writeString(in, String.join("\n", texts(KILLED)));
    Path whole = temporary.resolve("whole." + ending);
    double seconds = KilledJob.run(in, whole, PART);
    Path out = temporary.resolve("killed." + ending);
    int kills = 0;
    var found = new ArrayList<Long>();
    while (kills < 10) {
      // Much of the time in all is lost by ten kills; so the moments lie close enough together.
      Duration moment = Duration.ofMillis((long) (random.nextDouble() * seconds * 1000 / 4));
      if (KilledJob.kill(in, out, PART, moment)) {
        kills++;
        found.add(KilledJob.done(out));
      } else {
        assertSameBytes(whole, out); // it was done before, and begins again
      }
    }
    System.err.println("texts that were kept after each kill: " + found);
    KilledJob.run(in, out, PART);
    assertSameBytes(whole, out);
    if (format == OutputFormat.NPY) {
      assertSameBytes(temporary.resolve("whole.npy.jsonl"), temporary.resolve("killed.npy.jsonl"));
      assertEquals(KILLED, Npy.read(out).shape()[0]);
    } else {
      assertEquals(KILLED, Files.readAllLines(out).size());
    }
    assertTrue(found.stream().distinct().count() > 2, "hardly a kill was amid the work: " + found);
    assertFalse(Files.exists(JobFolder.of(out)));
  }
}
