package io.polyseme.evaluate;

import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import java.util.Optional;

/** Where a test finds the vectors of its words: a space, an encoder, or the caller's own. */
@FunctionalInterface
public interface WordLookup {
  /** The word's vector, not normalised; empty where the word is not known. */
  Optional<float[]> vector(String word);

  /** The labels of a space, and nothing that is made of them for words it does not have. */
  static WordLookup labels(VectorSpace space) {
    return space::vector;
  }

  /** What a resolver makes of each word on its own, as an encoder or subword vectors do. */
  static WordLookup resolving(TermResolver resolver) {
    return word -> {
      try {
        return Optional.of(resolver.resolve(new Term.Word(word)));
      } catch (UnknownTermException _) {
        return Optional.empty();
      }
    };
  }

  /** The same, with words looked up in this way. */
  default WordLookup spelled(Spelling spelling) {
    return word ->
        vector(word)
            .or(
                () -> {
                  String key = spelling.key(word);
                  return key.equals(word) ? Optional.empty() : vector(key);
                });
  }
}
