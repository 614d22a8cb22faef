package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DisambiguationIT {
  private static WordNetInventory wordNet;
  private static Analyser english;
  private static Encoder encoder;
  private static Disambiguator disambiguator;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    wordNet = WordNetInventory.open();
    english = Analyser.english(wordNet);
    encoder = open("bge-small-en-v1.5");
    disambiguator = Disambiguator.of(wordNet, encoder, Cancel.create());
  }

  private static Encoder open(String model) {
    return Encoder.open(ModelStore.standard().open(model, Progress.NONE, Cancel.create()));
  }

  @AfterAll
  static void close() {
    encoder.close();
    wordNet.close();
  }

  private static Disambiguator.Context context(String text, String word) {
    return new Disambiguator.Context(text, english.find(text, word, null));
  }

  private static String sense(Disambiguator how, String text, String word) {
    return how.rank(context(text, word), Cancel.create()).getFirst().best().sense().id();
  }

  /** Sentences of our own. */
  @Test
  void theSensesOfWordsInContext() {
    assertEquals(
        "bank%1:17:01::",
        sense(disambiguator, "We walked along the muddy bank and watched the stream.", "bank"));
    assertEquals(
        "bank%1:14:00::",
        sense(disambiguator, "The bank refused to give the firm another loan.", "bank"));
    assertEquals(
        "bat%1:05:00::",
        sense(disambiguator, "At dusk bats flew out of the cave to hunt for insects.", "bat"));
  }

  @Test
  void everyWordOfATextAndManyTexts() {
    List<String> texts =
        List.of(
            "He sat on the bank.",
            "The bank raised its rates.",
            "Nothing.",
            "The spring was warm.");
    var streamed = new ArrayList<List<Disambiguation>>();
    disambiguator.rankAll(
        texts.stream().map(t -> new Disambiguator.Context(t, english.words(t))).iterator(),
        result -> streamed.add(((Disambiguator.Result.Done) result).words()),
        Cancel.create());
    assertEquals(texts.size(), streamed.size());
    for (int i = 0; i < texts.size(); i++) {
      List<Disambiguation> alone =
          disambiguator.rank(
              new Disambiguator.Context(texts.get(i), english.words(texts.get(i))),
              Cancel.create());
      assertEquals(alone.size(), streamed.get(i).size());
      for (int w = 0; w < alone.size(); w++) {
        Disambiguation one = alone.get(w);
        Disambiguation other = streamed.get(i).get(w);
        assertEquals(one.best().sense(), other.best().sense());
        assertEquals(one.best().probability(), other.best().probability(), 1e-4);
        assertEquals(1, other.senses().stream().mapToDouble(RankedSense::probability).sum(), 1e-6);
      }
    }
  }

  @Test
  void methodsAlone() {
    String text = "He put his money into the bank by the river.";
    assertEquals(
        "bank%1:17:01::", sense(disambiguator.withMethod(SenseMethod.FREQUENCY), text, "bank"));
    for (SenseMethod method : SenseMethod.values()) {
      Disambiguation ranked =
          disambiguator.withMethod(method).rank(context(text, "bank"), Cancel.create()).getFirst();
      assertEquals(10, ranked.senses().size(), method::toString);
      assertEquals(1, ranked.senses().stream().mapToDouble(RankedSense::probability).sum(), 1e-6);
    }
    Disambiguation lesk =
        disambiguator
            .withMethod(SenseMethod.LESK)
            .rank(context(text, "bank"), Cancel.create())
            .getFirst();
    assertEquals(Evidence.Kind.WORDS, lesk.best().evidence().getFirst().kind());
  }

  @Test
  void wordsThatAreHardToFind() {
    assertEquals(2, english.find("The bank by the river bank.", "bank", null).size());
    assertEquals(
        "banks",
        english.find("Both banks flood.", "bank", null).getFirst().span().of("Both banks flood."));
    assertEquals(
        "bank",
        english
            .find("A bank-owned house.", "bank", null)
            .getFirst()
            .span()
            .of("A bank-owned house."));
    assertTrue(
        failure("The riverbank floods.", "bank").contains("only as a part of \"riverbank\""));
    assertTrue(failure("The river floods.", "bank").contains("is not in the text"));
    assertTrue(
        failure("The bnak floods.", "bnak").contains("near it are"),
        failure("The bnak floods.", "bnak"));
    assertThrows(IllegalArgumentException.class, () -> english.find("x", " ", null));
  }

  private static String failure(String text, String word) {
    return assertThrows(PolysemeException.class, () -> english.find(text, word, null)).getMessage();
  }

  @Test
  void anIndexOfSensesKnowsItsMakers() throws IOException {
    Path file = folder.resolve("senses.jsonl");
    Files.write(
        file,
        List.of(
            "{\"id\": \"b1\", \"lemma\": \"bank\", \"gloss\": \"land beside water\", \"examples\": [\"They fished from the bank.\"]}",
            "{\"id\": \"b2\", \"lemma\": \"bank\", \"gloss\": \"a firm that keeps money\", \"examples\": [\"She went to the bank for a loan.\"]}",
            "{\"id\": \"o1\", \"lemma\": \"only\", \"gloss\": \"one sense\"}"));
    Path at = folder.resolve("index");
    try (FileInventory own = FileInventory.read(file)) {
      SenseIndex.Report report =
          SenseIndex.build(
              at, Recipe.of("senses"), own, encoder, List.of(), Progress.NONE, Cancel.create());
      assertEquals(2, report.senses());
      assertEquals(2, report.examples());
      assertEquals(2, report.glosses());
      try (SenseIndex index = SenseIndex.of(VectorIndex.open(at))) {
        Disambiguator by = Disambiguator.of(own, encoder, index);
        Analyser words = Analyser.english(own);
        String text = "The bank lent him a large sum.";
        List<AnalysedWord> bank = words.find(text, "bank", null);
        var context = new Disambiguator.Context(text, bank);
        Disambiguation told = by.rank(context, Cancel.create()).getFirst();
        assertEquals("b2", told.best().sense().id());
        Disambiguation onTheSpot =
            Disambiguator.of(own, encoder, Cancel.create())
                .rank(context, Cancel.create())
                .getFirst();
        assertEquals(onTheSpot.best().probability(), told.best().probability(), 1e-4);
        assertTrue(
            assertThrows(PolysemeException.class, () -> Disambiguator.of(wordNet, encoder, index))
                .getMessage()
                .contains("and not of this wordnet-3.0"));
        try (Encoder other = open("all-minilm-l6-v2")) {
          assertTrue(
              assertThrows(PolysemeException.class, () -> Disambiguator.of(own, other, index))
                  .getMessage()
                  .contains("was made by the model bge-small-en-v1.5"));
        }
      }
    }
    Path none = folder.resolve("plain");
    try (var builder =
        VectorIndex.builder(none, Recipe.of("test"), io.polyseme.vector.Maker.UNKNOWN)) {
      builder.add("a", new float[] {1, 0}, java.util.Map.of());
      builder.commit(Progress.NONE, Cancel.create());
    }
    assertTrue(
        assertThrows(PolysemeException.class, () -> SenseIndex.of(VectorIndex.open(none)))
            .getMessage()
            .contains("is not one of senses"));
  }

  @Test
  void whatIsCancelledEnds() {
    Cancel cancel = Cancel.create();
    cancel.cancel();
    String text = "He sat on the bank.";
    assertThrows(
        CancelledException.class,
        () -> disambiguator.rankAll(List.of(context(text, "bank")).iterator(), _ -> {}, cancel));
  }
}
