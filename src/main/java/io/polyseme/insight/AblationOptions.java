package io.polyseme.insight;

/**
 * How parts of a model are taken out, and what is measured by. Immutable; start at {@link
 * #DEFAULT}.
 *
 * @param replacement what a part's output becomes
 * @param layer whose hidden state is looked at; -1 for the last
 * @param examples how many texts of each sense are learned from at most, drawn by the seed
 * @param texts how many texts of each sense are told at most
 * @param neighbours how many nearest usages are compared
 * @param resamples of the bootstrap
 * @param seed of what is drawn
 */
public record AblationOptions(
    Removal replacement,
    int layer,
    int examples,
    int texts,
    int neighbours,
    int resamples,
    long seed) {
  /** What the output of a part that is taken out becomes. */
  public enum Removal {
    /**
     * Its mean over all tokens of the texts that are learned from: the part says the same
     * everywhere, and the rest of the model gets what it is used to ("mean ablation").
     */
    MEAN,
    /** Zeros, which the model has not seen in training. */
    ZERO
  }

  /** By the mean, at the last layer, with 100 texts of each sense to learn and to tell. */
  public static final AblationOptions DEFAULT =
      new AblationOptions(Removal.MEAN, -1, 100, 100, 10, 1000, 1);

  public AblationOptions {
    if (examples < 1 || texts < 1 || neighbours < 1 || resamples < 1) {
      throw new IllegalArgumentException(
          "at least one each: %d examples, %d texts, %d neighbours, %d resamples"
              .formatted(examples, texts, neighbours, resamples));
    }
  }

  public AblationOptions withReplacement(Removal replacement) {
    return new AblationOptions(replacement, layer, examples, texts, neighbours, resamples, seed);
  }

  public AblationOptions withLayer(int layer) {
    return new AblationOptions(replacement, layer, examples, texts, neighbours, resamples, seed);
  }

  public AblationOptions withExamples(int examples) {
    return new AblationOptions(replacement, layer, examples, texts, neighbours, resamples, seed);
  }

  public AblationOptions withTexts(int texts) {
    return new AblationOptions(replacement, layer, examples, texts, neighbours, resamples, seed);
  }

  public AblationOptions withSeed(long seed) {
    return new AblationOptions(replacement, layer, examples, texts, neighbours, resamples, seed);
  }
}
