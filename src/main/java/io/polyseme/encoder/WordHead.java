package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.EncoderGraph;
import java.util.List;
import java.util.OptionalInt;

/**
 * A language model's head: from a hidden state to a score for each word (piece) of the vocabulary,
 * whose softmax are their probabilities. It takes any vectors of the right dimension, states of
 * inner layers too: what those say through it is the logit lens (nostalgebraist 2020).
 *
 * <p>Thread-safe. Closed by whoever opened it, before the encoder.
 */
public final class WordHead implements AutoCloseable {
  private static final List<String> MASKS = List.of("[MASK]", "<mask>", "<|mask|>", "<MASK>");

  private final GraphPart part;
  private final Kind kind;
  private final int layer;
  private final Tokenizer tokenizer;
  private final int dimension;
  private final String[] pieces;
  private final OptionalInt maskId;

  /** What a position's state predicts. */
  public enum Kind {
    /** The word at the position, which is masked. */
    MASKED,
    /** The word after the position: no token looks at those to its right. */
    CAUSAL
  }

  private WordHead(GraphPart part, Kind kind, int layer, Tokenizer tokenizer, int dimension) {
    this.part = part;
    this.kind = kind;
    this.layer = layer;
    this.tokenizer = tokenizer;
    this.dimension = dimension;
    Tokenizer.Vocabulary vocabulary = tokenizer.vocabulary();
    this.pieces = new String[vocabulary.size()];
    vocabulary.pieces().forEach((piece, id) -> pieces[id] = piece);
    this.maskId = maskId(tokenizer);
  }

  static WordHead open(
      EncoderGraph.WordScores scores,
      Kind kind,
      Tokenizer tokenizer,
      EncoderInfo info,
      int threads) {
    return new WordHead(
        GraphPart.open(scores.part(), info.card().name(), threads),
        kind,
        scores.layer(),
        tokenizer,
        info.dimension());
  }

  /** The id of the token that stands for a masked word; empty where the tokenizer has none. */
  static OptionalInt maskId(Tokenizer tokenizer) {
    var pieces = tokenizer.vocabulary().pieces();
    return MASKS.stream().filter(pieces::containsKey).mapToInt(pieces::get).findFirst();
  }

  public Kind kind() {
    return kind;
  }

  /**
   * The layer whose hidden state it was made for: the last, but for heads that train-head makes.
   */
  public int layer() {
    return layer;
  }

  /**
   * The id of the token that stands for a masked word; empty where the tokenizer has none, as that
   * of a causal model.
   */
  public OptionalInt maskId() {
    return maskId;
  }

  /** One more than the greatest id of a piece; there may be more scores, which no piece has. */
  public int vocabulary() {
    return pieces.length;
  }

  /**
   * The text that a piece stands for, without white space around it; a piece that goes on a word
   * keeps the mark that WordPiece gives it, {@code ##}.
   *
   * @return empty for an id that no piece has, and for a piece of nothing but white space
   */
  public String word(int id) {
    String piece = id < pieces.length ? pieces[id] : null;
    if (piece == null) {
      return "";
    }
    return piece.startsWith("##") ? piece : tokenizer.decode(id).strip();
  }

  /**
   * The scores of all words.
   *
   * @param states float[rows × dimension]
   * @return float[rows × n], n being at least {@link #vocabulary}
   */
  public float[] logits(float[] states, int rows) {
    if (rows < 1 || states.length != (long) rows * dimension) {
      throw new IllegalArgumentException(
          "%d numbers are not %d states of %d".formatted(states.length, rows, dimension));
    }
    float[] logits = part.run(states, new long[] {1, rows, dimension});
    if (logits.length / rows < pieces.length) {
      throw new PolysemeException(
          "the model's head gives %d scores for %d pieces of its tokenizer: they do not belong together"
              .formatted(logits.length / rows, pieces.length));
    }
    return logits;
  }

  @Override
  public void close() {
    part.close();
  }
}
