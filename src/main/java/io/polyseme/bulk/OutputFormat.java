package io.polyseme.bulk;

import java.nio.file.Path;
import java.util.Locale;

/** What a file of vectors looks like. */
public enum OutputFormat {
  /**
   * One JSON object for each text, as {@link EncodedJson} writes it. Holds whatever can be asked
   * for.
   */
  JSONL,
  /**
   * NumPy's array format, version 1.0: float32, little-endian, in rows. Shape {@code [n, d]}, row i
   * being text i, or {@code [n, layers, d]} where several layers are asked for; the row of a text
   * that could not be encoded is NaN. Holds sentence vectors only. Beside it a file with {@code
   * .jsonl} after its name has an object for each row: {@code row}, {@code id}, {@code line},
   * {@code text}, {@code tokens}, {@code warnings}, and {@code error} where there is no vector.
   */
  NPY,
  /**
   * Apache Parquet, pages packed with zstd; a row for each vector. Columns {@code index} (of the
   * text, from 0), {@code id}, {@code text}, {@code word} and {@code pieces} where words are asked
   * for, {@code passage} where chunks are, {@code start} and {@code end} with both, {@code layer},
   * {@code vector} (a list of floats), {@code tokens}, {@code warnings}, {@code error}; a text
   * without a vector has one row, whose vector is null. Needs {@code
   * org.apache.parquet:parquet-column} and {@code com.github.luben:zstd-jni} on the class path.
   */
  PARQUET;

  /** The format that a file's name tells: {@code .npy}, {@code .parquet}, or else JSON lines. */
  public static OutputFormat of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".npy") ? NPY : name.endsWith(".parquet") ? PARQUET : JSONL;
  }
}
