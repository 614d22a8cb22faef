package io.polyseme.encoder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the processor's instructions allow. */
final class Instructions {
  /**
   * Whether products of unsigned and signed bytes are summed in 32 bits. x86 processors without
   * VNNI add pairs of them in 16 bits first, which overflow; where the system does not tell, that
   * is taken to be so.
   */
  static final boolean BYTES_SUM_EXACTLY = sumsExactly();

  private Instructions() {}

  private static boolean sumsExactly() {
    String architecture = System.getProperty("os.arch");
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return true;
    }
    try {
      return Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)
          .contains("_vnni");
    } catch (IOException e) {
      return false;
    }
  }
}
