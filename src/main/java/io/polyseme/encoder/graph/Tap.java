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

  /**
   * The attention scores of a block, as they go into its softmax: scaled, and masked where the
   * graph adds a mask; float[batch, heads, tokens, tokens]: query by key.
   */
  record Scores(int layer) implements Tap {}

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
   * What each head of a block brings, the mean of the values by its attention, all heads beside one
   * another: float[batch, tokens, heads × width].
   */
  record Context(int layer) implements Tap {}

  /**
   * What a block's attention adds to the hidden state, its output projection included and before
   * any normalisation: float[batch, tokens, dimension].
   */
  record AttentionOutput(int layer) implements Tap {}

  /**
   * The hidden state between a block's attention and its feed-forward layer, normalised where the
   * block normalises after adding: float[batch, tokens, dimension].
   */
  record AfterAttention(int layer) implements Tap {}

  /**
   * What goes into the activation function of a block's feed-forward layer, float[batch, tokens,
   * inner dimension]; not to be had where a gate makes two of it.
   */
  record PreActivation(int layer) implements Tap {}

  /**
   * The activations of a block's feed-forward layer, which go into its last projection,
   * float[batch, tokens, inner dimension]; where a gate multiplies them, after that.
   */
  record FeedForward(int layer) implements Tap {}

  /**
   * What a block's feed-forward layer adds to the hidden state, before any normalisation:
   * float[batch, tokens, dimension].
   */
  record FeedForwardOutput(int layer) implements Tap {}
}
