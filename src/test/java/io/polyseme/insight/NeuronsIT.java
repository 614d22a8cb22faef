package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class NeuronsIT {
  private static final List<String> ANIMALS =
      List.of("crane", "heron", "owl", "dog", "horse", "salmon", "bee", "wolf");
  private static final List<String> PLACES =
      List.of("river", "harbour", "forest", "market", "bridge");
  private static final NeuronRun.Pace QUICK = new NeuronRun.Pace(6, 0);

  @TempDir static Path folder;
  private static Encoder encoder;
  private static Path corpus;
  private static final List<String> SENTENCES = new ArrayList<>();

  @BeforeAll
  static void open() throws IOException {
    encoder =
        Encoder.open(
            ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()));
    var lines = new ArrayList<String>();
    for (String animal : ANIMALS) {
      for (String place : PLACES) {
        String first = "We saw a " + animal + " near the old " + place + ".";
        String second = "It was " + (animal.length() + place.length()) + " o'clock.";
        SENTENCES.add(first);
        SENTENCES.add(second);
        lines.add(first + " " + second);
        lines.add("");
      }
    }
    corpus = folder.resolve("corpus.txt");
    Files.write(corpus, lines);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  private static NeuronProfile make(NeuronProfiling asked, Progress progress, Cancel cancel) {
    try (CorpusReader reader = CorpusReader.open(corpus, CorpusOptions.DEFAULT)) {
      return asked.run(reader, encoder, QUICK, progress, cancel);
    }
  }

  private static List<String> words(NeuronProfile profile, NeuronId id) {
    return profile.neuron(id).examples().stream()
        .map(it -> it.text() + it.token())
        .sorted()
        .toList();
  }

  @Test
  void aProfileIsWhatEverySentenceSaysAndGoesOnAfterAnEnd() {
    NeuronProfiling asked =
        NeuronProfiling.to(folder.resolve("a.neurons")).withTop(3).withLayers(List.of(2, 11));
    NeuronProfile whole = make(asked, Progress.NONE, Cancel.create());
    assertEquals(80, whole.sentences());

    // By hand.
    Inside inside = encoder.inside();
    var tap = new Tap.FeedForward(11);
    int unit = 5;
    double sum = 0;
    int count = 0;
    var best = new ArrayList<double[]>();
    for (int i = 0; i < SENTENCES.size(); i++) {
      TokenisedText text = inside.tokenise(SENTENCES.get(i));
      Activations values = inside.activations(text, ActivationRequest.of(tap));
      double most = 0;
      for (int token = 1; token < text.count() - 1; token++) {
        sum += values.get(tap, token, unit);
        most = Math.max(most, values.get(tap, token, unit));
        count++;
      }
      best.add(new double[] {i, most});
    }
    best.sort(Comparator.comparingDouble(it -> -it[1]));
    ProfiledNeuron neuron = whole.neuron(new NeuronId(11, unit));
    assertEquals(count, whole.tokens());
    assertEquals(sum / count, neuron.mean(), 1e-5);
    assertEquals(best.getFirst()[1], neuron.maximum(), 1e-4);
    assertEquals(SENTENCES.get((int) best.getFirst()[0]), neuron.examples().getFirst().text());

    // Ended in the middle, asked for otherwise, and gone on with.
    NeuronProfiling again =
        NeuronProfiling.to(folder.resolve("b.neurons")).withTop(3).withLayers(List.of(2, 11));
    Cancel cancel = Cancel.create();
    var seen = new int[1];
    assertThrows(
        CancelledException.class,
        () ->
            make(
                again,
                (_, _, _) -> {
                  if (++seen[0] == 40) {
                    cancel.cancel();
                  }
                },
                cancel));
    assertTrue(Files.exists(folder.resolve(".b.neurons.part")));
    assertFalse(Files.exists(folder.resolve("b.neurons")));
    assertTrue(
        assertThrows(
                PolysemeException.class,
                () -> make(again.withTop(4), Progress.NONE, Cancel.create()))
            .getMessage()
            .contains("the number of examples (3 before, now 4)"));
    make(again, Progress.NONE, Cancel.create());
    assertFalse(Files.exists(folder.resolve(".b.neurons.part")));
    NeuronProfile resumed = NeuronProfile.read(folder.resolve("b.neurons"));
    assertEquals(whole.tokens(), resumed.tokens());
    for (int n = 0; n < whole.width(); n += 37) {
      var id = new NeuronId(2, n);
      assertEquals(words(whole, id), words(resumed, id));
      assertEquals(whole.neuron(id).mean(), resumed.neuron(id).mean(), 1e-6);
    }
  }

  @Test
  void whatFiresInATextAndWhatItAdds() {
    NeuronProfile profile =
        make(
            NeuronProfiling.to(folder.resolve("c.neurons")).withTop(4),
            Progress.NONE,
            Cancel.create());
    var neurons = new Neurons(encoder);
    String text = "There was a heron by the harbour.";
    List<FiringNeuron> firing = neurons.firing(text, new Span(12, 17), profile, 20);
    assertEquals(20, firing.size());
    for (FiringNeuron it : firing) {
      assertEquals("heron", it.here().wordText());
      assertTrue(it.deviations() >= firing.getLast().deviations());
    }
    // What fires at a heron here fires at a heron there, more than by chance (one of eight).
    long same =
        firing.stream()
            .filter(
                it -> it.neuron().examples().stream().anyMatch(e -> e.wordText().equals("heron")))
            .count();
    assertTrue(same >= 10, same + " of 20");

    List<AddedPiece> added = neurons.adds(new NeuronId(12, 3), 5);
    assertEquals(5, added.size());
    assertTrue(added.getFirst().score() > added.getLast().score());
    assertThrows(IllegalArgumentException.class, () -> neurons.adds(new NeuronId(13, 3), 5));
    assertThrows(IllegalArgumentException.class, () -> neurons.adds(new NeuronId(1, 1536), 5));

    List<NeuronLayer> curve =
        new NeuronCurve(30, 4, 1).measure(profile, encoder, Progress.NONE, Cancel.create());
    assertEquals(12, curve.size());
    for (NeuronLayer layer : curve) {
      assertTrue(layer.sameWord().value() > layer.sameWordFloor(), layer.toString());
    }
    assertEquals(
        curve, new NeuronCurve(30, 4, 1).measure(profile, encoder, Progress.NONE, Cancel.create()));
  }

  @Test
  void relationsAreLearnedAtEachLayer() {
    List<WordPair> pairs =
        List.of(
            new WordPair("France", "Paris"),
            new WordPair("Germany", "Berlin"),
            new WordPair("Italy", "Rome"),
            new WordPair("Spain", "Madrid"),
            new WordPair("Japan", "Tokyo"),
            new WordPair("China", "Beijing"),
            new WordPair("Russia", "Moscow"),
            new WordPair("Greece", "Athens"),
            new WordPair("Egypt", "Cairo"),
            new WordPair("Cuba", "Havana"),
            new WordPair("Iraq", "Baghdad"),
            new WordPair("Norway", "Oslo"),
            new WordPair("Poland", "Warsaw"),
            new WordPair("Austria", "Vienna"));
    RelationTrial trial =
        RelationTrial.of(pairs).withMethods(Set.of(RelationMethod.SOURCE, RelationMethod.OFFSET));
    WordStates states =
        WordStates.of(
            encoder,
            "The place is X.",
            trial.words(),
            Layers.all(),
            Progress.NONE,
            Cancel.create());
    assertEquals(13, states.layers().size());
    RelationReport report = trial.measure(List.of(states), Progress.NONE, Cancel.create());
    double best =
        report.scores().stream()
            .filter(it -> it.method() == RelationMethod.OFFSET)
            .mapToDouble(it -> it.hitAt1().value())
            .max()
            .orElseThrow();
    assertTrue(best > 0.5, report.toString());
    assertEquals(2, report.choices().size());
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    WordStates.of(
                        encoder,
                        "Xerxes.",
                        List.of("a"),
                        Layers.last(),
                        Progress.NONE,
                        Cancel.create()))
            .getMessage()
            .contains("has no X"));
  }
}
