package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class EncoderIT {
  private static final String ENGLISH = "bge-small-en-v1.5";
  private static final String CHINESE = "bge-small-zh-v1.5";

  private static ModelFiles files;
  private static Encoder encoder;

  @BeforeAll
  static void open() {
    files = files(ENGLISH);
    encoder = Encoder.open(files);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  private static ModelFiles files(String model) {
    return ModelStore.standard().open(model, Progress.NONE, Cancel.create());
  }

  @Test
  void theLastLayerIsWhatTheModelItselfGives() throws Exception {
    // The ids of "hello world" in BERT's uncased vocabulary, as its documentation has them.
    long[][] ids = {{101, 7592, 2088, 102}};
    float[][][] states;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(files.onnx().toString());
        OnnxTensor tokens = OnnxTensor.createTensor(environment, ids);
        OnnxTensor mask = OnnxTensor.createTensor(environment, new long[][] {{1, 1, 1, 1}});
        OnnxTensor types = OnnxTensor.createTensor(environment, new long[][] {{0, 0, 0, 0}});
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
      states = (float[][][]) result.get(0).getValue();
    }
    Encoded encoded =
        encoder.encode("Hello world!".substring(0, 11), EncodeRequest.ofWords().withSentence(true));
    assertArrayEquals(states[0][1], encoded.words().get(0).vector(), 1e-5f);
    assertArrayEquals(states[0][2], encoded.words().get(1).vector(), 1e-5f);
    assertArrayEquals(unit(states[0][0]), encoded.vector(), 1e-5f);
  }

  @Test
  void everyWordPointsAtItsCharacters() {
    String text = "The river bank 😀, naïve café's iPhone; 最大的银行 \uD83D\uDC4D شكرا x2";
    Encoded encoded = encoder.encode(text, EncodeRequest.ofWords());
    assertEquals(
        List.of(
            "The", "river", "bank", "😀", "naïve", "café's", "iPhone", "最大", "的", "银行", "👍",
            "شكرا", "x2"),
        encoded.words().stream().map(EncodedWord::text).toList());
    for (EncodedWord word : encoded.words()) {
      assertEquals(word.text(), text.substring(word.span().start(), word.span().end()));
      assertEquals(384, word.vector().length);
      assertFalse(word.pieces().isEmpty());
    }
    assertTrue(encoded.unknownTokens() > 0);
    assertTrue(encoded.warnings().getFirst().contains("😀"), encoded.warnings().toString());
  }

  @Test
  void tellsTheTwoBanksApart() {
    TermResolver resolver = encoder.wordResolver(EncodeRequest.ofWords());
    float[] river = resolver.resolve(usage("He sat on the bank of the river.", "bank"));
    float[] stream = resolver.resolve(usage("The muddy bank of the stream gave way.", "bank"));
    float[] money = resolver.resolve(usage("The bank lends money to firms.", "bank"));
    float[] account = resolver.resolve(usage("She opened an account at the bank.", "bank"));
    double same = Math.min(cosine(river, stream), cosine(money, account));
    double other =
        Stream.of(river, stream)
            .flatMapToDouble(a -> Stream.of(money, account).mapToDouble(b -> cosine(a, b)))
            .max()
            .orElseThrow();
    assertTrue(same > other, same + " <= " + other);
  }

  @Test
  void chineseWordsAreCutByTheDictionary() {
    try (Encoder chinese = Encoder.open(files(CHINESE))) {
      Encoded encoded = chinese.encode("他在河边的银行里打电话。", EncodeRequest.ofWords());
      assertEquals(
          List.of("他", "在", "河边", "的", "银行", "里", "打电话"),
          encoded.words().stream().map(EncodedWord::text).toList());
      assertEquals(0, encoded.unknownTokens());
      assertEquals(512, encoded.words().getFirst().vector().length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ENGLISH, "all-minilm-l6-v2", "all-minilm-l6-v2-q"})
  void aVectorDoesNotDependOnItsCompanions(String model) {
    var random = new Random(7);
    List<TextInput> texts =
        IntStream.range(0, 60)
            .mapToObj(i -> TextInput.of(sentence(random, 1 + random.nextInt(60))))
            .toList();
    EncodeRequest request =
        EncodeRequest.ofWords().withSentence(true).withLayers(Layers.of(0, 2, -1));
    try (Encoder one =
            Encoder.open(files(model), EncoderOptions.DEFAULT.withThreads(1).withBatchTokens(200));
        Encoder many =
            Encoder.open(
                files(model), EncoderOptions.DEFAULT.withThreads(4).withBatchTokens(4096))) {
      List<Encoded> few = encodeAll(one, texts, request);
      List<Encoded> all = encodeAll(many, texts, request);
      for (int i = 0; i < texts.size(); i++) {
        Encoded alone = one.encode(texts.get(i), request);
        assertSame(alone, few.get(i));
        assertSame(alone, all.get(i));
      }
    }
  }

  @Test
  void joinedLayersAreTheSumAndTheMeanOfTheLayers() {
    String text = "Unbelievably, the analogies were solved.";
    Encoded each = encoder.encode(text, EncodeRequest.ofWords().withLayers(Layers.of(1, 5, 12)));
    Encoded sum = encoder.encode(text, EncodeRequest.ofWords().withLayers(Layers.sum(1, 5, 12)));
    Encoded mean = encoder.encode(text, EncodeRequest.ofWords().withLayers(Layers.mean(1, 5, 12)));
    for (int w = 0; w < each.words().size(); w++) {
      List<LayerVector> layers = each.words().get(w).vectors();
      for (int d = 0; d < 384; d++) {
        float total = 0;
        for (LayerVector layer : layers) {
          total += layer.vector()[d];
        }
        assertEquals(total, sum.words().get(w).vector()[d], 1e-4);
        assertEquals(total / 3, mean.words().get(w).vector()[d], 1e-4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PiecePooling.class)
  void piecesArePooledAsAsked(PiecePooling pooling) {
    String text = "tokenizers";
    Encoded word =
        encoder.encode(
            TextInput.of(text, new Span(0, text.length())),
            EncodeRequest.ofWords().withWords(Words.GIVEN).withPiecePooling(pooling));
    List<String> pieces = word.words().getFirst().pieces();
    assertTrue(pieces.size() > 1, pieces.toString());
    var spans = new ArrayList<Span>();
    int place = 0;
    for (String piece : pieces) {
      int length = piece.replace("##", "").length();
      spans.add(new Span(place, place + length));
      place += length;
    }
    Encoded parts =
        encoder.encode(new TextInput(text, spans), EncodeRequest.ofWords().withWords(Words.GIVEN));
    for (int d = 0; d < 384; d++) {
      int dimension = d;
      double[] values = parts.words().stream().mapToDouble(p -> p.vector()[dimension]).toArray();
      double expected =
          switch (pooling) {
            case MEAN -> Arrays.stream(values).average().orElseThrow();
            case FIRST -> values[0];
            case LAST -> values[values.length - 1];
            case MAX -> Arrays.stream(values).max().orElseThrow();
          };
      assertEquals(expected, word.words().getFirst().vector()[d], 1e-5);
    }
  }

  @Test
  void aLongTextIsNotCut() {
    var random = new Random(3);
    String filler = sentence(random, 900);
    String text = filler + " He sat on the bank of the river. " + sentence(random, 900);
    Encoded encoded = encoder.encode(text, EncodeRequest.ofWords().withSentence(true));
    assertTrue(encoded.windows() > 3, encoded.windows() + " windows");
    assertEquals(encoder.words(text).size(), encoded.words().size());
    assertTrue(encoded.warnings().stream().anyMatch(w -> w.contains("overlapping windows")));
    // The same word with the nearest two hundred words around it only.
    int start = text.indexOf("bank of");
    String near = text.substring(start - 800, start + 800);
    EncodedWord far =
        encoded.words().stream().filter(w -> w.span().start() == start).findFirst().orElseThrow();
    EncodedWord close =
        encoder.encode(near, EncodeRequest.ofWords()).words().stream()
            .filter(w -> w.span().start() == 800)
            .findFirst()
            .orElseThrow();
    assertTrue(cosine(far.vector(), close.vector()) > 0.85);
  }

  @Test
  void aWordLongerThanAWindowIsPooledOverSeveral() {
    String text = "ab1 ".repeat(700).replace(" ", "-") + "end";
    Encoded encoded =
        encoder.encode(
            TextInput.of(text, new Span(0, text.length())),
            EncodeRequest.ofWords().withWords(Words.GIVEN));
    assertTrue(encoded.windows() > 2);
    assertEquals(encoded.tokens(), encoded.words().getFirst().pieces().size());
    assertTrue(Float.isFinite(encoded.words().getFirst().vector()[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a lone \uD83D surrogate",
        "\uDC00 first",
        "control \u0000 \u0007 characters \u200B\u202E",
        "\uFEFFwith a byte order mark",
        "שלום עולם and مرحبا",
        "e\u0301\u0301\u0301 combining",
        "👩‍👩‍👧‍👦 family"
      })
  void anyTextIsEncodedWithSpansThatFit(String text) {
    Encoded encoded = encoder.encode(text, EncodeRequest.ofWords().withSentence(true));
    assertEquals(text, encoded.text());
    assertFalse(encoded.words().isEmpty());
    for (EncodedWord word : encoded.words()) {
      assertEquals(word.text(), word.span().of(text));
      for (float x : word.vector()) {
        assertTrue(Float.isFinite(x));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t\u3000 ", "\u0000\u0001"})
  void nothingToEncodeIsSaid(String text) {
    var error =
        assertThrows(
            PolysemeException.class, () -> encoder.encode(text, EncodeRequest.ofSentences()));
    assertTrue(error.getMessage().contains("nothing to encode"), error.getMessage());
  }

  @Test
  void wrongSpansAreRefused() {
    EncodeRequest given = EncodeRequest.ofWords().withWords(Words.GIVEN);
    assertThrows(
        IllegalArgumentException.class,
        () -> encoder.encode(TextInput.of("short", new Span(2, 9)), given));
    var error =
        assertThrows(
            PolysemeException.class,
            () -> encoder.encode(TextInput.of("a  b", new Span(1, 3)), given));
    assertTrue(error.getMessage().contains("no token"), error.getMessage());
  }

  @Test
  void whatIsCachedIsTheSameAndOnesOwn() {
    EncodeRequest request = EncodeRequest.ofWords().withSentence(true).withLayers(Layers.of(1));
    try (Encoder cached = Encoder.open(files, EncoderOptions.DEFAULT.withCacheBytes(100_000))) {
      String text = "He sat on the bank of the river.";
      Encoded first = cached.encode(text, request);
      float[] vector = first.vector().clone();
      first.vector()[0] = 7;
      first.words().getFirst().vector()[0] = 7;
      Encoded second = cached.encode(text, request);
      assertArrayEquals(vector, second.vector());
      assertSame(encoder.encode(text, request), second);
      // Other requests of the same text are other entries, and what is too much goes.
      assertEquals(2, cached.encode(text, request.withLayers(Layers.of(1, 2))).sentence().size());
      var random = new Random(5);
      List<TextInput> many =
          Stream.generate(() -> TextInput.of(sentence(random, 9))).limit(100).toList();
      var doubled = new ArrayList<>(many);
      doubled.addAll(many);
      doubled.add(TextInput.of(""));
      List<Encoded> results = new ArrayList<>();
      var failed = new ArrayList<EncodeResult.Failed>();
      cached.encodeAll(
          doubled.iterator(),
          request,
          result -> {
            switch (result) {
              case EncodeResult.Done done -> results.add(done.encoded());
              case EncodeResult.Failed failure -> failed.add(failure);
            }
          },
          Cancel.create());
      assertEquals(200, results.size());
      assertEquals(1, failed.size());
      for (int i = 0; i < 100; i++) {
        assertSame(results.get(i), results.get(i + 100));
      }
    }
  }

  @Test
  @Timeout(60)
  void aRunThatTakesLongIsBrokenOff() {
    String text = sentence(new Random(3), 40_000);
    long start = System.nanoTime();
    assertThrows(
        CancelledException.class,
        () ->
            encoder.encode(
                TextInput.of(text),
                EncodeRequest.ofSentences(),
                Cancel.after(Duration.ofMillis(300))));
    assertTrue(System.nanoTime() - start < 10_000_000_000L);
    assertEquals(384, encoder.encode("and goes on", EncodeRequest.ofSentences()).vector().length);
  }

  @Test
  void oneBadTextDoesNotKeepTheOthers() {
    var results = new ArrayList<EncodeResult>();
    encoder.encodeAll(
        Stream.of("good", " ", "also good").map(TextInput::of).iterator(),
        EncodeRequest.ofSentences(),
        results::add,
        Cancel.create());
    assertInstanceOf(EncodeResult.Done.class, results.get(0));
    var failed = assertInstanceOf(EncodeResult.Failed.class, results.get(1));
    assertEquals(1, failed.index());
    assertInstanceOf(EncodeResult.Done.class, results.get(2));
  }

  @Test
  void anEndlessStreamCanBeCancelled() {
    Iterator<TextInput> endless = Stream.generate(() -> TextInput.of("again and again")).iterator();
    Cancel cancel = Cancel.create();
    var seen = new int[1];
    assertThrows(
        CancelledException.class,
        () ->
            encoder.encodeAll(
                endless,
                EncodeRequest.ofSentences(),
                result -> {
                  if (++seen[0] == 10) {
                    cancel.cancel();
                  }
                },
                cancel));
    assertTrue(seen[0] >= 10);
    assertEquals(384, encoder.encode("still works", EncodeRequest.ofSentences()).vector().length);
  }

  @Test
  void aSinkThatThrowsEndsTheCallAndNotTheEncoder() {
    var texts = Stream.generate(() -> TextInput.of("some text")).limit(5000).iterator();
    assertThrows(
        ArithmeticException.class,
        () ->
            encoder.encodeAll(
                texts,
                EncodeRequest.ofSentences(),
                _ -> {
                  throw new ArithmeticException();
                },
                Cancel.create()));
    assertEquals(384, encoder.encode("still works", EncodeRequest.ofSentences()).vector().length);
  }

  @Test
  void manyThreadsShareAnEncoderThatIsThenClosed() throws Exception {
    Encoder shared = Encoder.open(files);
    float[] expected = shared.encode("one text", EncodeRequest.ofSentences()).vector();
    try (var threads = Executors.newFixedThreadPool(4)) {
      var calls = new ArrayList<Future<Integer>>();
      for (int t = 0; t < 4; t++) {
        int layer = t % 2 == 0 ? -1 : 3 + t;
        Callable<Integer> call =
            () -> {
              int done = 0;
              try {
                while (true) {
                  Encoded encoded =
                      shared.encode(
                          "one text", EncodeRequest.ofSentences().withLayers(Layers.of(layer)));
                  if (layer == -1) {
                    assertArrayEquals(expected, encoded.vector(), 1e-5f);
                  }
                  done++;
                }
              } catch (IllegalStateException e) {
                return done;
              }
            };
        calls.add(threads.submit(call));
      }
      Thread.sleep(1500);
      shared.close();
      shared.close();
      for (Future<Integer> call : calls) {
        assertTrue(call.get() > 0);
      }
    }
  }

  private static List<Encoded> encodeAll(
      Encoder encoder, List<TextInput> texts, EncodeRequest request) {
    var results = new ArrayList<Encoded>();
    encoder.encodeAll(
        texts.iterator(),
        request,
        result -> results.add(assertInstanceOf(EncodeResult.Done.class, result).encoded()),
        Cancel.create());
    return results;
  }

  private static void assertSame(Encoded expected, Encoded actual) {
    assertEquals(expected.text(), actual.text());
    for (int l = 0; l < expected.sentence().size(); l++) {
      assertArrayEquals(
          expected.sentence().get(l).vector(), actual.sentence().get(l).vector(), 2e-5f);
    }
    assertEquals(expected.words().size(), actual.words().size());
    for (int w = 0; w < expected.words().size(); w++) {
      for (int l = 0; l < expected.words().get(w).vectors().size(); l++) {
        assertArrayEquals(
            expected.words().get(w).vectors().get(l).vector(),
            actual.words().get(w).vectors().get(l).vector(),
            5e-5f);
      }
    }
  }

  private static String sentence(Random random, int words) {
    String[] vocabulary =
        ("the river bank of a city lends money while people walk along water and trees unbelievable"
                + " tokenizers internationalization 42 but never, ever; sleep quietly in green fields")
            .split(" ");
    var text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append(vocabulary[random.nextInt(vocabulary.length)]);
    }
    return text.toString();
  }

  private static Term usage(String text, String word) {
    int start = text.indexOf(word);
    return new Term.Usage(text, new Span(start, start + word.length()));
  }

  private static float[] unit(float[] vector) {
    double norm = Math.sqrt(cosineParts(vector, vector));
    var unit = new float[vector.length];
    for (int d = 0; d < unit.length; d++) {
      unit[d] = (float) (vector[d] / norm);
    }
    return unit;
  }

  private static double cosine(float[] a, float[] b) {
    return cosineParts(a, b) / Math.sqrt(cosineParts(a, a) * cosineParts(b, b));
  }

  private static double cosineParts(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }
}
