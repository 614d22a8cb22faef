package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.model.ModelStore;
import io.polyseme.train.UnseenWords;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Term;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WordVectorsWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The command line as scripts rely on it: JSON keys, exit codes, one clear sentence on an error.
 */
@Timeout(300)
class CommandLineIT {
  private static final String RIVER = "He sat on the bank of the river.";

  @TempDir static Path folder;
  private static String space;
  private static String passages;
  private static String usages;

  private static Ran run(String... arguments) {
    return Ran.run(arguments);
  }

  private static Ran runWith(byte[] in, String... arguments) {
    return Ran.runWith(in, arguments);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @BeforeAll
  static void build() throws IOException {
    Path words = folder.resolve("small.words");
    Map<String, float[]> vectors = new TreeMap<>();
    vectors.put("king", new float[] {1, 1, 0, 0.2f});
    vectors.put("queen", new float[] {1, 0, 1, 0.2f});
    vectors.put("man", new float[] {0, 1, 0, 0});
    vectors.put("woman", new float[] {0, 0, 1, 0});
    vectors.put("car", new float[] {0, 0, 0, 1});
    vectors.put("truck", new float[] {0.1f, 0, 0, 1});
    vectors.put("最大", new float[] {0.3f, 0.3f, -1, 0});
    var info =
        new SpaceInfo("small", vectors.size(), 4, Similarity.COSINE, Maker.UNKNOWN, Map.of());
    try (var writer = WordVectorsWriter.create(words, info)) {
      vectors.forEach(writer::add);
      writer.commit();
    }
    space = words.toString();
    Path texts = folder.resolve("texts.txt");
    Files.writeString(
        texts,
        """
        He sat on the bank of the river and fished.
        The grassy bank of the stream was muddy.
        She opened an account at the bank.

        The bank lends money to small firms.
        Dogs and cats are kept as pets.
        """);
    passages = folder.resolve("passages").toString();
    Ran built =
        run("index", "build", passages, "--from", texts.toString(), "--source", "lines", "--json");
    JsonObject result = built.results().get(0).getAsJsonObject();
    assertEquals(5, result.get("size").getAsInt());
    assertTrue(result.get("textsPerSecond").getAsDouble() > 0);
    usages = folder.resolve("usages").toString();
    assertEquals(
        0, run("index", "build", usages, "--from", texts.toString(), "--source", "usages").code());
  }

  @Test
  void analogiesAreAnsweredAsExpressionsAndAsThreeWords() {
    for (Ran ran :
        List.of(
            run("analogy", "king - man + woman", "--space", space, "--json", "--top", "2"),
            run("analogy", "man", "king", "woman", "--space", space, "--json", "--top", "2"),
            run("analogy", "king - man + woman", "--space", space, "--json", "--method", "mul"),
            run("analogy", "king - man + woman", "--space", space, "--json", "--hnsw"),
            runWith(utf8("king - man + woman\n"), "analogy", "--space", space, "--json"))) {
      JsonObject json = ran.json();
      assertEquals("analogy", json.get("command").getAsString());
      assertEquals(space, json.get("space").getAsString());
      assertTrue(json.has("query") && json.has("warnings"));
      JsonObject first = json.getAsJsonArray("results").get(0).getAsJsonObject();
      assertEquals("queen", first.get("label").getAsString());
      assertEquals(1, first.get("rank").getAsInt());
      assertTrue(first.get("score").getAsDouble() > 0.5);
    }
    Ran kept = run("analogy", "king", "--space", space, "--keep-inputs", "--json");
    assertEquals("king", kept.results().get(0).getAsJsonObject().get("label").getAsString());
  }

  @Test
  void linesAreAnsweredEachOnALine() {
    Ran ran =
        runWith(
            utf8("king - man + woman\n\nqueen - woman + man\n"),
            "analogy",
            "--lines",
            "--json",
            "--space",
            space,
            "--top",
            "1");
    assertEquals(0, ran.code(), ran.err());
    List<String> labels =
        ran.out()
            .lines()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .map(o -> o.getAsJsonArray("results").get(0).getAsJsonObject())
            .map(o -> o.get("label").getAsString())
            .toList();
    assertEquals(List.of("queen", "king"), labels);
  }

  @Test
  void neighboursOddOnesAndComparisons() {
    Ran similar = run("similar", "car", "--space", space, "--top", "1", "--json");
    assertEquals("truck", similar.results().get(0).getAsJsonObject().get("label").getAsString());
    assertEquals("car\n", run("odd-one-out", "king", "queen", "car", "--space", space).out());
    double near =
        run("compare", "car", "truck", "--space", space, "--json")
            .results()
            .get(0)
            .getAsJsonObject()
            .get("score")
            .getAsDouble();
    assertEquals(1 / Math.sqrt(1.01), near, 1e-4);
    double apart = compareBanks("The bank lends money.");
    double together = compareBanks("The muddy bank of the stream gave way.");
    assertTrue(together > apart, together + " <= " + apart);
    Ran texts = run("compare", "a fear of heights", "being scared of high places", "--json");
    assertEquals("bge-small-en-v1.5", texts.json().get("model").getAsString());
  }

  private static double compareBanks(String other) {
    Ran ran =
        run("compare", "bank", "bank", "--in-a", RIVER, "--in-b", other, "--json", "--layer", "8");
    JsonObject result = ran.results().get(0).getAsJsonObject();
    assertEquals("8", result.get("layer").getAsString());
    return result.get("score").getAsDouble();
  }

  @Test
  void textsAndWordsAreEncodedAtTheLayersAsked() {
    JsonObject whole = run("encode", RIVER, "--json").results().get(0).getAsJsonObject();
    assertEquals(RIVER, whole.get("text").getAsString());
    assertEquals("12", whole.get("layer").getAsString());
    assertEquals(384, whole.getAsJsonArray("vector").size());

    JsonArray banks =
        run("encode", RIVER, "--word", "Bank", "--layer", "4", "--layer", "last", "--json")
            .results();
    assertEquals(2, banks.size());
    JsonObject bank = banks.get(0).getAsJsonObject();
    assertEquals("bank", bank.get("word").getAsString());
    assertEquals("[14,18]", bank.get("span").toString());
    assertEquals("4", bank.get("layer").getAsString());
    assertEquals("[\"bank\"]", bank.get("pieces").toString());

    JsonArray joined =
        run("encode", RIVER, "--words", "--layer", "last2", "--combine", "mean", "--json")
            .results();
    assertEquals(8, joined.size());
    assertEquals("mean(11,12)", joined.get(0).getAsJsonObject().get("layer").getAsString());

    Ran chinese = run("encode", "他在河边的银行里。", "--words", "--json");
    assertEquals("bge-small-zh-v1.5", chinese.json().get("model").getAsString());
  }

  @Test
  void filesAreEncodedWhole() throws IOException {
    Path in = folder.resolve("in.txt");
    Files.writeString(in, "one text\n\nanother 😀 text\n");
    Path out = folder.resolve("out.jsonl");
    Ran ran = run("encode", "--in", in.toString(), "--out", out.toString());
    assertEquals(0, ran.code(), ran.err());
    List<String> lines = Files.readAllLines(out);
    assertEquals(3, lines.size());
    assertEquals(
        1, JsonParser.parseString(lines.get(0)).getAsJsonObject().getAsJsonArray("results").size());
    assertTrue(lines.get(1).contains("nothing to encode"), lines.get(1));
    assertTrue(lines.get(2).contains("unknown"), lines.get(2));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".part")));
    }
  }

  @Test
  void chunksAreEncodedAloneOrLate() {
    String text = "The bank of the river was steep. The bank lends money. Nobody knew why.";
    JsonArray alone = run("encode", text, "--chunks", "8", "--json").results();
    assertEquals(3, alone.size());
    JsonObject second = alone.get(1).getAsJsonObject();
    assertEquals("The bank lends money.", second.get("text").getAsString());
    assertEquals("[33,54]", second.get("span").toString());
    assertEquals("[33,54]", second.get("seen").toString());
    assertEquals("alone", second.get("encoding").getAsString());
    assertEquals("cls", second.get("pooling").getAsString());
    assertEquals(6, second.get("tokens").getAsInt());
    assertEquals(384, second.getAsJsonArray("vector").size());

    Ran ran = run("encode", text, "--chunks", "14", "--overlap", "6", "--late", "--json");
    JsonObject late = ran.results().get(1).getAsJsonObject();
    assertEquals("The bank lends money. Nobody knew why.", late.get("text").getAsString());
    assertEquals("[0,71]", late.get("seen").toString());
    assertEquals("[0,1]", late.get("windows").toString());
    assertEquals("mean", late.get("pooling").getAsString());
    assertEquals("sentence", late.get("begins").getAsString());
    assertEquals("text", late.get("ends").getAsString());
    assertTrue(ran.json().get("warnings").toString().contains("pools by the first token"));
    assertTrue(run("encode", text, "--chunks").out().contains("[0,71)"));
  }

  @Test
  void whatIsCutOffIsSaid() {
    String text = "word ".repeat(600).strip();
    Ran ran = run("encode", text, "--truncate", "--json");
    JsonObject result = ran.results().get(0).getAsJsonObject();
    assertEquals("[2550,2999]", result.get("cut").toString());
    assertEquals(600, result.get("tokens").getAsInt());
    assertEquals(1, result.get("windows").getAsInt());
    assertTrue(ran.json().get("warnings").toString().contains("90 were cut off"), ran.out());
  }

  @Test
  void aLongFileIsEncodedAsItIsRead() throws IOException {
    String text = "The bank of the river was steep, and nobody knew why.\n".repeat(3000);
    Path in = folder.resolve("book.txt");
    Files.writeString(in, "\uFEFF" + text);
    Path packed = folder.resolve("book.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(in, out);
    }
    Ran ran =
        run(
            "encode",
            "--in",
            in.toString(),
            "--whole",
            "--chunks",
            "100",
            "--late",
            "--layer",
            "0",
            "--sentence",
            "--json");
    JsonObject object = ran.json();
    assertEquals(in.toString(), object.get("query").getAsString());
    assertEquals(text.length(), object.get("characters").getAsInt());
    assertEquals(3000 * 13, object.get("tokens").getAsInt());
    // Seven sentences of thirteen tokens make a chunk.
    assertEquals(429, object.get("passages").getAsInt());
    JsonArray results = object.getAsJsonArray("results");
    assertEquals(430, results.size());
    JsonObject passage = results.get(428).getAsJsonObject();
    int start = passage.getAsJsonArray("span").get(0).getAsInt();
    assertTrue(text.startsWith(passage.get("text").getAsString(), start));
    JsonObject last = results.get(429).getAsJsonObject();
    assertEquals("[0," + text.length() + "]", last.get("span").toString());
    assertEquals(384, last.getAsJsonArray("vector").size());
    assertTrue(object.get("warnings").toString().contains("mean over overlapping windows"));

    Path out = folder.resolve("words.jsonl");
    Ran words =
        run(
            "encode",
            "--in",
            packed.toString(),
            "--whole",
            "--words",
            "--layer",
            "0",
            "--out",
            out.toString());
    assertEquals(0, words.code(), words.err());
    assertTrue(words.out().contains("33,000 words"), words.out());
    List<String> lines = Files.readAllLines(out);
    assertEquals(33_000, lines.size());
    JsonObject word = JsonParser.parseString(lines.getLast()).getAsJsonObject();
    assertEquals("why", word.get("word").getAsString());
    assertEquals(
        "[" + (text.length() - 5) + "," + (text.length() - 2) + "]", word.get("span").toString());
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".part")));
    }

    Ran piped = runWith(utf8(RIVER), "encode", "--whole", "--words");
    assertEquals(0, piped.code(), piped.err());
    assertTrue(piped.out().contains("standard input: 32 characters, 9 tokens"), piped.out());
    assertTrue(piped.out().contains("[14,18)"), piped.out());
  }

  @Test
  void bulkJobsSayWhatTheyDid() throws IOException {
    Path in = folder.resolve("bulk.jsonl");
    Files.writeString(
        in,
        """
        {"id": "a", "body": "one text"}
        {"id": "b", "title": "no text"}
        {"id": "c", "body": "the last text"}
        """);
    String out = folder.resolve("bulk.npy").toString();
    Ran ran = run("encode", "--in", in.toString(), "--field", "body", "--out", out, "--json");
    JsonObject result = ran.results().get(0).getAsJsonObject();
    assertEquals("bge-small-en-v1.5", ran.json().get("model").getAsString());
    assertEquals(out, result.get("label").getAsString());
    assertEquals(3, result.get("texts").getAsInt());
    assertEquals(1, result.get("failed").getAsInt());
    assertEquals(5, result.get("tokens").getAsInt());
    assertTrue(result.get("tokensPerSecond").getAsDouble() > 0);
    assertTrue(ran.json().get("warnings").toString().contains("line 2: "), ran.out());
    assertEquals(128 + 3 * 384 * 4, Files.size(Path.of(out)));
    Ran said = run("encode", "--in", in.toString(), "--field", "body", "--out", out);
    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("3 texts") && said.out().contains("a second"), said.out());
    assertTrue(said.err().contains("note: line 2: "), said.err());

    Ran lines =
        runWith(
            utf8("{\"id\": 1, \"text\": \"He sat on the bank.\"}\n"),
            "encode",
            "--lines",
            "--format",
            "jsonl",
            "--word",
            "bank");
    assertEquals("1", lines.json().get("id").getAsString());
    assertEquals("[14,18]", lines.results().get(0).getAsJsonObject().get("span").toString());

    Path empty = folder.resolve("blank.txt");
    Files.writeString(empty, " \n\n");
    Ran none = run("encode", "--in", empty.toString(), "--out", folder.resolve("n.npy").toString());
    assertEquals(1, none.code());
    assertTrue(none.err().contains("none of the texts"), none.err());
  }

  @Test
  void anIndexIsAskedLookedAtCheckedAndDeleted() {
    Ran found = run("search", passages, "a place where money is kept", "--json", "--top", "2");
    JsonObject first = found.results().get(0).getAsJsonObject();
    assertEquals(passages, found.json().get("index").getAsString());
    assertTrue(first.get("text").getAsString().matches(".*(lends|account).*"), found.out());
    assertTrue(first.has("id") && first.has("fields"));
    Ran filtered = run("search", passages, "money", "--filter", "line=6", "--json");
    assertEquals(1, filtered.results().size());
    assertTrue(filtered.out().contains("Dogs and cats"));

    Ran usage = run("similar", "bank", "--in", RIVER, "--index", usages, "--top", "3", "--json");
    JsonObject nearest = usage.results().get(0).getAsJsonObject();
    assertEquals("bank", nearest.getAsJsonObject("fields").get("word").getAsString());
    assertTrue(nearest.get("text").getAsString().contains("river"), usage.out());
    assertEquals("[14,18]", nearest.get("span").toString());
    Ran words = run("analogy", "bank@\"" + RIVER + "\"", "--index", usages, "--top", "1", "--json");
    assertTrue(words.out().contains("river"), words.out());

    JsonObject info = run("index", "info", passages, "--json").results().get(0).getAsJsonObject();
    assertEquals("bge-small-en-v1.5", info.get("model").getAsString());
    JsonObject check =
        run("index", "check", passages, "--recall", "--json").results().get(0).getAsJsonObject();
    assertTrue(check.get("sound").getAsBoolean());
    assertEquals(1.0, check.get("recall").getAsDouble(), 1e-9);

    Path once = folder.resolve("once");
    Path text = folder.resolve("texts.txt");
    assertEquals(0, run("index", "build", once.toString(), "--from", text.toString()).code());
    Ran again = run("index", "build", once.toString(), "--from", text.toString(), "--json");
    JsonObject documents = again.results().get(0).getAsJsonObject();
    assertEquals(1, documents.get("reused").getAsInt());
    assertEquals(1, documents.get("unchanged").getAsInt());
    assertEquals(0, documents.getAsJsonArray("skipped").size());
    assertEquals(0, run("index", "delete", once.toString()).code());
    assertFalse(Files.exists(once));
  }

  @Test
  void modelsAndSpacesSayWhatTheyAre() {
    assertEquals(7, run("models", "list", "--json").results().size());
    JsonObject info =
        run("models", "info", "bge-small-zh-v1.5", "--json").results().get(0).getAsJsonObject();
    assertEquals(4, info.get("layers").getAsInt());
    assertEquals(512, info.get("dimension").getAsInt());
    assertEquals("MIT", info.get("licence").getAsString());
    JsonObject words = run("words", "info", space, "--json").results().get(0).getAsJsonObject();
    assertEquals(7, words.get("size").getAsInt());
    Ran help = run("--help");
    assertEquals(0, help.code());
    assertTrue(help.out().contains("demo"));
  }

  @Test
  void sentencePairsAreScoredByTheModelOfTheirScript() throws IOException {
    Path sets = Files.createDirectories(folder.resolve("sentences"));
    Files.writeString(
        sets.resolve("en.tsv"),
        "A cat sleeps on the sofa.\tThe cat is asleep on the couch.\t5\n"
            + "He plays the violin.\tA man plays an instrument.\t3.5\n"
            + "Snow fell all night.\tThe price of oil rose.\t0\n"
            + "A dog runs on the beach.\tA cat sleeps on the sofa.\t1\n");
    Files.writeString(
        sets.resolve("zh.txt"),
        "怎么修改密码？\t密码怎么改？\t1\n怎么修改密码？\t今天天气怎么样？\t0\n他在拉小提琴。\t一个人在演奏小提琴。\t1\n"
            + "雪下了一夜。\t油价上涨了。\t0\n");
    Files.writeString(sets.resolve("readme.txt"), "Written for this test.\n");
    Ran ran = run("evaluate", "sts", sets.toString(), "--json");
    assertEquals(
        List.of(
            "bge-small-en-v1.5 sentences/en spearman 12",
            "bge-small-en-v1.5 sentences/en pearson 12",
            "bge-small-zh-v1.5 sentences/zh spearman 4",
            "bge-small-zh-v1.5 sentences/zh pearson 4"),
        ran.results().asList().stream()
            .map(r -> r.getAsJsonObject())
            .map(
                r ->
                    Stream.of("model", "section", "metric", "layer")
                        .map(key -> r.get(key).getAsString())
                        .collect(java.util.stream.Collectors.joining(" ")))
            .toList());
    for (var element : ran.results()) {
      JsonObject result = element.getAsJsonObject();
      assertTrue(result.get("value").getAsDouble() > 0.7, ran.out());
      assertTrue(result.get("low").getAsDouble() <= result.get("high").getAsDouble(), ran.out());
      assertEquals(1, result.get("coverage").getAsDouble());
    }
    assertEquals("evaluate sts", ran.json().get("command").getAsString());
    assertEquals(
        "passed over, being no sentence pairs with scores: sentences/readme.txt",
        ran.json().getAsJsonArray("warnings").get(0).getAsString());
    assertTrue(
        ran.err().matches("(?s).*bge-small-en-v1.5: 7 sentences in .* texts a second\\R.*"),
        ran.err());

    String english = sets.resolve("en.tsv").toString();
    Ran table =
        run("evaluate", "sts", english, english, "--layer", "0,last", "--pool", "mean", "--quiet");
    assertEquals(0, table.code(), table.err());
    List<String> lines = table.out().lines().map(l -> l.replaceAll(" +", " ")).toList();
    assertEquals("model bge-small-en-v1.5", lines.getFirst());
    assertTrue(lines.get(2).startsWith("sentences/en 0 spearman "), table.out());
    assertTrue(lines.get(4).startsWith("sentences/en 12 spearman "), table.out());
    assertEquals(6, lines.size(), table.out());
    assertEquals("", table.err());
    assertEquals(2, run("evaluate", "sts").code());
    assertEquals(2, run("evaluate", "sts", english, "--pool", "sum").code());
    assertEquals(2, run("evaluate", "sts", english, "--layer", "top").code());
  }

  @Test
  void aSmallSpaceIsDistilled() throws IOException {
    Path list = folder.resolve("list.txt");
    Files.writeString(list, "king\nqueen\nman\nwoman\nprince\nprincess\ncar\ntruck\n😀\n");
    Path out = folder.resolve("distilled.words");
    Ran ran =
        run(
            "words",
            "distil",
            out.toString(),
            "--words",
            list.toString(),
            "--layer",
            "3",
            "--json");
    JsonObject result = ran.results().get(0).getAsJsonObject();
    assertEquals(8, result.get("size").getAsInt());
    assertEquals(1, result.get("left").getAsInt());
    Ran asked = run("analogy", "king - man + woman", "--space", out.toString(), "--json");
    assertEquals("queen", asked.results().get(0).getAsJsonObject().get("label").getAsString());
    Ran made = run("similar", "lorry", "--space", out.toString(), "--unknown", "encoder", "--json");
    assertEquals("truck", made.results().get(0).getAsJsonObject().get("label").getAsString());
    assertTrue(made.json().get("warnings").toString().contains("bge-small-en-v1.5"));
    Ran other = run("similar", "lorry", "--space", space, "--unknown", "encoder");
    assertEquals(1, other.code());
    assertTrue(other.err().contains("was not distilled"), other.err());
    assertEquals(1, run("similar", "😀", "--space", out.toString(), "--unknown", "encoder").code());
    // A word that the space has, as if it had not: the encoder makes the same of it.
    try (var words = WordVectors.open(out);
        var unseen =
            new UnseenWords(
                words,
                term -> {
                  throw new UnknownTermException(term.toString(), "nothing", List.of());
                },
                ModelStore.standard(),
                EncoderOptions.DEFAULT,
                Progress.NONE)) {
      for (String word : List.of("queen", "truck")) {
        assertArrayEquals(
            words.vector(word).orElseThrow(), unseen.resolve(new Term.Word(word)), 1e-5f);
      }
    }
  }

  static Stream<Arguments> badInputs() throws IOException {
    Path random = folder.resolve("random-model");
    Files.createDirectories(random);
    var bytes = new byte[5000];
    new Random(1).nextBytes(bytes);
    Files.write(random.resolve("model.onnx"), bytes);
    Path english =
        ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()).folder();
    Path chinese =
        ModelStore.standard().open("bge-small-zh-v1.5", Progress.NONE, Cancel.create()).folder();
    Files.copy(english.resolve("tokenizer.json"), random.resolve("tokenizer.json"));
    Path truncated = folder.resolve("truncated-model");
    Files.createDirectories(truncated);
    Files.write(
        truncated.resolve("model.onnx"),
        Arrays.copyOf(Files.readAllBytes(chinese.resolve("model.onnx")), 50_000_000));
    Files.copy(chinese.resolve("tokenizer.json"), truncated.resolve("tokenizer.json"));
    Path strange = folder.resolve("strange-model");
    Files.createDirectories(strange);
    Files.createSymbolicLink(strange.resolve("model.onnx"), chinese.resolve("model.onnx"));
    Files.copy(english.resolve("tokenizer.json"), strange.resolve("tokenizer.json"));
    Path mute = folder.resolve("mute-model");
    Files.createDirectories(mute);
    Files.createSymbolicLink(mute.resolve("model.onnx"), chinese.resolve("model.onnx"));
    Path broken = folder.resolve("broken.words");
    Files.write(broken, Arrays.copyOf(Files.readAllBytes(Path.of(space)), 300));
    Path half = folder.resolve("half");
    Files.createDirectories(half);
    try (Stream<Path> files = Files.list(Path.of(passages))) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().endsWith(".vec")) {
          Files.copy(file, half.resolve(file.getFileName()));
        }
      }
    }
    Path latin1 = folder.resolve("latin1.txt");
    Files.write(latin1, new byte[] {'c', 'a', 'f', (byte) 0xE9, '\n'});
    String m = "--model";
    String texts = folder.resolve("texts.txt").toString();
    String npy = folder.resolve("never.npy").toString();
    return Stream.of(
        bad(2, "empty", "encode", ""),
        bad(2, "white space", "encode", " \t "),
        bad(2, "", "encode"),
        bad(1, "nothing to encode", "encode", "\u0000\u0001"),
        bad(1, "not in the text", "encode", RIVER, "--word", "lake"),
        bad(2, "no layer 13", "encode", RIVER, "--layer", "13"),
        bad(2, "not a layer", "encode", RIVER, "--layer", "top"),
        bad(2, "--combine", "encode", RIVER, "--combine", "product"),
        bad(2, "--pool", "encode", RIVER, "--pool", "median"),
        bad(1, "no model \"bert-huge\"", "encode", RIVER, m, "bert-huge"),
        bad(1, "not an ONNX model", "encode", RIVER, m, random.toString()),
        bad(1, "truncated-model", "encode", RIVER, m, truncated.toString()),
        bad(1, "do not belong together", "encode", RIVER, m, strange.toString()),
        bad(1, "tokenizer.json", "encode", RIVER, m, mute.toString()),
        bad(1, "CUDA cannot be used", "encode", RIVER, "--device", "cuda:99"),
        bad(2, "--precision fp16", "encode", RIVER, "--precision", "fp16"),
        bad(2, "fp32, tf32, fp16", "encode", RIVER, "--precision", "int8"),
        bad(2, "not for the CPU", "encode", RIVER, "--gpu-memory", "4g", "--device", "cpu"),
        bad(2, "--gpu-memory", "encode", RIVER, "--gpu-memory", "much", "--device", "auto"),
        bad(2, "--device", "encode", RIVER, "--device", "tpu"),
        bad(2, "--threads", "encode", RIVER, "--threads", "0"),
        bad(1, "no file", "encode", "--in", folder.resolve("none.txt").toString()),
        bad(1, "UTF-8", "encode", "--in", latin1.toString()),
        bad(1, "no folder", "encode", "--in", latin1.toString(), "--out", "/no/such/place/x"),
        bad(2, "a row for each text", "encode", "--in", texts, "--out", npy, "--words"),
        bad(2, "--restart", "encode", "--in", texts, "--restart"),
        bad(2, "at least 1 token", "encode", RIVER, "--chunks", "0"),
        bad(2, "from 0 to 4: 5", "encode", RIVER, "--chunks", "5", "--overlap", "5"),
        bad(2, "do not fit", "encode", RIVER, "--chunks", "511"),
        bad(2, "--late goes with --chunks", "encode", RIVER, "--late"),
        bad(2, "--overlap goes with --chunks", "encode", RIVER, "--overlap", "3"),
        bad(2, "words and passages", "encode", "--in", texts, "--out", npy, "--chunks", "9"),
        bad(2, "--whole reads one text", "encode", RIVER, "--whole"),
        bad(2, "--whole reads one text", "encode", "--in", texts, "--whole", "--lines"),
        bad(2, "--word is not", "encode", "--in", texts, "--whole", "--word", "bank"),
        bad(2, "--truncate is not", "encode", "--in", texts, "--whole", "--truncate"),
        bad(2, "another format", "encode", "--in", texts, "--whole", "--out", npy),
        bad(1, "UTF-8", "encode", "--in", latin1.toString(), "--whole"),
        bad(1, "no file", "encode", "--in", folder + "/none", "--whole"),
        bad(1, "is a folder", "encode", "--in", folder.toString(), "--whole"),
        bad(1, "written over", "encode", "--in", texts, "--whole", "--out", texts),
        bad(1, "no folder", "encode", "--in", texts, "--whole", "--out", "/no/such/place/x"),
        bad(2, "--part", "encode", "--in", texts, "--out", npy, "--part", "0"),
        bad(2, "--format", "encode", "--in", texts, "--format", "xml"),
        bad(2, "cannot both", "encode", "a text", "--in", texts, "--out", npy),
        bad(1, "--field", "encode", "--in", texts, "--format", "tsv", "--out", npy),
        bad(1, "written over", "encode", "--in", texts, "--out", texts),
        bad(1, "is a folder", "encode", "--in", texts, "--out", folder.toString()),
        bad(2, "Unmatched argument", "analgy", "x"),
        bad(2, "Unknown option", "analogy", "king", "--tpo", "3"),
        bad(2, "missing", "analogy", "king - - man", "--space", space),
        bad(1, "did you mean king", "analogy", "kingg - man", "--space", space),
        bad(2, "--method", "analogy", "king", "--space", space, "--method", "div"),
        bad(2, "--top", "similar", "king", "--space", space, "--top", "0"),
        bad(2, "contradict", "similar", "king", "--space", space, "--exact", "--hnsw"),
        bad(1, "no word space \"martian\"", "similar", "king", "--space", "martian"),
        bad(1, broken.toString(), "similar", "king", "--space", broken.toString()),
        bad(1, "index", "similar", "bank", "--in", RIVER),
        bad(1, "nothing-here", "search", "nothing-here", "x"),
        bad(1, half.toString(), "search", half.toString(), "x"),
        bad(2, "empty", "search", passages, " "),
        bad(2, "expected =, !=", "search", passages, "x", "--filter", "line"),
        bad(1, "no file or folder", "index", "build", folder + "/new", "--from", folder + "/none"),
        bad(2, "needs a file", "index", "build", folder + "/new", "--source", "lines"),
        bad(1, "not known", "index", "build", folder + "/new", "--source", "dreams"),
        bad(2, "command", "index"));
  }

  private static Arguments bad(int code, String says, String... arguments) {
    return Arguments.of(code, says, arguments);
  }

  @ParameterizedTest
  @MethodSource("badInputs")
  void badInputIsAnsweredByOneClearSentence(int code, String says, String[] arguments) {
    Ran ran = run(arguments);
    String what = String.join(" ", arguments) + "\n" + ran.err();
    System.err.println("$ polyseme " + String.join(" ", arguments) + "\n" + ran.err());
    assertEquals(code, ran.code(), what);
    assertTrue(ran.err().startsWith("polyseme: "), what);
    assertTrue(ran.err().contains(says), what);
    assertFalse(ran.err().contains("\tat "), what);
    assertFalse(ran.err().contains("internal error"), what);
    assertEquals("", ran.out(), what);
  }

  @Test
  void strangeTextIsAnsweredAndNeverMovesTheCursor() {
    for (String text :
        List.of(
            "a lone \uD83D surrogate",
            "\u001B[2Jclear the screen \u0007",
            "\u202Eright to left שלום",
            "mixed 最大 كبير großartig",
            "x".repeat(100_000))) {
      Ran ran = run("encode", text, "--words", "--layer", "1");
      assertEquals(0, ran.code(), ran.err());
      assertFalse((ran.out() + ran.err()).contains("\u001B"), "an escape sequence came through");
    }
  }

  @Test
  void invalidUtf8OnStandardInputIsSaid() {
    Ran ran = runWith(new byte[] {'a', (byte) 0xFF, '\n'}, "encode");
    assertEquals(1, ran.code());
    assertTrue(ran.err().contains("UTF-8"), ran.err());
  }
}
