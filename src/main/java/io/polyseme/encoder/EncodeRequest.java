package io.polyseme.encoder;

import io.polyseme.model.Pooling;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of each text. Immutable; start at {@link #ofWords()} or {@link #ofSentences()}.
 *
 * @param layers which hidden states
 * @param words which words get vectors
 * @param sentence whether the whole text gets a vector
 * @param sentencePooling how tokens become the whole text; null for the model's own pooling
 * @param piecePooling how word pieces become a word
 * @param role what the text is to the model
 */
public record EncodeRequest(
    Layers layers,
    Words words,
    boolean sentence,
    @Nullable Pooling sentencePooling,
    PiecePooling piecePooling,
    Role role) {
  public EncodeRequest {
    Objects.requireNonNull(layers, "layers");
    Objects.requireNonNull(words, "words");
    Objects.requireNonNull(piecePooling, "piecePooling");
    Objects.requireNonNull(role, "role");
    if (words == Words.NONE && !sentence) {
      throw new IllegalArgumentException("neither words nor the sentence are asked for");
    }
  }

  /** Every word of the text at the last layer, pieces pooled by mean. */
  public static EncodeRequest ofWords() {
    return new EncodeRequest(
        Layers.last(), Words.ALL, false, null, PiecePooling.MEAN, Role.SYMMETRIC);
  }

  /** The vector of the whole text. */
  public static EncodeRequest ofSentences() {
    return new EncodeRequest(
        Layers.last(), Words.NONE, true, null, PiecePooling.MEAN, Role.SYMMETRIC);
  }

  public EncodeRequest withLayers(Layers layers) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }

  public EncodeRequest withWords(Words words) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }

  public EncodeRequest withSentence(boolean sentence) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }

  /**
   * With another pooling of whole texts than the model's own, or for a model whose files do not say
   * theirs.
   */
  public EncodeRequest withSentencePooling(@Nullable Pooling sentencePooling) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }

  public EncodeRequest withPiecePooling(PiecePooling piecePooling) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }

  public EncodeRequest withRole(Role role) {
    return new EncodeRequest(layers, words, sentence, sentencePooling, piecePooling, role);
  }
}
