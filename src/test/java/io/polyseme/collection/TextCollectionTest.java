package io.polyseme.collection;

import static io.polyseme.collection.Collected.item;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.collection.Collected.Item;
import io.polyseme.collection.DuplicateOptions.Keep;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Similarity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over vectors that were made up, in a real index. */
@Timeout(120)
class TextCollectionTest {
  @TempDir Path folder;

  private static List<Pair> mined(TextCollection texts, MiningOptions options, int top) {
    return new ParaphraseMining(texts, options).best(top, Progress.NONE, Cancel.create());
  }

  private static Duplicates duplicates(TextCollection texts, double minScore, Keep keep) {
    return new Deduplication(texts, new DuplicateOptions(minScore, keep))
        .find(Progress.NONE, Cancel.create());
  }

  private static TextClusters clusters(TextCollection texts, ClusterOptions options) {
    return new Clustering(texts, options).find(Progress.NONE, Cancel.create());
  }

  /** At an angle to the first axis, in degrees. */
  private static Item at(String label, String text, double degrees) {
    double angle = Math.toRadians(degrees);
    return item(label, text, (float) Math.cos(angle), (float) Math.sin(angle));
  }

  private List<Item> angles() {
    return List.of(
        at("a", "at zero", 0),
        at("b", "at ten degrees", 10),
        at("c", "at eighteen", 18),
        at("d", "at zero", 0),
        at("e", "far away", 90),
        at("f", "far away, and a bit longer", 92));
  }

