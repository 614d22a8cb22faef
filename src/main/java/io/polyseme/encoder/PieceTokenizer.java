package io.polyseme.encoder;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
   * @throws io.polyseme.PolysemeException if it cannot be read or used, or the library for it is
   *     missing
   */
  public static PieceTokenizer open(Path file) {
    return new PieceTokenizer(Tokenizer.open(file));
  }

  /** The ids of a text's pieces, without special tokens; malformed UTF-16 becomes U+FFFD. */
  public int[] ids(String text) {
    return tokenizer.tokenize(Encoder.wellFormed(text)).ids();
  }

  /** Where a text's pieces begin and end in it: int[2 × pieces], in UTF-16 units. */
  public int[] spans(String text) {
    Tokens tokens = tokenizer.tokenize(Encoder.wellFormed(text));
    var spans = new int[2 * tokens.count()];
    for (int i = 0; i < tokens.count(); i++) {
      spans[2 * i] = tokens.starts()[i];
      spans[2 * i + 1] = tokens.ends()[i];
    }
    return spans;
  }

  /** The ids of the special tokens before a text, such as [CLS]. */
  public List<Integer> prefix() {
    return Arrays.stream(tokenizer.prefix()).boxed().toList();
  }

  /** The ids of the special tokens behind a text, such as [SEP]. */
  public List<Integer> suffix() {
    return Arrays.stream(tokenizer.suffix()).boxed().toList();
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
