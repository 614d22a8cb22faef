package io.polyseme.bulk;

import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.vector.Span;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a request gives for each text, word or passage.
 *
 * @param layers how many vectors
 * @param dimension of each
 */
record Shape(int layers, int dimension) {

  /** Asks the encoder, for one letter: what it cannot do is said before a job is begun. */
  static Shape of(Encoder encoder, EncodeRequest request) {
    TextInput letter = TextInput.of("a", new Span(0, 1));
    Encoded encoded =
        encoder.encode(
            letter, request.words() == Words.NONE ? request : request.withWords(Words.GIVEN));
    List<LayerVector> vectors =
        !encoded.sentence().isEmpty()
            ? encoded.sentence()
            : Stream.concat(encoded.words().stream(), encoded.passages().stream())
                .findFirst()
                .orElseThrow()
                .vectors();
    return new Shape(vectors.size(), vectors.getFirst().vector().length);
  }
}
