package io.polyseme.insight;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.graph.Tap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Running sums of what the heads look at, apart for two halves of the texts. Not thread-safe. */
final class HeadSums {
  private static final HeadPattern[] PATTERNS = HeadPattern.values();

  /** Behind the patterns: attention times distance, and attention that has a distance. */
  private static final int DISTANCE = PATTERNS.length;

  private static final int MASS = DISTANCE + 1;
  private static final int FIGURES = MASS + 1;

  private final int layers;
  private final int heads;

  /** By half, head and figure. */
  private final double[][] sums = new double[2][];

  /** What attention that is the same everywhere would have, by half and figure. */
  private final double[][] even = new double[2][FIGURES];

  /** How many units could have shown a pattern, by half. */
  private final long[][] counts = new long[2][PATTERNS.length];

  private float[] joined = {};

  HeadSums(int layers, int heads) {
    this.layers = layers;
    this.heads = heads;
    for (int half = 0; half < 2; half++) {
      sums[half] = new double[layers * heads * FIGURES];
    }
  }

  int layers() {
    return layers;
  }

  int heads() {
    return heads;
  }

  /** Takes the attention of one text in all layers. */
  void add(int half, Units units, Activations values) {
    countEven(half, units);
    for (int layer = 1; layer <= layers; layer++) {
      float[] attention = values.all(new Tap.Attention(layer));
      for (int head = 0; head < heads; head++) {
        add(half, units, attention, layer, head);
      }
    }
  }

  /** Counts what the units could show, and what attention that is the same everywhere would. */
  void countEven(int half, Units units) {
    var uniform = new float[units.count() * units.count()];
    for (int query = 0; query < units.count(); query++) {
      for (int key = 0; key < units.count(); key++) {
        uniform[query * units.count() + key] = (float) units.size(key) / units.tokens();
      }
    }
    add(units, uniform, even[half], 0, counts[half]);
  }

  /** Takes the attention of one head; {@link #countEven} is to be called once for all heads. */
  void add(int half, Units units, float[] attention, int layer, int head) {
    if (joined.length < units.count() * units.count()) {
      joined = new float[units.count() * units.count()];
    }
    units.join(attention, head, joined);
    add(units, joined, sums[half], ((layer - 1) * heads + head) * FIGURES, null);
  }

  private static void add(
      Units units, float[] attention, double[] into, int at, long @Nullable [] counts) {
    int count = units.count();
    double logCount = Math.log(count);
    boolean[] here = new boolean[PATTERNS.length];
    double[] shares = new double[FIGURES];
    for (int query = 0; query < count; query++) {
      if (units.special(query)) {
        continue;
      }
      Arrays.fill(here, false);
      Arrays.fill(shares, 0);
      here[HeadPattern.SELF.ordinal()] = true;
      here[HeadPattern.BROAD.ordinal()] = count > 1;
      double entropy = 0;
      for (int key = 0; key < count; key++) {
        float share = attention[query * count + key];
        if (share > 0) {
          entropy -= share * Math.log(share);
        }
        if (units.special(key)) {
          int pattern = (key == 0 ? HeadPattern.START : HeadPattern.SEPARATOR).ordinal();
          here[pattern] = true;
          shares[pattern] += share;
          continue;
        }
        shares[DISTANCE] += share * Math.abs(key - query);
        shares[MASS] += share;
        if (key == query) {
          shares[HeadPattern.SELF.ordinal()] += share;
          continue;
        }
        if (key == query - 1) {
          here[HeadPattern.PREVIOUS.ordinal()] = true;
          shares[HeadPattern.PREVIOUS.ordinal()] += share;
        } else if (key == query + 1) {
          here[HeadPattern.NEXT.ordinal()] = true;
          shares[HeadPattern.NEXT.ordinal()] += share;
        }
        if (!units.word(key)) {
          here[HeadPattern.PUNCTUATION.ordinal()] = true;
          shares[HeadPattern.PUNCTUATION.ordinal()] += share;
        } else if (units.sameWord(key, query)) {
          here[HeadPattern.SAME_WORD.ordinal()] = true;
          shares[HeadPattern.SAME_WORD.ordinal()] += share;
        }
      }
      shares[HeadPattern.BROAD.ordinal()] = count > 1 ? entropy / logCount : 0;
      for (int figure = 0; figure < FIGURES; figure++) {
        into[at + figure] += shares[figure];
      }
      for (int pattern = 0; counts != null && pattern < PATTERNS.length; pattern++) {
        counts[pattern] += here[pattern] ? 1 : 0;
      }
    }
  }

