package io.polyseme.encoder;

import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.util.List;

/**
 * A passage where it stands.
 *
 * @param span in the original text; that of a chunk has no white space at its ends
 * @param text the passage as it is written there
 * @param tokens how many tokens of the text it has
 * @param begins what kind of place it begins at
 * @param ends what kind of place it ends at
 * @param made how its vectors were made
 * @param vectors one for each layer that was asked for
 */
public record EncodedPassage(
    Span span,
    String text,
    int tokens,
    Edge begins,
    Edge ends,
    Made made,
    List<LayerVector> vectors)
    implements EncodedPart {
  /** The kinds of places that passages begin and end at. */
  public enum Edge {
    /** The text's beginning or end. */
    TEXT,
    /** Between two sentences or paragraphs. */
    SENTENCE,
    /** Between two words of a sentence. */
    WORD,
    /** Within a word. */
    TOKEN,
    /** Where the caller said. */
    GIVEN
  }

  /**
   * How a passage's vectors were made.
   *
   * @param encoding what the model saw
   * @param pooling how the tokens were joined; for a model that pools by its first token, the mean
   *     where the encoding is late
   * @param windows the windows that the tokens were pooled out of, from the first to before the
   *     last, counted from 0: of the text where the encoding is late, otherwise of the passage. Of
   *     several the result is joined, as for a whole text
   * @param seen what of the text these windows showed the model
   */
  public record Made(Passages.Encoding encoding, Pooling pooling, Span windows, Span seen) {}

  public EncodedPassage {
    vectors = List.copyOf(vectors);
  }
}
