package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.BuildOptions;
import io.polyseme.index.Encoding;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.IndexOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Polyseme through its public interface: labels and fields of the hits are read too. */
final class PolysemeSearchSide implements SearchSide {
  private static final Maker MAKER = new Maker("vectors of a file", "0", "0", "none");

  private final Path folder;
  private final Encoding encoding;
  private final IntFunction<Map<String, String>> fields;
  private VectorIndex index;

  PolysemeSearchSide(Path folder, Encoding encoding) {
    this(folder, encoding, _ -> Map.of());
  }

  PolysemeSearchSide(Path folder, Encoding encoding, IntFunction<Map<String, String>> fields) {
    this.folder = folder;
    this.encoding = encoding;
    this.fields = fields;
  }

  @Override
  public String name() {
    return "Polyseme, " + encoding.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public double build(SearchVectors vectors) throws IOException {
    long start = System.nanoTime();
    Recipe recipe = Recipe.of("vectors").withOptions(IndexOptions.DEFAULT.withEncoding(encoding));
    BuildOptions options = BuildOptions.DEFAULT.withFresh(true).withThreads(2);
    try (IndexBuilder builder = VectorIndex.builder(folder, recipe, MAKER, options)) {
      for (int i = 0; i < vectors.size(); i++) {
        builder.add(Integer.toString(i), vectors.vector(i), fields.apply(i));
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    index = VectorIndex.open(folder);
    return seconds;
  }

  VectorIndex index() {
    return index;
  }

  Path folder() {
    return folder;
  }

  @Override
  public int[] search(float[] query, int efSearch) {
    return numbers(
        index.search(Query.near(query, 10).withPrecision(Precision.approximate(efSearch))).hits());
  }

  static int[] numbers(List<Hit> hits) {
    var numbers = new int[hits.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(hits.get(i).label());
    }
    return numbers;
  }

  @Override
  public long bytes() throws IOException {
    return SearchSide.bytes(folder);
  }

  @Override
  public void close() {
    index.close();
  }
}
