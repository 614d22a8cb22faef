package io.polyseme.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.WordHead;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class HeadTrainerIT {
  private static final String MODEL = "all-minilm-l6-v2";
  private static final String TEXT = "A bird with long legs that [MASK] in the river.";

  @TempDir Path folder;

  private static List<String> definitions(int count) {
    var texts = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(
          entry -> {
            if (texts.size() < count && entry.definition().split(" ").length > 9) {
              texts.add(entry.definition());
            }
          });
    }
    return texts;
  }

  private static ModelFiles model() {
    return ModelStore.standard().open(MODEL, Progress.NONE, Cancel.create());
  }

  private static final HeadOptions OPTIONS =
      HeadOptions.DEFAULT
          .withHeldOut(0.1)
          .withEpochs(2)
          .withBatch(64)
          .withSamples(256)
          .withSample(800)
          .withThreads(2);

  private static TrainedHead train(Encoder encoder, HeadOptions options, List<String> texts) {
    return new HeadTrainer(encoder, options)
        .train(texts.iterator(), epoch -> {}, Progress.NONE, Cancel.create());
  }

  @Test
  void aHeadThatIsLearnedAndSavedPredictsWords() throws IOException {
    ModelFiles files = model();
    Path saved = folder.resolve("with-head");
    var epochs = new ArrayList<HeadTrainer.Epoch>();
    TrainedHead head;
    float[] expected;
    float[] sentence;
    var masks = new int[1];
    try (Encoder encoder = Encoder.open(files)) {
      assertFalse(encoder.inside().hasHead());
      head =
          new HeadTrainer(encoder, OPTIONS)
              .train(definitions(1500).iterator(), epochs::add, Progress.NONE, Cancel.create());
      TrainedHead.Summary summary = head.summary();
      assertEquals(2, epochs.size());
      assertEquals(summary.heldOut(), epochs.getLast().heldOut());
      HeadScores floor = summary.floor();
      assertTrue(summary.heldOut().words() > 100, summary.toString());
      assertTrue(summary.heldOut().crossEntropy() < floor.crossEntropy() - 0.2, summary.toString());
      assertTrue(summary.heldOut().top10() > floor.top10(), summary.toString());
      head.save(
          files, ModelStore.standard(), ModelTarget.in(saved), Progress.NONE, Cancel.create());
      TokenisedText text = encoder.inside().tokenise(TEXT);
      int mask = encoder.inside().maskId().orElseThrow();
      while (text.id(masks[0]) != mask) {
        masks[0]++;
      }
      var tap = new Tap.HiddenState(summary.layer());
      expected =
          head.scores(
              encoder.inside().activations(text, ActivationRequest.of(tap)).at(tap, masks[0]));
      sentence = encoder.encode(TEXT, EncodeRequest.ofSentences()).vector();
    }
    ModelFiles made = ModelStore.standard().open(saved.toString(), Progress.NONE, Cancel.create());
    try (Encoder encoder = Encoder.open(made);
        WordPredictor predictor = WordPredictor.open(made, encoder);
        WordHead onnx = encoder.inside().head()) {
      assertEquals(WordHead.Kind.MASKED, predictor.kind());
      assertEquals(head.summary().layer(), onnx.layer());
      assertTrue(predictor.hasLens());
      // The encoder is what it was.
      assertArrayEquals(
          sentence, encoder.encode(TEXT, EncodeRequest.ofSentences()).vector(), 1e-6f);
      var tap = new Tap.HiddenState(onnx.layer());
      float[] state =
          encoder
              .inside()
              .activations(encoder.inside().tokenise(TEXT), ActivationRequest.of(tap))
              .at(tap, masks[0]);
      assertArrayEquals(expected, onnx.logits(state, 1), 1e-3f);
      List<Prediction> found = predictor.predict(TEXT, PredictOptions.DEFAULT);
      double sum = 0;
      for (float score : expected) {
        sum += Math.exp(score);
      }
      for (Prediction.Word word : found.getFirst().words()) {
        assertEquals(Math.exp(expected[word.id()]) / sum, word.probability(), 1e-4);
      }
      var all = new ArrayList<Integer>();
      for (int layer = 0; layer <= predictor.layers(); layer++) {
        all.add(layer);
      }
      PredictOptions layers = PredictOptions.DEFAULT.withLayers(all);
      List<Prediction> byLayer = predictor.predict(TEXT, layers);
      assertEquals(predictor.layers() + 1, byLayer.size());
      assertEquals(
          found.getFirst().words().getFirst(), byLayer.get(onnx.layer()).words().getFirst());
      assertFalse(byLayer.equals(predictor.predict(TEXT, layers.withRaw(true))));
      // A model with a head needs no other.
      assertThrows(
          PolysemeException.class, () -> train(encoder, OPTIONS, List.of("nothing to learn")));
    }
    damagedLens(made);
  }

  /** A lens that is damaged or another model's is not read; the head alone still is. */
  private static void damagedLens(ModelFiles made) throws IOException {
    Path lens = made.folder().resolve("polyseme-lens.bin");
    byte[] bytes = Files.readAllBytes(lens);
    bytes[bytes.length / 2] ^= 1;
    Files.write(lens, bytes);
    try (Encoder encoder = Encoder.open(made);
        WordPredictor predictor = WordPredictor.open(made, encoder)) {
      PredictOptions first = PredictOptions.DEFAULT.withLayers(List.of(1));
      assertEquals(1, predictor.predict(TEXT, PredictOptions.DEFAULT).size());
      assertEquals(1, predictor.predict(TEXT, first.withRaw(true)).size());
      String message =
          assertThrows(PolysemeException.class, () -> predictor.predict(TEXT, first)).getMessage();
      assertTrue(message.contains("damaged"), message);
    }
  }

  @Test
  void theNumberOfThreadsDoesNotShow() {
    List<String> texts = definitions(400);
    float[] state = new float[384];
    for (int j = 0; j < state.length; j++) {
      state[j] = (float) Math.sin(j);
    }
    var scores = new ArrayList<float[]>();
    for (int threads : new int[] {1, 2}) {
      try (Encoder encoder = Encoder.open(model(), EncoderOptions.DEFAULT.withThreads(threads))) {
        HeadOptions options =
            OPTIONS.withThreads(threads).withEpochs(1).withLayer(4).withLens(false);
        scores.add(train(encoder, options, texts).scores(state));
      }
    }
    assertArrayEquals(scores.get(0), scores.get(1), 0f);
  }

  @Test
  void whatCannotBeLearnedFromLeavesNothing() throws IOException {
    try (Encoder encoder = Encoder.open(model())) {
      String message =
          assertThrows(PolysemeException.class, () -> train(encoder, OPTIONS, List.of("", "one")))
              .getMessage();
      assertTrue(message.contains("too little text"), message);
      TrainedHead head =
          train(encoder, OPTIONS.withEpochs(1).withLayer(1).withLens(false), definitions(200));
      Path target = folder.resolve("cancelled");
      var cancel = Cancel.create();
      cancel.cancel();
      assertThrows(
          CancelledException.class,
          () ->
              head.save(
                  model(), ModelStore.standard(), ModelTarget.in(target), Progress.NONE, cancel));
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }
}
