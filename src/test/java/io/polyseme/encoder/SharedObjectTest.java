package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "ELF is what Linux has")
class SharedObjectTest {
  private static final Path LIBRARY = Path.of(System.getProperty("java.home"), "lib", "libnet.so");

  @Test
  void namesWhatALibraryNeeds() throws IOException {
    // Java's network library stands on its base library and on that of C.
    List<String> needed = SharedObject.needed(LIBRARY);
    assertTrue(needed.contains("libjava.so"), needed.toString());
    assertTrue(needed.stream().anyMatch(name -> name.startsWith("libc.")), needed.toString());
  }

  @Test
  void tellsWhatTheLoaderDoesNotFind() throws IOException {
    List<String> libc =
        SharedObject.needed(LIBRARY).stream().filter(name -> name.startsWith("libc.")).toList();
    assertEquals(List.of(), SharedObject.missing(libc));
    assertEquals(
        List.of("libnobody.so.12", "libneither.so.9"),
        SharedObject.missing(List.of("libnobody.so.12", libc.getFirst(), "libneither.so.9")));
  }

  @Test
  void brokenFilesAreSaidToBeBroken(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("broken.so");
    Files.writeString(
        file, "this is no library, but a text of more than sixty-four bytes, as you see");
    assertThrows(IOException.class, () -> SharedObject.needed(file));
    Files.write(file, new byte[0]);
    assertThrows(IOException.class, () -> SharedObject.needed(file));
    byte[] whole = Files.readAllBytes(LIBRARY);
    var random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int j = 0; j < Math.min(bytes.length, 4); j++) {
        bytes[random.nextInt(Math.min(bytes.length, 400))] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bytes);
      try {
        SharedObject.needed(file);
      } catch (IOException e) {
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      }
    }
  }
}