  @Test
  void equalTextsAreCopiesAndPairsAreToldOnce() {
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, angles());
        TextCollection texts = Collected.read(index)) {
      assertEquals(5, texts.size());
      assertEquals(6, texts.entries());
      List<Pair> pairs = mined(texts, MiningOptions.DEFAULT, 100);
      assertEquals(10, pairs.size()); // all pairs of five
      assertEquals("e", pairs.get(0).first().label());
      assertEquals("f", pairs.get(0).second().label());
      assertEquals(Math.cos(Math.toRadians(2)), pairs.get(0).score(), 1e-5);
      assertEquals("far away, and a bit longer", pairs.get(0).second().text());
      assertEquals(List.of(1, 2, 3), pairs.stream().limit(3).map(Pair::rank).toList());
      assertEquals(
          3, mined(texts, MiningOptions.DEFAULT.withMinScore(0.98), 100).size()); // 2°, 8°, 10°
      assertEquals(2, mined(texts, MiningOptions.DEFAULT, 2).size());
      // Of one neighbour each: b and c, a's nearest b, e and f.
      assertEquals(3, mined(texts, MiningOptions.DEFAULT.withNeighbours(1), 100).size());
    }
  }

  @Test
  void duplicatesDoNotChain() {
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, angles());
        TextCollection texts = Collected.read(index)) {
      double eleven = Math.cos(Math.toRadians(11));
      // Zero and ten are near, ten and eighteen too, zero and eighteen are not.
      Duplicates first = duplicates(texts, eleven, Keep.FIRST);
      assertEquals(List.of("a", "c", "e"), first.keptLabels());
      assertEquals(List.of("b", "d", "f"), first.removedLabels());
      assertEquals(3, first.groups());
      DuplicateGroup copies = first.group(0);
      assertEquals("a", copies.kept().label());
      assertEquals("d", copies.removed().getFirst().member().label());
      assertTrue(copies.removed().getFirst().copy());
      // Ten is nearer to eighteen than to zero.
      DuplicateGroup group = first.group(1);
      assertEquals("c", group.kept().label());
      assertEquals("b", group.removed().getFirst().member().label());
      assertFalse(group.removed().getFirst().copy());
      assertEquals(Math.cos(Math.toRadians(8)), group.removed().getFirst().score(), 1e-5);
      // Ten stands for both sides.
      Duplicates central = duplicates(texts, eleven, Keep.CENTRAL);
      assertEquals(2, central.kept());
      assertTrue(central.keptLabels().contains("b"));
      assertEquals(List.of("b", "f"), duplicates(texts, eleven, Keep.LONGEST).keptLabels());
    }
  }

  @Test
  void ofManyDuplicatesOfOneTextNoneIsMissed() {
    var random = new Random(1);
    var items = new ArrayList<Item>();
    for (int i = 0; i < 300; i++) {
      long seed = i % 10 == 0 ? i : 1000;
      items.add(item("i" + i, "text " + i, Collected.near(seed, 0.05, random, 16)));
    }
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, items);
        TextCollection texts = Collected.read(index)) {
      Duplicates found = duplicates(texts, 0.95, Keep.FIRST);
      assertEquals(31, found.kept());
      assertEquals(269, found.group(0).removed().size());
    }
  }

  private static List<Item> groups(int size) {
    var random = new Random(2);
    var items = new ArrayList<Item>();
    List<String> words = List.of("wing", "heat", "bank", "mouse", "river");
    for (int i = 0; i < size; i++) {
      int group = i % 5;
      var fields = new HashMap<String, String>();
      fields.put("text", "the %s of text%d and others".formatted(words.get(group), i));
      fields.put("group", Integer.toString(group));
      items.add(new Item("i" + i, Collected.near(group, 0.3, random, 24), fields));
    }
    return items;
  }

  @Test
  void clustersAreNamedByTheirWords() {
    List<Item> items = groups(300);
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, items);
        TextCollection texts = Collected.read(index)) {
      for (ClusterOptions options :
          List.of(
              ClusterOptions.DEFAULT,
              ClusterOptions.DEFAULT.withClusters(5),
              ClusterOptions.DEFAULT.withMethod(ClusterOptions.Method.KMEANS),
              ClusterOptions.DEFAULT.withMethod(ClusterOptions.Method.HDBSCAN))) {
        TextClusters found = clusters(texts, options);
        assertEquals(5, found.clusters().size(), options.toString());
        Map<Integer, Set<String>> groups = new HashMap<>();
        found.forEach(
            (label, cluster, score) -> {
              if (cluster > 0) {
                groups
                    .computeIfAbsent(cluster, _ -> new HashSet<>())
                    .add(index.fields(label).orElseThrow().get("group"));
                assertTrue(score > 0.8, label);
              }
            });
        for (TextCluster cluster : found.clusters()) {
          assertEquals(1, groups.get(cluster.number()).size());
          String word = cluster.words().getFirst().word();
          assertTrue(cluster.examples().getFirst().member().text().contains(word), word);
          assertTrue(cluster.name().startsWith(word));
          assertTrue(cluster.size() > 40 && cluster.cohesion() > 0.9, cluster.toString());
        }
        assertEquals(
            300, found.noise() + found.clusters().stream().mapToInt(TextCluster::size).sum());
      }
    }
  }

  @Test
  void onlyWhatPassesTheFilterIsThere() {
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, groups(50))) {
      try (TextCollection texts = Collected.read(index, Filter.equal("group", "3"), 1)) {
        assertEquals(10, texts.size());
        mined(texts, MiningOptions.DEFAULT, 100)
            .forEach(pair -> assertEquals("3", pair.second().fields().get("group")));
      }
      assertThrows(
          PolysemeException.class, () -> Collected.read(index, Filter.equal("group", "9"), 1));
    }
  }

  @Test
  void searchesOfTheIndexFindWhatComparingAllWithAllFinds() {
    var random = new Random(4);
    var items = new ArrayList<Item>();
    for (int i = 0; i < 1500; i++) {
      // Of every ten two are twins, and one is there twenty times.
      float[] vector = Collected.near(i % 10 == 1 ? i - 1 : i, 0.02, random, 12);
      String text = "text " + i;
      if (i % 500 > 480) {
        vector = items.getLast().vector();
        text = items.getLast().fields().get("text");
      }
      items.add(item("i" + i, text, vector));
    }
    try (VectorIndex index = Collected.index(folder, Similarity.COSINE, items);
        TextCollection exact = Collected.read(index);
        TextCollection one = Collected.readForSearch(index, 1);
        TextCollection two = Collected.readForSearch(index, 2)) {
      assertTrue(exact.exact());
      assertFalse(one.exact());
      assertEquals(1500 - 3 * 19, one.size());
      MiningOptions options = MiningOptions.DEFAULT.withNeighbours(5).withMinScore(0.995);
      List<Pair> pairs = mined(exact, options, 1000);
      assertTrue(pairs.size() > 140, "twins found: " + pairs.size());
      assertEquals(pairs, mined(one, options, 1000));
      assertEquals(pairs, mined(two, options, 1000));
      var streamed = new HashSet<Double>();
      new ParaphraseMining(two, options)
          .forEach(pair -> streamed.add(pair.score()), Progress.NONE, Cancel.create());
      assertEquals(Set.copyOf(pairs.stream().map(Pair::score).toList()), streamed);
      List<String> removed = duplicates(exact, 0.995, Keep.FIRST).removedLabels();
      assertEquals(removed, duplicates(one, 0.995, Keep.FIRST).removedLabels());
      assertEquals(removed, duplicates(two, 0.995, Keep.FIRST).removedLabels());
    }
  }

  @Test
  void vectorsOfAnyLengthAndZeroAreCompared() {
    var items = new ArrayList<>(angles());
    items.add(item("long", "twice as long", 2, 0));
    items.add(item("zero", "nothing", 0, 0));
    try (VectorIndex index = Collected.index(folder, Similarity.DOT_PRODUCT, items);
        TextCollection texts = Collected.read(index)) {
      Pair first = mined(texts, MiningOptions.DEFAULT, 1).getFirst();
      assertEquals("a", first.first().label());
      assertEquals("long", first.second().label());
      assertEquals(1, first.score(), 1e-6);
      assertTrue(duplicates(texts, 0.99, Keep.FIRST).keptLabels().contains("zero"));
    }
  }
}
