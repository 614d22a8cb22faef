package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How close the sentence vectors of one model come to those of another that it was made from, and
 * how many texts a second each encodes.
 *
 * @param texts how many were compared
 * @param left how many were left out, because one of the models has no vector for them
 * @param meanCosine over the texts, from -1 to 1
 * @param worstCosine of all
 * @param worstText the text that has it, the first of several
 * @param textsPerSecond of the model that was made
 * @param textsPerSecondBefore of the model that it was made from
 */
public record ModelComparison(
    int texts,
    int left,
    double meanCosine,
    double worstCosine,
    String worstText,
    double textsPerSecond,
    double textsPerSecondBefore) {
  /** How often each encodes all texts for the clock, after once for their vectors. */
  private static final int ROUNDS = 3;

  /**
   * Encodes the texts with both, by turns, so that what else the machine does weighs on both alike.
   * The speed is that of each one's median round. A model whose files do not say how sentence
   * vectors are pooled is compared by the mean of its last hidden states.
   *
   * @param made the model that was made; stays open
   * @param before the one that it was made from; stays open
   * @throws IllegalArgumentException if there are no texts
   * @throws PolysemeException if the vectors have different dimensions, no text could be encoded,
   *     or a model fails
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static ModelComparison of(
      Encoder made, Encoder before, List<String> texts, Progress progress, Cancel cancel) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("there are no texts to compare the models by");
    }
    var told = new Told(progress, 2L * (ROUNDS + 1) * texts.size());
    float[][] expected = encode(before, texts, told, cancel);
    float[][] actual = encode(made, texts, told, cancel);
    var nanos = new long[2][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      nanos[0][round] = time(before, texts, told, cancel);
      nanos[1][round] = time(made, texts, told, cancel);
    }
    return compared(texts, expected, actual, rate(texts, nanos[1]), rate(texts, nanos[0]));
  }

  private static final class Told {
    private final Progress progress;
    private final long total;
    private long done;

    Told(Progress progress, long total) {
      this.progress = progress;
      this.total = total;
    }

    void one() {
      progress.update("comparing", ++done, total);
    }
  }

  private static long time(Encoder encoder, List<String> texts, Told told, Cancel cancel) {
    long start = System.nanoTime();
    encode(encoder, texts, told, cancel);
    return System.nanoTime() - start;
  }

  private static double rate(List<String> texts, long[] nanos) {
    Arrays.sort(nanos);
    return texts.size() * 1e9 / nanos[nanos.length / 2];
  }

  /** A vector for each text; null for one that cannot be encoded. */
  private static float @Nullable [][] encode(
      Encoder encoder, List<String> texts, Told told, Cancel cancel) {
    EncodeRequest request = EncodeRequest.ofSentences();
    if (encoder.info().card().pooling() == null) {
      request = request.withSentencePooling(Pooling.MEAN);
    }
    var vectors = new float[texts.size()][];
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        request,
        result -> {
          if (result instanceof EncodeResult.Done(long index, Encoded encoded)) {
            vectors[(int) index] = encoded.vector();
          }
          told.one();
        },
        cancel);
    return vectors;
  }

  private static ModelComparison compared(
      List<String> texts, float[][] expected, float[][] actual, double rate, double rateBefore) {
    var cosines = new ArrayList<Double>();
    double worst = Double.POSITIVE_INFINITY;
    String worstText = "";
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] == null || actual[i] == null) {
        continue;
      }
      if (expected[i].length != actual[i].length) {
        throw new PolysemeException(
            "vectors of %d and of %d dimensions cannot be compared"
                .formatted(expected[i].length, actual[i].length));
      }
      double cosine = Vectors.cosine(expected[i], actual[i]);
      cosines.add(cosine);
      if (cosine < worst) {
        worst = cosine;
        worstText = texts.get(i);
      }
    }
    if (cosines.isEmpty()) {
      throw new PolysemeException("none of the texts could be encoded by both models");
    }
    double mean = cosines.stream().mapToDouble(c -> c).average().orElseThrow();
    return new ModelComparison(
        cosines.size(), texts.size() - cosines.size(), mean, worst, worstText, rate, rateBefore);
  }
}
