package io.polyseme.evaluate;

import io.polyseme.analogy.AnalogyMethod;
import java.util.List;
import java.util.Objects;

/**
 * How analogy questions are put. Immutable; start at {@link #DEFAULT}.
 *
 * @param methods each once; all are answered in one pass
 * @param spelling how words are looked up
 * @param firstWords only the first so many words of the vocabulary are known and can be answers
 *     (the published figures of word2vec take 30,000); 0 for all of them
 * @param threads how many work at once, at least 1
 * @param seed for the words that LRCos learns from as no targets
 */
public record AnalogyOptions(
    List<AnalogyMethod> methods, Spelling spelling, int firstWords, int threads, long seed) {
  /** 3CosAdd over the whole vocabulary, in either case. */
  public static final AnalogyOptions DEFAULT =
      new AnalogyOptions(
          List.of(AnalogyMethod.COS_ADD),
          Spelling.FOLDED,
          0,
          Math.max(1, Runtime.getRuntime().availableProcessors()),
          1);

  public AnalogyOptions {
    methods = methods.stream().distinct().toList();
    Objects.requireNonNull(spelling, "spelling");
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("there is no method to ask by");
    }
    if (firstWords < 0) {
      throw new IllegalArgumentException("firstWords must not be negative: " + firstWords);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  public AnalogyOptions withMethods(List<AnalogyMethod> methods) {
    return new AnalogyOptions(methods, spelling, firstWords, threads, seed);
  }

  public AnalogyOptions withSpelling(Spelling spelling) {
    return new AnalogyOptions(methods, spelling, firstWords, threads, seed);
  }

  public AnalogyOptions withFirstWords(int firstWords) {
    return new AnalogyOptions(methods, spelling, firstWords, threads, seed);
  }

  public AnalogyOptions withThreads(int threads) {
    return new AnalogyOptions(methods, spelling, firstWords, threads, seed);
  }

  public AnalogyOptions withSeed(long seed) {
    return new AnalogyOptions(methods, spelling, firstWords, threads, seed);
  }
}
