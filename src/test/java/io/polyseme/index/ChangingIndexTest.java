package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An index that is added to, changed and taken from in place. */
@Timeout(120)
class ChangingIndexTest {
  private static final BuildOptions KEEP = BuildOptions.DEFAULT.withKeep(true);

  @TempDir Path temp;

  private IndexBuilder builder(BuildOptions options) {
    return VectorIndex.builder(temp.resolve("i"), Recipe.of("test"), Data.MAKER, options);
  }

  private static IndexBuilder.Summary commit(IndexBuilder builder) {
    return builder.commit(Progress.NONE, Cancel.create());
  }

  private record Kept(float[] vector, Map<String, String> fields) {}

  /** Whatever is done to it, the index answers as a map from labels to vectors would. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void answersAsAMapWould(long seed) {
    var random = new Random(seed);
    Map<String, Kept> right = new TreeMap<>();
    for (int session = 0; session < 6; session++) {
      try (IndexBuilder builder = builder(KEEP)) {
        for (int round = 0; round < 4; round++) {
          int changes = 1 + random.nextInt(400);
          for (int i = 0; i < changes; i++) {
            String label = "e" + random.nextInt(1500);
            if (random.nextInt(4) == 0) {
              assertEquals(right.remove(label) != null, builder.remove(label), label);
            } else {
              var kept =
                  new Kept(
                      Data.gaussian(random, 8),
                      Map.of("group", "g" + random.nextInt(5), "n", "" + random.nextInt(100)));
              builder.add(label, kept.vector, kept.fields);
              right.put(label, kept);
            }
          }
          assertEquals(right.size(), commit(builder).size(), "seed " + seed);
          if (round == 2) {
            builder.add("never committed", Data.gaussian(random, 8), Map.of());
            try (VectorIndex view = builder.view()) {
              assertEquals(right.size() + 1, view.info().size());
              assertTrue(view.vector("never committed").isPresent());
            }
            assertTrue(builder.remove("never committed"));
          }
        }
        builder.add("never committed", Data.gaussian(random, 8), Map.of());
      }
      check(right, random);
    }
    assertTrue(new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()).sound());
  }

  private void check(Map<String, Kept> right, Random random) {
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(right.keySet(), new TreeSet<>(index.labels().toList()));
      assertEquals(right.size(), index.info().size());
      for (Filter filter :
          List.of(
              Filter.ALL,
              Filter.equal("group", "g1"),
              new Filter.Range("n", 20, 60),
              new Filter.Range("n", 20, 60).and(Filter.equal("group", "g2").not()))) {
        float[] query = Data.gaussian(random, 8);
        Map<String, Kept> passing =
            right.entrySet().stream()
                .filter(e -> filter.accepts(e.getValue().fields))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertEquals(passing.size(), index.count(filter));
        List<String> expected =
            passing.entrySet().stream()
                .sorted(
                    Comparator.comparingDouble(
                        e ->
                            -Data.similarity(
                                query, e.getValue().vector, io.polyseme.vector.Similarity.COSINE)))
                .limit(10)
                .map(Map.Entry::getKey)
                .toList();
        assertEquals(
            expected,
            index.search(Query.near(query, 10).withFilter(filter)).hits().stream()
                .map(Hit::label)
                .toList());
        List<String> found =
            index
                .search(
                    Query.near(query, 10)
                        .withFilter(filter)
                        .withPrecision(Precision.approximate(100)))
                .hits()
                .stream()
                .map(Hit::label)
                .toList();
        Set<String> missed = new TreeSet<>(expected);
        found.forEach(missed::remove);
        assertTrue(missed.size() <= 1, () -> "missed " + missed);
        assertTrue(passing.keySet().containsAll(found));
      }
    }
  }

  @Test
  void whatIsNotGivenAgainIsGoneUnlessItIsKept() {
    try (IndexBuilder builder = builder(BuildOptions.DEFAULT)) {
      builder.add("a", new float[] {1, 0}, Map.of(), "text a");
      builder.add("b", new float[] {0, 1}, Map.of(), "text b");
      commit(builder);
    }
    try (IndexBuilder builder = builder(KEEP)) {
      builder.add("c", new float[] {1, 1}, Map.of(), "text c");
      assertEquals(new IndexBuilder.Summary(3, 1, 0, 0, 0), commit(builder));
    }
    try (IndexBuilder builder = builder(BuildOptions.DEFAULT)) {
      assertTrue(builder.reuse("c", Map.of(), "text c"));
      assertEquals(new IndexBuilder.Summary(1, 0, 1, 0, 2), commit(builder));
      // After the first commit only what is removed goes.
      builder.add("d", new float[] {2, 1}, Map.of());
      assertEquals(new IndexBuilder.Summary(2, 1, 0, 0, 0), commit(builder));
    }
  }

  @Test
  void aVectorIsTakenOverFromUnderAnotherLabel() {
    try (IndexBuilder builder = builder(BuildOptions.DEFAULT)) {
      builder.add("doc#1", new float[] {3, 4}, Map.of("n", "1"), "the same text");
      commit(builder);
    }
    try (IndexBuilder builder = builder(BuildOptions.DEFAULT)) {
      assertFalse(builder.reuse("doc#1", Map.of("n", "1"), "a text put in front of it"));
      builder.add("doc#1", new float[] {0, 1}, Map.of("n", "1"), "a text put in front of it");
      assertTrue(builder.reuse("doc#2", Map.of("n", "2"), "the same text"));
      assertEquals(new IndexBuilder.Summary(2, 1, 1, 0, 0), commit(builder));
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertArrayEquals(new float[] {0.6f, 0.8f}, index.vector("doc#2").orElseThrow(), 1e-6f);
      assertArrayEquals(new float[] {0, 1}, index.vector("doc#1").orElseThrow());
    }
  }

  @Test
  void anOpenIndexGoesOnToTheNextCommitWhenItIsAsked() {
    try (IndexBuilder builder = builder(KEEP)) {
      builder.add("a", new float[] {1, 0}, Map.of());
      commit(builder);
      try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
        assertFalse(index.refresh());
        var begun = index.labels().iterator();
        builder.add("b", new float[] {0, 1}, Map.of());
        commit(builder);
        assertEquals(List.of("a"), index.labels().toList());
        assertTrue(index.refresh());
        assertEquals(List.of("a", "b"), index.labels().toList());
        assertThrows(IllegalStateException.class, begun::next);
        assertEquals(2, (int) index.unchanged(() -> (int) index.labels().count()));
      }
    }
  }

  @Test
  void anotherMakersIndexIsNotGoneOnTo() {
    try (IndexBuilder builder = builder(BuildOptions.DEFAULT)) {
      builder.add("a", new float[] {1, 0}, Map.of());
      commit(builder);
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      try (IndexBuilder builder =
          VectorIndex.builder(
              temp.resolve("i"), Recipe.of("test"), new Maker("other", "f", "1", "cls"))) {
        builder.add("b", new float[] {1, 0, 0}, Map.of());
        commit(builder);
      }
      String message = assertThrows(PolysemeException.class, index::refresh).getMessage();
      assertTrue(message.contains("model other instead of model"), message);
      assertEquals(List.of("a"), index.labels().toList());
    }
  }

  @Test
  void aDamagedPartIsNotTakenOver() throws IOException {
    Data data = Data.random(3, 500, 32);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    Path vectors;
    try (var files = Files.list(folder)) {
      vectors = files.filter(f -> f.toString().endsWith(".vec")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(vectors);
    bytes[bytes.length / 2] ^= 1;
    Files.write(vectors, bytes);
    try (IndexBuilder builder =
        VectorIndex.builder(folder, Recipe.of("test"), Data.MAKER, BuildOptions.DEFAULT)) {
      assertEquals(0, builder.reusable());
      data.addTo(builder);
      assertEquals(500, commit(builder).size());
    }
    assertTrue(new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()).sound());
  }

  @Test
  void aRepairedIndexLacksOnlyTheBrokenPart() throws IOException {
    var names = new ArrayList<String>();
    for (int part = 0; part < 3; part++) {
      try (IndexBuilder builder = builder(KEEP)) {
        for (int i = 0; i < 100; i++) {
          builder.add(
              "p" + part + "-" + i, Data.gaussian(new Random(i), 8), Map.of("p", "" + part));
        }
        commit(builder);
      }
      try (var files = Files.list(temp.resolve("i"))) {
        files
            .filter(f -> f.toString().endsWith(".vec"))
            .map(Path::toString)
            .filter(f -> !names.contains(f))
            .forEach(names::add);
      }
    }
    assertEquals(3, names.size());
    var catalog = new IndexCatalog(temp);
    assertEquals(0, catalog.repair("i", Progress.NONE, Cancel.create()));
    byte[] bytes = Files.readAllBytes(Path.of(names.get(1)));
    bytes[bytes.length / 2] ^= 1;
    Files.write(Path.of(names.get(1)), bytes);
    assertFalse(catalog.check("i", Progress.NONE, Cancel.create()).sound());
    assertEquals(100, catalog.repair("i", Progress.NONE, Cancel.create()));
    assertTrue(catalog.check("i", Progress.NONE, Cancel.create()).sound());
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(200, index.info().size());
      assertEquals(0, index.count(Filter.equal("p", "1")));
      assertEquals(100, index.count(Filter.equal("p", "2")));
    }
  }

  @Test
  void aCopyIsMadeWhileTheIndexIsChanged() throws Exception {
    Data data = Data.random(4, 3000, 32);
    data.build(temp.resolve("i"), IndexOptions.DEFAULT);
    var catalog = new IndexCatalog(temp);
    var stop = new java.util.concurrent.atomic.AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (IndexBuilder builder = builder(KEEP)) {
                    for (int i = 0; !stop.get(); i++) {
                      builder.add("new" + i, Data.gaussian(new Random(i), 32), Map.of());
                      commit(builder);
                    }
                  }
                });
    try {
      for (int i = 0; i < 5; i++) {
        Path copy = temp.resolve("copy" + i);
        catalog.backup("i", copy, Progress.NONE, Cancel.create());
        assertTrue(catalog.check("copy" + i, Progress.NONE, Cancel.create()).sound());
        try (VectorIndex index = VectorIndex.open(copy)) {
          assertTrue(index.info().size() >= 3000);
          assertTrue(index.vector("entry2999").isPresent());
        }
      }
    } finally {
      stop.set(true);
      writer.join();
    }
    assertThrows(
        PolysemeException.class,
        () -> catalog.backup("i", temp.resolve("copy0"), Progress.NONE, Cancel.create()));
  }

  /**
   * Killed at random moments, with -Dpolyseme.kills=100 as often as that: what was acknowledged is
   * there, and nothing is there twice.
   */
  @Test
  @Timeout(600)
  void whatWasCommittedSurvivesAKill() throws Exception {
    int kills = Integer.getInteger("polyseme.kills", 4);
    var random = new Random(7);
    Path folder = temp.resolve("i");
    int acknowledged = 0;
    for (int kill = 0; kill < kills; kill++) {
      Process process = Child.start("grow", folder.toString(), Integer.toString(acknowledged));
      var lines = new ArrayList<String>();
      var first = new java.util.concurrent.CountDownLatch(1);
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () ->
                      process
                          .inputReader()
                          .lines()
                          .forEach(
                              line -> {
                                lines.add(line);
                                first.countDown();
                              }));
      assertTrue(first.await(60, java.util.concurrent.TimeUnit.SECONDS));
      Thread.sleep(random.nextLong(1000));
      process.destroyForcibly().waitFor();
      reader.join();
      for (String line : lines) {
        acknowledged = Math.max(acknowledged, Integer.parseInt(line));
      }
      try (VectorIndex index = VectorIndex.open(folder)) {
        List<String> labels = index.labels().toList();
        Set<String> different = new TreeSet<>(labels);
        assertEquals(labels.size(), different.size(), "nothing twice");
        for (int i = 0; i < acknowledged; i++) {
          assertTrue(different.contains("entry" + i), "entry" + i + " after kill " + kill);
        }
        // The commit that was under way may have come to its end, and no other.
        assertTrue(labels.size() <= acknowledged + Child.GROWN_BY, labels.size() + " entries");
      }
    }
    assertTrue(new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()).sound());
    System.out.printf("%d kills, %,d entries acknowledged%n", kills, acknowledged);
  }
}
