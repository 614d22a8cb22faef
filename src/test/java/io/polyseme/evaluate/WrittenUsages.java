package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.LayerVector;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Vectors of the texts themselves: made of the numbers that stand after the word, for the word and
 * for its sentence. A text with "fail" in it fails.
 */
final class WrittenUsages {
  /** The same at each of three layers. */
  static final ContextVectors VECTORS = of(numbers -> List.of(numbers, numbers, numbers));

  private WrittenUsages() {}

  /**
   * @param layers what the numbers are at each layer
   */
  static ContextVectors of(Function<float[], List<float[]>> layers) {
    return (inputs, sink, cancel) -> {
      for (long i = 0; inputs.hasNext(); i++) {
        cancel.check();
        var input = inputs.next();
        if (input.text().contains("fail")) {
          sink.accept(new EncodeResult.Failed(i, input, new PolysemeException("so it says")));
          continue;
        }
        Span span = input.spans().getFirst();
        String[] numbers = input.text().substring(span.end()).strip().split(" ");
        var vector = new float[numbers.length];
        for (int d = 0; d < vector.length; d++) {
          vector[d] = Float.parseFloat(numbers[d]);
        }
        var vectors = new ArrayList<LayerVector>();
        for (float[] at : layers.apply(vector)) {
          vectors.add(new LayerVector(String.valueOf(vectors.size()), at));
        }
        String word = span.of(input.text());
        sink.accept(
            new EncodeResult.Done(
                i,
                new Encoded(
                    input.text(),
                    List.of(new EncodedWord(span, word, List.of(word), vectors)),
                    vectors,
                    1,
                    0,
                    1,
                    List.of())));
      }
    };
  }
}
