package io.polyseme.insight;

import io.polyseme.Intervals;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How often each head looks most at the right word, apart for two halves of the sentences, beside
 * what words at fixed distances would score, and as many heads whose attention was shuffled. Not
 * thread-safe.
 */
final class HeadVotes {
  /** The farthest fixed distance that is tried. */
  private static final int FARTHEST = 5;

  private final int headsPerLayer;
  private final int[][] right;
  private final int[][] shuffled;
  private final int[][] offsets = new int[2][2 * FARTHEST + 1];
  private final int[] items = new int[2];
  private double chance;
  private final SplittableRandom random;

  /**
   * One question.
   *
   * @param query the unit that looks
   * @param candidates the units that are looked at, ascending, without the query
   * @param right which of them are right; at least one
   */
  record Item(int query, int[] candidates, boolean[] right) {}

  HeadVotes(int layers, int headsPerLayer, long seed) {
    this.headsPerLayer = headsPerLayer;
    right = new int[2][layers * headsPerLayer];
    shuffled = new int[2][layers * headsPerLayer];
    random = new SplittableRandom(seed);
  }

  /** Counts a question, once, for all that is not attention. */
  void ask(int half, Item item) {
    int count = item.candidates.length;
    items[half]++;
    int among = -1 - Arrays.binarySearch(item.candidates, item.query);
    for (int offset = -FARTHEST; offset <= FARTHEST; offset++) {
      int at = offset < 0 ? among + offset : among + offset - 1;
      if (offset != 0 && at >= 0 && at < count && item.right[at]) {
        offsets[half][offset + FARTHEST]++;
      }
    }
    for (int head = 0; head < shuffled[half].length; head++) {
      shuffled[half][head] += item.right[random.nextInt(count)] ? 1 : 0;
    }
    if (half == 1) {
      int rights = 0;
      for (boolean it : item.right) {
        rights += it ? 1 : 0;
      }
      chance += (double) rights / count;
    }
  }

  /**
   * Counts what a head answers.
   *
   * @param attention float[units × units] between all units
   */
  void answer(int half, Item item, int layer, int head, float[] attention, int units) {
    int best = 0;
    for (int i = 1; i < item.candidates.length; i++) {
      if (attention[item.query * units + item.candidates[i]]
          > attention[item.query * units + item.candidates[best]]) {
        best = i;
      }
    }
    right[half][(layer - 1) * headsPerLayer + head] += item.right[best] ? 1 : 0;
  }

  /** How many questions the smaller half has. */
  int least() {
    return Math.min(items[0], items[1]);
  }

  RelationHead score(String relation, RelationHead.Direction direction) {
    int best = most(right[0]);
    int offset = most(offsets[0]);
    int ofShuffled = most(shuffled[0]);
    Intervals.Interval interval = Intervals.wilson(right[1][best], items[1]);
    return new RelationHead(
        relation,
        direction,
        new HeadRef(best / headsPerLayer + 1, best % headsPerLayer),
        (double) right[0][best] / items[0],
        (double) right[1][best] / items[1],
        interval.low(),
        interval.high(),
        items[1],
        offset - FARTHEST,
        (double) offsets[1][offset] / items[1],
        (double) shuffled[1][ofShuffled] / items[1],
        chance / items[1]);
  }

  private static int most(int[] counts) {
    int most = 0;
    for (int i = 1; i < counts.length; i++) {
      most = counts[i] > counts[most] ? i : most;
    }
    return most;
  }
}
