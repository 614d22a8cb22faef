package io.polyseme.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DuplicateFinderTest {
  private static List<String> words(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Integer.toString(random.nextInt(5000), 36) + "w")
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** The share of runs of four words that two texts have in common, by sets. */
  private static double jaccard(List<String> a, List<String> b) {
    Set<List<String>> one = runs(a);
    Set<List<String>> other = runs(b);
    Set<List<String>> all = new HashSet<>(one);
    all.addAll(other);
    one.retainAll(other);
    return (double) one.size() / all.size();
  }

  private static Set<List<String>> runs(List<String> words) {
    return IntStream.rangeClosed(0, words.size() - 4)
        .mapToObj(i -> List.copyOf(words.subList(i, i + 4)))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void estimatesTheSharedRuns() {
    var random = new Random(7);
    double error = 0;
    int told = 0;
    for (int i = 0; i < 200; i++) {
      var finder = new DuplicateFinder();
      List<String> text = words(random, 200 + random.nextInt(500));
      List<String> changed = new ArrayList<>(text);
      for (int c = 0; c < 5; c++) {
        changed.set(random.nextInt(changed.size()), "changed" + c);
      }
      finder.add("other", String.join(" ", words(random, 300)));
      assertEquals(Optional.empty(), finder.add("a", String.join(" ", text)));
      Optional<DuplicateFinder.Likeness> found =
          finder.add("b", String.join(",\n", changed).toUpperCase());
      double right = jaccard(text, changed);
      if (found.isPresent()) {
        told++;
        assertEquals("a", found.get().id());
        error += Math.abs(found.get().similarity() - right);
      } else {
        assertTrue(right < 0.93, "missed one of " + right);
      }
    }
    assertTrue(told > 150, told + " of 200 were told");
    assertTrue(error / told < 0.04, "the mean error is " + error / told);
  }

  @Test
  void shortTextsAreToldWhereTheyAreTheSame() {
    var finder = new DuplicateFinder();
    assertTrue(finder.add("a", "Only a few words.").isEmpty());
    assertTrue(finder.add("b", "Only a few swords.").isEmpty());
    assertEquals(
        Optional.of(new DuplicateFinder.Likeness("a", 1)), finder.add("c", "only a FEW words"));
    String chinese = "他在河边的银行里打电话给朋友们，说今天天气很好，大家都应该出去走走。";
    finder.add("d", chinese);
    assertEquals("d", finder.add("e", chinese.replace('。', '！')).orElseThrow().id());
  }
}
