package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class IndexBuilderTest {
  @TempDir Path temp;

  private static IndexBuilder builder(Path folder, BuildOptions options) {
    return VectorIndex.builder(folder, Recipe.of("test"), Data.MAKER, options);
  }

  private static IndexBuilder builder(Path folder) {
    return builder(folder, BuildOptions.DEFAULT);
  }

  private static IndexBuilder.Summary commit(IndexBuilder builder) {
    return builder.commit(Progress.NONE, Cancel.create());
  }

  @Test
  void buildingAgainTakesInOnlyWhatChanged() {
    Data data = Data.random(1, 3000, 16);
    Path folder = temp.resolve("i");
    assertEquals(
        new IndexBuilder.Summary(3000, 3000, 0, 0, 0), data.build(folder, IndexOptions.DEFAULT));
    float[] before;
    try (VectorIndex index = VectorIndex.open(folder)) {
      before = index.vector("entry17").orElseThrow();
    }
    try (IndexBuilder builder = builder(folder)) {
      assertEquals(3000, builder.reusable());
      // 0..99 are gone, 100 has another text, 101 another field, and there is a new one.
      for (int i = 2999; i >= 100; i--) {
        String text = i == 100 ? "other text" : "text " + i;
        Map<String, String> fields = i == 101 ? Map.of("parity", "?") : data.fields().get(i);
        boolean reused = builder.reuse(data.labels().get(i), fields, text);
        assertEquals(i != 100, reused);
        if (!reused) {
          builder.add(data.labels().get(i), data.vectors().get(0), fields, text);
        }
      }
      assertFalse(builder.reuse("new", Map.of(), "new"));
      builder.add("new", data.vectors().get(17), Map.of(), "new");
      assertEquals(new IndexBuilder.Summary(2901, 2, 2899, 0, 100), commit(builder));
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertEquals(2901, index.info().size());
      assertTrue(index.vector("entry17").isEmpty());
      assertArrayEquals(before, index.vector("new").orElseThrow());
      assertEquals(Map.of("parity", "?"), index.fields("entry101").orElseThrow());
      assertEquals(data.fields().get(2000), index.fields("entry2000").orElseThrow());
      for (int i : List.of(102, 1500, 2999)) {
        assertEquals(
            "entry" + i,
            index
                .search(
                    Query.near(data.vectors().get(i), 1).withPrecision(Precision.approximate(200)))
                .hits()
                .getFirst()
                .label());
      }
      assertTrue(
          index.measureRecall(100, 10, 0, 3, Progress.NONE, Cancel.create()).recall() > 0.97);
    }
  }

  @Test
  void whereNothingChangedTheOldIndexStays() throws IOException {
    Data data = Data.random(2, 800, 8);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    Map<String, Long> files = files(folder);
    try (IndexBuilder builder = builder(folder)) {
      for (int i = 0; i < data.size(); i++) {
        assertTrue(builder.reuse(data.labels().get(i), data.fields().get(i), "text " + i));
      }
      assertEquals(new IndexBuilder.Summary(800, 0, 800, 0, 0), commit(builder));
    }
    assertEquals(files, files(folder));
  }

  @Test
  void nothingIsTakenOverFromAnotherMaker() {
    Data data = Data.random(3, 100, 8);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    var other = new Maker("model", "another fingerprint", "2", "mean");
    try (IndexBuilder builder = VectorIndex.builder(folder, Recipe.of("test"), other)) {
      assertEquals(0, builder.reusable());
      assertFalse(builder.reuse("entry1", Map.of(), "text 1"));
    }
    try (IndexBuilder builder = builder(folder, BuildOptions.DEFAULT.withFresh(true))) {
      assertFalse(builder.reuse("entry1", Map.of(), "text 1"));
    }
  }

  @Test
  void attachmentsComeAndGoWithTheCommit() {
    Path folder = temp.resolve("i");
    byte[] content = {0, -1, 2};
    for (byte[] next : new byte[][] {content, content, {7}, null}) {
      try (IndexBuilder builder = builder(folder)) {
        if (!builder.reuse("a", Map.of(), "text")) {
          builder.add("a", new float[] {1, 0}, Map.of(), "text");
        }
        if (next != null) {
          builder.attach("weights", new byte[100]);
          builder.attach("weights", next);
        }
        commit(builder);
      }
      try (IndexBuilder builder = builder(folder)) {
        builder.attach("weights", new byte[5]); // and no commit
      }
      try (VectorIndex index = VectorIndex.open(folder)) {
        assertArrayEquals(next, index.attachment("weights").orElse(null));
        assertTrue(index.attachment("others").isEmpty());
      }
    }
  }

  @Test
  void aLabelGivenAgainReplaces() {
    try (IndexBuilder builder = builder(temp.resolve("i"))) {
      builder.add("a", new float[] {1, 0}, Map.of("n", "1"));
      builder.add("b", new float[] {1, 1}, Map.of());
      builder.add("a", new float[] {0, 1}, Map.of("n", "2"));
      assertEquals(new IndexBuilder.Summary(2, 3, 0, 1, 0), commit(builder));
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(List.of("b", "a"), index.labels().toList());
      assertArrayEquals(new float[] {0, 1}, index.vector("a").orElseThrow());
      assertEquals(Map.of("n", "2"), index.fields("a").orElseThrow());
    }
  }

  @Test
  void oneThreadMakesTheSameVectorFilesAgain() throws IOException {
    Data data = Data.random(4, 3000, 16);
    var contents = new ArrayList<List<String>>();
    for (String name : List.of("one", "two")) {
      Path folder = temp.resolve(name);
      try (IndexBuilder builder = builder(folder, BuildOptions.DEFAULT.withThreads(1))) {
        data.addTo(builder);
        commit(builder);
      }
      try (VectorIndex index = VectorIndex.open(folder)) {
        contents.add(
            data.vectors().subList(0, 100).stream()
                .map(
                    v ->
                        index
                            .search(Query.near(v, 20).withPrecision(Precision.approximate(20)))
                            .toString())
                .toList());
      }
    }
    assertEquals(contents.get(0), contents.get(1));
  }

  @Test
  void manyPartsWithLittleMemoryKeepTheirOrder() {
    Data data = Data.random(5, 5000, 128);
    Path folder = temp.resolve("i");
    try (IndexBuilder builder = builder(folder, BuildOptions.DEFAULT.withMemoryMegabytes(1))) {
      data.addTo(builder);
      commit(builder);
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertEquals(data.labels(), index.labels().toList());
    }
  }

  @Test
  void badVectorsAreNamed() {
    try (IndexBuilder builder = builder(temp.resolve("i"))) {
      builder.add("good", new float[] {1, 2}, Map.of());
      for (float[] bad :
          List.of(
              new float[] {1, Float.NaN},
              new float[] {Float.POSITIVE_INFINITY, 1},
              new float[] {0, -0f},
              new float[] {1, 2, 3},
              new float[0])) {
        String message =
            assertThrows(PolysemeException.class, () -> builder.add("bad one", bad, Map.of()))
                .getMessage();
        assertTrue(message.contains("\"bad one\""), message);
      }
      assertThrows(PolysemeException.class, () -> builder.add("", new float[] {1, 2}, Map.of()));
      assertThrows(
          PolysemeException.class,
          () -> builder.add("猫".repeat(15_000), new float[] {1, 2}, Map.of()));
      assertThrows(
          IllegalArgumentException.class,
          () -> builder.add("a", new float[] {1, 2}, Map.of("label", "b")));
      builder.add("tiny", new float[] {1e-38f, 0}, Map.of());
      builder.add("huge", new float[] {0, 3e38f}, Map.of());
      // A surrogate on its own is no character; it is stored as the replacement character.
      builder.add("lone \uD83D", new float[] {1, 2}, Map.of("f", "\uDE00\0\1"));
      assertEquals(4, commit(builder).size());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertArrayEquals(new float[] {1, 0}, index.vector("tiny").orElseThrow());
      assertArrayEquals(new float[] {0, 1}, index.vector("huge").orElseThrow());
      assertTrue(index.vector("lone \uFFFD").isPresent());
    }
  }

  @Test
  void theZeroVectorHasAPlaceWhereThereIsNoCosine() {
    Recipe recipe =
        Recipe.of("test").withOptions(IndexOptions.DEFAULT.withSimilarity(Similarity.EUCLIDEAN));
    try (IndexBuilder builder = VectorIndex.builder(temp.resolve("i"), recipe, Maker.UNKNOWN)) {
      builder.add("zero", new float[2], Map.of());
      commit(builder);
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertEquals(1, index.search(Query.near(new float[2], 1)).hits().getFirst().score());
    }
  }

  @Test
  void withoutACommitEverythingIsAsItWas() throws IOException {
    Data data = Data.random(6, 1000, 64);
    Path fresh = temp.resolve("deeper").resolve("i");
    try (IndexBuilder builder = builder(fresh, BuildOptions.DEFAULT.withMemoryMegabytes(1))) {
      data.addTo(builder);
      assertTrue(Files.exists(fresh));
    }
    assertFalse(Files.exists(fresh));
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    Map<String, Long> files = files(folder);
    try (IndexBuilder builder =
        builder(folder, BuildOptions.DEFAULT.withMemoryMegabytes(1).withFresh(true))) {
      data.addTo(builder);
      Cancel cancel = Cancel.create();
      cancel.cancel();
      assertThrows(CancelledException.class, () -> builder.commit(Progress.NONE, cancel));
      assertThrows(IllegalStateException.class, () -> commit(builder));
      assertThrows(IllegalStateException.class, () -> builder.add("x", new float[64], Map.of()));
    }
    assertEquals(files, files(folder));
  }

  @Test
  void linkingTheGraphTellsItsProgressAndCanBeCancelled() {
    Data data = Data.random(7, 25_000, 4);
    Path folder = temp.resolve("i");
    var told = new ArrayList<Long>();
    try (IndexBuilder builder = builder(folder)) {
      data.addTo(builder);
      builder.commit(
          (task, done, total) -> {
            assertEquals(25_000, total);
            told.add(done);
          },
          Cancel.create());
    }
    assertEquals(0, told.getFirst());
    assertEquals(25_000, told.getLast());
    assertTrue(told.size() > 4, told::toString);
    assertEquals(told.stream().sorted().toList(), told);
    told.clear();
    try (IndexBuilder builder = builder(temp.resolve("one"), BuildOptions.DEFAULT.withThreads(1))) {
      data.addTo(builder);
      builder.commit((task, done, total) -> told.add(done), Cancel.create());
    }
    assertTrue(
        told.stream().filter(done -> done > 5_000 && done < 20_000).count() > 4, told::toString);
    try (IndexBuilder builder = builder(folder, BuildOptions.DEFAULT.withFresh(true))) {
      data.addTo(builder);
      Cancel cancel = Cancel.create();
      Progress progress =
          (task, done, total) -> {
            if (done > 0) {
              cancel.cancel();
            }
          };
      assertThrows(CancelledException.class, () -> builder.commit(progress, cancel));
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertEquals(25_000, index.info().size());
    }
  }

  @Test
  void whatIsOpenGoesOnShowingWhatWasThere() {
    Path folder = temp.resolve("i");
    Data data = Data.random(8, 3000, 16);
    data.build(folder, IndexOptions.DEFAULT);
    try (VectorIndex index = VectorIndex.open(folder)) {
      Query query = Query.near(data.vectors().get(5), 10);
      var answer = index.search(query);
      Data.random(9, 500, 16).build(folder, IndexOptions.DEFAULT);
      assertEquals(answer, index.search(query));
      assertEquals(data.labels(), index.labels().toList());
      try (VectorIndex later = VectorIndex.open(folder)) {
        assertEquals(500, later.info().size());
      }
    }
  }

  @Test
  void twoBuildersOfOneIndexAreOneTooMany() {
    Path folder = temp.resolve("i");
    Data data = Data.random(10, 50, 4);
    try (IndexBuilder builder = builder(folder)) {
      String message = assertThrows(PolysemeException.class, () -> builder(folder)).getMessage();
      assertTrue(message.contains("being built"), message);
      data.addTo(builder);
      assertEquals(50, commit(builder).size());
    }
    assertEquals(50, data.build(folder, IndexOptions.DEFAULT).size());
  }

  @Test
  void refusesAFolderWithOtherThings() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("photos"));
    Files.writeString(folder.resolve("cat.txt"), "miaow");
    String message = assertThrows(PolysemeException.class, () -> builder(folder)).getMessage();
    assertTrue(message.contains("photos"), message);
    assertThrows(PolysemeException.class, () -> builder(folder.resolve("cat.txt")));
    assertThrows(PolysemeException.class, () -> builder(folder.resolve("cat.txt").resolve("i")));
    assertEquals(List.of("cat.txt"), List.copyOf(files(folder).keySet()));
    assertEquals("miaow", Files.readString(folder.resolve("cat.txt")));
  }

  @ParameterizedTest
  @EnumSource(Encoding.class)
  void wideVectorsAreReadByAnotherProcess(Encoding encoding) throws Exception {
    Data data = Data.random(11, 700, 2048);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT.withEncoding(encoding));
    Child.Result result = Child.run("nearest", folder.toString(), "2048", "700", "11", "123");
    assertEquals(0, result.status(), result.err());
    assertEquals("entry123", result.out().strip());
  }

  @Test
  void aKilledBuildLeavesWhatWasCommitted() throws Exception {
    Data data = Data.random(12, 300, 32);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    // While the graph of an index that is changed is linked, the change is there already.
    for (String when : List.of("adding", "linking")) {
      kill(when, folder);
      try (VectorIndex index = VectorIndex.open(folder)) {
        boolean old = when.equals("adding");
        assertEquals(old ? 300 : 25_000, index.info().size());
        assertEquals(old ? "entry0" : "other0", index.labels().findFirst().orElseThrow());
      }
      assertTrue(new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()).sound());
    }
    Data.random(13, 400, 32).build(folder, IndexOptions.DEFAULT);
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertEquals(400, index.info().size());
    }
    // Nothing of the killed builds is left.
    assertTrue(files(folder).keySet().stream().allMatch(f -> !f.contains("tmp")));
    long bytes = files(folder).values().stream().mapToLong(Long::longValue).sum();
    Data.random(13, 400, 32).build(temp.resolve("other"), IndexOptions.DEFAULT);
    long usual = files(temp.resolve("other")).values().stream().mapToLong(Long::longValue).sum();
    assertEquals(usual, bytes, 2000);
  }

  @Test
  void aKilledFirstBuildLeavesNone() throws Exception {
    Path folder = temp.resolve("i");
    kill("adding", folder);
    String message =
        assertThrows(PolysemeException.class, () -> VectorIndex.open(folder)).getMessage();
    assertTrue(message.contains("not finished"), message);
    var catalog = new IndexCatalog(temp);
    assertTrue(catalog.list().getFirst().problem().contains("not finished"));
    Data.random(13, 40, 32).build(folder, IndexOptions.DEFAULT);
    assertEquals(40, catalog.info("i").info().size());
    kill("adding", temp.resolve("j"));
    catalog.delete("j");
    assertFalse(Files.exists(temp.resolve("j")));
  }

  private static void kill(String when, Path folder) throws Exception {
    Process process = Child.start("build", folder.toString(), when);
    try (var out = process.inputReader()) {
      assertEquals("ready", out.readLine());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void anotherProcessThatBuildsIsNoticed() throws Exception {
    Path folder = temp.resolve("i");
    Process process = Child.start("build", folder.toString(), "adding");
    try (var out = process.inputReader()) {
      assertEquals("ready", out.readLine());
      for (Runnable use :
          List.<Runnable>of(
              () -> builder(folder),
              () -> new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()),
              () -> new IndexCatalog(temp).delete("i"))) {
        String message = assertThrows(PolysemeException.class, use::run).getMessage();
        assertTrue(message.contains("another process"), message);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** A limit on the size of files stands in for a full disk: the same failure of a write. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDiskLeavesWhatWasCommitted() throws Exception {
    Data data = Data.random(14, 300, 32);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    Map<String, Long> files = files(folder);
    Child.Result result = Child.runWithSmallFiles("fill", folder.toString(), "64");
    assertEquals(1, result.status(), result.err());
    assertTrue(result.out().contains("cannot write the index " + folder), result.out());
    assertTrue(result.out().contains("MB are free"), result.out());
    assertEquals(files, files(folder));
    for (String megabytes : List.of("1", "64")) {
      Path fresh = temp.resolve("fresh");
      assertEquals(1, Child.runWithSmallFiles("fill", fresh.toString(), megabytes).status());
      assertFalse(Files.exists(fresh));
    }
    // Written in small parts, the disk is full only when these are merged: nothing is lost then.
    result = Child.runWithSmallFiles("fill", folder.toString(), "1");
    assertEquals(1, result.status(), result.err());
    assertTrue(result.out().contains("everything is in the index " + folder), result.out());
    assertTrue(result.out().contains("MB are free"), result.out());
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertEquals(30_000, index.info().size());
    }
    assertEquals(30_000, Data.random(5, 30_000, 32).build(folder, IndexOptions.DEFAULT).size());
    assertTrue(new IndexCatalog(temp).check("i", Progress.NONE, Cancel.create()).sound());
  }

  static Map<String, Long> files(Path folder) throws IOException {
    var files = new TreeMap<String, Long>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        if (!file.getFileName().toString().equals("write.lock")) {
          files.put(file.getFileName().toString(), Files.size(file));
        }
      }
    }
    return files;
  }

  @Test
  void theCallersArrayStaysTheCallers() {
    try (IndexBuilder builder = builder(temp.resolve("i"))) {
      float[] vector = {3, 4};
      builder.add("a", vector, Map.of());
      assertArrayEquals(new float[] {3, 4}, vector);
      Arrays.fill(vector, 9);
      commit(builder);
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      assertArrayEquals(new float[] {0.6f, 0.8f}, index.vector("a").orElseThrow());
    }
  }
}
