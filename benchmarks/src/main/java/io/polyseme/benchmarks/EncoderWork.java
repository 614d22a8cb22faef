package io.polyseme.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The matrix products of a Transformer encoder, counted in floating-point operations; what else it
 * computes (embeddings, normalisation, softmax, activation) is left out.
 *
 * @param dimension of a hidden state
 * @param inner of the feed-forward layer
 */
record EncoderWork(int layers, int dimension, int inner) {
  /** all-MiniLM-L6-v2. */
  static final EncoderWork MINI_LM = new EncoderWork(6, 384, 1536);

  /** The products by weights of one layer, and how many of each it has. */
  Map<MatrixSpeed.Product, Integer> products() {
    var products = new LinkedHashMap<MatrixSpeed.Product, Integer>();
    products.put(new MatrixSpeed.Product(dimension, dimension), 4); // query, key, value, output
    products.merge(new MatrixSpeed.Product(dimension, inner), 1, Integer::sum);
    products.merge(new MatrixSpeed.Product(inner, dimension), 1, Integer::sum);
    return products;
  }

  /** Operations of the products by weights, for this many tokens. */
  double linear(long tokens) {
    double sum = 0;
    for (Map.Entry<MatrixSpeed.Product, Integer> product : products().entrySet()) {
      sum += layers * product.getValue() * product.getKey().operations(tokens);
    }
    return sum;
  }

  /** Operations of queries by keys and of probabilities by values, for one text. */
  double attention(long tokens) {
    return layers * 2 * 2.0 * tokens * tokens * dimension;
  }

  /**
   * Operations a second over all the products by weights, each at its own speed.
   *
   * @param speed operations a second of a product
   */
  double speed(ToDoubleFunction<MatrixSpeed.Product> speed) {
    double seconds = 0;
    for (Map.Entry<MatrixSpeed.Product, Integer> product : products().entrySet()) {
      seconds +=
          layers
              * product.getValue()
              * product.getKey().operations(1)
              / speed.applyAsDouble(product.getKey());
    }
    return linear(1) / seconds;
  }
}
