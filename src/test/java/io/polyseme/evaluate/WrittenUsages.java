package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.LayerVector;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Vectors of the texts themselves: the numbers that stand after the word, the same at each of three
 * layers, for the word and for its sentence. A text with "fail" in it fails.
 */
final class WrittenUsages {
  private static final int LAYERS = 3;

  private WrittenUsages() {}

  static final ContextVectors VECTORS =
      (inputs, sink, cancel) -> {
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
          var layers = new ArrayList<LayerVector>();
          for (int layer = 0; layer < LAYERS; layer++) {
            layers.add(new LayerVector(String.valueOf(layer), vector));
          }
          String word = span.of(input.text());
          sink.accept(
              new EncodeResult.Done(
                  i,
                  new Encoded(
                      input.text(),
                      List.of(new EncodedWord(span, word, List.of(word), layers)),
                      layers,
                      1,
                      0,
                      1,
                      List.of())));
        }
      };
}
