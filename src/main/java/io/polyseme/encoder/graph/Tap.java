package io.polyseme.encoder.graph;

/** An inner value of a Transformer encoder. Blocks are counted from 1 to n. */
public sealed interface Tap {
  /** The block that the value is of. */
  int layer();

  /**
   * The hidden state after a block, float[batch, tokens, dimension]; 0 is the output of the
   * embeddings, which is the first block's input.
   */
  record HiddenState(int layer) implements Tap {}

  /** The attention probabilities of a block, float[batch, heads, tokens, tokens]: query by key. */
  record Attention(int layer) implements Tap {}

  /**
   * The queries of a block, all heads beside one another, float[batch, tokens, heads × width]. In
   * models with rotary positions this is before they are turned by their positions.
   */
  record Query(int layer) implements Tap {}

  /**
   * The keys of a block, all heads beside one another, float[batch, tokens, heads × width]; fewer
   * heads than the queries have, where several queries' heads share one. In models with rotary
   * positions this is before they are turned by their positions.
   */
  record Key(int layer) implements Tap {}

  /**
   * The values of a block, all heads beside one another, float[batch, tokens, heads × width]; fewer
   * heads than the queries have, where several queries' heads share one.
   */
  record Value(int layer) implements Tap {}

  /**
   * The activations of a block's feed-forward layer, which go into its last projection,
   * float[batch, tokens, inner dimension]; where a gate multiplies them, after that.
   */
  record FeedForward(int layer) implements Tap {}
}
