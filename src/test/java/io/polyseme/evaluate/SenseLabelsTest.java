package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.sense.PartOfSpeech;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SenseLabelsTest {
  private static SenseLabels.Item item(PartOfSpeech pos, String gold, String answer, double p) {
    return new SenseLabels.Item(pos, Set.of(gold.split(" ")), answer, p);
  }

  @Test
  void f1WithItemsLeftUnanswered() {
    List<SenseLabels.Item> items =
        List.of(
            item(PartOfSpeech.NOUN, "a b", "b", Double.NaN),
            item(PartOfSpeech.NOUN, "a", "b", Double.NaN),
            item(PartOfSpeech.VERB, "a", "a", Double.NaN),
            item(PartOfSpeech.VERB, "a", "", Double.NaN));
    Evaluation scored = SenseLabels.score(items, List.of(), 200, 1);
    // Precision 2/3, recall 2/4.
    assertEquals(4.0 / 7, scored.score(SenseLabels.ALL, SenseLabels.F1).value(), 1e-12);
    assertEquals(3, scored.score(SenseLabels.ALL, SenseLabels.F1).n());
    assertEquals(0.5, scored.score("noun", SenseLabels.F1).value(), 1e-12);
    assertEquals(3, scored.scores().size());
  }

  @Test
  void theDifferenceToTheFloorIsPaired() {
    var random = new Random(2);
    var items = new ArrayList<SenseLabels.Item>();
    var floor = new ArrayList<SenseLabels.Item>();
    for (int i = 0; i < 500; i++) {
      boolean right = random.nextInt(3) > 0;
      items.add(item(PartOfSpeech.NOUN, "a", right ? "a" : "b", Double.NaN));
      floor.add(item(PartOfSpeech.NOUN, "a", right && i % 10 != 0 ? "a" : "b", Double.NaN));
    }
    Score gain =
        SenseLabels.score(items, floor, 500, 1).score(SenseLabels.ALL, SenseLabels.OVER_FREQUENCY);
    Score f1 = SenseLabels.score(items, floor, 500, 1).score(SenseLabels.ALL, SenseLabels.F1);
    assertTrue(gain.low() > 0 && gain.value() < 0.1, gain::toString);
    assertTrue(gain.high() - gain.low() < f1.high() - f1.low(), gain::toString);
    assertThrows(
        IllegalArgumentException.class, () -> SenseLabels.score(items, floor.subList(0, 3), 10, 1));
  }

  /** Four answers of 0.75 of which two are right are a quarter too sure. */
  @Test
  void calibration() {
    List<SenseLabels.Item> items =
        List.of(
            item(PartOfSpeech.NOUN, "a", "a", 0.75),
            item(PartOfSpeech.NOUN, "a", "a", 0.75),
            item(PartOfSpeech.NOUN, "a", "b", 0.75),
            item(PartOfSpeech.NOUN, "a", "b", 0.75));
    Score error =
        SenseLabels.score(items, List.of(), 50, 1).score(SenseLabels.ALL, SenseLabels.CALIBRATION);
    assertEquals(0.25, error.value(), 1e-12);
  }
}
