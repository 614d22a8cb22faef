package io.polyseme.train.transformer;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.WholeFile;
import io.polyseme.corpus.HeldOut;
import io.polyseme.encoder.PieceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Raw text made ready in a folder: a tokenizer learned from it, and its tokens in two files, those
 * that are learned from and those held out. Made once; a training that goes on finds it.
 */
final class PreparedText {
  private static final String TOKENIZER = "tokenizer.json";
  private static final String LEARNED = "learned.tokens";
  private static final String HELD_OUT = "held-out.tokens";
  private static final String RECORD = "prepared.json";

  /** Where nobody says, so many bytes of text are held out, but no more than a fifth. */
  private static final double HELD_BYTES = 600_000;

  private final Path folder;
  private final Facts facts;

  /**
   * What the text is.
   *
   * @param signature of files and options
   * @param texts lines, or texts of JSON lines or columns
   * @param leftOut those that could not be read
   * @param learned tokens, separators with them
   * @param heldOut tokens
   * @param unknown how many tokens are unknown ones
   * @param pieces of the vocabulary
   */
  record Facts(
      String signature,
      long texts,
      LeftOut leftOut,
      long learned,
      long heldOut,
      long unknown,
      int pieces) {}

  private PreparedText(Path folder, Facts facts) {
    this.folder = folder;
    this.facts = facts;
  }

  Facts facts() {
    return facts;
  }

  Path tokenizer() {
    return folder.resolve(TOKENIZER);
  }

  TokenFile learned() {
    return TokenFile.open(folder.resolve(LEARNED));
  }

  TokenFile heldOut() {
    return TokenFile.open(folder.resolve(HELD_OUT));
  }

  /** Removes the files. */
  static void remove(Path folder) throws IOException {
    for (String name :
        List.of(TOKENIZER, "tokenizer_config.json", "vocab.txt", LEARNED, HELD_OUT, RECORD)) {
      Files.deleteIfExists(folder.resolve(name));
    }
  }

  /**
   * Reads the text twice, once for the vocabulary.
   *
   * @throws PolysemeException if there is no text or too little, or the disk is full
   */
  static PreparedText learned(
      RawText text, Path folder, PretrainOptions options, Progress progress, Cancel cancel) {
    double share = share(options.heldOut(), text.bytes());
    String signature =
        text.signature(List.of(options.vocabulary(), options.lowerCase(), options.seed(), share));
    PreparedText known = known(folder, signature);
    if (known != null) {
      return known;
    }
    var trainer =
        new WordPieceTrainer(
            WordPieceTrainer.Options.DEFAULT
                .withVocabulary(options.vocabulary())
                .withLowerCase(options.lowerCase()));
    text.forEach("reading the text", trainer::add, progress, cancel);
    trainer.train(progress, cancel).writeTokenizer(folder);
    return tokenised(text, folder, signature, options.seed(), share, progress, cancel);
  }

  static double share(double asked, long bytes) {
    return asked > 0 ? asked : Math.clamp(HELD_BYTES / Math.max(1, bytes), 0.005, 0.2);
  }

  private static PreparedText tokenised(
      RawText texts,
      Path folder,
      String signature,
      long seed,
      double share,
      Progress progress,
      Cancel cancel) {
    Facts facts;
    try (PieceTokenizer tokenizer = PieceTokenizer.open(folder.resolve(TOKENIZER));
        var learned = new TokenFile.Writer(folder.resolve(LEARNED));
        var held = new TokenFile.Writer(folder.resolve(HELD_OUT))) {
      var counts = new Counts();
      texts.forEach(
          "cutting it into pieces",
          text -> {
            int[] ids = tokenizer.pieces(text).ids();
            counts.add(ids, tokenizer.unknownId());
            if (ids.length > 0) {
              TokenFile.Writer to = HeldOut.is(text, seed, share) ? held : learned;
              to.add(ids, tokenizer.closing());
            }
          },
          progress,
          cancel);
      facts =
          new Facts(
              signature,
              counts.texts,
              texts.leftOut(),
              learned.written(),
              held.written(),
              counts.unknown,
              tokenizer.size());
    } catch (IOException | UncheckedIOException e) {
      throw new PolysemeException(
          "cannot write to %s: %s (is the disk full?)".formatted(folder, e.getMessage()), e);
    }
    WholeFile.write(
        folder.resolve(RECORD),
        out -> out.write(new Gson().toJson(facts).getBytes(StandardCharsets.UTF_8)));
    return new PreparedText(folder, facts);
  }

  private static final class Counts {
    private long texts;
    private long unknown;

    void add(int[] ids, int unknownId) {
      texts += ids.length > 0 ? 1 : 0;
      for (int id : ids) {
        unknown += id == unknownId ? 1 : 0;
      }
    }
  }

  private static @Nullable PreparedText known(Path folder, String signature) {
    Path record = folder.resolve(RECORD);
    if (!Files.exists(record)) {
      return null;
    }
    try {
      Facts facts = new Gson().fromJson(Files.readString(record), Facts.class);
      boolean same =
          facts != null
              && facts.leftOut != null
              && facts.signature.equals(signature)
              && Files.size(folder.resolve(LEARNED)) == 2 * facts.learned
              && Files.size(folder.resolve(HELD_OUT)) == 2 * facts.heldOut
              && Files.exists(folder.resolve(TOKENIZER));
      return same ? new PreparedText(folder, facts) : null;
    } catch (IOException | JsonParseException _) {
      return null; // it is made again
    }
  }
}
