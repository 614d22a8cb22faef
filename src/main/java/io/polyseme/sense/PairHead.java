package io.polyseme.sense;

import io.polyseme.vector.LogisticRegression;
import io.polyseme.vector.Vectors;
import java.util.List;
import java.util.stream.Stream;

/**
 * Logistic regression on what two usages have in common: four cosines a layer, and |u - v| and u v
 * of the words' vectors at the layers in the middle.
 *
 * @param means of each feature over the pairs that were learned from
 * @param scales what it is multiplied by then
 */
record PairHead(float[] means, float[] scales, LogisticRegression regression) implements PairRule {
  /** Of the mean loss. */
  private static final double PENALTY = 1e-2;

  /**
   * What a dimension of |u - v| and u v counts for beside a cosine. By cross-validation on WiC's
   * training part better than 0.05 and than nothing, on MCL-WiC's better than nothing.
   */
  private static final float DIMENSION_SCALE = 0.1f;

  /** How many features there are. */
  static int size(StandardSpace space) {
    return 4 * space.layers() + 2 * space.dimension();
  }

  static PairHead learn(StandardSpace space, UsageStates states, List<SameSense.Example> examples) {
    List<SameSense.Example> same = examples.stream().filter(SameSense.Example::same).toList();
    float[][] rows =
        Stream.concat(same.stream(), examples.stream().filter(e -> !e.same()))
            .map(e -> features(space, states, e.first(), e.second()))
            .toArray(float[][]::new);
    int size = size(space);
    var means = new float[size];
    var scales = new float[size];
    for (int j = 0; j < size; j++) {
      double sum = 0;
      double squares = 0;
      for (float[] row : rows) {
        sum += row[j];
        squares += (double) row[j] * row[j];
      }
      double mean = sum / rows.length;
      double deviation = Math.sqrt(Math.max(0, squares / rows.length - mean * mean));
      float weight = j < 4 * space.layers() ? 1 : DIMENSION_SCALE;
      means[j] = (float) mean;
      scales[j] = deviation < 1e-6 ? 0 : (float) (weight / deviation);
    }
    for (float[] row : rows) {
      scale(row, means, scales);
    }
    return new PairHead(
        means, scales, LogisticRegression.fit(rows, same.size(), PENALTY * rows.length));
  }

  private static void scale(float[] features, float[] means, float[] scales) {
    for (int j = 0; j < features.length; j++) {
      features[j] = (features[j] - means[j]) * scales[j];
    }
  }

  private static float[] features(StandardSpace space, UsageStates states, int first, int second) {
    var features = new float[size(space)];
    int at = cosines(space.words(), states.words(first), states.words(second), features, 0);
    at =
        cosines(space.sentences(), states.sentences(first), states.sentences(second), features, at);
    UsageMix middle = UsageMix.middle(space.layers() - 1);
    float[] u = space.place(states, first, middle);
    float[] v = space.place(states, second, middle);
    for (int d = 0; d < u.length; d++) {
      features[at++] = Math.abs(u[d] - v[d]);
      features[at++] = u[d] * v[d];
    }
    return features;
  }

  /** Two a layer: of the hidden states as they are, and standardised. */
  private static int cosines(
      UsageSpace space, float[][] a, float[][] b, float[] features, int start) {
    float[][] standardA = StandardSpace.standardised(space, a);
    float[][] standardB = StandardSpace.standardised(space, b);
    int at = start;
    for (int l = 0; l < a.length; l++) {
      features[at++] = (float) Vectors.cosine(a[l], b[l]);
      features[at++] = (float) Vectors.cosine(standardA[l], standardB[l]);
    }
    return at;
  }

  @Override
  public SameSense.Answer tell(StandardSpace space, UsageStates states, int first, int second) {
    float[] features = features(space, states, first, second);
    scale(features, means, scales);
    double probability = regression.probability(features);
    return new SameSense.Answer(probability, probability >= 0.5);
  }
}
