package io.polyseme.insight;

/**
 * How much is read for a profile of the heads. Immutable; start at {@link #DEFAULT}.
 *
 * @param pieceTokens how many tokens are read together at most, special ones included; longer texts
 *     are read in pieces
 * @param texts how many texts; 0 for all
 * @param tokens after how many tokens no further text is read; 0 for all
 */
public record HeadProfileOptions(int pieceTokens, long texts, long tokens) {
  /** All texts, 128 tokens at a time (as Clark et al. 2019 read theirs). */
  public static final HeadProfileOptions DEFAULT = new HeadProfileOptions(128, 0, 0);

  public HeadProfileOptions {
    if (pieceTokens < 8) {
      throw new IllegalArgumentException("a piece has at least 8 tokens: " + pieceTokens);
    }
    if (texts < 0 || tokens < 0) {
      throw new IllegalArgumentException("negative: %d texts, %d tokens".formatted(texts, tokens));
    }
  }

  public HeadProfileOptions withPieceTokens(int pieceTokens) {
    return new HeadProfileOptions(pieceTokens, texts, tokens);
  }

  public HeadProfileOptions withTexts(long texts) {
    return new HeadProfileOptions(pieceTokens, texts, tokens);
  }

  public HeadProfileOptions withTokens(long tokens) {
    return new HeadProfileOptions(pieceTokens, texts, tokens);
  }
}
