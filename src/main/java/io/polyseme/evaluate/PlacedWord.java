package io.polyseme.evaluate;

import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Usages of a word with their vectors.
 *
 * @param examples those that could be encoded
 * @param vectors of each
 * @param senses of each, by its place among the word's senses
 */
record PlacedWord(Word word, List<Example> examples, List<float[]> vectors, int[] senses) {
  static PlacedWord of(Word word, List<Example> examples, List<float[]> vectors) {
    List<String> names = List.copyOf(word.senses().keySet());
    return new PlacedWord(
        word,
        examples,
        vectors,
        examples.stream().mapToInt(example -> names.indexOf(example.sense())).toArray());
  }

  int size() {
    return senses.length;
  }

  int senseCount() {
    return word.senses().size();
  }

  /** Some of the usages. */
  PlacedWord some(int[] usages) {
    return new PlacedWord(
        word,
        Arrays.stream(usages).mapToObj(examples::get).toList(),
        Arrays.stream(usages).mapToObj(vectors::get).toList(),
        Arrays.stream(usages).map(u -> senses[u]).toArray());
  }

  /** For each sense its usages, in an order of the seed's. */
  List<List<Integer>> shuffled(long seed) {
    var random = new Random(seed);
    var bySense = new ArrayList<List<Integer>>();
    for (int s = 0; s < senseCount(); s++) {
      bySense.add(new ArrayList<>());
    }
    for (int i = 0; i < size(); i++) {
      bySense.get(senses[i]).add(i);
    }
    bySense.forEach(usages -> Collections.shuffle(usages, random));
    return bySense;
  }

  /** At most so many usages of each sense. */
  PlacedWord drawn(int count, long seed) {
    return some(
        shuffled(seed).stream()
            .flatMap(usages -> usages.stream().limit(count))
            .mapToInt(Integer::intValue)
            .toArray());
  }

  /** The number of usages of the sense that has most. */
  int most() {
    return Arrays.stream(counts(senses, senseCount())).max().orElse(0);
  }

  /** The sense that most usages have; of several the first. */
  static int mostFrequent(int[] senses, int count) {
    int[] counts = counts(senses, count);
    int best = 0;
    for (int s = 1; s < count; s++) {
      best = counts[s] > counts[best] ? s : best;
    }
    return best;
  }

  private static int[] counts(int[] senses, int count) {
    var counts = new int[count];
    for (int sense : senses) {
      counts[sense]++;
    }
    return counts;
  }
}
