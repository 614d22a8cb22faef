package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A Hugging Face {@code tokenizer.json} without a model: texts as the ids of their pieces.
 * Thread-safe; closed by whoever opened it.
 */
public final class PieceTokenizer implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final String[] pieces;

  private PieceTokenizer(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    Tokenizer.Vocabulary vocabulary = tokenizer.vocabulary();
    this.pieces = new String[vocabulary.size()];
    vocabulary.pieces().forEach((piece, id) -> pieces[id] = piece);
  }

  /**
   * Opens a tokenizer.
   *
   * @throws PolysemeException if it cannot be read or used, or the library for it is missing
   */
  public static PieceTokenizer open(Path file) {
    return new PieceTokenizer(Tokenizer.open(file));
  }

  /** A text's pieces, without special tokens, and where they stand in it. Immutable. */
  public static final class Pieces {
    private final Tokens tokens;

    private Pieces(Tokens tokens) {
      this.tokens = tokens;
    }

    /** The ids, int[pieces]; not a copy. */
    public int[] ids() {
      return tokens.ids();
    }

    /** The first piece within a part of the text, in UTF-16 units; -1 where there is none. */
    public int firstWithin(int start, int end) {
      int first = tokens.firstStartingAt(start);
      return first < tokens.count() && tokens.ends()[first] <= end ? first : -1;
    }

    /** The piece after the last one that ends no later than a place in the text. */
    public int after(int end) {
      return tokens.firstEndingAfter(end);
    }
  }

  /** Cuts a text; malformed UTF-16 becomes U+FFFD. */
  public Pieces pieces(String text) {
    return new Pieces(tokenizer.tokenize(Encoder.wellFormed(text)));
  }

  /**
   * The special token that a text begins with, such as [CLS].
   *
   * @throws PolysemeException if there is none
   */
  public int opening() {
    return only(tokenizer.prefix(), "before");
  }

  /**
   * The special token that a text ends with, such as [SEP].
   *
   * @throws PolysemeException if there is none
   */
  public int closing() {
    return only(tokenizer.suffix(), "behind");
  }

  private static int only(int[] ids, String where) {
    if (ids.length != 1) {
      throw new PolysemeException(
          "the tokenizer puts %d special tokens %s a text, and BERT's puts one"
              .formatted(ids.length, where));
    }
    return ids[0];
  }

  /** Of the token that stands for a masked word; empty where there is none. */
  public OptionalInt maskId() {
    return WordHead.maskId(tokenizer);
  }

  /** Of the padding token; empty where the file names none. */
  public OptionalInt paddingId() {
    return tokenizer.padding();
  }

  /** Of the unknown token; -1 where there is none. */
  public int unknownId() {
    return tokenizer.vocabulary().unknownId();
  }

  /** One more than the greatest id. */
  public int size() {
    return pieces.length;
  }

  /** The piece as the tokenizer writes it; empty for an id that no piece has. */
  public String piece(int id) {
    String piece = id >= 0 && id < pieces.length ? pieces[id] : null;
    return piece == null ? "" : piece;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
