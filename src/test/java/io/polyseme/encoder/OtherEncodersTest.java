package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.TinyTransformer;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Encoders that are not BERT, with tokenizers of their kind, from text to vectors: what comes out
 * is what the arithmetic of their architecture gives, to 1e-4 of values whose size is about one.
 */
@Timeout(120)
class OtherEncodersTest {
  private static final double TOLERANCE = 1e-4;
  private static final String TEXT =
      "Hello world, the bank 银行的 café naïve 你好 unable un\u0301being 😀 한국 x2.";

  @TempDir Path temporary;

  /**
   * @param architecture one of {@link TinyTransformer#all()}
   * @param config what config.json says
   * @param pooling what 1_Pooling/config.json says
   * @param window that follows from the files and the graph
   */
  private record Model(
      String architecture,
      MadeUpTokenizer tokenizer,
      String config,
      String pooling,
      Pooling expected,
      int window) {
    @Override
    public String toString() {
      return architecture + " with " + tokenizer;
    }
  }

  private static MadeUpTokenizer tokenizer(String name) {
    return MadeUpTokenizer.all().stream()
        .filter(made -> made.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static List<Model> models() {
    MadeUpTokenizer bytes = MadeUpTokenizer.roberta(true, false);
    return List.of(
        new Model(
            "xlm-roberta",
            tokenizer("xlm-roberta"),
            "{'model_type': 'xlm-roberta', 'max_position_embeddings': 64, 'pad_token_id': 1}",
            "{'pooling_mode_mean_tokens': true}",
            Pooling.MEAN,
            62),
        new Model(
            "roberta, newer operators", bytes, "{}", "{'pooling_mode': 'cls'}", Pooling.CLS, 62),
        new Model(
            "distilbert",
            tokenizer("unigram bytes"),
            "{'model_type': 'distilbert', 'max_position_embeddings': 64}",
            "{'pooling_mode_max_tokens': true}",
            Pooling.MAX,
            64),
        new Model(
            "mpnet",
            bytes,
            "{'model_type': 'mpnet', 'max_position_embeddings': 50, 'pad_token_id': 1}",
            "{'pooling_mode_mean_tokens': true}",
            Pooling.MEAN,
            48),
        new Model(
            "modernbert",
            bytes,
            "{'model_type': 'modernbert', 'max_position_embeddings': 48, 'pad_token_id': 1}",
            "{'pooling_mode_mean_tokens': true}",
            Pooling.MEAN,
            48),
        new Model(
            "nomic",
            bytes,
            "{'model_type': 'nomic_bert', 'n_positions': 48}",
            "{'pooling_mode_mean_tokens': true}",
            Pooling.MEAN,
            48),
        new Model(
            "albert",
            tokenizer("albert"),
            "{'model_type': 'albert', 'max_position_embeddings': 64}",
            "{'pooling_mode_cls_token': true}",
            Pooling.CLS,
            64),
        new Model(
            "qwen3",
            MadeUpTokenizer.qwen(false),
            "{'model_type': 'qwen3', 'max_position_embeddings': 48}",
            "{'pooling_mode_lasttoken': true}",
            Pooling.LAST,
            48),
        new Model(
            "qwen2, with a past",
            MadeUpTokenizer.qwen(true),
            "{'model_type': 'qwen2', 'max_position_embeddings': 48}",
            "{'pooling_mode': 'lasttoken'}",
            Pooling.LAST,
            48),
        new Model(
            "mistral",
            MadeUpTokenizer.llama(),
            "{'model_type': 'mistral', 'max_position_embeddings': 48}",
            "{'pooling_mode_lasttoken': true}",
            Pooling.LAST,
            48),
        new Model(
            "mistral, fused",
            MadeUpTokenizer.qwen(false),
            "{'model_type': 'mistral', 'max_position_embeddings': 48}",
            "{'pooling_mode_lasttoken': true}",
            Pooling.LAST,
            48),
        new Model(
            "gpt2",
            bytes,
            "{'n_positions': 64}",
            "{'pooling_mode_lasttoken': true}",
            Pooling.LAST,
            64),
        new Model(
            "bert, other names",
            tokenizer("unigram plain"),
            "{}",
            "{'pooling_mode_mean_tokens': true}",
            Pooling.MEAN,
            64));
  }

  private ModelFiles files(
      TinyTransformer tiny, MadeUpTokenizer made, String config, String pooling)
      throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("model"));
    tiny.save(folder.resolve("model.onnx"));
    made.write(folder);
    Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(folder.resolve("1_Pooling/config.json"), pooling.replace('\'', '"'));
    return ModelStore.at(temporary.resolve("home"))
        .open(folder.toString(), Progress.NONE, Cancel.create());
  }

