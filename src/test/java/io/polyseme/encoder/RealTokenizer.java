package io.polyseme.encoder;

import java.nio.file.Path;
import java.util.List;

/** Hugging Face's tokenizer, for tests of other packages. */
public final class RealTokenizer implements AutoCloseable {
  private final Tokenizer tokenizer;

  private RealTokenizer(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  public static RealTokenizer open(Path file) {
    return new RealTokenizer(Tokenizer.open(file));
  }

  /** The pieces of a text, as Hugging Face's tokenizer makes them. */
  public List<String> pieces(String text) {
    return List.of(tokenizer.fully(Encoder.wellFormed(text)).pieces());
  }

  /** The ids of a text without special tokens. */
  public int[] ids(String text) {
    return tokenizer.fully(text).ids();
  }

  /** Special tokens before each of so many texts and after the last, then the texts' types. */
  public String frame(int texts) {
    Tokenizer.Frame frame = tokenizer.frame(texts);
    return frame.specials().stream()
            .map(
                at ->
                    at.stream()
                        .map(token -> "%s=%d/%d".formatted(token.piece(), token.id(), token.type()))
                        .toList())
            .toList()
        + " "
        + frame.types();
  }

  /** The text that an id stands for. */
  public String decode(int id) {
    return tokenizer.decode(id);
  }

  /** The id of the padding token. */
  public int padding() {
    return tokenizer.padding().orElseThrow();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
