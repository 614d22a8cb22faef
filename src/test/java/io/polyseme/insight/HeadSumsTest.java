package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadSumsTest {
  /** [CLS] cranes crane , Cranes [SEP], of which the first word has two pieces. */
  private static final Units UNITS =
      new Units(
          7,
          List.of(
              new Unit("[CLS]", Unit.Kind.SPECIAL, -1, null, 0, 1),
              new Unit("cranes", Unit.Kind.WORD, 0, new Span(0, 6), 1, 3),
              new Unit("crane", Unit.Kind.WORD, 0, new Span(7, 12), 3, 4),
              new Unit(",", Unit.Kind.MARK, 0, new Span(12, 13), 4, 5),
              new Unit("Cranes", Unit.Kind.WORD, 0, new Span(14, 20), 5, 6),
              new Unit("[SEP]", Unit.Kind.SPECIAL, -1, null, 6, 7)),
          new int[0]);

  private static final int TOKENS = 7;

  /** Every token gives all its attention to one. */
  private static float[] looking(int... at) {
    var attention = new float[TOKENS * TOKENS];
    for (int token = 0; token < TOKENS; token++) {
      attention[token * TOKENS + at[token]] = 1;
    }
    return attention;
  }

  private static HeadSums sums(float[] attention) {
    var sums = new HeadSums(1, 1);
    sums.add(0, UNITS, attention, 1, 0);
    sums.countEven(0, UNITS);
    return sums;
  }

  @Test
  void piecesAreJoined() {
    float[] attention = new float[TOKENS * TOKENS];
    attention[TOKENS + 3] = 1; // the first piece looks at "crane",
    attention[2 * TOKENS + 1] = 0.5f; // the second half at the first piece and half at itself
    attention[2 * TOKENS + 2] = 0.5f;
    attention[3 * TOKENS + 1] = 0.25f; // "crane" looks at both pieces
    attention[3 * TOKENS + 2] = 0.5f;
    var joined = new float[36];
    UNITS.join(attention, 0, joined);
    assertEquals(0.5f, joined[6 + 2]);
    assertEquals(0.5f, joined[6 + 1]);
    assertEquals(0.75f, joined[2 * 6 + 1]);
  }

  @Test
  void patternsAreTold() {
    // Each word or mark looks at the one before; "cranes" has none but [CLS].
    HeadSums previous = sums(looking(0, 0, 0, 1, 3, 4, 5));
    assertEquals(1, previous.mean(0, 1, 0, HeadPattern.PREVIOUS));
    assertEquals(3, previous.count(0, HeadPattern.PREVIOUS));
    assertEquals(0.25, previous.mean(0, 1, 0, HeadPattern.START));
    assertEquals(0, previous.mean(0, 1, 0, HeadPattern.BROAD));
    assertEquals(1, previous.distance(1, 0));
    HeadSums next = sums(looking(0, 3, 3, 4, 5, 6, 6));
    assertEquals(1, next.mean(0, 1, 0, HeadPattern.NEXT));
    assertEquals(0.25, next.mean(0, 1, 0, HeadPattern.SEPARATOR));
    // "cranes" at "Cranes", and the other way round; the mark and "crane" at themselves.
    HeadSums same = sums(looking(0, 5, 5, 3, 4, 1, 0));
    assertEquals(1, same.mean(0, 1, 0, HeadPattern.SAME_WORD));
    assertEquals(2, same.count(0, HeadPattern.SAME_WORD));
    assertEquals(0.5, same.mean(0, 1, 0, HeadPattern.SELF));
    assertEquals(1.5, same.distance(1, 0)); // 3, 0, 0, 3
    HeadSums marks = sums(looking(0, 4, 4, 4, 4, 4, 4));
    assertEquals(1, marks.mean(0, 1, 0, HeadPattern.PUNCTUATION));
    assertEquals(3, marks.count(0, HeadPattern.PUNCTUATION)); // a mark does not look at itself
    assertTrue(Double.isNaN(marks.mean(1, 1, 0, HeadPattern.SELF)));
  }

  @Test
  void evenAttentionIsBroadAndNothingElse() {
    var even = new float[TOKENS * TOKENS];
    Arrays.fill(even, 1f / TOKENS);
    HeadSums sums = sums(even);
    for (HeadPattern pattern : HeadPattern.values()) {
      assertEquals(sums.evenMean(0, pattern), sums.mean(0, 1, 0, pattern), 1e-6);
    }
    // Entropy over five units of 1/7 and one of 2/7, by hand.
    double entropy = -(5.0 / 7 * Math.log(1.0 / 7) + 2.0 / 7 * Math.log(2.0 / 7)) / Math.log(6);
    assertEquals(entropy, sums.mean(0, 1, 0, HeadPattern.BROAD), 1e-6);
    HeadProfile profile = HeadProfiles.of(sums, 1, 1, TOKENS, 0).heads().getFirst();
    assertEquals(HeadPattern.BROAD, profile.job());
    assertNull(HeadProfiles.of(new HeadSums(1, 1), 0, 0, 0, 0).heads().getFirst().job());
  }

  @Test
  void theBestHeadIsChosenOnOneHalfAndScoredOnTheOther() {
    var sums = new HeadSums(1, 2);
    float[] previous = looking(0, 0, 0, 1, 3, 4, 5);
    float[] next = looking(0, 3, 3, 4, 5, 6, 6);
    // Head 1 looks back in the first half, and forward in the second.
    float[] first = Arrays.copyOf(next, 2 * next.length);
    System.arraycopy(previous, 0, first, next.length, next.length);
    float[] second = Arrays.copyOf(previous, 2 * next.length);
    System.arraycopy(next, 0, second, next.length, next.length);
    for (int head = 0; head < 2; head++) {
      sums.add(0, UNITS, first, 1, head);
      sums.add(1, UNITS, second, 1, head);
    }
    sums.countEven(0, UNITS);
    sums.countEven(1, UNITS);
    BestHead best = HeadProfiles.of(sums, 2, 2, 14, 0).best().getFirst();
    assertEquals(HeadPattern.PREVIOUS, best.pattern());
    assertEquals(new HeadRef(1, 1), best.head());
    assertEquals(1, best.chosenBy());
    assertEquals(0, best.score());
  }

  @Test
  void sumsAreKeptToTheLastDigit() {
    HeadSums sums = sums(looking(0, 3, 3, 4, 5, 6, 6));
    for (int i = 0; i < 10; i++) {
      var even = new float[TOKENS * TOKENS];
      Arrays.fill(even, 1f / (TOKENS + i));
      sums.add(i % 2, UNITS, even, 1, 0);
      sums.countEven(i % 2, UNITS);
    }
    HeadSums read = HeadSums.of(JsonParser.parseString(sums.toJson().toString()).getAsJsonObject());
    for (HeadPattern pattern : HeadPattern.values()) {
      assertEquals(sums.mean(-1, 1, 0, pattern), read.mean(-1, 1, 0, pattern));
      assertEquals(sums.evenMean(-1, pattern), read.evenMean(-1, pattern));
    }
    assertEquals(sums.distance(1, 0), read.distance(1, 0));
  }

  @Test
  void runsOfSomethingElseAreRefused(@TempDir Path folder) throws IOException {
    Path saved = folder.resolve("sums.json");
    HeadRun run = HeadRun.start("this", 1, 1);
    run.pending().add(0, UNITS, looking(0, 0, 0, 1, 3, 4, 5), 1, 0);
    run.pending().countEven(0, UNITS);
    run.moveTo(new HeadRun.Place(0, 3, 2, 2, 14, 1));
    run.write(saved);
    HeadRun read = HeadRun.read(saved, "this");
    assertEquals(run.place(), read.place());
    assertEquals(run.profiles(), read.profiles());
    var error = assertThrows(PolysemeException.class, () -> HeadRun.read(saved, "that"));
    assertTrue(error.getMessage().contains("saved for something else"), error.getMessage());
    Files.writeString(saved, "{\"version\": 1}");
    error = assertThrows(PolysemeException.class, () -> HeadRun.read(saved, "this"));
    assertTrue(error.getMessage().contains("does not hold the sums"), error.getMessage());
    Files.writeString(saved, "not JSON");
    assertThrows(PolysemeException.class, () -> HeadRun.read(saved, "this"));
  }
}
