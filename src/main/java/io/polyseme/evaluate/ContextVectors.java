package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.vector.VectorSpace;
import java.util.Iterator;
import java.util.function.Consumer;

/** Makes vectors of words in their contexts: an encoder, or the caller's own. */
@FunctionalInterface
public interface ContextVectors {
  /**
   * Gives the result for each input, in their order, on the calling thread. Every input has one
   * span; its word has a vector for each layer, of the same layers throughout.
   */
  void encodeAll(Iterator<TextInput> inputs, Consumer<EncodeResult> sink, Cancel cancel);

  /**
   * Of an encoder, at the layers and with the piece pooling of the request, and with the sentence's
   * vectors where it asks for them.
   */
  static ContextVectors of(Encoder encoder, EncodeRequest request) {
    EncodeRequest given = request.withWords(Words.GIVEN);
    return (inputs, sink, cancel) -> encoder.encodeAll(inputs, given, sink, cancel);
  }

  /**
   * Without a Transformer: the mean of the static vectors of the words around the word asked for,
   * each of unit length. What contextual vectors are held against.
   *
   * @param words stays the caller's to close
   */
  static ContextVectors ofMean(VectorSpace words) {
    return new MeanContext(words);
  }
}
