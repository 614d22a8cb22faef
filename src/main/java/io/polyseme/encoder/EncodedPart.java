package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.List;

/** A part of a text with its vectors: a word or a passage. */
public sealed interface EncodedPart permits EncodedWord, EncodedPassage {
  /** In the original text. */
  Span span();

  /** As it is written there. */
  String text();

  /** One for each layer that was asked for. */
  List<LayerVector> vectors();

  /** The first (often the only) layer's vector. */
  default float[] vector() {
    return vectors().getFirst().vector();
  }
}
