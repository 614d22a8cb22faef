package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.lexicon.WordNet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WordNetInventoryTest {
  private static WordNetInventory wordNet;

  @BeforeAll
  static void open() {
    wordNet = WordNetInventory.open();
  }

  @AfterAll
  static void close() {
    wordNet.close();
  }

  /** As Princeton's own {@code wn bank -over} lists them. */
  @Test
  void theSensesOfBank() {
    List<Sense> nouns = wordNet.senses("bank", PartOfSpeech.NOUN);
    assertEquals(10, nouns.size());
    Sense slope = nouns.getFirst();
    assertEquals("bank%1:17:01::", slope.id());
    assertEquals(25, slope.count());
    assertEquals("sloping land (especially the slope beside a body of water)", slope.gloss());
    assertEquals(
        List.of(
            "they pulled the canoe up on the bank",
            "he sat on the bank of the river and watched the currents"),
        slope.examples());
    assertEquals("noun.object", slope.topic());
    assertEquals(
        List.of("slope%1:17:00::"), wordNet.broader(slope).stream().map(Sense::id).toList());
    assertEquals("depository financial institution", nouns.get(1).synonyms().getFirst());
    assertEquals(8, wordNet.senses("bank", PartOfSpeech.VERB).size());
    assertEquals(18, wordNet.senses("BANK", null).size());
    assertEquals(List.of(), wordNet.senses("bank", PartOfSpeech.OTHER));
    assertEquals(List.of(), wordNet.senses("bnak", null));
    assertTrue(wordNet.nearLemmas("bnak", 5).contains("bank"));
  }

  /** WordNet 3.0's documentation (wnstats) counts 206,941 pairs of word and sense. */
  @Test
  void everySenseHasAKeyOfItsOwnAndIsFoundByIt() {
    Set<String> ids = new HashSet<>();
    int[] asked = {0};
    wordNet
        .all()
        .forEach(
            sense -> {
              assertTrue(ids.add(sense.id()), sense.id());
              if (asked[0]++ % 97 == 0) {
                assertEquals(sense, wordNet.sense(sense.id()).orElseThrow());
              }
            });
    assertEquals(206_941, ids.size());
  }

  @Test
  void keysWithTheMarkerOfAnAdjectivesPlace() {
    assertEquals(
        "previous%5:00:00:preceding:00",
        wordNet.sense("previous%5:00:00:preceding(a):00").orElseThrow().id());
    for (String none :
        List.of("", "%", "bank", "bank%", "%1", "bank%9:17:01::", "bank%1:99:99::")) {
      assertTrue(wordNet.sense(none).isEmpty(), none);
    }
  }

  @Test
  void formsAreTracedBack() {
    assertEquals(
        List.of("bank"),
        wordNet.lemmas("banking", PartOfSpeech.VERB).stream().filter("bank"::equals).toList());
    assertEquals(List.of("saw", "see"), wordNet.lemmas("saw", PartOfSpeech.VERB));
    assertEquals(List.of("take place"), wordNet.lemmas("took place", PartOfSpeech.VERB));
    assertEquals(List.of("goose"), wordNet.lemmas("geese", null));
    assertEquals(List.of(), wordNet.lemmas("zzzz", null));
    assertEquals(List.of(), wordNet.lemmas("", null));
  }

  @Test
  void theLaterEditionIsAnother() {
    try (WordNetInventory later = WordNetInventory.open(WordNet.Version.V3_1)) {
      assertEquals("wordnet-3.1", later.name());
      assertEquals(10, later.senses("bank", PartOfSpeech.NOUN).size());
      assertTrue(later.sense("bank%1:17:01::").isPresent());
    }
  }
}
