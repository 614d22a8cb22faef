package io.polyseme.encoder;

import io.polyseme.model.Pooling;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of each text. Immutable; start at {@link #ofWords()}, {@link #ofSentences()} or
 * {@link #ofPassages(Passages)}.
 *
 * @param layers which hidden states
 * @param words which words get vectors
 * @param sentence whether the whole text gets a vector
 * @param sentencePooling how tokens become the whole text; null for the model's own pooling
 * @param piecePooling how word pieces become a word
 * @param role what the text is to the model
 * @param passages which passages of the text get vectors
 * @param longTexts what becomes of texts that are longer than the model's window
 */
public record EncodeRequest(
    Layers layers,
    Words words,
    boolean sentence,
    @Nullable Pooling sentencePooling,
    PiecePooling piecePooling,
    Role role,
    Passages passages,
    LongTexts longTexts) {
  public EncodeRequest {
    Objects.requireNonNull(layers, "layers");
    Objects.requireNonNull(words, "words");
    Objects.requireNonNull(piecePooling, "piecePooling");
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(passages, "passages");
    Objects.requireNonNull(longTexts, "longTexts");
    if (words == Words.NONE && !sentence && passages instanceof Passages.None) {
      throw new IllegalArgumentException(
          "neither words nor the sentence nor passages are asked for");
    }
  }

  /** Every word of the text at the last layer, pieces pooled by mean. */
  public static EncodeRequest ofWords() {
    return new EncodeRequest(
        Layers.last(),
        Words.ALL,
        false,
        null,
        PiecePooling.MEAN,
        Role.SYMMETRIC,
        Passages.NONE,
        LongTexts.WINDOWS);
  }

  /** The vector of the whole text. */
  public static EncodeRequest ofSentences() {
    return new EncodeRequest(
        Layers.last(),
        Words.NONE,
        true,
        null,
        PiecePooling.MEAN,
        Role.SYMMETRIC,
        Passages.NONE,
        LongTexts.WINDOWS);
  }

  /**
   * The vectors of passages of the text.
   *
   * @throws IllegalArgumentException if they are {@link Passages#NONE}
   */
  public static EncodeRequest ofPassages(Passages passages) {
    return ofSentences().withPassages(passages).withSentence(false);
  }

  public EncodeRequest withLayers(Layers layers) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withWords(Words words) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withSentence(boolean sentence) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  /**
   * With another pooling of whole texts than the model's own, or for a model whose files do not say
   * theirs.
   */
  public EncodeRequest withSentencePooling(@Nullable Pooling sentencePooling) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withPiecePooling(PiecePooling piecePooling) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withRole(Role role) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withPassages(Passages passages) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }

  public EncodeRequest withLongTexts(LongTexts longTexts) {
    return new EncodeRequest(
        layers, words, sentence, sentencePooling, piecePooling, role, passages, longTexts);
  }
}
