package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import java.util.ArrayList;
import java.util.List;

/**
 * Many labelled usages with their vectors, kept in half precision: two hundred thousand of 384
 * dimensions take 150 MB. Filled by one thread, read by many.
 */
final class UsageTable {
  private static final int CHUNK = 4096;

  /**
   * A labelled usage.
   *
   * @param document where it comes from
   * @param text the sentence, with its neighbours
   * @param word its lemma and part of speech
   * @param senses by the inventory's ids, those that are right; the first counts in learning
   */
  record Usage(String document, String text, LabelledText.Word word, List<String> senses) {
    Usage {
      senses = List.copyOf(senses);
    }
  }

  private final int dimension;
  private final List<Usage> usages = new ArrayList<>();
  private final List<short[]> chunks = new ArrayList<>();

  UsageTable(int dimension) {
    this.dimension = dimension;
  }

  void add(Usage usage, float[] vector) {
    int at = usages.size() % CHUNK;
    if (at == 0) {
      chunks.add(new short[CHUNK * dimension]);
    }
    short[] chunk = chunks.getLast();
    for (int d = 0; d < dimension; d++) {
      chunk[at * dimension + d] = Float.floatToFloat16(vector[d]);
    }
    usages.add(usage);
  }

  int size() {
    return usages.size();
  }

  int dimension() {
    return dimension;
  }

  /** The numbers of all rows. */
  IntArrayList rows() {
    var rows = new IntArrayList(size());
    for (int row = 0; row < size(); row++) {
      rows.add(row);
    }
    return rows;
  }

  Usage get(int row) {
    return usages.get(row);
  }

  void read(int row, float[] into) {
    short[] chunk = chunks.get(row / CHUNK);
    int start = row % CHUNK * dimension;
    for (int d = 0; d < dimension; d++) {
      into[d] = Float.float16ToFloat(chunk[start + d]);
    }
  }

  float[] vector(int row) {
    var vector = new float[dimension];
    read(row, vector);
    return vector;
  }
}
