package io.polyseme.sense;

import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.Words;
import io.polyseme.model.Pooling;
import java.util.ArrayList;
import java.util.List;

/**
 * The hidden states of usages (a word in a text) at every layer: the word's own, and the mean of
 * all tokens of its text. Kept in half precision: a usage takes 4 (n + 1) d bytes, 20 kB of a model
 * with 12 layers and 384 dimensions. Filled by one thread, then read by many.
 */
public final class UsageStates {
  private final List<short[]> rows = new ArrayList<>();
  private int layers;
  private int dimension;

  /** What must be asked of an encoder; each text with the span of its word. */
  public static EncodeRequest request() {
    return EncodeRequest.ofWords()
        .withWords(Words.GIVEN)
        .withLayers(Layers.all())
        .withSentence(true)
        .withSentencePooling(Pooling.MEAN);
  }

  /**
   * Adds a usage.
   *
   * @param encoded as {@link #request()} asks for it; its first word is the one
   * @return its row, from 0
   * @throws IllegalArgumentException if it has no word or no sentence, or other layers than those
   *     before it
   */
  public int add(Encoded encoded) {
    List<LayerVector> word =
        encoded.words().isEmpty() ? List.of() : encoded.words().getFirst().vectors();
    List<LayerVector> sentence = encoded.sentence();
    if (word.isEmpty() || sentence.size() != word.size()) {
      throw new IllegalArgumentException(
          "%d layers of a word and %d of its sentence".formatted(word.size(), sentence.size()));
    }
    if (rows.isEmpty()) {
      layers = word.size();
      dimension = word.getFirst().vector().length;
    } else if (word.size() != layers) {
      throw new IllegalArgumentException("%d layers after %d".formatted(word.size(), layers));
    }
    var row = new short[2 * layers * dimension];
    for (int l = 0; l < layers; l++) {
      write(word.get(l).vector(), row, l * dimension);
      write(sentence.get(l).vector(), row, (layers + l) * dimension);
    }
    rows.add(row);
    return rows.size() - 1;
  }

  private static void write(float[] vector, short[] row, int start) {
    for (int d = 0; d < vector.length; d++) {
      row[start + d] = Float.floatToFloat16(vector[d]);
    }
  }

  /** How many usages there are. */
  public int size() {
    return rows.size();
  }

  /** How many hidden states each has, n + 1 of a model with n layers; 0 while there is no usage. */
  public int layers() {
    return layers;
  }

  /** Of each hidden state. */
  public int dimension() {
    return dimension;
  }

  /** The word's hidden states: float[layers][dimension]. */
  float[][] words(int row) {
    return read(row, 0);
  }

  /** The means over the text's tokens: float[layers][dimension]. */
  float[][] sentences(int row) {
    return read(row, layers);
  }

  private float[][] read(int row, int from) {
    short[] values = rows.get(row);
    var read = new float[layers][dimension];
    for (int l = 0; l < layers; l++) {
      int start = (from + l) * dimension;
      for (int d = 0; d < dimension; d++) {
        read[l][d] = Float.float16ToFloat(values[start + d]);
      }
    }
    return read;
  }
}
