package io.polyseme.sense;

import io.polyseme.vector.Vectors;
import java.util.stream.IntStream;

/**
 * Standardises the hidden states of usages, each dimension of each layer, by those of given usages;
 * the words' and the sentences' apart. Then no dimension drowns the others (Timkey and van
 * Schijndel 2021, "All Bark and No Bite", section 4). Immutable and thread-safe.
 */
public final class StandardSpace {
  private final UsageSpace words;
  private final UsageSpace sentences;

  StandardSpace(UsageSpace words, UsageSpace sentences) {
    this.words = words;
    this.sentences = sentences;
  }

  /**
   * By all usages that there are.
   *
   * @throws io.polyseme.PolysemeException if there are fewer than two
   */
  public static StandardSpace of(UsageStates states) {
    return of(states, IntStream.range(0, states.size()).toArray());
  }

  /**
   * By some usages.
   *
   * @throws io.polyseme.PolysemeException if these are fewer than two
   */
  public static StandardSpace of(UsageStates states, int[] rows) {
    int[] layers = IntStream.range(0, states.layers()).toArray();
    var words = new UsageSpace.Statistics(layers);
    var sentences = new UsageSpace.Statistics(layers);
    for (int row : rows) {
      words.add(states.words(row));
      sentences.add(states.sentences(row));
    }
    return new StandardSpace(words.space(), sentences.space());
  }

  UsageSpace words() {
    return words;
  }

  UsageSpace sentences() {
    return sentences;
  }

  /** How many hidden states a usage has. */
  int layers() {
    return words.layers().length;
  }

  int dimension() {
    return words.dimension();
  }

  /** Each layer standardised: float[layers][dimension]. */
  static float[][] standardised(UsageSpace space, float[][] vectors) {
    var standardised = new float[vectors.length][space.dimension()];
    for (int l = 0; l < vectors.length; l++) {
      space.addStandardised(l, vectors[l], standardised[l]);
    }
    return standardised;
  }

  /**
   * The vector of a usage.
   *
   * @return of unit length, of as many dimensions as the hidden states times the parts; for the
   *     caller to keep
   * @throws IllegalArgumentException if the mix has a layer that the usages have not
   */
  public float[] place(UsageStates states, int row, UsageMix mix) {
    if (mix.last() >= layers()) {
      throw new IllegalArgumentException(
          "there is no layer %d: the model has layers 0 (embeddings) to %d"
              .formatted(mix.last(), layers() - 1));
    }
    float[][] word = states.words(row);
    float[][] sentence = states.sentences(row);
    int dimension = dimension();
    double weights = mix.parts().stream().mapToDouble(UsageMix.Part::weight).sum();
    var vector = new float[mix.parts().size() * dimension];
    int start = 0;
    for (UsageMix.Part part : mix.parts()) {
      boolean ofWord = part.of() == UsageMix.Of.WORDS;
      var sum = new float[dimension];
      for (int l = part.first(); l <= part.last(); l++) {
        (ofWord ? words : sentences).addStandardised(l, (ofWord ? word : sentence)[l], sum);
      }
      float[] unit = Vectors.unitOrZero(sum);
      float scale = (float) Math.sqrt(part.weight() / weights);
      for (int d = 0; d < dimension; d++) {
        vector[start + d] = scale * unit[d];
      }
      start += dimension;
    }
    return vector;
  }
}
