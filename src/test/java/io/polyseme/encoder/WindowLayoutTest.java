package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class WindowLayoutTest {

  @RepeatedTest(300)
  void everyRangeIsInTheWindowWhereItsPoorerSideHasTheMostContext(RepetitionInfo seed) {
    var random = new Random(seed.getCurrentRepetition());
    int capacity = 1 + random.nextInt(random.nextBoolean() ? 12 : 100);
    int tokens = 1 + random.nextInt(capacity * 6);
    var layout = new WindowLayout(tokens, capacity);
    String what = layout.toString();
    for (int from = 0; from < tokens; from++) {
      int to = Math.min(tokens, from + 1 + random.nextInt(capacity + 2));
      int most = -1;
      for (int w = 0; w < layout.count(); w++) {
        if (layout.start(w) <= from && to <= layout.end(w)) {
          most = Math.max(most, poorerSide(layout, w, from, to));
        }
      }
      int home = layout.home(from, to);
      assertEquals(
          most, home < 0 ? -1 : poorerSide(layout, home, from, to), what + " " + from + " " + to);
      int owner = layout.owner(from);
      assertTrue(layout.ownFrom(owner) <= from && from < layout.ownTo(owner), what);
      assertEquals(layout.home(from, from + 1), owner, what + " " + from);
    }
  }

  private static int poorerSide(WindowLayout layout, int window, int from, int to) {
    return Math.min(from - layout.start(window), layout.end(window) - to);
  }

  @RepeatedTest(100)
  void windowsCoverTheTextAndAreFull(RepetitionInfo seed) {
    var random = new Random(seed.getCurrentRepetition());
    int capacity = 1 + random.nextInt(100);
    int tokens = random.nextInt(1000);
    var layout = new WindowLayout(tokens, capacity);
    int covered = 0;
    for (int w = 0; w < layout.count(); w++) {
      assertEquals(Math.min(capacity, tokens), layout.end(w) - layout.start(w));
      assertTrue(layout.start(w) <= covered && (w == 0 || layout.end(w) > covered));
      assertTrue(layout.start(w) <= layout.ownFrom(w) && layout.ownTo(w) <= layout.end(w));
      covered = layout.end(w);
    }
    assertEquals(tokens, covered);
    assertEquals(tokens, layout.ownTo(layout.count() - 1));
  }

  @RepeatedTest(100)
  void aWindowThatIsFirmIsWhereTheWholeTextHasIt(RepetitionInfo seed) {
    var random = new Random(seed.getCurrentRepetition());
    int capacity = 1 + random.nextInt(60);
    int known = random.nextInt(400);
    var endless = WindowLayout.endless(capacity);
    for (int more = 0; more < 3 * capacity; more += 1 + random.nextInt(7)) {
      var whole = new WindowLayout(known + more, capacity);
      for (int w = 0; endless.firm(w, known); w++) {
        assertEquals(whole.start(w), endless.start(w));
        assertEquals(whole.end(w), endless.end(w));
        assertEquals(whole.ownTo(w), endless.ownTo(w));
      }
      for (int to = 1; to <= known && endless.firm(endless.lastWith(to), known); to++) {
        int from = random.nextInt(to);
        assertEquals(whole.home(from, to), endless.home(from, to));
        assertEquals(whole.owner(to - 1), endless.owner(to - 1));
      }
    }
  }

  @Test
  void aTextThatFitsHasOneWindow() {
    var layout = new WindowLayout(510, 510);
    assertEquals(1, layout.count());
    assertEquals(0, layout.home(0, 510));
    assertEquals(2, new WindowLayout(511, 510).count());
  }
}
