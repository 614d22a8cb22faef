package io.polyseme.sense;

import io.polyseme.vector.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A word of a text that an inventory has senses for.
 *
 * @param span where it stands; a phrase is one word
 * @param lemmas what it may be a form of, the one with the most counted uses first
 * @param pos null where it is not known, so that all are considered
 */
public record AnalysedWord(Span span, List<String> lemmas, @Nullable PartOfSpeech pos) {
  public AnalysedWord {
    lemmas = List.copyOf(lemmas);
    if (lemmas.isEmpty()) {
      throw new IllegalArgumentException("an analysed word needs a lemma");
    }
  }

  /** The likeliest lemma. */
  public String lemma() {
    return lemmas.getFirst();
  }
}
