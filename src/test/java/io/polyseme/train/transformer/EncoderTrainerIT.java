package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.encoder.graph.BertReader;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Encoders trained from raw text, here of a small language in which words go together. */
@Timeout(240)
class EncoderTrainerIT {
  @TempDir Path temporary;

  private static final List<String> WHO = List.of("cat", "dog", "bird", "fish", "horse", "mouse");
  private static final List<String> WHAT =
      List.of("milk", "bones", "seeds", "worms", "grass", "cheese");

  /** Everybody likes one thing, so that one word of a sentence tells another. */
  private static String language(int lines, long seed) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      int who = random.nextInt(WHO.size());
      text.append(random.nextBoolean() ? "the " : "every ")
          .append(random.nextBoolean() ? "old " : "young ")
          .append(WHO.get(who))
          .append(random.nextBoolean() ? " in the house" : " on the field")
          .append(random.nextBoolean() ? " likes " : " wants ")
          .append(WHAT.get(who))
          .append(" on day ")
          .append(random.nextInt(40))
          .append(" .\n");
    }
    return text.toString();
  }

  private static PretrainOptions.Builder options() {
    return PretrainOptions.builder()
        .size(EncoderSize.TINY)
        .vocabulary(200)
        .length(32)
        .batch(16)
        .heldOut(0.1)
        .threads(2);
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(temporary.resolve(name), content);
  }

  private EncoderTrainer trainer(Path text, PretrainOptions options, String folder) {
    return new EncoderTrainer(
        List.of(text),
        CorpusOptions.DEFAULT,
        options,
        temporary.resolve(folder),
        Duration.ofHours(1));
  }

  private static EncoderTrainer.Result train(EncoderTrainer trainer) {
    return trainer.train(_ -> {}, PretrainListener.NONE, Progress.NONE, Cancel.create());
  }

  private ModelFiles saved(EncoderTrainer.Result result, String name) {
    return result
        .encoder()
        .save(
            ModelStore.at(temporary.resolve("home")),
            ModelTarget.in(temporary.resolve(name)),
            Progress.NONE,
            Cancel.create());
  }

  @Test
  void aLanguageIsLearnedAndTheModelIsAsPytorchHasIt() throws IOException {
    Path text = text("text.txt", language(4000, 1));
    EncoderTrainer.Result result =
        train(trainer(text, options().steps(800).learningRate(1e-3).build(), "work"));
    WordScores reached = result.curve().best().heldOut();
    assertTrue(reached.accuracy() > result.plan().floor().accuracy() + 0.3, reached.toString());
    assertTrue(reached.loss() < result.plan().floor().loss() - 1, reached.toString());
    assertTrue(result.efficiency() > 0 && result.efficiency() < 1.5);

    ModelFiles files = saved(result, "model");
    for (String name :
        List.of("model.onnx", "tokenizer.json", "config.json", "README.md", "modules.json")) {
      assertTrue(Files.exists(temporary.resolve("model").resolve(name)), name);
    }
    String sentence = "the old cat in the house likes milk";
    try (Encoder encoder = Encoder.open(files);
        PieceTokenizer tokenizer = PieceTokenizer.open(files.tokenizer());
        NDManager manager = Pytorch.open(2).newBaseManager()) {
      assertEquals(2, encoder.info().layers());
      assertEquals(32, encoder.info().window());
      BertReader reader = BertReader.read(files.onnx());
      var network = new Network(reader.shape(), reader.weights(), Network.Part.NONE, 0, manager);
      int[] inner = tokenizer.pieces(sentence).ids();
      var ids = new long[inner.length + 2];
      ids[0] = tokenizer.opening();
      ids[ids.length - 1] = tokenizer.closing();
      Arrays.setAll(ids, i -> i == 0 || i > inner.length ? ids[i] : inner[i - 1]);
      List<NDArray> states = network.states(manager.create(ids, new Shape(1, ids.length)), null, 0);
      Encoded encoded = encoder.encode(sentence, EncodeRequest.ofWords().withLayers(Layers.all()));
      assertEquals(inner.length, encoded.words().size(), "each word is one piece here");
      for (int layer = 0; layer <= 2; layer++) {
        float[] expected = states.get(layer).toFloatArray();
        for (int word = 0; word < inner.length; word++) {
          float[] actual = encoded.words().get(word).vectors().get(layer).vector();
          for (int d = 0; d < actual.length; d++) {
            assertEquals(expected[(word + 1) * actual.length + d], actual[d], 1e-4);
          }
        }
      }
    }
  }

  @Test
  void aTrainingThatGoesOnIsTheUndisturbedOne() throws IOException {
    Path text = text("text.txt", language(1500, 2));
    PretrainOptions options = options().steps(60).dropout(0.1).build();
    EncoderTrainer.Result whole = train(trainer(text, options, "whole"));

    EncoderTrainer parted = trainer(text, options, "parted");
    for (int stop : new int[] {7, 8, 31}) {
      Cancel cancel = Cancel.create();
      assertThrows(
          CancelledException.class,
          () ->
              parted.train(
                  _ -> {},
                  new PretrainListener() {
                    @Override
                    public void update(PretrainProgress progress) {
                      if (progress.step() >= stop) {
                        cancel.cancel();
                      }
                    }
                  },
                  Progress.NONE,
                  cancel));
    }
    var first = new ArrayList<Integer>();
    EncoderTrainer.Result result =
        parted.train(
            plan -> first.add(plan.done()), PretrainListener.NONE, Progress.NONE, Cancel.create());
    assertEquals(List.of(31), first);
    assertEquals(
        whole.curve().best().heldOut().loss(), result.curve().best().heldOut().loss(), 1e-5);
    assertEquals(whole.curve().points().size(), result.curve().points().size());
  }

  @Test
  void wordsThatFollowAreLearnedToo() throws IOException {
    Path text = text("text.txt", language(3000, 3));
    EncoderTrainer.Result result =
        train(
            trainer(
                text,
                options().task(WordTask.CAUSAL).steps(300).learningRate(1e-3).build(),
                "work"));
    assertTrue(
        result.curve().best().heldOut().loss() < result.plan().floor().loss() - 1,
        result.curve().toString());
    ModelFiles files = saved(result, "causal");
    assertTrue(BertReader.read(files.onnx()).shape().causal());
  }

  @Test
  void badTextIsRefusedWithAReason() throws IOException {
    Path empty = text("empty.txt", "\n\n  \n");
    Path little = text("little.txt", "a few words only .\n");
    Path same = text("same.txt", "the same line again and again it is .\n".repeat(3000));
    for (Path bad : List.of(empty, little, same, temporary.resolve("missing.txt"))) {
      PolysemeException e =
          assertThrows(
              PolysemeException.class,
              () -> train(trainer(bad, options().steps(5).build(), "bad-" + bad.getFileName())),
              bad.toString());
      assertFalse(e.getMessage().isBlank());
      assertFalse(Files.exists(temporary.resolve("bad-" + bad.getFileName())), "left behind");
    }
    assertRefused(same, "same line");
  }

  private void assertRefused(Path bad, String reason) {
    PolysemeException e =
        assertThrows(
            PolysemeException.class,
            () -> train(trainer(bad, options().steps(5).build(), "refused")));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertFalse(Files.exists(temporary.resolve("refused")), "left behind");
  }

  @Test
  void textThatCannotBeReadIsSaidToBeWhyThereIsTooLittle() throws IOException {
    byte[] latin1 = "Köln liegt am Rhein .\n".repeat(50).getBytes(StandardCharsets.ISO_8859_1);
    Path all = Files.write(temporary.resolve("all.txt"), latin1);
    assertRefused(
        all, "50 texts cannot be read and are left out; the first, all.txt line 1: it is");
    Path apart = temporary.resolve("apart.txt");
    Path little = temporary.resolve("little.txt");
    Files.write(
        apart, "Köln liegt am Rhein .\n\n".repeat(50).getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(apart, "the first, apart.txt line 1: it is not text in UTF-8");
    Files.write(little, "a few words only .\n".getBytes(StandardCharsets.UTF_8));
    Files.write(little, latin1, StandardOpenOption.APPEND);
    assertRefused(little, "the first, little.txt line 2: it is not text in UTF-8");
    Path other = text("other.jsonl", "{\"body\": \"a few words\"}\n".repeat(50));
    assertRefused(other, "the first, other.jsonl line 1: the object has no field \"text\"");
  }

  @Test
  void aDamagedCheckpointAndOneOfOtherOptionsAreRefused() throws IOException {
    Path text = text("text.txt", language(800, 4));
    train(trainer(text, options().steps(4).build(), "work"));
    PolysemeException other =
        assertThrows(
            PolysemeException.class,
            () -> train(trainer(text, options().steps(5).build(), "work")));
    assertTrue(other.getMessage().contains("--restart"), other.getMessage());
    Path checkpoint = temporary.resolve("work").resolve("checkpoint");
    byte[] bytes = Files.readAllBytes(checkpoint);
    bytes[bytes.length / 2] ^= 1;
    Files.write(checkpoint, bytes);
    PolysemeException damaged =
        assertThrows(
            PolysemeException.class,
            () -> train(trainer(text, options().steps(4).build(), "work")));
    assertTrue(damaged.getMessage().contains("checksum"), damaged.getMessage());
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length / 3));
    assertThrows(
        PolysemeException.class, () -> train(trainer(text, options().steps(4).build(), "work")));
    EncoderTrainer.discard(temporary.resolve("work"));
    assertFalse(Files.exists(temporary.resolve("work")));
    train(trainer(text, options().steps(5).build(), "work"));
  }

  @Test
  void whatIsNoUtf8IsLeftOutAndTold() throws IOException {
    Path text = temporary.resolve("mixed.txt");
    byte[] good = language(1000, 5).getBytes(StandardCharsets.UTF_8);
    try (var out = Files.newOutputStream(text)) {
      out.write(good);
      out.write(new byte[] {(byte) 0xB0, (byte) 0xC4, (byte) 0xFF, '\n'});
    }
    EncoderTrainer.Result result = train(trainer(text, options().steps(2).build(), "work"));
    LeftOut leftOut = result.plan().leftOut();
    assertEquals(1, leftOut.texts());
    assertEquals("mixed.txt line 1001: it is not text in UTF-8", leftOut.first());
  }
}
