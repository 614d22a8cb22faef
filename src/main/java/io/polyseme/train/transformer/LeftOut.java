package io.polyseme.train.transformer;

import io.polyseme.corpus.CorpusText;
import java.nio.file.Path;

/**
 * Texts that cannot be read and are left out.
 *
 * @param texts how many
 * @param first which was the first, and why it cannot be read; empty where there is none
 */
public record LeftOut(long texts, String first) {
  static final LeftOut NONE = new LeftOut(0, "");

  /** With one more, which is described if it is the first. */
  LeftOut and(Path file, CorpusText text) {
    String described =
        texts > 0
            ? first
            : "%s line %d: %s".formatted(file.getFileName(), text.line(), text.problem());
    return new LeftOut(texts + 1, described);
  }

  /** For people; empty where there is none. */
  public String told() {
    return texts == 0
        ? ""
        : "%,d texts cannot be read and are left out; the first, %s".formatted(texts, first);
  }

  /** At the end of a message that there is too little text. */
  String atTheEnd() {
    return texts == 0 ? "" : "; " + told();
  }
}
