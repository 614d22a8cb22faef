package io.polyseme.encoder.graph;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The sizes of a BERT encoder (Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional
 * Transformers"), normalised after each sum, with the exact Gelu.
 *
 * @param vocabulary rows of word embeddings
 * @param positions rows of position embeddings: the longest text in tokens
 * @param types rows of token type embeddings, 0 for none
 * @param dimension of hidden states
 * @param layers number of blocks
 * @param heads attention heads a block, each of dimension / heads
 * @param inner width of the feed-forward layers, more than the dimension
 * @param epsilon of layer normalisations
 * @param causal no token looks to its right
 */
public record BertShape(
    int vocabulary,
    int positions,
    int types,
    int dimension,
    int layers,
    int heads,
    int inner,
    float epsilon,
    boolean causal) {

  static final String EMBEDDINGS = "embeddings.";
  static final String WORDS = EMBEDDINGS + "word_embeddings.weight";
  static final String POSITIONS = EMBEDDINGS + "position_embeddings.weight";
  static final String TYPES = EMBEDDINGS + "token_type_embeddings.weight";
  static final String NORM = "LayerNorm";
  static final String QUERY = "attention.self.query";
  static final String KEY = "attention.self.key";
  static final String VALUE = "attention.self.value";
  static final String CONTEXT = "attention.output.dense";
  static final String ATTENTION_NORM = "attention.output." + NORM;
  static final String WIDE = "intermediate.dense";
  static final String NARROW = "output.dense";
  static final String OUTPUT_NORM = "output." + NORM;
  static final String HEAD = "cls.predictions.";
  static final String HEAD_DENSE = HEAD + "transform.dense";
  static final String HEAD_NORM = HEAD + "transform." + NORM;
  static final String HEAD_BIAS = HEAD + "bias";

  /** The most layers of an {@link Anatomy}. */
  private static final int MOST_LAYERS = 1000;

  /** The most rows that are taken for token types, and not for words or positions. */
  static final int MOST_TYPES = 16;

  /**
   * @throws IllegalArgumentException if the sizes cannot be those of an encoder
   */
  public BertShape {
    String problem = null;
    if (positions < 1 || dimension < 1 || heads < 1 || dimension % heads != 0) {
      problem = "positions, dimension and heads are positive, and heads divide the dimension";
    } else if (layers < 1 || layers > MOST_LAYERS) {
      problem = "there are 1 to %d layers".formatted(MOST_LAYERS);
    } else if (types < 0 || types > MOST_TYPES || vocabulary <= types) {
      problem = "there are 0 to %d types, and more words".formatted(MOST_TYPES);
    } else if (inner <= dimension) {
      // By this a feed-forward layer is known among the products of a graph.
      problem = "the feed-forward layers are wider than hidden states";
    } else if (!(epsilon > 0) || Float.isInfinite(epsilon)) {
      problem = "epsilon is a positive number";
    }
    if (problem != null) {
      throw new IllegalArgumentException(
          "%s: %d words, %d positions, %d types, dimension %d, %d layers, %d heads, inner %d, epsilon %s"
              .formatted(
                  problem, vocabulary, positions, types, dimension, layers, heads, inner, epsilon));
    }
  }

  /**
   * The names and shapes of all weights, in a fixed order. The names are those of Hugging Face's
   * {@code BertForMaskedLM} without the prefix {@code bert.}; a linear layer's weights are [out ×
   * in]. The head's projection to words is tied to the word embeddings, and has no weights of its
   * own but a bias.
   *
   * @param head with those of the head that predicts words
   */
  public SequencedMap<String, long[]> weights(boolean head) {
    var weights = new LinkedHashMap<String, long[]>();
    weights.put(WORDS, new long[] {vocabulary, dimension});
    weights.put(POSITIONS, new long[] {positions, dimension});
    if (types > 0) {
      weights.put(TYPES, new long[] {types, dimension});
    }
    norm(weights, EMBEDDINGS + NORM);
    for (int layer = 0; layer < layers; layer++) {
      String block = block(layer);
      linear(weights, block + QUERY, dimension, dimension);
      linear(weights, block + KEY, dimension, dimension);
      linear(weights, block + VALUE, dimension, dimension);
      linear(weights, block + CONTEXT, dimension, dimension);
      norm(weights, block + ATTENTION_NORM);
      linear(weights, block + WIDE, inner, dimension);
      linear(weights, block + NARROW, dimension, inner);
      norm(weights, block + OUTPUT_NORM);
    }
    if (head) {
      linear(weights, HEAD_DENSE, dimension, dimension);
      norm(weights, HEAD_NORM);
      weights.put(HEAD_BIAS, new long[] {vocabulary});
    }
    return weights;
  }

  /** What the names of a block's weights begin with; the first is 0. */
  static String block(int layer) {
    return "encoder.layer." + layer + ".";
  }

  static String weight(String of) {
    return of + ".weight";
  }

  static String bias(String of) {
    return of + ".bias";
  }

  private static void linear(SequencedMap<String, long[]> weights, String name, int out, int in) {
    weights.put(weight(name), new long[] {out, in});
    weights.put(bias(name), new long[] {out});
  }

  private void norm(SequencedMap<String, long[]> weights, String name) {
    weights.put(weight(name), new long[] {dimension});
    weights.put(bias(name), new long[] {dimension});
  }
}
