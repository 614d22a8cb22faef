package io.polyseme.index;

import io.polyseme.vector.Similarity;
import java.util.Objects;

/**
 * How the vectors of an index are laid out and linked (Malkov and Yashunin 2016, "Efficient and
 * robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs").
 *
 * @param similarity what "near" means; with {@link Similarity#COSINE} vectors are stored with unit
 *     length
 * @param encoding what the graph search reads
 * @param m how many neighbours a node keeps in the upper levels, twice that in the lowest; 2 to 512
 * @param efConstruction how many candidates are kept while a node is linked; 1 to 3,200
 */
public record IndexOptions(Similarity similarity, Encoding encoding, int m, int efConstruction) {
  /** Cosine, 8 bits a dimension, m = 16, efConstruction = 200. */
  public static final IndexOptions DEFAULT =
      new IndexOptions(Similarity.COSINE, Encoding.INT8, 16, 200);

  public IndexOptions {
    Objects.requireNonNull(similarity, "similarity");
    Objects.requireNonNull(encoding, "encoding");
    if (m < 2 || m > 512) {
      throw new IllegalArgumentException("m must be from 2 to 512, and is " + m);
    }
    if (efConstruction < 1 || efConstruction > 3200) {
      throw new IllegalArgumentException(
          "efConstruction must be from 1 to 3200, and is " + efConstruction);
    }
  }

  public IndexOptions withSimilarity(Similarity similarity) {
    return new IndexOptions(similarity, encoding, m, efConstruction);
  }

  public IndexOptions withEncoding(Encoding encoding) {
    return new IndexOptions(similarity, encoding, m, efConstruction);
  }

  public IndexOptions withM(int m) {
    return new IndexOptions(similarity, encoding, m, efConstruction);
  }

  public IndexOptions withEfConstruction(int efConstruction) {
    return new IndexOptions(similarity, encoding, m, efConstruction);
  }
}