  private ModelFiles files(Model model) throws IOException {
    return files(
        TinyTransformer.named(model.architecture), model.tokenizer, model.config, model.pooling);
  }

  private static int[] ids(Tokenizer tokenizer, Tokens tokens, int from, int to) {
    return join(tokenizer.prefix(), Arrays.copyOfRange(tokens.ids(), from, to), tokenizer.suffix());
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @MethodSource("models")
  void vectorsAreWhatTheArithmeticGives(Model model) throws IOException {
    ModelFiles files = files(model);
    TinyTransformer tiny = TinyTransformer.named(model.architecture);
    EncodeRequest request =
        EncodeRequest.ofWords().withSentence(true).withLayers(Layers.of(0, 1, -1));
    try (Tokenizer tokenizer = Tokenizer.open(files.tokenizer());
        Encoder encoder = Encoder.open(files)) {
      assertEquals(model.expected, files.card().pooling());
      assertEquals(model.window, encoder.info().window());
      assertEquals("", encoder.info().problem());
      Tokens tokens = tokenizer.tokenize(TEXT);
      List<double[][]> states = tiny.run(ids(tokenizer, tokens, 0, tokens.count())).states();
      Encoded encoded = encoder.encode(TEXT, request);
      assertEquals(1, encoded.windows());
      int[] layers = {0, 1, states.size() - 1};
      for (int l = 0; l < layers.length; l++) {
        double[][] state = states.get(layers[l]);
        assertClose(
            pooled(state, model.expected), encoded.sentence().get(l).vector(), "the sentence");
        for (EncodedWord word : encoded.words()) {
          int from = tokens.firstEndingAfter(word.span().start());
          int to = Math.max(from, tokens.firstStartingAt(word.span().end()));
          int before = tokenizer.prefix().length;
          assertClose(
              pooled(Arrays.copyOfRange(state, before + from, before + to), Pooling.MEAN),
              word.vectors().get(l).vector(),
              word.text());
        }
      }
      assertEquals(encoder.words(TEXT).size(), encoded.words().size());
    }
  }

  private static double[] pooled(double[][] states, Pooling pooling) {
    return switch (pooling) {
      case CLS -> states[0];
      case LAST -> states[states.length - 1];
      case MEAN ->
          IntStream.range(0, states[0].length)
              .mapToDouble(
                  d -> Arrays.stream(states).mapToDouble(s -> s[d]).average().orElseThrow())
              .toArray();
      case MAX ->
          IntStream.range(0, states[0].length)
              .mapToDouble(d -> Arrays.stream(states).mapToDouble(s -> s[d]).max().orElseThrow())
              .toArray();
    };
  }

  private static void assertClose(double[] expected, float[] actual, String what) {
    assertEquals(expected.length, actual.length);
    for (int d = 0; d < expected.length; d++) {
      assertEquals(expected[d], actual[d], TOLERANCE, what);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aVectorDoesNotDependOnItsCompanions(Model model) throws IOException {
    String[] words = TEXT.split(" ");
    var random = new Random(4);
    List<TextInput> texts =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    TextInput.of(
                        String.join(
                            " ",
                            IntStream.rangeClosed(0, random.nextInt(7))
                                .mapToObj(_ -> words[random.nextInt(words.length)])
                                .toList())))
            .toList();
    EncodeRequest request = EncodeRequest.ofWords().withSentence(true);
    try (Encoder encoder =
        Encoder.open(files(model), EncoderOptions.DEFAULT.withThreads(2).withBatchTokens(4096))) {
      var together = new ArrayList<Encoded>();
      encoder.encodeAll(
          texts.iterator(),
          request,
          result -> together.add(assertInstanceOf(EncodeResult.Done.class, result).encoded()),
          Cancel.create());
      for (int i = 0; i < texts.size(); i++) {
        Encoded alone = encoder.encode(texts.get(i), request);
        assertArrayEquals(alone.vector(), together.get(i).vector(), 1e-5f);
        for (int w = 0; w < alone.words().size(); w++) {
          assertArrayEquals(
              alone.words().get(w).vector(), together.get(i).words().get(w).vector(), 1e-5f);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aLongTextIsEncodedInWindows(Model model) throws IOException {
    ModelFiles files = files(model);
    TinyTransformer tiny = TinyTransformer.named(model.architecture);
    String text = "the bank 你好 unable world ".repeat(30) + "end";
    try (Tokenizer tokenizer = Tokenizer.open(files.tokenizer());
        Encoder encoder = Encoder.open(files)) {
      Encoded encoded = encoder.encode(text, EncodeRequest.ofWords().withSentence(true));
      Tokens tokens = tokenizer.tokenize(text);
      assertEquals(tokens.count(), encoded.tokens());
      assertTrue(encoded.windows() > 2, encoded.windows() + " windows");
      assertEquals(encoder.words(text).size(), encoded.words().size());
      int before = tokenizer.prefix().length;
      int capacity = model.window - before - tokenizer.suffix().length;
      // The first word is of the first window, the last of the last.
      double[][] first = tiny.run(ids(tokenizer, tokens, 0, capacity)).states().getLast();
      int to = Math.max(0, tokens.firstStartingAt(encoded.words().getFirst().span().end()));
      int from = tokens.firstEndingAfter(0);
      assertClose(
          pooled(Arrays.copyOfRange(first, before + from, before + to), Pooling.MEAN),
          encoded.words().getFirst().vector(),
          "the first word");
      int count = tokens.count();
      double[][] last =
          tiny.run(ids(tokenizer, tokens, count - capacity, count)).states().getLast();
      int end = tokens.firstEndingAfter(encoded.words().getLast().span().start());
      int shift = before - (count - capacity);
      assertClose(
          pooled(Arrays.copyOfRange(last, shift + end, shift + count), Pooling.MEAN),
          encoded.words().getLast().vector(),
          "the last word");
      for (float x : encoded.vector()) {
        assertTrue(Float.isFinite(x));
      }
    }
  }

  @Test
  void aPastWhoseSizeIsNotSaidIsRefused() throws IOException {
    ModelFiles files =
        files(
            TinyTransformer.named("qwen3").withUnknownPast(),
            MadeUpTokenizer.qwen(false),
            "{}",
            "{'pooling_mode_lasttoken': true}");
    try (Encoder encoder = Encoder.open(files)) {
      var error =
          assertThrows(
              PolysemeException.class, () -> encoder.encode("hello", EncodeRequest.ofSentences()));
      assertTrue(error.getMessage().contains("past_key_values.0.key"), error.getMessage());
      assertTrue(error.getMessage().contains("without a cache"), error.getMessage());
    }
  }

  @Test
  void aPoolingThatIsNotDoneIsNamedWhenSentencesAreAskedFor() throws IOException {
    ModelFiles files =
        files(
            TinyTransformer.named("qwen3"),
            MadeUpTokenizer.qwen(false),
            "{}",
            "{'pooling_mode_weightedmean_tokens': true}");
    try (Encoder encoder = Encoder.open(files)) {
      var error =
          assertThrows(
              PolysemeException.class, () -> encoder.encode("hello", EncodeRequest.ofSentences()));
      assertTrue(error.getMessage().contains("weightedmean_tokens"), error.getMessage());
      assertFalse(encoder.encode("hello", EncodeRequest.ofWords()).words().isEmpty());
      EncodeRequest last = EncodeRequest.ofSentences().withSentencePooling(Pooling.LAST);
      assertEquals(32, encoder.encode("hello", last).vector().length);
    }
  }
}
