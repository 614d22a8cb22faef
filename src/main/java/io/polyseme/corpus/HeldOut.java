package io.polyseme.corpus;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Which texts are measured with and not learned from. */
public final class HeldOut {
  private HeldOut() {}

  /**
   * Whether a text is held out: by the text alone, so that the same one twice is on one side.
   *
   * @param share of all texts that are, 0 to 1
   */
  public static boolean is(String text, long seed, double share) {
    var crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    // Its bits are mixed once more: short texts that are alike have like checksums.
    long mixed = (crc.getValue() + seed) * 0x9E3779B97F4A7C15L;
    return (mixed >>> 40) / (double) (1 << 24) < share;
  }
}
