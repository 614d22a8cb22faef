package io.polyseme.insight;

import java.util.Locale;

/**
 * What a head may look at, wherever it stands. The first seven are shares of its attention; a head
 * that has no such job and looks everywhere alike is {@link #BROAD}.
 */
public enum HeadPattern {
  /** The word or mark before. */
  PREVIOUS,
  /** The word or mark after. */
  NEXT,
  /** The word itself. */
  SELF,
  /** The same word elsewhere in the text, whatever its case. */
  SAME_WORD,
  /** The special token that a text begins with, as [CLS]. */
  START,
  /** All other special tokens, as [SEP]. */
  SEPARATOR,
  /** Marks that are no words, other than the one that looks. */
  PUNCTUATION,
  /** The entropy of the attention, divided by that of attention that is the same everywhere. */
  BROAD;

  /** The name in small letters, with hyphens. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
