package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.graph.BertReader;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bundled encoder adapted to a little raw text. */
@Timeout(240)
class EncoderAdapterIT {
  private static final List<String> TEXTS =
      List.of(
          "He sat on the bank of the river and watched the boats go by.",
          "The bank lent the company money to buy new boats.",
          "The river flows past the old mill and the fields of the village.",
          "A company of actors came to the village and played at the mill.",
          "The money was gone before the boats came back to the river.",
          "Nobody in the village knew the company that had bought the mill.",
          "银行把钱借给公司，公司用钱买船。",
          "公司的船停在河边，银行就在河对面。");

  @TempDir Path temporary;

  private static ModelFiles bundled(String name) {
    return ModelStore.standard().open(name, Progress.NONE, Cancel.create());
  }

  private EncoderAdapter.Result adapted(ModelFiles model, AdaptOptions options, List<Double> losses)
      throws IOException {
    Path text =
        Files.writeString(
            temporary.resolve("text.txt"),
            (String.join("\n", TEXTS) + "\n").repeat(Math.min(options.contexts(), 3)));
    var adapter =
        new EncoderAdapter(
            model,
            List.of(text),
            CorpusOptions.DEFAULT,
            options,
            temporary.resolve("work"),
            Duration.ofHours(1));
    try {
      return adapter.adapt(
          _ -> {},
          new PretrainListener() {
            @Override
            public void update(PretrainProgress progress) {
              losses.add(progress.loss());
            }
          },
          Progress.NONE,
          Cancel.create());
    } finally {
      EncoderTrainer.discard(temporary.resolve("work"));
    }
  }

  private static AdaptOptions.Builder options() {
    return AdaptOptions.builder().batch(6).contexts(2).length(24).steps(6).lastLayers(2).threads(2);
  }

  @Test
  void onlyTheLastLayersMoveAndTheModelIsOneAsAnyOther() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    var losses = new ArrayList<Double>();
    EncoderAdapter.Result result =
        adapted(model, options().learningRate(1e-4).steps(12).build(), losses);
    assertEquals(12, result.steps());
    assertTrue(losses.getLast() < losses.getFirst(), losses.toString());
    ModelFiles made =
        result
            .encoder()
            .save(
                ModelStore.at(temporary.resolve("home")),
                ModelTarget.in(temporary.resolve("adapted")),
                Progress.NONE,
                Cancel.create());
    Map<String, float[]> before = BertReader.read(model.onnx()).weights();
    Map<String, float[]> after = BertReader.read(made.onnx()).weights();
    assertEquals(before.keySet(), after.keySet());
    before.forEach(
        (name, values) -> {
          boolean last = name.startsWith("encoder.layer.2") || name.startsWith("encoder.layer.3");
          if (!last) {
            assertArrayEquals(values, after.get(name), name);
          } else if (name.endsWith("query.weight")) {
            assertFalse(Arrays.equals(values, after.get(name)), name);
          }
        });
    try (Encoder old = Encoder.open(model);
        Encoder adapted = Encoder.open(made)) {
      assertEquals(old.info().card().pooling(), adapted.info().card().pooling());
      EncodeRequest request = EncodeRequest.ofSentences();
      float[] one = old.encode(TEXTS.getLast(), request).sentence().getLast().vector();
      float[] two = adapted.encode(TEXTS.getLast(), request).sentence().getLast().vector();
      double cosine = Vectors.cosine(one, two);
      assertTrue(cosine > 0.9 && cosine < 0.9999999, "it stayed near and moved: " + cosine);
    }
  }

  @Test
  void wordsAreOfTheMiddleLayersUnlessOthersAreGiven() {
    AdaptOptions options = AdaptOptions.DEFAULT;
    assertEquals(List.of(4, 5, 6, 7, 8, 9, 10), options.wordLayers(12));
    assertEquals(List.of(2, 3, 4, 5), options.wordLayers(6));
    assertEquals(List.of(1, 2, 3), options.wordLayers(4));
    assertEquals(List.of(1), options.wordLayers(2));
    assertEquals(List.of(1), options.wordLayers(1));
    assertEquals(List.of(3, 4), options().layers(Layers.lastN(2)).build().wordLayers(4));
  }

  /** Held against another sentence of its passage, the loss would be far above. */
  @Test
  void sentencesAreContrastedWithThemselvesWhereWordsAreSeenInOthers() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    var losses = new ArrayList<Double>();
    AdaptOptions options = options().sentences(1).words(0.001).keep(0).contexts(1).build();
    adapted(model, options, losses);
    assertTrue(losses.stream().allMatch(loss -> loss < 1.5), losses.toString());
  }

  /** Without masks and dropout the model is at first as it was, and nothing is lost by staying. */
  @Test
  void stayingNearWhatWasCostsNothingAtFirst() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    AdaptOptions.Builder options = options().dropout(0).hidden(0).steps(1);
    for (String layers : List.of("1-3", "3-4", "4,3")) {
      var kept = new ArrayList<Double>();
      var free = new ArrayList<Double>();
      adapted(model, options.layers(Layers.parse(layers)).keep(50).build(), kept);
      adapted(model, options.keep(0).build(), free);
      assertEquals(free.getFirst(), kept.getFirst(), 1e-3, layers);
    }
  }

  @Test
  void matricesOfLowRankMoveAttentionAlone() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    EncoderAdapter.Result result =
        adapted(
            model, options().rank(2).lastLayers(0).learningRate(1e-3).build(), new ArrayList<>());
    // Four projections in four layers, two matrices of rank 2 by 512 each.
    assertEquals(4 * 4 * 2 * 2 * 512, result.plan().trained());
  }

  @Test
  void maskedWordsGiveTheModelAHead() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    EncoderAdapter.Result result =
        adapted(model, options().masked(0.5).steps(2).build(), new ArrayList<>());
    ModelFiles made =
        result
            .encoder()
            .save(
                ModelStore.at(temporary.resolve("home")),
                ModelTarget.in(temporary.resolve("headed")),
                Progress.NONE,
                Cancel.create());
    assertTrue(BertReader.read(made.onnx()).weights().containsKey("cls.predictions.bias"));
  }

  @Test
  void whatCannotBeDoneIsSaid() throws IOException {
    ModelFiles model = bundled("bge-small-zh-v1.5");
    assertThrows(
        PolysemeException.class,
        () -> adapted(model, options().lastLayers(9).build(), new ArrayList<>()));
    assertThrows(
        PolysemeException.class,
        () -> adapted(model, options().layers(Layers.of(3, 5)).build(), new ArrayList<>()));
    PolysemeException unreached =
        assertThrows(
            PolysemeException.class,
            () -> adapted(model, options().lastLayers(1).build(), new ArrayList<>()));
    assertTrue(unreached.getMessage().contains("--last-layers"), unreached.getMessage());
    assertThrows(
        PolysemeException.class,
        () -> adapted(model, options().contexts(60).batch(60).build(), new ArrayList<>()));
    assertThrows(IllegalArgumentException.class, () -> options().words(0).build());
    assertThrows(IllegalArgumentException.class, () -> options().batch(3).contexts(4).build());
    assertThrows(IllegalArgumentException.class, () -> options().layers(Layers.sum(1, 2)).build());
  }
}
