package io.polyseme.words;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model as fastText has it: what its file says of the training, and both matrices.
 *
 * @param words the vocabulary, the commonest first; none has white space in it
 * @param counts how often each occurs
 * @param tokens how many words the text has
 * @param rule of n-grams; null for none
 * @param dimension of all vectors
 * @param skipGram whether it is skip-gram, else CBOW; the loss is negative sampling
 * @param window fastText's ws
 * @param epochs fastText's epoch
 * @param minCount fastText's minCount
 * @param negatives fastText's neg
 * @param sample fastText's t
 * @param inputs the words' own vectors, which are not those that fastText shows of them, and behind
 *     them those of the buckets of n-grams
 * @param outputs the words' vectors as what is predicted
 */
public record FastTextModel(
    List<String> words,
    long[] counts,
    long tokens,
    @Nullable SubwordRule rule,
    int dimension,
    boolean skipGram,
    int window,
    int epochs,
    int minCount,
    int negatives,
    double sample,
    RowSource inputs,
    RowSource outputs) {
  public FastTextModel {
    words = List.copyOf(words);
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(outputs, "outputs");
    if (counts.length != words.size()) {
      throw new IllegalArgumentException(
          "%d counts of %d words".formatted(counts.length, words.size()));
    }
  }
}
