package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of many windows, with models whose window is made small so that few tokens fill many. */
@Timeout(600)
class LongTextIT {
  private static final String ENGLISH = "bge-small-en-v1.5";
  private static final int WINDOW = 32;
  private static final Layers LAYER = Layers.of(1);

  @TempDir static Path folder;
  private static Encoder mean;
  private static Encoder cls;
  private static Encoder prefixed;

  @BeforeAll
  static void open() throws IOException {
    EncoderOptions options = EncoderOptions.DEFAULT.withThreads(2);
    mean =
        Encoder.open(
            VariantModel.write(folder.resolve("mean"), ENGLISH, WINDOW, "mean", ""), options);
    cls =
        Encoder.open(
            VariantModel.write(folder.resolve("cls"), ENGLISH, WINDOW, "cls", ""), options);
    prefixed =
        Encoder.open(
            VariantModel.write(folder.resolve("prefixed"), ENGLISH, WINDOW, "mean", "passage: "),
            options);
  }

  @AfterAll
  static void close() {
    mean.close();
    cls.close();
    prefixed.close();
  }

  private record Streamed(
      List<EncodedWord> words, List<EncodedPassage> passages, EncodedStream whole) {}

  private static Streamed stream(Encoder encoder, String text, EncodeRequest request, int size)
      throws IOException {
    var words = new ArrayList<EncodedWord>();
    var passages = new ArrayList<EncodedPassage>();
    EncodedStream whole =
        encoder.encodeStream(
            new TextPieces(new StringReader(text), size),
            request,
            part -> {
              switch (part) {
                case EncodedWord word -> words.add(word);
                case EncodedPassage passage -> passages.add(passage);
              }
            },
            Cancel.create());
    return new Streamed(words, passages, whole);
  }

  private static String randomText(Random random, int length) {
    String[] parts = {
      "the ",
      "river ",
      "bank ",
      "unbelievably ",
      "tokenizers' ",
      ". ",
      "! ",
      "\n",
      "\n\n",
      "   ",
      "他在河边。",
      "银行，",
      "naïve ",
      "(or) ",
      "\"",
      "Mr. ",
      "3.14 ",
      "e\u0301 ",
      "😀 ",
      "x",
      ", ",
      "A ",
      "\t",
      "don't ",
      "antidisestablishmentarianism ",
      "\u0000",
      "foo-bar "
    };
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.append("end").toString();
  }

  private static EncodeRequest randomRequest(Random random) {
    EncodeRequest request = EncodeRequest.ofSentences().withLayers(LAYER);
    if (random.nextInt(3) > 0) {
      request = request.withWords(Words.ALL);
    }
    int limit = 1 + random.nextInt(20);
    Passages.Chunks chunks = Passages.chunks(limit).withOverlap(random.nextInt(limit));
    request =
        switch (random.nextInt(4)) {
          case 0 -> request;
          case 1 -> request.withPassages(chunks);
          default -> request.withPassages(chunks.late());
        };
    return request.words() != Words.NONE || request.passages() != Passages.NONE
        ? request.withSentence(random.nextBoolean())
        : request;
  }

  @RepeatedTest(40)
  void aStreamedTextHasTheVectorsOfTheWhole(RepetitionInfo seed) throws IOException {
    var random = new Random(seed.getCurrentRepetition());
    String text = randomText(random, random.nextInt(4000));
    Encoder encoder = List.of(mean, cls, prefixed).get(random.nextInt(3));
    EncodeRequest request = randomRequest(random).withRole(Role.PASSAGE);
    Encoded once = encoder.encode(text, request);
    Streamed streamed = stream(encoder, text, request, 300 + random.nextInt(1000));
    assertSameWords(once.words(), streamed.words);
    assertSamePassages(once.passages(), streamed.passages);
    EncodedStream whole = streamed.whole;
    assertSameVectors(once.sentence(), whole.sentence());
    assertEquals(once.tokens(), whole.tokens());
    assertEquals(once.unknownTokens(), whole.unknownTokens());
    assertEquals(once.windows(), whole.windows());
    assertEquals(once.warnings(), whole.warnings());
    assertEquals(once.words().size(), whole.words());
    assertEquals(once.passages().size(), whole.passages());
    assertEquals(text.length(), whole.characters());
    assertEquals(List.of(), whole.forcedCuts());
  }

