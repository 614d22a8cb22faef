package io.polyseme.document;

import java.nio.charset.Charset;
import org.apache.tika.parser.txt.CharsetDetector;
import org.apache.tika.parser.txt.CharsetMatch;

/** Tika's detector of charsets, which is optional. */
final class DetectedCharset {
  private DetectedCharset() {}

  /**
   * The likeliest charset.
   *
   * @param head the beginning of a text that is not UTF-8
   * @throws SkipException if there is none, or the detector is not on the class path
   */
  static Charset of(byte[] head) {
    try {
      return Detector.of(head);
    } catch (NoClassDefFoundError e) {
      throw new SkipException(
          "it is not UTF-8, and detecting its charset needs Tika: add"
              + " org.apache.tika:tika-parser-text-module",
          e);
    }
  }

  private static final class Detector {
    static Charset of(byte[] head) {
      var detector = new CharsetDetector(head.length);
      detector.setText(head);
      for (CharsetMatch match : detector.detectAll()) {
        String name = match.getName();
        if (Charset.isSupported(name) && !name.startsWith("UTF") && !name.contains("IBM")) {
          return Charset.forName(name);
        }
      }
      throw new SkipException("its charset is not known");
    }
  }
}
