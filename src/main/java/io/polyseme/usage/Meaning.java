package io.polyseme.usage;

import java.util.List;

/**
 * A meaning that usages are compared with: that of a word where it stands in a text, or of a sense.
 *
 * @param vector as the index's own vectors are, not normalised; float[dimension], copied
 * @param lemma of the word whose meaning it is
 * @param texts what it was made of, in words: the text, or the sense's examples and gloss
 * @param notes what the person who asked should know; often empty
 */
public record Meaning(float[] vector, String lemma, List<String> texts, List<String> notes) {
  public Meaning {
    vector = vector.clone();
    texts = List.copyOf(texts);
    notes = List.copyOf(notes);
  }

  /** A copy. */
  @Override
  public float[] vector() {
    return vector.clone();
  }
}
