package io.polyseme.evaluate;

import io.polyseme.Cancel;
import java.util.ArrayList;
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

  /**
   * @param layers what the vectors are of
   * @param warnings told of words that have too few usages to tell one by another
   */
  SamplesTrial(
      List<PlacedWord> words,
      String layers,
      CoarseOptions options,
      Cancel cancel,
      List<String> warnings) {
    var enough = new ArrayList<PlacedWord>();
    for (PlacedWord word : words) {
      if (word.size() > 1) {
        enough.add(word);
      } else {
        warnings.add(
            "%s has fewer than two usages that could be encoded, and is left out"
                .formatted(word.word().name()));
      }
    }
    this.words = List.copyOf(enough);
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
        int frequent = mostFrequent(word, known);
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
      var nearest = new NearestUsages(word.vectors(), word.senses(), word.senseCount());
      List<Set<String>> bigrams =
          word.examples().stream().map(example -> bigrams(example.text())).toList();
      var told = new int[word.size()];
      var floor = new int[word.size()];
      for (int i = 0; i < told.length; i++) {
        cancel.check();
        BitSet known = others(i, bigrams);
        told[i] = nearest.told(i, known::get, 1);
        floor[i] = known.isEmpty() ? SenseOutcome.NONE : mostFrequent(word, known);
      }
      words.add(
          ToldWord.of(
              word, word.word().train().size(), layers, List.of(told), List.of(floor), options));
    }
    return words;
  }

  private static int mostFrequent(PlacedWord word, BitSet known) {
    return PlacedWord.mostFrequent(
        known.stream().map(i -> word.senses()[i]).toArray(), word.senseCount());
  }

  /** All but a usage itself and those whose text is nearly the same. */
  private static BitSet others(int usage, List<Set<String>> bigrams) {
    var others = new BitSet();
    for (int i = 0; i < bigrams.size(); i++) {
      others.set(i, i != usage && !nearlySame(bigrams.get(usage), bigrams.get(i)));
    }
    return others;
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
