package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.FactScore.Removed;
import io.polyseme.insight.FactScore.Told;
import io.polyseme.insight.RelationHead.Direction;
import io.polyseme.insight.SenseLayers.Example;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class HeadsIT {
  private static final String SENTENCE =
      "The river rose in the night, and the town by the river woke to the bells. ";

  private static Encoder encoder;
  private static Inside inside;

  @BeforeAll
  static void open() {
    encoder =
        Encoder.open(
            ModelStore.standard().open("all-minilm-l6-v2", Progress.NONE, Cancel.create()));
    inside = encoder.inside();
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void longTextsAreReadInPiecesThatLeaveNothingOut() {
    String text = SENTENCE.repeat(80).strip();
    List<TokenisedText> pieces = inside.tokeniseInPieces(text, 128);
    assertTrue(pieces.size() > 10, "pieces: " + pieces.size());
    var joined = new StringBuilder();
    for (TokenisedText piece : pieces) {
      assertTrue(piece.count() <= 128);
      assertTrue(piece.texts().getFirst().strip().endsWith("."), piece.toString());
      joined.append(piece.texts().getFirst());
    }
    assertEquals(text, joined.toString());
    // Without sentences between words, without words anywhere; emoji are not cut in two.
    for (String odd : List.of("river ".repeat(300), "ab".repeat(2000), "🎉a".repeat(300))) {
      var whole = new StringBuilder();
      for (TokenisedText piece : inside.tokeniseInPieces(odd, 32)) {
        assertTrue(piece.count() <= 32);
        whole.append(piece.texts().getFirst());
      }
      assertEquals(odd.strip(), whole.toString().strip());
    }
    assertEquals(1, inside.tokeniseInPieces("one", 8).size());
    assertThrows(PolysemeException.class, () -> inside.tokeniseInPieces(" ", 128));
  }

  @Test
  void aRunThatIsKilledGoesOnAsIfItHadNotBeen(@TempDir Path folder) throws IOException {
    var lines = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      lines.add(i % 9 == 4 ? "" : SENTENCE.repeat(1 + i % 20) + i);
    }
    Path first = Files.write(folder.resolve("1.txt"), lines);
    Path second = Files.write(folder.resolve("2.txt"), lines.subList(0, 7));
    List<Path> files = List.of(first, second);
    var profiler = new HeadProfiler(inside, HeadProfileOptions.DEFAULT);
    HeadProfiles whole =
        profiler.profile(files, CorpusOptions.DEFAULT, null, Progress.NONE, Cancel.create());
    assertEquals(67, whole.texts() + whole.skipped());
    assertEquals(8, whole.skipped());
    assertTrue(whole.pieces() > whole.texts());
    Path saved = folder.resolve("sums.json");
    int kills = 0;
    HeadProfiles resumed = null;
    while (resumed == null) {
      Cancel cancel = Cancel.create();
      int[] reports = {0};
      Progress killer =
          (task, done, total) -> {
            if (++reports[0] == 40) {
              cancel.cancel();
            }
          };
      try {
        resumed = profiler.profile(files, CorpusOptions.DEFAULT, saved, killer, cancel);
      } catch (CancelledException _) {
        kills++;
      }
      assertTrue(kills < 100, "no headway");
    }
    assertTrue(kills > 0, "it was never killed");
    assertEquals(whole, resumed);
    // Again, with nothing left to read.
    assertEquals(
        whole,
        profiler.profile(files, CorpusOptions.DEFAULT, saved, Progress.NONE, Cancel.create()));
    var other = new HeadProfiler(inside, HeadProfileOptions.DEFAULT.withPieceTokens(64));
    var error =
        assertThrows(
            PolysemeException.class,
            () ->
                other.profile(files, CorpusOptions.DEFAULT, saved, Progress.NONE, Cancel.create()));
    assertTrue(error.getMessage().contains("saved for something else"), error.getMessage());
    HeadProfiles limited =
        new HeadProfiler(inside, HeadProfileOptions.DEFAULT.withTexts(5))
            .profile(files, CorpusOptions.DEFAULT, null, Progress.NONE, Cancel.create());
    assertEquals(5, limited.texts());
  }

  @Test
  void headsHaveJobs() throws Exception {
    Path conllu = Path.of(HeadsIT.class.getResource("small.conllu").toURI());
    var trial = new HeadTrial(inside, 1);
    var warnings = new ArrayList<String>();
    List<RelationHead> relations =
        trial.ofSyntax(ParsedSentence.read(conllu), warnings, Progress.NONE, Cancel.create());
    assertEquals(List.of(), warnings);
    RelationHead determiner =
        relations.stream()
            .filter(it -> it.relation().equals("det") && it.direction() == Direction.TO_HEAD)
            .findFirst()
            .orElseThrow();
    assertTrue(determiner.accuracy() > 0.7, determiner.toString());
    assertEquals(28, determiner.items());
    assertTrue(relations.stream().noneMatch(it -> it.relation().matches("punct|root")));
    List<RelationHead> pronouns =
        trial.ofPronouns(PronounSentence.bundled(), Progress.NONE, Cancel.create());
    assertEquals(2, pronouns.size());
    RelationHead among = pronouns.getLast();
    // What looks at places alone is right in half of the twins at most.
    assertTrue(among.offsetAccuracy() <= 0.5, among.toString());
    assertTrue(among.accuracy() > among.offsetAccuracy() + 0.15, among.toString());
    assertEquals(
        pronouns, trial.ofPronouns(PronounSentence.bundled(), Progress.NONE, Cancel.create()));
    HeadProfiles one =
        new HeadProfiler(inside, HeadProfileOptions.DEFAULT).profile(inside.tokenise(SENTENCE));
    assertEquals(72, one.heads().size());
    assertEquals(List.of(), one.best());
    assertEquals(HeadPattern.PREVIOUS, one.of(new HeadRef(1, 2)).job());
    List<HeadLink> links =
        new HeadProfiler(inside, HeadProfileOptions.DEFAULT).strongest(inside.tokenise(SENTENCE));
    assertTrue(links.get(2).attention() > 0.9, links.get(2).toString());
  }

  private static List<Example> usages(String sense, String... texts) {
    return List.of(texts).stream()
        .map(
            text ->
                new Example(text, new Span(text.indexOf("bank"), text.indexOf("bank") + 4), sense))
        .toList();
  }

  @Test
  void allHeadsOfALayerAreTheLayer() {
    List<Example> learned = new ArrayList<>();
    learned.addAll(
        usages(
            "money",
            "He put his money in the bank.",
            "The bank lends to farmers.",
            "She works for a bank in London.",
            "The bank raised its interest rates."));
    learned.addAll(
        usages(
            "river",
            "They sat on the bank of the river.",
            "The boat lay on the muddy bank.",
            "Willows grow along the bank of the stream.",
            "He fished from the left bank."));
    List<Example> told = new ArrayList<>();
    told.addAll(usages("money", "The bank closed my account.", "A loan from the bank."));
    told.addAll(usages("river", "The water rose over the bank.", "We swam to the other bank."));
    told.addAll(usages("blood", "The blood bank was empty."));
    var ablation = new Ablation(inside, AblationOptions.DEFAULT);
    List<ModelPart> parts =
        ModelPart.all(6, 12).stream()
            .filter(part -> part.layer() == 3 || part instanceof ModelPart.FeedForwardLayer)
            .toList();
    AblationReport report = ablation.of(learned, told, parts, Progress.NONE, Cancel.create());
    assertEquals(Map.of("money", 4, "river", 4), report.learned());
    assertEquals(Map.of("money", 2, "river", 2), report.told());
    assertEquals(6, report.layer());
    assertEquals(19, report.parts().size());
    for (int i = 0; i < report.parts().size(); i++) {
      AblatedPart it = report.parts().get(i);
      assertTrue(it.distance() > 0, it.toString());
      assertEquals(report.margin() - it.margin(), it.marginDrop(), 1e-9);
      assertTrue(i == 0 || report.parts().get(i - 1).marginDrop() >= it.marginDrop());
      assertTrue(it.marginInterval().low() <= it.marginDrop() + 1e-9);
      assertTrue(it.marginInterval().high() >= it.marginDrop() - 1e-9);
    }
    // The output projection is linear: the means of all heads make the mean of the layer.
    List<TokenisedText> texts = learned.stream().map(e -> inside.tokenise(e.text())).toList();
    Map<Tap, float[]> means = ablation.means(texts, parts, Cancel.create());
    List<ModelPart> heads =
        IntStream.range(0, 12).mapToObj(h -> (ModelPart) new ModelPart.Head(3, h, 12)).toList();
    var last = new Tap.HiddenState(6);
    Activations byHeads =
        inside.activations(
            texts.getFirst(),
            ActivationRequest.of(last).withReplaced(Ablation.replacements(means, heads, 384)));
    Activations byLayer =
        inside.activations(
            texts.getFirst(),
            ActivationRequest.of(last)
                .withReplaced(
                    Ablation.replacements(means, List.of(new ModelPart.AttentionLayer(3)), 384)));
    assertArrayEquals(byLayer.all(last), byHeads.all(last), 1e-4f);
    var error =
        assertThrows(
            PolysemeException.class,
            () -> ablation.of(learned.subList(0, 4), told, parts, Progress.NONE, Cancel.create()));
    assertTrue(error.getMessage().contains("1 senses"), error.getMessage());
  }

  @Test
  void aFactThatIsNotSeenMakesNoDifference() {
    List<FactPair> pairs =
        List.of(
            new FactPair("France", "Paris"),
            new FactPair("England", "London"),
            new FactPair("Spain", "Madrid"),
            new FactPair("Italy", "Rome"),
            new FactPair("Egypt", "Cairo"));
    List<FactScore> scores =
        new FactTrial(inside, FactTexts.CAPITALS).score(pairs, Progress.NONE, Cancel.create());
    // Four texts, but the empty one has no fact to be hidden; two probes and seven layers.
    assertEquals((8 * 4 - 1) * 2 * 7, scores.size());
    for (FactScore it : scores) {
      assertTrue(it.right() >= 0 && it.right() <= 1 && it.rightRank() >= it.right());
      assertEquals(it.told() == Told.NOTHING, Double.isNaN(it.stated()));
      if (it.removed() == Removed.ATTENTION_TO_FACT && it.told() == Told.WRONG) {
        // All of these capitals are one token: the rest of the text stands in the same places.
        FactScore truly =
            scores.stream()
                .filter(
                    other ->
                        other.removed() == it.removed()
                            && other.told() == Told.FACT
                            && other.at() == it.at()
                            && other.layer() == it.layer())
                .findFirst()
                .orElseThrow();
        assertEquals(truly.rightRank(), it.rightRank(), 1e-9);
      }
    }
    assertThrows(
        PolysemeException.class,
        () ->
            new FactTrial(inside, FactTexts.CAPITALS)
                .score(pairs.subList(0, 2), Progress.NONE, Cancel.create()));
  }
}
