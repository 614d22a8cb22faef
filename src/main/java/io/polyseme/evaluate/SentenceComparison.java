package io.polyseme.evaluate;

import java.util.List;

/**
 * Two models on the same sentence pairs.
 *
 * @param first the figures of the model that is compared with
 * @param second those of the other
 * @param differences for each score how much greater the second model's is than the first's, from
 *     -2 to 2, with intervals of the paired bootstrap: a difference is real where the interval does
 *     not have 0 in it. Where the layers' names differ, the layer is {@code 6 / 12}
 * @param agreements how far the vectors are the same, for each layer; empty where the two have
 *     vectors of different dimensions, which cannot be compared
 */
public record SentenceComparison(
    Evaluation first, Evaluation second, List<Score> differences, List<Agreement> agreements) {
  public SentenceComparison {
    differences = List.copyOf(differences);
    agreements = List.copyOf(agreements);
  }

  /**
   * Cosines of the two vectors of each sentence.
   *
   * @param layer the encoder's layer
   * @param sentences how many different sentences both models encoded, at least 1
   * @param mean of their cosines, from -1 to 1
   * @param least the smallest of them
   * @param leastAlike the sentence that has it, the first of several
   */
  public record Agreement(
      String layer, int sentences, double mean, double least, String leastAlike) {}
}
