package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BrokenIndexTest {
  private static final Data DATA = Data.random(1, 1500, 8);

  @TempDir Path temp;
  private Path whole;
  private IndexCatalog catalog;

  @BeforeEach
  void build() {
    whole = temp.resolve("whole");
    catalog = new IndexCatalog(temp);
    DATA.build(whole, IndexOptions.DEFAULT.withEncoding(Encoding.INT8));
  }

  private interface Damage {
    void to(Path file, long size) throws IOException;
  }

  @Test
  void everyMissingFileIsNoticed() throws IOException {
    damageEach("without", (file, size) -> Files.delete(file), true);
  }

  @Test
  void everyShortenedFileIsNoticed() throws IOException {
    damageEach("empty", (file, size) -> truncate(file, 0), true);
    damageEach("half", (file, size) -> truncate(file, size / 2), true);
    damageEach("one byte less", (file, size) -> truncate(file, size - 1), true);
  }

  @Test
  void everyChangedByteIsNoticedByTheCheck() throws IOException {
    var random = new Random(3);
    damageEach(
        "changed",
        (file, size) -> {
          byte[] bytes = Files.readAllBytes(file);
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
          Files.write(file, bytes);
        },
        true);
  }

  @Test
  void rubbishInsteadOfAFileIsNoticed() throws IOException {
    var random = new Random(4);
    damageEach(
        "rubbish",
        (file, size) -> {
          byte[] bytes = new byte[(int) size];
          random.nextBytes(bytes);
          Files.write(file, bytes);
        },
        true);
  }

  private static void truncate(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private void damageEach(String how, Damage damage, boolean noticed) throws IOException {
    for (String file : IndexBuilderTest.files(whole).keySet()) {
      if (file.equals(Marker.FILE)) {
        continue;
      }
      Path copy = copy(how.replace(' ', '-') + "-" + file);
      Path damaged = copy.resolve(file);
      damage.to(damaged, Files.size(damaged));
      String name = copy.getFileName().toString();
      IndexCheck check = catalog.check(name, Progress.NONE, Cancel.create());
      assertEquals(noticed, !check.sound(), how + " " + file);
      assertFalse(check.problems().getFirst().contains("\n"), check::toString);
      try (VectorIndex index = VectorIndex.open(copy)) {
        index.search(Query.near(DATA.vectors().getFirst(), 5));
        index.entries().forEach(e -> {});
      } catch (PolysemeException e) {
        assertTrue(e.getMessage().contains(name), e.getMessage());
      }
      assertEquals(name, catalog.info(name).name());
      // It can be built over, and deleted.
      if (file.hashCode() % 2 == 0) {
        assertEquals(1500, DATA.build(copy, IndexOptions.DEFAULT).size(), () -> how + " " + file);
        assertTrue(catalog.check(name, Progress.NONE, Cancel.create()).sound());
      }
      catalog.delete(name);
      assertFalse(Files.exists(copy));
    }
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectory(temp.resolve(name));
    try (Stream<Path> files = Files.list(whole)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  @Test
  void aSoundIndexIsSound() {
    IndexCheck check = catalog.check("whole", Progress.NONE, Cancel.create());
    assertEquals(List.of(), check.problems());
    assertEquals(1500, check.vectors());
    assertTrue(check.bytes() > 1500 * 8 * 4);
  }

  @Test
  void whatIsMissingIsSaidSo() throws IOException {
    assertMessage("there is no index", () -> VectorIndex.open(temp.resolve("nowhere")));
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertMessage("is not a Polyseme index", () -> VectorIndex.open(empty));
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertMessage("is not a folder", () -> VectorIndex.open(file));
    assertMessage("did you mean whole", () -> catalog.open("whoel", OpenOptions.DEFAULT));
    assertMessage("is not a Polyseme index", () -> catalog.delete("empty"));
    assertTrue(Files.exists(empty));
    assertMessage("there is no index", () -> catalog.delete("nothing"));
    assertThrows(IllegalArgumentException.class, () -> catalog.folder(" "));
    assertThrows(IllegalArgumentException.class, () -> catalog.folder("a\0b"));
  }

  @Test
  void whatIsMissingHasItsNameInTheMessage() throws IOException {
    Path copy = copy("copy");
    Path vectors;
    try (Stream<Path> files = Files.list(copy)) {
      vectors = files.filter(f -> f.toString().endsWith(".vec")).findFirst().orElseThrow();
    }
    Files.delete(vectors);
    assertMessage(vectors.getFileName().toString(), () -> VectorIndex.open(copy));
  }

  @Test
  void anotherMakerIsRefusedWithWhatDiffers() {
    var other = new Maker("model", "fedcba9876543210fedc", "12", "mean");
    var message =
        assertMessage(
            "fingerprint", () -> VectorIndex.open(whole, OpenOptions.DEFAULT.withExpected(other)));
    assertTrue(message.contains("layer 2 instead of 12"), message);
    assertFalse(message.contains("pooling"), message);
    assertMessage(
        "model model instead of other",
        () ->
            VectorIndex.open(
                whole, OpenOptions.DEFAULT.withExpected(new Maker("other", "", "", ""))));
    VectorIndex.open(whole, OpenOptions.DEFAULT.withExpected(Data.MAKER)).close();
    VectorIndex.open(whole, OpenOptions.DEFAULT.withExpected(Maker.UNKNOWN)).close();
  }

  @Test
  void theCatalogueListsByName() throws IOException {
    Files.writeString(temp.resolve("whole.recipe"), "source = lines\n");
    Files.createDirectory(temp.resolve("other"));
    Files.writeString(temp.resolve("note.txt"), "x");
    List<IndexCatalog.Listing> list = catalog.list();
    assertEquals(List.of("whole"), list.stream().map(IndexCatalog.Listing::name).toList());
    assertEquals(1500, list.getFirst().info().size());
    assertEquals("whole", list.getFirst().info().name());
    assertEquals("", list.getFirst().problem());
    assertEquals(List.of("whole"), catalog.recipes());
    assertEquals("lines", catalog.recipe("whole").orElseThrow().source());
    assertTrue(catalog.recipe("other").isEmpty());
    assertEquals(
        "lines", catalog.recipe(temp.resolve("whole.recipe").toString()).orElseThrow().source());
    try (VectorIndex index = catalog.open(whole.toString(), OpenOptions.DEFAULT)) {
      assertEquals(1500, index.info().size());
    }
    assertEquals(List.of(), new IndexCatalog(temp.resolve("nowhere")).list());
    assertEquals(List.of(), new IndexCatalog(temp.resolve("nowhere")).recipes());
  }

  @Test
  void deletingLeavesWhatIsNotTheIndexs() throws IOException {
    Path note = Files.writeString(whole.resolve("note.txt"), "keep me");
    assertMessage("other files", () -> catalog.delete("whole"));
    assertEquals(List.of("note.txt"), List.copyOf(IndexBuilderTest.files(whole).keySet()));
    assertEquals("keep me", Files.readString(note));
  }

  private static String assertMessage(String part, Runnable use) {
    String message = assertThrows(PolysemeException.class, use::run).getMessage();
    assertTrue(message.contains(part), message);
    return message;
  }

  @Test
  void anIndexOfAnotherVersionSaysSoAndIsBuiltOver() throws IOException {
    for (String format : List.of("1", "99")) {
      try (var directory = org.apache.lucene.store.FSDirectory.open(whole);
          var writer =
              new org.apache.lucene.index.IndexWriter(
                  directory,
                  new org.apache.lucene.index.IndexWriterConfig().setCommitOnClose(false))) {
        var data = new java.util.HashMap<String, String>();
        writer.getLiveCommitData().forEach(e -> data.put(e.getKey(), e.getValue()));
        data.put("polyseme.format", format);
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
      }
      assertMessage(
          format.equals("1") ? "older Polyseme" : "newer Polyseme", () -> VectorIndex.open(whole));
      assertEquals(1500, DATA.build(whole, IndexOptions.DEFAULT).size());
    }
  }
}
