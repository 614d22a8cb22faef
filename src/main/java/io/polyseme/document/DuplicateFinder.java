package io.polyseme.document;

import com.carrotsearch.hppc.LongIntHashMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds documents that are nearly the same as one before them: those of which at least four fifths
 * of all runs of four words (characters, in Chinese) are shared. The share is estimated: MinHash by
 * one permutation (Li, Owen, Zhang 2012, "One Permutation Hashing"), empty bins filled from others
 * (Shrivastava 2017, "Optimal Densification for Fast and Accurate Minwise Hashing",
 * arXiv:1703.04664), candidates by equal bands. Time is linear in the text, memory about a kilobyte
 * a document, and only so many are kept.
 *
 * <p>Not thread-safe.
 */
public final class DuplicateFinder {
  /** How many documents are kept to compare others with. */
  public static final int MOST = 100_000;

  /** The share of runs from which on documents are told. */
  public static final double LEAST = 0.8;

  private static final int BINS = 128;
  private static final int ROWS = 5;
  private static final int BANDS = BINS / ROWS;
  private static final int RUN = 4;

  /** A document of fewer runs is told only where it is the same. */
  private static final int FEW = 16;

  private static final int EMPTY = Integer.MAX_VALUE;

  private final List<String> ids = new ArrayList<>();
  private final List<int[]> signatures = new ArrayList<>();
  private final LongIntHashMap buckets = new LongIntHashMap();

  /**
   * A document that came earlier.
   *
   * @param similarity the estimated share of runs that both have, of those that one has
   */
  public record Likeness(String id, double similarity) {}

  /** Whether there are more documents than are compared. */
  public boolean isFull() {
    return ids.size() >= MOST;
  }

  /** Takes in a document, and says which of those before it is most like it, if one is. */
  public Optional<Likeness> add(String id, String text) {
    int[] signature = signature(text);
    int best = -1;
    int most = (int) Math.ceil(LEAST * BINS) - 1;
    for (int band = 0; band < BANDS; band++) {
      int other = buckets.getOrDefault(key(signature, band), -1);
      if (other >= 0 && other != best) {
        int same = same(signature, signatures.get(other));
        if (same > most) {
          best = other;
          most = same;
        }
      }
    }
    if (!isFull()) {
      for (int band = 0; band < BANDS; band++) {
        long key = key(signature, band);
        if (!buckets.containsKey(key)) {
          buckets.put(key, ids.size());
        }
      }
      ids.add(id);
      signatures.add(signature);
    }
    return best < 0
        ? Optional.empty()
        : Optional.of(new Likeness(ids.get(best), (double) most / BINS));
  }

  private static int same(int[] a, int[] b) {
    int same = 0;
    for (int i = 0; i < BINS; i++) {
      same += a[i] == b[i] ? 1 : 0;
    }
    return same;
  }

  private static long key(int[] signature, int band) {
    long key = band + 1;
    for (int i = band * ROWS; i < (band + 1) * ROWS; i++) {
      key = mixed(key ^ signature[i]);
    }
    return key;
  }

  private static int[] signature(String text) {
    var bins = new int[BINS];
    Arrays.fill(bins, EMPTY);
    var last = new long[RUN];
    long whole = 1;
    int words = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      if (!Character.isLetterOrDigit(point)) {
        i += Character.charCount(point);
        continue;
      }
      long word = 7;
      boolean alone = Character.isIdeographic(point);
      do {
        word = mixed(word * 31 + Character.toLowerCase(point));
        i += Character.charCount(point);
        point = i < text.length() ? text.codePointAt(i) : ' ';
      } while (!alone && Character.isLetterOrDigit(point) && !Character.isIdeographic(point));
      whole = mixed(whole + word);
      last[words++ % RUN] = word;
      if (words >= RUN) {
        long run = 0;
        for (int j = 0; j < RUN; j++) {
          run = mixed(run + last[(words + j) % RUN]);
        }
        int bin = (int) (run >>> 57);
        bins[bin] = Math.min(bins[bin], (int) (run & (EMPTY - 1)));
      }
    }
    if (words < RUN + FEW) {
      for (int i = 0; i < BINS; i++) {
        bins[i] = (int) (mixed(whole + i) & (EMPTY - 1));
      }
      return bins;
    }
    return dense(bins);
  }

  /** With empty bins filled from the ones that a hash of the bin and the try leads to. */
  private static int[] dense(int[] bins) {
    int[] dense = bins.clone();
    for (int i = 0; i < BINS; i++) {
      for (long attempt = 1; dense[i] == EMPTY; attempt++) {
        dense[i] = bins[(int) (mixed(i + (attempt << 20)) >>> 57)];
      }
    }
    return dense;
  }

  /** MurmurHash3's finaliser by Stafford's thirteenth variant. */
  private static long mixed(long x) {
    long mixed = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
