package io.polyseme.sense;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.LayerVector;
import io.polyseme.vector.PrincipalComponents;
import io.polyseme.vector.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a word's hidden states of several layers become one vector whose cosines tell senses apart:
 * every dimension of every layer standardised, which keeps rogue dimensions from drowning the
 * others (Timkey and van Schijndel 2021, "All Bark and No Bite: Rogue Dimensions in Transformer
 * Language Models Obscure Representational Quality", section 4), the layers added, and, where
 * senses were learned, the variance within a sense made equal in all directions (within-class
 * whitening: Hatch, Kajarekar and Stolcke 2006, "Within-Class Covariance Normalization"). Immutable
 * and thread-safe.
 */
final class UsageSpace {
  private static final int FORMAT = 1;
  private static final double LEAST_DEVIATION = 1e-6;

  private final int[] layers;
  private final float[][] means;
  private final float[][] scales;

  /** Row-major, symmetric; null where nothing was learned. */
  private final float @Nullable [] matrix;

  private UsageSpace(int[] layers, float[][] means, float[][] scales, float @Nullable [] matrix) {
    this.layers = layers;
    this.means = means;
    this.scales = scales;
    this.matrix = matrix;
  }

  /** Sums of the values of each dimension of each layer, and of their squares. */
  static final class Statistics {
    private final int[] layers;
    private double[][] sums = new double[0][];
    private double[][] squares = new double[0][];
    private long count;

    Statistics(int[] layers) {
      this.layers = layers.clone();
    }

    /**
     * @param vectors one for each layer
     */
    void add(List<LayerVector> vectors) {
      if (sums.length == 0) {
        int dimension = vectors.getFirst().vector().length;
        sums = new double[layers.length][dimension];
        squares = new double[layers.length][dimension];
      }
      for (int l = 0; l < layers.length; l++) {
        float[] vector = vectors.get(l).vector();
        for (int d = 0; d < vector.length; d++) {
          sums[l][d] += vector[d];
          squares[l][d] += (double) vector[d] * vector[d];
        }
      }
      count++;
    }

    long count() {
      return count;
    }

    UsageSpace space() {
      if (count < 2) {
        throw new PolysemeException("there are too few words to standardise vectors by");
      }
      var means = new float[layers.length][];
      var scales = new float[layers.length][];
      for (int l = 0; l < layers.length; l++) {
        int dimension = sums[l].length;
        means[l] = new float[dimension];
        scales[l] = new float[dimension];
        for (int d = 0; d < dimension; d++) {
          double mean = sums[l][d] / count;
          double variance = Math.max(0, squares[l][d] / count - mean * mean);
          means[l][d] = (float) mean;
          scales[l][d] = (float) (1 / (Math.sqrt(variance) + LEAST_DEVIATION));
        }
      }
      return new UsageSpace(layers, means, scales, null);
    }
  }

  int[] layers() {
    return layers.clone();
  }

  int dimension() {
    return means[0].length;
  }

  /**
   * The vector of a word.
   *
   * @param vectors one for each of the {@link #layers}, in their order; more may follow
   * @return of unit length
   */
  float[] place(List<LayerVector> vectors) {
    return whiten(sum(vectors));
  }

  /** The standardised layers added, before whitening, of unit length. */
  float[] sum(List<LayerVector> vectors) {
    var sum = new float[dimension()];
    for (int l = 0; l < layers.length; l++) {
      float[] vector = vectors.get(l).vector();
      for (int d = 0; d < sum.length; d++) {
        sum[d] += (vector[d] - means[l][d]) * scales[l][d];
      }
    }
    return Vectors.unitOrZero(sum);
  }

  float[] whiten(float[] sum) {
    if (matrix == null) {
      return sum;
    }
    int dimension = sum.length;
    var result = new float[dimension];
    for (int i = 0; i < dimension; i++) { // symmetric: by rows, so that the loop is vectorised
      float x = sum[i];
      int row = i * dimension;
      for (int j = 0; j < dimension; j++) {
        result[j] += x * matrix[row + j];
      }
    }
    return Vectors.unitOrZero(result);
  }

  /**
   * With the variance within senses equal in all directions.
   *
   * @param rows how many usages
   * @param residuals of each, its vector before whitening less the mean of its sense
   * @param ridge the share of the mean variance that is added to each
   */
  UsageSpace whitened(int rows, PrincipalComponents.Reader residuals, double ridge) {
    int dimension = dimension();
    PrincipalComponents components = PrincipalComponents.of(rows, dimension, residuals, dimension);
    double[] variances = components.variances();
    double mean = Arrays.stream(variances).sum() / dimension;
    if (mean <= 0) {
      return this; // every sense occurs but once
    }
    var learned = new float[dimension * dimension];
    for (int c = 0; c < dimension; c++) {
      double scale = Math.sqrt(mean / (Math.max(0, variances[c]) + ridge * mean));
      double[] direction = components.direction(c);
      for (int i = 0; i < dimension; i++) {
        for (int j = 0; j < dimension; j++) {
          learned[i * dimension + j] += (float) (scale * direction[i] * direction[j]);
        }
      }
    }
    return new UsageSpace(layers, means, scales, learned);
  }

  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(FORMAT);
      out.writeInt(layers.length);
      out.writeInt(dimension());
      for (int l = 0; l < layers.length; l++) {
        out.writeInt(layers[l]);
        write(out, means[l]);
        write(out, scales[l]);
      }
      out.writeBoolean(matrix != null);
      if (matrix != null) {
        write(out, matrix);
      }
    } catch (IOException e) {
      throw new AssertionError("in memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, float[] values) throws IOException {
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  /**
   * @throws PolysemeException if these are not the bytes of a space
   */
  static UsageSpace fromBytes(byte[] bytes) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readInt();
      int count = in.readInt();
      int dimension = in.readInt();
      long least = 12L + 1 + (long) count * (4 + 8L * dimension);
      if (format != FORMAT || count < 1 || dimension < 1 || least > bytes.length) {
        throw new PolysemeException("the index's space of usages is damaged; build it again");
      }
      var layers = new int[count];
      var means = new float[count][];
      var scales = new float[count][];
      for (int l = 0; l < count; l++) {
        layers[l] = in.readInt();
        means[l] = read(in, dimension);
        scales[l] = read(in, dimension);
      }
      float[] matrix = in.readBoolean() ? read(in, dimension * dimension) : null;
      return new UsageSpace(layers, means, scales, matrix);
    } catch (IOException e) {
      throw new PolysemeException("the index's space of usages is damaged; build it again", e);
    }
  }

  private static float[] read(DataInputStream in, int count) throws IOException {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }
}
