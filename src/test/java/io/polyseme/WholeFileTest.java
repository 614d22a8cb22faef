package io.polyseme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir Path folder;

  private static void write(Path file, String text) {
    WholeFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aFileIsReplacedWholeOrNotAtAll() throws IOException {
    Path file = folder.resolve("a.txt");
    write(file, "one");
    write(file, "two");
    assertEquals("two", Files.readString(file));
    var error =
        assertThrows(
            PolysemeException.class,
            () ->
                WholeFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("no room");
                    }));
    assertTrue(error.getMessage().contains("no room"), error.getMessage());
    assertEquals("two", Files.readString(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing is left beside it");
    }
  }

  @Test
  void aLinkStaysOne() throws IOException {
    Path file = folder.resolve("a.txt");
    write(file, "one");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), file);
    write(link, "two");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("two", Files.readString(file));
  }

  @Test
  void whatCannotBeWrittenIsTold() {
    assertThrows(PolysemeException.class, () -> write(folder, "x"));
    var error =
        assertThrows(PolysemeException.class, () -> write(folder.resolve("no/such/a.txt"), "x"));
    assertTrue(error.getMessage().contains("no such folder"), error.getMessage());
  }
}
