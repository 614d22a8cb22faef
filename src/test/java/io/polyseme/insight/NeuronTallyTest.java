package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.polyseme.vector.Span;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeuronTallyTest {
  private static final Span PLACE = new Span(0, 1);

  private static List<String> kept(NeuronTally tally, int neuron) {
    return tally.neuron(neuron).examples().stream()
        .map(it -> it.text() + " " + (float) it.activation())
        .toList();
  }

  /** Sentences come again and again, and those that are no example any more are dropped. */
  @Test
  void keepsTheStrongestOfEachSentence() {
    var random = new SplittableRandom(7);
    int neurons = 5;
    var tally = new NeuronTally(new int[] {2}, neurons, 8);
    var best = new HashMap<Integer, Map<String, Float>>();
    for (int i = 0; i < 20_000; i++) {
      int neuron = random.nextInt(neurons);
      String sentence = "s" + random.nextInt(3000);
      float score = (float) random.nextDouble();
      tally.offer(neuron, score, tally.keep(sentence), PLACE, PLACE);
      best.computeIfAbsent(neuron, _ -> new HashMap<>()).merge(sentence, score, Math::max);
      if (i % 4000 == 3999) {
        tally.sweep();
      }
    }
    for (int neuron = 0; neuron < neurons; neuron++) {
      List<String> expected =
          best.get(neuron).entrySet().stream()
              .sorted(Comparator.comparingDouble(e -> -e.getValue()))
              .limit(8)
              .map(e -> e.getKey() + " " + e.getValue())
              .toList();
      assertEquals(expected, kept(tally, neuron));
    }
    tally.sweep();
    assertEquals(
        tally.kept.size(),
        IntStream.range(0, neurons)
            .boxed()
            .flatMap(n -> tally.neuron(n).examples().stream())
            .map(NeuronExample::text)
            .distinct()
            .count());
  }

  @Test
  void ofEqualOnesTheFirstStay() {
    var tally = new NeuronTally(new int[] {1}, 1, 2);
    for (String sentence : List.of("a", "b", "c")) {
      tally.offer(0, 1f, tally.keep(sentence), PLACE, PLACE);
    }
    assertEquals(List.of("a 1.0", "b 1.0"), kept(tally, 0));
    tally.offer(0, 2f, tally.keep("b"), PLACE, PLACE);
    tally.offer(0, 0.5f, tally.keep("d"), PLACE, PLACE);
    assertEquals(List.of("b 2.0", "a 1.0"), kept(tally, 0));
  }
}
