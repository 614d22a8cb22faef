package io.polyseme.usage;

/**
 * How much the meaning of a word varies in a corpus.
 *
 * @param usages how many there are
 * @param spread the mean cosine distance of two of its usages, by standardised vectors: about 1 for
 *     usages as unlike as those of any two words, 0 where all are the same
 * @param clusters how many senses its usages show, see {@link Clusters}
 * @param silhouette how well those are parted; 0 for one
 */
public record WordSpread(String lemma, int usages, double spread, int clusters, double silhouette) {
  /** The mean cosine of two usages (Ethayarajh 2019, "How Contextual are ... Representations?"). */
  public double selfSimilarity() {
    return 1 - spread;
  }
}
