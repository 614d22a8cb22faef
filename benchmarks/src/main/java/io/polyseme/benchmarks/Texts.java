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

/** The same texts for every benchmark, out of WordNet, shuffled by a fixed seed. */
final class Texts {
  static final int COUNT = 1000;

  private Texts() {}

  static List<String> definitions() {
    return definitions(COUNT);
  }

  /** Sentences of mixed length: definitions. */
  static List<String> definitions(int count) {
    var all = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(synset -> all.add(synset.definition()));
    }
    return some(all, count);
  }

  /** Lemmas of one to five words. */
  static List<String> shortOnes(int count) {
    var all = new ArrayList<String>();
    try (WordNet wordNet = WordNet.open()) {
      for (String lemma : wordNet.lemmas()) {
        if (lemma.split(" ").length <= 5) {
          all.add(lemma);
        }
      }
    }
    return some(all, count);
  }

  /** A third each of lemmas, definitions and paragraphs of two to eight definitions. */
  static List<String> mixed(int count) {
    int third = count / 3;
    List<String> definitions = definitions(third * 9);
    var all = new ArrayList<>(shortOnes(count - 2 * third));
    all.addAll(definitions.subList(0, third));
    var random = new Random(42);
    int next = third;
    for (int i = 0; i < third; i++) {
      int parts = 2 + random.nextInt(7);
      all.add(String.join(". ", definitions.subList(next, next + parts)));
      next += parts;
    }
    return some(all, count);
  }

  /** Those of the set with this name. */
  static List<String> of(String set, int count) {
    return switch (set) {
      case "glosses" -> definitions(count);
      case "short" -> shortOnes(count);
      case "mixed" -> mixed(count);
      default ->
          throw new IllegalArgumentException(
              "there is no set of texts \"" + set + "\"; there are glosses, short and mixed");
    };
  }

  private static List<String> some(List<String> all, int count) {
    Collections.shuffle(all, new Random(42));
    return List.copyOf(all.subList(0, Math.min(count, all.size())));
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
