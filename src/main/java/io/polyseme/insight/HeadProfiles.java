package io.polyseme.insight;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the attention heads of a model look at, counted over texts.
 *
 * @param layers of the model
 * @param headsPerLayer of the model
 * @param heads layer by layer
 * @param even what attention that is the same everywhere would score, by pattern
 * @param best for each pattern that the texts can show, the head that does it best
 * @param texts how many were read
 * @param pieces in how many pieces; more than there are texts where some were too long for one
 * @param tokens how many they had, special ones included
 * @param skipped how many texts had nothing to read in them
 */
public record HeadProfiles(
    int layers,
    int headsPerLayer,
    List<HeadProfile> heads,
    Map<HeadPattern, Double> even,
    List<BestHead> best,
    long texts,
    long pieces,
    long tokens,
    long skipped) {
  /** What a job needs beyond even attention, in its share. */
  private static final double CLEARLY = 0.15;

  /** How near to even the attention must be of a head whose job it is to look everywhere. */
  private static final double BROAD = 0.8;

  public HeadProfiles {
    heads = List.copyOf(heads);
    even = Map.copyOf(even);
    best = List.copyOf(best);
  }

  /** The profile of one head. */
  public HeadProfile of(HeadRef head) {
    return heads.stream()
        .filter(profile -> profile.head().equals(head))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no head " + head));
  }

  static HeadProfiles of(HeadSums sums, long texts, long pieces, long tokens, long skipped) {
    var profiles = new ArrayList<HeadProfile>();
    Map<HeadPattern, Double> even = new EnumMap<>(HeadPattern.class);
    for (HeadPattern pattern : HeadPattern.values()) {
      even.put(pattern, sums.evenMean(-1, pattern));
    }
    for (int layer = 1; layer <= sums.layers(); layer++) {
      for (int head = 0; head < sums.heads(); head++) {
        profiles.add(profile(sums, layer, head, even));
      }
    }
    var best = new ArrayList<BestHead>();
    for (HeadPattern pattern : HeadPattern.values()) {
      BestHead found = best(sums, pattern);
      if (found != null) {
        best.add(found);
      }
    }
    return new HeadProfiles(
        sums.layers(), sums.heads(), profiles, even, best, texts, pieces, tokens, skipped);
  }

  private static HeadProfile profile(
      HeadSums sums, int layer, int head, Map<HeadPattern, Double> even) {
    Map<HeadPattern, Double> shares = new EnumMap<>(HeadPattern.class);
    HeadPattern job = null;
    double most = CLEARLY;
    for (HeadPattern pattern : HeadPattern.values()) {
      double share = sums.mean(-1, layer, head, pattern);
      shares.put(pattern, share);
      if (pattern == HeadPattern.BROAD) {
        job = job == null && share >= BROAD ? pattern : job;
      } else if (share - even.getOrDefault(pattern, 0.0) >= most) {
        most = share - even.getOrDefault(pattern, 0.0);
        job = pattern;
      }
    }
    return new HeadProfile(
        new HeadRef(layer, head),
        shares,
        sums.distance(layer, head),
        job,
        job == null ? 0 : shares.getOrDefault(job, 0.0));
  }

  private static @Nullable BestHead best(HeadSums sums, HeadPattern pattern) {
    if (sums.count(0, pattern) == 0 || sums.count(1, pattern) == 0) {
      return null;
    }
    var best = new HeadRef(1, 0);
    var others = new double[sums.layers() * sums.heads()];
    for (int layer = 1; layer <= sums.layers(); layer++) {
      for (int head = 0; head < sums.heads(); head++) {
        others[(layer - 1) * sums.heads() + head] = sums.mean(1, layer, head, pattern);
        if (sums.mean(0, layer, head, pattern) > sums.mean(0, best.layer(), best.head(), pattern)) {
          best = new HeadRef(layer, head);
        }
      }
    }
    Arrays.sort(others);
    return new BestHead(
        pattern,
        best,
        sums.mean(0, best.layer(), best.head(), pattern),
        sums.mean(1, best.layer(), best.head(), pattern),
        sums.evenMean(1, pattern),
        others[others.length / 2],
        sums.count(1, pattern));
  }
}
