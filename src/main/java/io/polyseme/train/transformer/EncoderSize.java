package io.polyseme.train.transformer;

import io.polyseme.encoder.graph.BertShape;

/** How large an encoder is that is trained from nothing. */
public enum EncoderSize {
  /** 2 layers of 128 dimensions, 2 heads. */
  TINY(2, 128, 2, 2e-3),
  /** 4 layers of 256 dimensions, 4 heads. */
  SMALL(4, 256, 4, 1e-3),
  /** 6 layers of 384 dimensions, 6 heads. */
  MEDIUM(6, 384, 6, 4e-4);

  private static final float EPSILON = 1e-5f;

  private final int layers;
  private final int dimension;
  private final int heads;
  private final double rate;

  EncoderSize(int layers, int dimension, int heads, double rate) {
    this.layers = layers;
    this.dimension = dimension;
    this.heads = heads;
    this.rate = rate;
  }

  public int layers() {
    return layers;
  }

  public int dimension() {
    return dimension;
  }

  public int heads() {
    return heads;
  }

  /** The highest learning rate that it is trained with unless the options say another. */
  public double rate() {
    return rate;
  }

  /** With inner layers of four times the dimension, as BERT's. */
  BertShape shape(int vocabulary, int positions, boolean causal) {
    return new BertShape(
        vocabulary, positions, 0, dimension, layers, heads, 4 * dimension, EPSILON, causal);
  }
}
