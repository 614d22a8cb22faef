package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.polyseme.Cancel;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;

/**
 * Float32 weights of a projection: a row for each of its inputs, a column for each of its outputs.
 * They are read from where they lie, again for each question.
 */
final class Matrix {
  /** The greatest integer that a weight becomes; the least is its negative. */
  static final int LARGEST = Byte.MAX_VALUE;

  private final String name;
  private final MemorySegment values;
  private final int rows;
  private final int columns;
  private final boolean transposed;
  private final Weights weights;
  private final Cancel cancel;

  /**
   * @param transposed whether the tensor has a row for each output
   */
  Matrix(TensorProto tensor, String name, boolean transposed, Weights weights, Cancel cancel)
      throws IOException {
    this.name = name;
    this.values = weights.bytes(tensor);
    // The bytes are there, so that these are true sizes.
    this.rows = Math.toIntExact(tensor.getDims(transposed ? 1 : 0));
    this.columns = Math.toIntExact(tensor.getDims(transposed ? 0 : 1));
    this.transposed = transposed;
    this.weights = weights;
    this.cancel = cancel;
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Makes each row's greatest absolute value that of this matrix, where this is greater. */
  void raiseToLargest(float[] largest) {
    var line = new float[columns];
    for (int row = 0; row < rows; row++) {
      read(row, line);
      for (float weight : line) {
        largest[row] = Math.max(largest[row], Math.abs(weight));
      }
    }
  }

  /**
   * For each column, what one is worth in integers: its greatest absolute value is {@link #LARGEST}
   * of them.
   *
   * @param levels by which each row is multiplied before
   * @throws io.polyseme.PolysemeException if a weight is no finite number
   */
  float[] scales(float[] levels) {
    var scales = new float[columns];
    var line = new float[columns];
    for (int row = 0; row < rows; row++) {
      read(row, line);
      for (int column = 0; column < columns; column++) {
        float weight = Math.abs(line[column] * levels[row]);
        if (!Float.isFinite(weight)) {
          throw weights.damaged("the weights %s are not all finite numbers".formatted(name));
        }
        scales[column] = Math.max(scales[column], weight);
      }
    }
    for (int column = 0; column < columns; column++) {
      float scale = scales[column] / LARGEST;
      // A column of zeros, or of what is as good as zero, has any scale.
      scales[column] = scale < Float.MIN_NORMAL ? 1 : scale;
    }
    return scales;
  }

  /** Writes an int8 for each weight, row by row. */
  void writeIntegers(float[] levels, float[] scales, OutputStream out) throws IOException {
    var line = new float[columns];
    var integers = new byte[columns];
    for (int row = 0; row < rows; row++) {
      read(row, line);
      for (int column = 0; column < columns; column++) {
        float weight = line[column] * levels[row];
        int value = (int) Math.rint((double) weight / scales[column]);
        integers[column] = (byte) Math.clamp(value, -LARGEST, LARGEST);
      }
      out.write(integers);
    }
  }

  private void read(int row, float[] line) {
    cancel.check();
    if (!transposed) {
      long offset = (long) row * columns * Float.BYTES;
      MemorySegment.copy(values, Weights.FLOATS, offset, line, 0, columns);
      return;
    }
    for (int column = 0; column < columns; column++) {
      line[column] = values.get(Weights.FLOATS, ((long) column * rows + row) * Float.BYTES);
    }
  }
}
