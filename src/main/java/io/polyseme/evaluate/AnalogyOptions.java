package io.polyseme.evaluate;

import io.polyseme.vector.Method;
import java.util.Objects;

/**
 * How analogy questions are put. Immutable; start at {@link #DEFAULT}.
 *
 * @param method 3CosAdd or 3CosMul
 * @param spelling how words are looked up
 * @param firstWords only the first so many words of the vocabulary are known and can be answers
 *     (the published figures of word2vec take 30,000); 0 for all of them
 * @param threads how many work at once, at least 1
 */
public record AnalogyOptions(Method method, Spelling spelling, int firstWords, int threads) {
  /** 3CosAdd over the whole vocabulary, in either case. */
  public static final AnalogyOptions DEFAULT =
      new AnalogyOptions(
          Method.COS_ADD,
          Spelling.FOLDED,
          0,
          Math.max(1, Runtime.getRuntime().availableProcessors()));

  public AnalogyOptions {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(spelling, "spelling");
    if (firstWords < 0) {
      throw new IllegalArgumentException("firstWords must not be negative: " + firstWords);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  public AnalogyOptions withMethod(Method method) {
    return new AnalogyOptions(method, spelling, firstWords, threads);
  }

  public AnalogyOptions withSpelling(Spelling spelling) {
    return new AnalogyOptions(method, spelling, firstWords, threads);
  }

  public AnalogyOptions withFirstWords(int firstWords) {
    return new AnalogyOptions(method, spelling, firstWords, threads);
  }

  public AnalogyOptions withThreads(int threads) {
    return new AnalogyOptions(method, spelling, firstWords, threads);
  }
}
