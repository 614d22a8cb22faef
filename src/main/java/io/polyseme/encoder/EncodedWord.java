package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.List;

/**
 * A word where it stands.
 *
 * @param span in the original text
 * @param text the word as it is written there
 * @param pieces the word pieces that it was made of, as the tokenizer writes them; those whose
 *     offsets overlap the span
 * @param vectors one for each layer that was asked for
 */
public record EncodedWord(Span span, String text, List<String> pieces, List<LayerVector> vectors)
    implements EncodedPart {
  public EncodedWord {
    pieces = List.copyOf(pieces);
    vectors = List.copyOf(vectors);
  }
}
