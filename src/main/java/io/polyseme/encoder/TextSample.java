package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A few of many texts, each with the same chance (Vitter 1985, "Random Sampling with a Reservoir",
 * algorithm R); the same ones each time. Not thread-safe.
 */
public final class TextSample {
  private static final long SEED = 1;
  private static final int LONGEST = 24;

  private final int size;
  private final List<String> texts = new ArrayList<>();
  private final Random random = new Random(SEED);
  private long seen;

  /**
   * @param size how many texts it has at most, at least 1
   */
  public TextSample(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a sample has at least 1 text: " + size);
    }
    this.size = size;
  }

  /** One more text to draw from; blank ones are passed over. */
  public void offer(String text) {
    if (text.isBlank()) {
      return;
    }
    seen++;
    if (texts.size() < size) {
      texts.add(text);
      return;
    }
    long place = random.nextLong(seen);
    if (place < size) {
      texts.set((int) place, text);
    }
  }

  /** What was drawn. */
  public List<String> texts() {
    return List.copyOf(texts);
  }

  /**
   * Of the lines of a file.
   *
   * @throws PolysemeException if it cannot be read, is not UTF-8 or has only blank lines
   */
  public static List<String> ofLines(Path file, int size) {
    var sample = new TextSample(size);
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        sample.offer(line);
      }
    } catch (CharacterCodingException e) {
      throw new PolysemeException(file + " is not text in UTF-8", e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    }
    if (sample.texts.isEmpty()) {
      throw new PolysemeException(file + " has no text: one a line is expected");
    }
    return sample.texts();
  }

  /**
   * Texts of 1 to 24 of an encoder's own pieces, where there is nothing better: they mean nothing,
   * but every model has them.
   *
   * @throws PolysemeException if its vocabulary has no piece that stands for a word or a character
   */
  public static List<String> ofPieces(Encoder encoder, int size) {
    List<String> pieces =
        encoder.vocabulary().stream()
            .map(piece -> piece.startsWith("\u2581") ? piece.substring(1) : piece)
            .filter(TextSample::isWord)
            .toList();
    if (pieces.isEmpty()) {
      throw new PolysemeException(
          "the vocabulary of %s has no words to make texts of: give texts"
              .formatted(encoder.info().card().name()));
    }
    var random = new Random(SEED);
    var texts = new ArrayList<String>();
    while (texts.size() < size) {
      var text = new StringBuilder();
      for (int left = 1 + random.nextInt(LONGEST); left > 0; left--) {
        text.append(pieces.get(random.nextInt(pieces.size()))).append(' ');
      }
      texts.add(text.toString().strip());
    }
    return List.copyOf(texts);
  }

  private static boolean isWord(String piece) {
    return !piece.isEmpty() && piece.codePoints().allMatch(Character::isLetter);
  }
}
