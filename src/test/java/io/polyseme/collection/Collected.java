package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.IndexOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small indexes with vectors that were made up. */
final class Collected {
  private Collected() {}

  record Item(String label, float[] vector, Map<String, String> fields) {}

  static Item item(String label, String text, float... vector) {
    return new Item(label, vector, Map.of("text", text));
  }

  /** A direction that a seed stands for, and a bit of another. */
  static float[] near(long seed, double noise, Random random, int dimension) {
    var centre = new Random(seed);
    var vector = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      vector[d] = (float) (centre.nextGaussian() + noise * random.nextGaussian());
    }
    return vector;
  }

  static VectorIndex index(Path folder, Similarity similarity, List<Item> items) {
    Recipe recipe = Recipe.of("test").withOptions(IndexOptions.DEFAULT.withSimilarity(similarity));
    try (IndexBuilder builder =
        VectorIndex.builder(folder, recipe, new Maker("model", "0123456789abcdef", "2", "mean"))) {
      for (Item item : items) {
        builder.add(item.label, item.vector, item.fields, item.label);
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    return VectorIndex.open(folder);
  }

  static TextCollection read(VectorIndex index) {
    return read(index, Filter.ALL, 2);
  }

  static TextCollection read(VectorIndex index, Filter filter, int threads) {
    return TextCollection.read(index, filter, threads, Progress.NONE, Cancel.create());
  }

  /** Compared through the index. */
  static TextCollection readForSearch(VectorIndex index, int threads) {
    return TextCollection.read(index, Filter.ALL, threads, 1, Progress.NONE, Cancel.create());
  }
}
