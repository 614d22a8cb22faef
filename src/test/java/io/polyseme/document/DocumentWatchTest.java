package io.polyseme.document;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DocumentWatchTest {
  private static final Duration QUIET = Duration.ofMillis(50);

  @TempDir Path folder;

  private static boolean changed(DocumentWatch watch) {
    return watch.await(QUIET, Duration.ofSeconds(10), Cancel.create());
  }

  private static boolean still(DocumentWatch watch) {
    return !watch.await(QUIET, Duration.ofMillis(300), Cancel.create());
  }

  @Test
  void changesAreTold() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "a");
    Path index = Files.createDirectory(folder.resolve("index"));
    var options = DocumentOptions.DEFAULT.without(index);
    try (DocumentWatch watch = DocumentWatch.open(List.of(folder.toString()), options)) {
      assertTrue(still(watch));
      Files.writeString(file, "b");
      assertTrue(changed(watch));
      Path deep = Files.createDirectories(folder.resolve("new/deep"));
      assertTrue(changed(watch));
      Files.writeString(deep.resolve("c.txt"), "in a folder that is new");
      assertTrue(changed(watch));
      Files.delete(file);
      assertTrue(changed(watch));
      Files.writeString(folder.resolve(".hidden"), "x");
      Files.writeString(index.resolve("segments"), "x");
      assertTrue(still(watch), "what is passed over does not count");
    }
  }

  @Test
  void itEndsWhenCancelled() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "a");
    try (DocumentWatch watch =
        DocumentWatch.open(List.of(file.toString()), DocumentOptions.DEFAULT)) {
      assertThrows(
          CancelledException.class,
          () -> watch.await(QUIET, Duration.ofHours(1), Cancel.after(Duration.ofMillis(200))));
      Files.writeString(file, "another");
      assertTrue(changed(watch), "a single file is watched too");
    }
    assertFalse(
        assertThrows(
                PolysemeException.class,
                () -> DocumentWatch.open(List.of("-"), DocumentOptions.DEFAULT))
            .getMessage()
            .isEmpty());
  }
}
