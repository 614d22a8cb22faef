package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.lexicon.WordNet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The same texts for every benchmark: WordNet's definitions, shuffled by a fixed seed. */
final class Texts {
  static final int COUNT = 1000;

  private Texts() {}

  static List<String> definitions() {
    var all = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(synset -> all.add(synset.definition()));
    }
    Collections.shuffle(all, new Random(42));
    return List.copyOf(all.subList(0, COUNT));
  }

  /** Encodes all of them; returns the number of tokens. */
  static long encode(Encoder encoder, List<String> texts, EncodeRequest request) {
    var tokens = new long[1];
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        request,
        result -> {
          if (!(result instanceof EncodeResult.Done done)) {
            throw new IllegalStateException(result.toString());
          }
          tokens[0] += done.encoded().tokens();
        },
        Cancel.create());
    return tokens[0];
  }
}
