package io.polyseme.insight;

import io.polyseme.vector.Vectors;
import java.util.Arrays;
import java.util.List;

/**
 * A relation between words, learned from pairs of their vectors. Immutable and thread-safe.
 *
 * <p>Vectors are compared by their cosine after the mean of all that were learned from is taken
 * from them: hidden states lie in a narrow cone, away from the origin (Ethayarajh 2019, "How
 * Contextual are Contextualized Word Representations?").
 */
public final class LearnedRelation {
  /** The least that a relation can be learned from by a linear map. */
  public static final int LEAST_FOR_LINEAR = 8;

  private final float[] centre;
  private final float[] sourceMean;

  /** What a source that is the mean of all becomes. */
  private final float[] targetMean;

  /** How much of a source's difference from their mean stays. */
  private final float kept;

  /** The sources, less their mean, and what each adds; empty but for a linear map. */
  private final float[][] sources;

  private final float[][] added;

  private LearnedRelation(
      float[] centre,
      float[] sourceMean,
      float[] targetMean,
      float kept,
      float[][] sources,
      float[][] added) {
    this.centre = centre;
    this.sourceMean = sourceMean;
    this.targetMean = targetMean;
    this.kept = kept;
    this.sources = sources;
    this.added = added;
  }

  /**
   * Learns from pairs.
   *
   * @param sources float[n][dimension]
   * @param targets float[n][dimension], in the same order
   * @throws IllegalArgumentException if there is no pair, or there are fewer than eight for a
   *     linear map
   */
  public static LearnedRelation learn(
      List<float[]> sources, List<float[]> targets, RelationMethod method) {
    if (sources.isEmpty() || sources.size() != targets.size()) {
      throw new IllegalArgumentException(
          "%d sources and %d targets".formatted(sources.size(), targets.size()));
    }
    float[] sourceMean = mean(sources);
    float[] targetMean = mean(targets);
    float[] centre = sourceMean.clone();
    Vectors.addScaled(centre, targetMean, 1);
    Vectors.scale(centre, 0.5f);
    return switch (method) {
      case SOURCE ->
          new LearnedRelation(centre, sourceMean, sourceMean, 1, new float[0][], new float[0][]);
      case OFFSET ->
          new LearnedRelation(centre, sourceMean, targetMean, 1, new float[0][], new float[0][]);
      case LINEAR -> {
        if (sources.size() < LEAST_FOR_LINEAR) {
          throw new IllegalArgumentException(
              "a linear map needs %d pairs or more, and there are %d"
                  .formatted(LEAST_FOR_LINEAR, sources.size()));
        }
        LowRankRidge.Fit fit = LowRankRidge.fit(sources, targets);
        yield new LearnedRelation(
            centre, sourceMean, targetMean, fit.kept(), fit.sources(), fit.added());
      }
    };
  }

  static float[] mean(List<float[]> vectors) {
    var sum = new double[vectors.getFirst().length];
    for (float[] vector : vectors) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += vector[i];
      }
    }
    var mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / vectors.size());
    }
    return mean;
  }

  /** Where the word that a word is related to is expected, float[dimension]. */
  public float[] apply(float[] source) {
    float[] deviation = source.clone();
    Vectors.addScaled(deviation, sourceMean, -1);
    float[] predicted = targetMean.clone();
    Vectors.addScaled(predicted, deviation, kept);
    for (int i = 0; i < sources.length; i++) {
      Vectors.addScaled(predicted, added[i], Vectors.dot(deviation, sources[i]));
    }
    return predicted;
  }

  /**
   * How well candidates are what a word is related to.
   *
   * @param candidates each float[dimension]
   * @return cosines, from -1 to 1
   */
  public double[] scores(float[] source, List<float[]> candidates) {
    float[] predicted = centred(apply(source));
    return candidates.stream()
        .mapToDouble(candidate -> Vectors.cosine(predicted, centred(candidate)))
        .toArray();
  }

  private float[] centred(float[] vector) {
    float[] result = Arrays.copyOf(vector, vector.length);
    Vectors.addScaled(result, centre, -1);
    return result;
  }
}