  private static void assertSameWords(List<EncodedWord> expected, List<EncodedWord> actual) {
    assertEquals(
        expected.stream().map(EncodedWord::span).toList(),
        actual.stream().map(EncodedWord::span).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).text(), actual.get(i).text());
      assertEquals(expected.get(i).pieces(), actual.get(i).pieces());
      assertSameVectors(expected.get(i).vectors(), actual.get(i).vectors());
    }
  }

  private static void assertSamePassages(
      List<EncodedPassage> expected, List<EncodedPassage> actual) {
    assertEquals(
        expected.stream().map(LongTextIT::withoutVectors).toList(),
        actual.stream().map(LongTextIT::withoutVectors).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertSameVectors(expected.get(i).vectors(), actual.get(i).vectors());
    }
  }

  private static EncodedPassage withoutVectors(EncodedPassage passage) {
    return new EncodedPassage(
        passage.span(),
        passage.text(),
        passage.tokens(),
        passage.begins(),
        passage.ends(),
        passage.made(),
        List.of());
  }

  private static void assertSameVectors(List<LayerVector> expected, List<LayerVector> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).layer(), actual.get(i).layer());
      assertArrayEquals(expected.get(i).vector(), actual.get(i).vector(), 5e-5f);
    }
  }

  /** Words of one token each, so that windows can be counted out. */
  private static String words(int count) {
    String[] vocabulary = "river bank city money people water field green walk tree".split(" ");
    var random = new Random(count);
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(vocabulary[random.nextInt(vocabulary.length)]);
    }
    return text.toString();
  }

  private static String slice(String text, int from, int to) {
    return String.join(" ", Arrays.copyOfRange(text.split(" "), from, to));
  }

  @Test
  void aWordHasTheVectorOfTheWindowWhereItsPoorerSideHasTheMostContext() {
    int capacity = WINDOW - 2;
    int count = 100;
    String text = words(count);
    Encoded encoded = mean.encode(text, EncodeRequest.ofWords().withLayers(LAYER));
    assertEquals(5, encoded.windows());
    List<Integer> starts = List.of(0, 23, 46, 69, count - capacity);
    List<Encoded> windows =
        starts.stream()
            .map(
                start ->
                    mean.encode(
                        slice(text, start, start + capacity),
                        EncodeRequest.ofWords().withLayers(LAYER)))
            .toList();
    for (int word = 0; word < count; word++) {
      int best = -1;
      int most = -1;
      for (int w = 0; w < starts.size(); w++) {
        int poorer = Math.min(word - starts.get(w), starts.get(w) + capacity - 1 - word);
        if (poorer > most) {
          best = w;
          most = poorer;
        }
      }
      assertArrayEquals(
          windows.get(best).words().get(word - starts.get(best)).vector(),
          encoded.words().get(word).vector(),
          2e-5f,
          "word " + word + " of window " + best);
    }
  }

  @Test
  void everyWindowBeginsWithTheRolesPrefix() {
    // The prefix has two tokens: "passage" and ":".
    int capacity = WINDOW - 4;
    String text = words(2 * capacity - 7);
    EncodeRequest request = EncodeRequest.ofWords().withLayers(LAYER).withRole(Role.PASSAGE);
    Encoded encoded = prefixed.encode(text, request.withSentence(true));
    assertEquals(2, encoded.windows());
    assertEquals(2 * capacity - 7, encoded.tokens());
    int start = encoded.words().size() - capacity;
    Encoded last = prefixed.encode(slice(text, start, encoded.words().size()), request);
    assertArrayEquals(last.words().getLast().vector(), encoded.words().getLast().vector(), 2e-5f);
    Encoded first = prefixed.encode(slice(text, 0, capacity), request);
    assertArrayEquals(
        first.words().getFirst().vector(), encoded.words().getFirst().vector(), 2e-5f);
    Encoded without = prefixed.encode(slice(text, 0, capacity), request.withRole(Role.NONE));
    assertTrue(distance(without.words().getFirst(), first.words().getFirst()) > 1e-3);
  }

  private static double distance(EncodedPart a, EncodedPart b) {
    return IntStream.range(0, a.vector().length)
        .mapToDouble(d -> Math.abs(a.vector()[d] - b.vector()[d]))
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void aChunkAloneHasTheVectorOfItsText(Pooling pooling) {
    String text = randomText(new Random(5), 1500);
    EncodeRequest request =
        EncodeRequest.ofPassages(Passages.chunks(20).withOverlap(5))
            .withLayers(Layers.of(0, 1))
            .withSentencePooling(pooling)
            .withRole(Role.PASSAGE);
    Encoded encoded = prefixed.encode(text, request);
    assertEquals(0, encoded.windows());
    assertTrue(encoded.sentence().isEmpty());
    assertTrue(encoded.passages().size() > 10);
    for (EncodedPassage passage : encoded.passages()) {
      assertEquals(passage.text(), passage.span().of(text));
      Encoded alone =
          prefixed.encode(passage.text(), request.withSentence(true).withPassages(Passages.NONE));
      assertSameVectors(alone.sentence(), passage.vectors());
      assertEquals(alone.tokens(), passage.tokens());
      assertEquals(
          new EncodedPassage.Made(Passages.Encoding.ALONE, pooling, new Span(0, 1), passage.span()),
          passage.made());
    }
  }

  @Test
  void aLatePassageIsTheMeanOfItsTokensInTheText() {
    String text = "The bank of the river was steep. The bank lends money. Nobody knew why.";
    Encoded encoded =
        mean.encode(text, EncodeRequest.ofPassages(Passages.chunks(8).late()).withLayers(LAYER));
    assertEquals(
        List.of("The bank of the river was steep.", "The bank lends money.", "Nobody knew why."),
        encoded.passages().stream().map(EncodedPassage::text).toList());
    List<Span> spans = encoded.passages().stream().map(EncodedPassage::span).toList();
    // A word of several pieces is their mean, too, but is not normalised.
    Encoded words =
        mean.encode(
            new TextInput(text, spans),
            EncodeRequest.ofWords().withWords(Words.GIVEN).withLayers(LAYER));
    for (int i = 0; i < spans.size(); i++) {
      EncodedPassage passage = encoded.passages().get(i);
      assertArrayEquals(unit(words.words().get(i).vector()), passage.vector(), 2e-6f);
      assertEquals(
          new EncodedPassage.Made(
              Passages.Encoding.LATE, Pooling.MEAN, new Span(0, 1), new Span(0, text.length())),
          passage.made());
    }
    assertEquals(1, encoded.windows());
    assertEquals(List.of(), encoded.warnings());
  }

  @Test
  void aLatePassageOfSeveralWindowsIsTheMeanOfItsTokensInThem() {
    String text = words(100);
    var span = new Span(slice(text, 0, 10).length() + 1, slice(text, 0, 90).length());
    Encoded encoded =
        mean.encode(
            TextInput.of(text, span),
            EncodeRequest.ofPassages(Passages.given().late())
                .withWords(Words.ALL)
                .withLayers(LAYER));
    EncodedPassage passage = encoded.passages().getFirst();
    assertEquals(80, passage.tokens());
    assertEquals(new Span(0, 5), passage.made().windows());
    assertEquals(new Span(0, text.length()), passage.made().seen());
    assertEquals(EncodedPassage.Edge.GIVEN, passage.begins());
    var sum = new float[384];
    for (EncodedWord word : encoded.words().subList(10, 90)) {
      for (int d = 0; d < sum.length; d++) {
        sum[d] += word.vector()[d];
      }
    }
    assertArrayEquals(unit(sum), passage.vector(), 5e-6f);
  }

  @Test
  void aGivenPassageAloneMayBeLongerThanTheWindow() {
    String text = words(100);
    var span = new Span(0, slice(text, 0, 90).length());
    Encoded encoded =
        mean.encode(
            TextInput.of(text, span, span),
            EncodeRequest.ofPassages(Passages.given()).withLayers(LAYER));
    assertEquals(2, encoded.passages().size());
    EncodedPassage passage = encoded.passages().getLast();
    assertEquals(new Span(0, 4), passage.made().windows());
    assertArrayEquals(
        mean.encode(span.of(text), EncodeRequest.ofSentences().withLayers(LAYER)).vector(),
        passage.vector(),
        2e-5f);
  }

  @Test
  void aModelThatPoolsByTheFirstTokenSaysWhatItDoesWithoutOne() {
    Encoded encoded =
        cls.encode(
            "One sentence. Another one.", EncodeRequest.ofPassages(Passages.chunks(4).late()));
    assertEquals(Pooling.MEAN, encoded.passages().getFirst().made().pooling());
    assertTrue(encoded.warnings().getFirst().contains("mean"), encoded.warnings().toString());
    assertEquals(
        Pooling.CLS,
        cls.encode("One sentence.", EncodeRequest.ofPassages(Passages.chunks(4)))
            .passages()
            .getFirst()
            .made()
            .pooling());
  }

  @Test
  void aLatePassageOfAModelThatPoolsByTheLastTokenIsItsLastToken() {
    String text = words(60);
    Encoded encoded =
        mean.encode(
            text,
            EncodeRequest.ofPassages(Passages.chunks(7).late())
                .withWords(Words.ALL)
                .withSentencePooling(Pooling.LAST)
                .withLayers(LAYER));
    // Each is taken from the window where all of its passage has the most context.
    EncodedPassage first = encoded.passages().getFirst();
    assertEquals(Pooling.LAST, first.made().pooling());
    assertArrayEquals(unit(encoded.words().get(6).vector()), first.vector(), 5e-6f);
    assertEquals(List.of(), encoded.warnings());
  }

  @Test
  void aTruncatedTextIsItsFirstWindowAndSaysSo() {
    int capacity = WINDOW - 2;
    String text = words(50);
    EncodeRequest request =
        EncodeRequest.ofWords()
            .withSentence(true)
            .withPassages(Passages.chunks(10).late())
            .withLayers(LAYER)
            .withLongTexts(LongTexts.TRUNCATED);
    Encoded encoded = mean.encode(text, request);
    String kept = slice(text, 0, capacity);
    Encoded first = mean.encode(kept, request);
    assertNull(first.cut());
    assertEquals(List.of(), first.warnings());
    assertSameWords(first.words(), encoded.words());
    assertSamePassages(first.passages(), encoded.passages());
    assertSameVectors(first.sentence(), encoded.sentence());
    assertEquals(1, encoded.windows());
    assertEquals(50, encoded.tokens());
    assertNotNull(encoded.cut());
    assertEquals(new Span(kept.length() + 1, text.length()), encoded.cut());
    assertTrue(
        encoded.warnings().getFirst().contains("20 were cut"), encoded.warnings().toString());
    for (EncodeRequest given :
        List.of(
            request.withWords(Words.GIVEN),
            request.withWords(Words.NONE).withPassages(Passages.given()))) {
      var error =
          assertThrows(
              PolysemeException.class,
              () ->
                  mean.encode(
                      TextInput.of(text, new Span(text.length() - 4, text.length())), given));
      assertTrue(error.getMessage().contains("cut off"), error.getMessage());
    }
  }

  @Test
  void manyTextsWithPassages() {
    var random = new Random(11);
    List<TextInput> texts =
        IntStream.range(0, 30)
            .mapToObj(i -> TextInput.of(randomText(random, random.nextInt(600))))
            .toList();
    EncodeRequest request =
        EncodeRequest.ofPassages(Passages.chunks(12).withOverlap(4)).withLayers(LAYER);
    for (EncodeRequest each :
        List.of(request, request.withPassages(Passages.chunks(12).late()).withSentence(true))) {
      mean.encodeAll(
          texts.iterator(),
          each,
          result -> {
            Encoded encoded = ((EncodeResult.Done) result).encoded();
            Encoded alone = mean.encode(encoded.text(), each);
            assertSamePassages(alone.passages(), encoded.passages());
            assertSameVectors(alone.sentence(), encoded.sentence());
          },
          Cancel.create());
    }
  }

  static List<EncodeRequest> requestsThatCannotBe() {
    EncodeRequest words = EncodeRequest.ofWords();
    return List.of(
        words.withWords(Words.GIVEN),
        words.withPassages(Passages.given().late()),
        words.withLongTexts(LongTexts.TRUNCATED),
        words.withPassages(Passages.chunks(WINDOW - 1)),
        words.withPassages(Passages.chunks(WINDOW - 1).late()),
        words.withLayers(Layers.of(99)));
  }

  @ParameterizedTest
  @MethodSource("requestsThatCannotBe")
  void whatAStreamCannotGiveIsRefused(EncodeRequest request) {
    assertThrows(IllegalArgumentException.class, () -> stream(mean, "a text", request, 500));
  }

  @Test
  void chunksMustFitTheWindowWithThePrefix() {
    EncodeRequest request = EncodeRequest.ofPassages(Passages.chunks(WINDOW - 3));
    assertEquals(1, prefixed.encode("text", request.withRole(Role.NONE)).passages().size());
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> prefixed.encode("text", request.withRole(Role.PASSAGE)));
    assertTrue(
        error.getMessage().contains("29 tokens") && error.getMessage().contains("28 are left"),
        error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n ", "\u0000\u0001"})
  void nothingToStreamIsSaid(String text) {
    var error =
        assertThrows(
            PolysemeException.class, () -> stream(mean, text, EncodeRequest.ofSentences(), 500));
    assertTrue(error.getMessage().contains("nothing to encode"), error.getMessage());
  }

  @Test
  void aRunWithoutAPlaceToCutIsCutAndSaidSo() throws IOException {
    String text = "start " + "abc".repeat(2000) + " end";
    Streamed streamed =
        stream(mean, text, EncodeRequest.ofWords().withSentence(true).withLayers(LAYER), 1000);
    assertTrue(streamed.whole.forcedCuts().size() >= 5, streamed.whole.forcedCuts().toString());
    assertTrue(
        streamed.whole.warnings().stream().anyMatch(w -> w.contains("it was cut there")),
        streamed.whole.warnings().toString());
    assertTrue(streamed.whole.warnings().stream().allMatch(w -> w.length() < 1000));
    assertEquals("end", streamed.words.getLast().text());
    assertEquals(
        text.length() - 2, streamed.words.stream().mapToInt(word -> word.span().length()).sum());
  }

  @Test
  void whatGoesWrongOnTheWayEndsTheCallAndNotTheEncoder() {
    EncodeRequest request = EncodeRequest.ofWords().withLayers(LAYER);
    Reader broken =
        new Reader() {
          private int read;

          @Override
          public int read(char[] to, int at, int length) throws IOException {
            if (read++ > 100) {
              throw new IOException("the disk is gone");
            }
            int n = Math.min(length, 10);
            Arrays.fill(to, at, at + n, 'a');
            to[at] = ' ';
            return n;
          }

          @Override
          public void close() {}
        };
    var error =
        assertThrows(
            IOException.class,
            () ->
                mean.encodeStream(new TextPieces(broken, 400), request, _ -> {}, Cancel.create()));
    assertEquals("the disk is gone", error.getMessage());
    Reader endless =
        new Reader() {
          @Override
          public int read(char[] to, int at, int length) {
            for (int i = 0; i < length; i++) {
              to[at + i] = i % 5 == 0 ? ' ' : 'a';
            }
            return length;
          }

          @Override
          public void close() {}
        };
    assertThrows(
        ArithmeticException.class,
        () ->
            mean.encodeStream(
                new TextPieces(endless, 400),
                request,
                _ -> {
                  throw new ArithmeticException();
                },
                Cancel.create()));
    Cancel cancel = Cancel.create();
    assertThrows(
        CancelledException.class,
        () ->
            mean.encodeStream(new TextPieces(endless, 400), request, _ -> cancel.cancel(), cancel));
    assertFalse(mean.encode("still works", request).words().isEmpty());
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    var unit = new float[vector.length];
    for (int d = 0; d < unit.length; d++) {
      unit[d] = (float) (vector[d] / Math.sqrt(squares));
    }
    return unit;
  }
}
