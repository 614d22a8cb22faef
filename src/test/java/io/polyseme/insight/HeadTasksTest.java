package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.insight.RelationHead.Direction;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeadTasksTest {
  @Test
  void headsAreChosenOnOneHalfAndScoredBesideTheirControls() {
    var votes = new HeadVotes(2, 2, 7);
    var random = new SplittableRandom(5);
    for (int i = 0; i < 400; i++) {
      // Five units; the right one is mostly the one before, and head 2.1 knows it always.
      int query = 1 + random.nextInt(4);
      int[] candidates = IntStream.range(0, 5).filter(u -> u != query).toArray();
      int right = random.nextInt(10) < 6 ? query - 1 : candidates[random.nextInt(4)];
      var rights = new boolean[4];
      for (int c = 0; c < 4; c++) {
        rights[c] = candidates[c] == right;
      }
      var item = new HeadVotes.Item(query, candidates, rights);
      votes.ask(i % 2, item);
      for (int head = 0; head < 4; head++) {
        var attention = new float[25];
        attention[query * 5 + query] = 0.9f; // looks at itself, which is no candidate
        attention[query * 5 + (head == 3 ? right : candidates[random.nextInt(4)])] = 0.1f;
        votes.answer(i % 2, item, 1 + head / 2, head % 2, attention, 5);
      }
    }
    RelationHead best = votes.score("obj", Direction.TO_HEAD);
    assertEquals(new HeadRef(2, 1), best.head());
    assertEquals(1, best.accuracy());
    assertEquals(200, best.items());
    assertEquals(-1, best.offset());
    assertEquals(0.7, best.offsetAccuracy(), 0.1); // 0.6 + 0.4 / 4
    assertEquals(0.25, best.shuffled(), 0.1);
    assertEquals(0.25, best.chance(), 1e-9);
    assertTrue(best.low() > 0.97 && best.high() == 1);
  }

  @Test
  void pronounsAreInBalancedTwins() {
    List<PronounSentence> sentences = PronounSentence.bundled();
    assertEquals(96, sentences.size());
    assertEquals(96, new HashSet<>(sentences.stream().map(PronounSentence::text).toList()).size());
    int nearest = 0;
    int first = 0;
    for (int i = 0; i < sentences.size(); i++) {
      PronounSentence it = sentences.get(i);
      String pronoun = it.pronoun().of(it.text());
      assertTrue(
          (i % 2 == 0 ? Set.of("he", "him") : Set.of("she", "her")).contains(pronoun), it.text());
      assertEquals(
          it.text()
                  .indexOf(
                      " " + pronoun + (it.pronoun().end() < it.text().length() - 1 ? " " : "."))
              + 1,
          it.pronoun().start());
      assertTrue(it.others().size() >= 2, it.text());
      int before = it.antecedent().start();
      boolean person = it.others().getFirst().start() > before;
      first += person ? 1 : 0;
      assertTrue(it.antecedent().start() < it.pronoun().start());
      nearest +=
          it.others().stream()
                  .noneMatch(o -> o.start() > before && o.start() < it.pronoun().start())
              ? 1
              : 0;
      PronounSentence twin = sentences.get(i ^ 1);
      assertTrue(twin.others().contains(it.antecedent()), it.text());
      assertFalse(it.others().contains(it.antecedent()));
    }
    assertTrue(first >= 40 && first <= 56, "of 96 the first noun is right in " + first);
    assertTrue(nearest <= 48, "of 96 the nearest noun is right in " + nearest);
    var error =
        assertThrows(
            PolysemeException.class,
            () -> PronounSentence.parse(List.of("# none", "The [m:king] saw {him|her}.")));
    assertTrue(error.getMessage().contains("line 2"), error.getMessage());
  }

  @Test
  void factsAreToldAndAskedFor() {
    FactTexts.Made alone = FactTexts.CAPITALS.alone("Peru");
    assertEquals("Last year we visited the capital of Peru.", alone.text());
    assertEquals("Peru", alone.subject().of(alone.text()));
    assertEquals("capital", alone.word().of(alone.text()));
    assertEquals(0, alone.fact().length());
    FactTexts.Made after = FactTexts.CAPITALS.after("Norway", "Oslo", "Peru");
    assertEquals(
        "The capital of Norway is Oslo. Last year we visited the capital of Peru.", after.text());
    assertEquals("The capital of Norway is Oslo.", after.fact().of(after.text()));
    assertEquals("Peru", after.subject().of(after.text()));
    assertEquals("capital", after.word().of(after.text()));
    var turned =
        new FactTexts("{object} is {subject}'s.", "{subject} has a [capital].", "See {object}!");
    FactTexts.Made made = turned.after("Peru", "Lima", "Chad");
    assertEquals("Lima is Peru's. Chad has a capital.", made.text());
    assertEquals("Chad", made.subject().of(made.text()));
    assertEquals("capital", made.word().of(made.text()));
    assertEquals("Lima", turned.ofObject("Lima").subject().of("See Lima!"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FactTexts("{subject}", "{subject} [x]", "{object}"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FactTexts("{subject} {object}", "{subject}", "{object}"));
  }

  @Test
  void pairsThatTellOfEachOtherAreLeftOut() {
    assertTrue(new FactPair("Tunisia", "Tunis").overlaps());
    assertTrue(new FactPair("Algeria", "Algiers").overlaps());
    assertTrue(new FactPair("Mexico", "Mexico City").overlaps());
    assertFalse(new FactPair("Peru", "Lima").overlaps());
    var peru = new FactPair("Peru", "Lima");
    assertEquals(
        List.of(peru),
        FactPair.distinct(
            List.of(peru, new FactPair("Peru", "Cusco"), new FactPair("Chad", "Lima"))));
  }

  @Test
  void sensesAreToldByTheNearestMean() {
    float[][] learned = {{1, 0}, {1, 0.2f}, {0, 1}, {0.2f, 1}};
    int[] senses = {0, 0, 1, 1};
    float[][] asked = {{1, 0.1f}, {1, 0.9f}, {0.1f, 1}};
    var told = new SenseTold(learned, senses, asked, new int[] {0, 1, 1}, 2, 2);
    int[] once = {1, 1, 1};
    assertEquals(0.75, told.accuracy(once)); // one of one, and one of two
    assertEquals(0.5, told.accuracy(new int[] {1, 2, 0}));
    var same = new SenseTold(learned, senses, asked, new int[] {0, 1, 1}, 2, 2);
    assertEquals(0, told.distance(same), 1e-6);
    assertEquals(0, told.changed(same));
    float[][] turned = {{0.1f, 1}, {0.9f, 1}, {1, 0.1f}};
    var other = new SenseTold(learned, senses, turned, new int[] {0, 1, 1}, 2, 2);
    assertEquals(2.0 / 3, told.changed(other), 1e-9); // not those of the one in the middle
    assertTrue(told.distance(other) > 0.3);
    assertTrue(told.margin(once) > other.margin(once));
  }
}
