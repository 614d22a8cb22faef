package io.polyseme.words;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The only class that touches zstd-jni, which is optional. */
final class Zstd {
  private Zstd() {}

  /**
   * What is packed in {@code packed}.
   *
   * @throws LinkageError if zstd-jni is not on the class path or does not run here; the JVM may
   *     throw it before this method is entered
   */
  static InputStream unpack(InputStream packed) throws IOException {
    return new ZstdInputStream(packed);
  }
}