  /** Takes over what another has, which is empty then. */
  void take(HeadSums other) {
    for (int half = 0; half < 2; half++) {
      move(other.sums[half], sums[half]);
      move(other.even[half], even[half]);
      for (int i = 0; i < PATTERNS.length; i++) {
        counts[half][i] += other.counts[half][i];
        other.counts[half][i] = 0;
      }
    }
  }

  private static void move(double[] from, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
      from[i] = 0;
    }
  }

  /**
   * The mean of a pattern, of one half or of both.
   *
   * @param half 0 or 1; -1 for both
   * @return NaN where no word could have shown it
   */
  double mean(int half, int layer, int head, HeadPattern pattern) {
    int at = ((layer - 1) * heads + head) * FIGURES + pattern.ordinal();
    double sum = 0;
    for (int h = 0; h < 2; h++) {
      sum += half < 0 || half == h ? sums[h][at] : 0;
    }
    return sum / count(half, pattern);
  }

  /** As {@link #mean}, of attention that is the same everywhere. */
  double evenMean(int half, HeadPattern pattern) {
    double sum = 0;
    for (int h = 0; h < 2; h++) {
      sum += half < 0 || half == h ? even[h][pattern.ordinal()] : 0;
    }
    return sum / count(half, pattern);
  }

  /** How many words could have shown a pattern; of -1 both halves' together. */
  long count(int half, HeadPattern pattern) {
    long count = 0;
    for (int h = 0; h < 2; h++) {
      count += half < 0 || half == h ? counts[h][pattern.ordinal()] : 0;
    }
    return count;
  }

  /** How far a head looks, in words and marks. */
  double distance(int layer, int head) {
    int at = ((layer - 1) * heads + head) * FIGURES;
    return (sums[0][at + DISTANCE] + sums[1][at + DISTANCE])
        / (sums[0][at + MASS] + sums[1][at + MASS]);
  }

  JsonObject toJson() {
    var object = new JsonObject();
    object.addProperty("layers", layers);
    object.addProperty("heads", heads);
    for (int half = 0; half < 2; half++) {
      object.add("sums" + half, array(sums[half]));
      object.add("even" + half, array(even[half]));
      var of = new JsonArray();
      for (long count : counts[half]) {
        of.add(count);
      }
      object.add("counts" + half, of);
    }
    return object;
  }

  private static JsonArray array(double[] values) {
    var array = new JsonArray(values.length);
    for (double value : values) {
      array.add(value);
    }
    return array;
  }

  /**
   * @throws RuntimeException of any kind if it is not what {@link #toJson} makes
   */
  static HeadSums of(JsonObject object) {
    var read = new HeadSums(object.get("layers").getAsInt(), object.get("heads").getAsInt());
    for (int half = 0; half < 2; half++) {
      fill(read.sums[half], object.getAsJsonArray("sums" + half));
      fill(read.even[half], object.getAsJsonArray("even" + half));
      JsonArray counts = object.getAsJsonArray("counts" + half);
      for (int i = 0; i < PATTERNS.length; i++) {
        read.counts[half][i] = counts.get(i).getAsLong();
      }
    }
    return read;
  }

  private static void fill(double[] values, JsonArray array) {
    if (array.size() != values.length) {
      throw new IllegalStateException(array.size() + " sums in the place of " + values.length);
    }
    int at = 0;
    for (JsonElement value : array) {
      values[at++] = value.getAsDouble();
    }
  }
}
