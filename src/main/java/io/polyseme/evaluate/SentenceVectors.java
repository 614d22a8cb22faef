package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes vectors of sentences: an encoder, or the caller's own. */
@FunctionalInterface
public interface SentenceVectors {
  /**
   * Gives one result for each sentence, in their order, on the calling thread. {@link
   * EncodeResult#index()} counts from 0 in every call. A sentence has a vector for each layer, of
   * the same layers and dimensions throughout.
   *
   * @throws io.polyseme.CancelledException if cancelled
   */
  void encodeAll(Iterator<TextInput> sentences, Consumer<EncodeResult> sink, Cancel cancel);

  /** Of an encoder, at the layers, with the sentence pooling and in the role of the request. */
  static SentenceVectors of(Encoder encoder, EncodeRequest request) {
    EncodeRequest whole = request.withSentence(true).withWords(Words.NONE);
    return (sentences, sink, cancel) -> encoder.encodeAll(sentences, whole, sink, cancel);
  }

  /**
   * Of a function that takes some sentences and gives as many vectors, all of one dimension.
   *
   * @param batch how many sentences it takes at the most, at least 1
   */
  static SentenceVectors of(int batch, Function<List<String>, List<float[]>> function) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch must have at least 1 sentence: " + batch);
    }
    return (sentences, sink, cancel) -> {
      long index = 0;
      while (sentences.hasNext()) {
        cancel.check();
        var texts = new ArrayList<String>();
        while (sentences.hasNext() && texts.size() < batch) {
          texts.add(sentences.next().text());
        }
        List<float[]> vectors = function.apply(List.copyOf(texts));
        if (vectors.size() != texts.size()) {
          throw new IllegalArgumentException(
              "the function gave %d vectors for %d sentences"
                  .formatted(vectors.size(), texts.size()));
        }
        for (int i = 0; i < texts.size(); i++) {
          var vector = new LayerVector("", vectors.get(i));
          sink.accept(
              new EncodeResult.Done(
                  index++,
                  new Encoded(texts.get(i), List.of(), List.of(vector), 0, 0, 1, List.of())));
        }
      }
    };
  }
}
