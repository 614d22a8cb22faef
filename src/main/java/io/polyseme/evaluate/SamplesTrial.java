package io.polyseme.evaluate;

import io.polyseme.Cancel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Words told by the nearest of their other usages. */
final class SamplesTrial {
  private static final int HALVES = 10;
  private static final int NEIGHBOURS = 10;
  private static final double NEAR_DUPLICATE = 0.6;

  private final List<PlacedWord> words;
  private final String layers;
  private final CoarseOptions options;
  private final Cancel cancel;

  SamplesTrial(List<PlacedWord> words, String layers, CoarseOptions options, Cancel cancel) {
    this.words = words.stream().filter(word -> word.size() > 1).toList();
    this.layers = layers;
    this.options = options;
    this.cancel = cancel;
  }

  /** One half of each sense by the other, in several divisions. */
  List<ToldWord> byHalves() {
    var words = new ArrayList<ToldWord>();
    for (PlacedWord word : this.words) {
      var nearest = new NearestUsages(word.vectors(), word.senses(), word.senseCount());
      var told = new ArrayList<int[]>();
      var floor = new ArrayList<int[]>();
      for (int h = 0; h < HALVES; h++) {
        BitSet known = half(word, options.seed() + h);
        int frequent =
            PlacedWord.mostFrequent(
                known.stream().map(i -> word.senses()[i]).toArray(), word.senseCount());
        told.add(
            IntStream.range(0, word.size())
                .parallel()
                .map(i -> known.get(i) ? SenseOutcome.UNASKED : told(nearest, i, known))
                .toArray());
        floor.add(
            IntStream.range(0, word.size())
                .map(i -> known.get(i) ? SenseOutcome.UNASKED : frequent)
                .toArray());
      }
      words.add(ToldWord.of(word, word.word().train().size(), layers, told, floor, options));
    }
    return words;
  }

  private int told(NearestUsages nearest, int usage, BitSet known) {
    cancel.check();
    return nearest.told(usage, known::get, NEIGHBOURS);
  }

  /** Of a sense with an odd number of usages the smaller half. */
  private static BitSet half(PlacedWord word, long seed) {
    var half = new BitSet();
    for (List<Integer> usages : word.shuffled(seed)) {
      usages.stream().limit(usages.size() / 2).forEach(half::set);
    }
    return half;
  }

  /** Each by the others. */
  List<ToldWord> leavingOneOut() {
    var words = new ArrayList<ToldWord>();
    for (PlacedWord word : this.words) {
      cancel.check();
      var nearest = new NearestUsages(word.vectors(), word.senses(), word.senseCount());
      List<Set<String>> bigrams =
          word.examples().stream().map(example -> bigrams(example.text())).toList();
      int[] told =
          IntStream.range(0, word.size())
              .map(
                  i -> nearest.told(i, other -> !nearlySame(bigrams.get(i), bigrams.get(other)), 1))
              .toArray();
      var floor = new int[word.size()];
      Arrays.fill(floor, PlacedWord.mostFrequent(word.senses(), word.senseCount()));
      words.add(
          ToldWord.of(
              word, word.word().train().size(), layers, List.of(told), List.of(floor), options));
    }
    return words;
  }

  static Set<String> bigrams(String text) {
    Set<String> bigrams = new HashSet<>();
    for (int i = 0; i + 2 <= text.length(); i++) {
      bigrams.add(text.substring(i, i + 2));
    }
    return bigrams;
  }

  static boolean nearlySame(Set<String> a, Set<String> b) {
    Set<String> smaller = a.size() <= b.size() ? a : b;
    Set<String> greater = smaller == a ? b : a;
    long shared = smaller.stream().filter(greater::contains).count();
    return shared >= NEAR_DUPLICATE * Math.max(1, smaller.size());
  }
}
