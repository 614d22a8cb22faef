package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.SpaceIndexes;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.words.ReadOptions;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ten nearest of a word: by a plain scan of the float32 rows in one thread and in all, by the
 * int8 copy first (the same answers), and by HNSW, whose recall is printed. {@code -p vectors=FILE}
 * names the vectors, in any format; their HNSW twin is built once beside the converted file.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class WordSpaceBenchmark {
  @Param("")
  public String vectors;

  @Param("64")
  public int efSearch;

  private final List<Query> queries = new ArrayList<>();
  private WordVectors words;
  private WordVectors plain;
  private VectorIndex index;
  private int next;

  @Setup
  public void open() throws IOException {
    if (vectors.isEmpty()) {
      throw new IllegalStateException("give the vectors with -p vectors=FILE");
    }
    Path folder = Files.createDirectories(Path.of("target", "words"));
    Path file = converted(folder.resolve("benchmark.words"), true);
    words = WordVectors.open(file);
    plain = WordVectors.open(converted(folder.resolve("benchmark-plain.words"), false));
    index = SpaceIndexes.open(words, file, Progress.NONE, Cancel.create());
    var random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      String label = words.label(random.nextInt(Math.min(20_000, words.size())));
      queries.add(Query.near(words.vector(label).orElseThrow(), 10).withExcluded(Set.of(label)));
    }
    System.out.printf(
        "recall@10 at efSearch %d: %.4f%n",
        efSearch,
        index.measureRecall(1000, 10, efSearch, 42, Progress.NONE, Cancel.create()).recall());
  }

  private Path converted(Path file, boolean quantised) {
    if (!WordVectors.isCurrent(file)) {
      WordVectors.convert(
          Path.of(vectors),
          file,
          ReadOptions.DEFAULT,
          WriteOptions.DEFAULT.withQuantised(quantised),
          Progress.NONE,
          Cancel.create());
    }
    return file;
  }

  private Query query() {
    next = (next + 1) % queries.size();
    return queries.get(next);
  }

  @Benchmark
  @Fork(value = 1, jvmArgsAppend = "-Djava.util.concurrent.ForkJoinPool.common.parallelism=0")
  public Answer plainScanInOneThread() {
    return plain.search(query());
  }

  @Benchmark
  public Answer plainScan() {
    return plain.search(query());
  }

  @Benchmark
  public Answer exact() {
    return words.search(query());
  }

  @Benchmark
  public Answer hnsw() {
    return index.search(query().withPrecision(Precision.approximate(efSearch)));
  }

  @TearDown
  public void close() {
    index.close();
    words.close();
    plain.close();
  }
}
