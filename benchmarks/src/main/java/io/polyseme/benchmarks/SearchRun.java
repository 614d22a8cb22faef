package io.polyseme.benchmarks;

import io.polyseme.index.Encoding;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.VectorUtil;

/** Vector search measured, started by {@code search/run}; see there. */
public final class SearchRun {
  private static final int K = 10;
  private static final long SEED = 42;
  private static final int ROUNDS = 3;
  private static final double[] RECALLS = {0.95, 0.99};

  /** The field of vectors in Polyseme's index. */
  private static final String VECTOR = "vector";

  private SearchRun() {}

  /**
   * @param args what to do; a file of vectors; a folder to work in; for some, what more
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2]));
    switch (args[0]) {
      case "convert" -> SearchVectors.convert(file, folder.resolve("glove.npy"));
      case "export" -> export(file, folder);
      case "compare" -> compare(file, folder, args.length > 3 ? Path.of(args[3]) : null);
      case "encodings" -> encodings(file, folder);
      case "filters" -> filters(file, folder);
      case "curve" -> curve(file, folder, args.length > 3 ? args[3] : "10000,100000,1000000");
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }

  private static SearchVectors open(Path file) throws IOException {
    SearchVectors vectors = SearchVectors.open(file, 0, 1_000, SEED);
    say(
        "%,d vectors of %d dimensions, cosine; %,d others are asked for, in one thread; recall@%d",
        vectors.size(), vectors.dimension(), vectors.queries(), K);
    return vectors;
  }

  /** The vectors, the queries and the right answers, for a program in another language. */
  private static void export(Path file, Path folder) throws IOException {
    SearchVectors vectors = SearchVectors.open(file, 0, 1_000, SEED);
    write(folder.resolve("base.f32"), vectors.size(), vectors.dimension(), vectors::vector);
    write(folder.resolve("queries.f32"), vectors.queries(), vectors.dimension(), vectors::query);
    try (OutputStream out = Files.newOutputStream(folder.resolve("truth.i32"))) {
      for (int[] answer : vectors.exact(K)) {
        ByteBuffer row = ByteBuffer.allocate(4 * K).order(ByteOrder.nativeOrder());
        row.asIntBuffer().put(answer);
        out.write(row.array());
      }
    }
    say("%d %d %d", vectors.size(), vectors.dimension(), vectors.queries());
  }

  private static void write(
      Path file, int count, int dimension, java.util.function.IntFunction<float[]> vectors)
      throws IOException {
    try (OutputStream out =
        new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      ByteBuffer row = ByteBuffer.allocate(4 * dimension).order(ByteOrder.nativeOrder());
      for (int i = 0; i < count; i++) {
        row.asFloatBuffer().put(vectors.apply(i));
        out.write(row.array());
      }
    }
  }

  private static void compare(Path file, Path folder, Path hnswlib) throws IOException {
    SearchVectors vectors = open(file);
    int[][] truth = vectors.exact(K);
    var lucene = new LuceneSearchSide(folder.resolve("lucene"), null);
    List<SearchSide> sides =
        List.of(
            lucene,
            new LuceneSearchSide(folder.resolve("lucene-merged"), lucene),
            new PolysemeSearchSide(folder.resolve("polyseme-int8"), Encoding.INT8));
    var builds = new HashMap<SearchSide, Double>();
    for (SearchSide side : sides) {
      builds.put(side, side.build(vectors));
      say("built %-20s in %6.1f s, %6.1f MB", side.name(), builds.get(side), side.bytes() / 1e6);
    }
    var trials = new ArrayList<SearchTrial>();
    var efSearch = new int[sides.size()][RECALLS.length];
    for (SearchSide side : sides) {
      var trial = new SearchTrial((q, ef) -> side.search(vectors.query(q), ef), truth);
      for (int r = 0; r < RECALLS.length; r++) {
        efSearch[trials.size()][r] = trial.efSearch(RECALLS[r]);
      }
      trials.add(trial);
    }
    // Side by side: what else the machine does meets all of them.
    var times = new long[sides.size()][RECALLS.length][];
    for (int round = 0; round < ROUNDS; round++) {
      for (int s = 0; s < sides.size(); s++) {
        for (int r = 0; r < RECALLS.length; r++) {
          long[] nanos = trials.get(s).times(efSearch[s][r]);
          times[s][r] = round == 0 ? nanos : SearchTrial.faster(times[s][r], nanos);
        }
      }
    }
    for (int r = 0; r < RECALLS.length; r++) {
      say("");
      say("recall %.2f:", RECALLS[r]);
      say(
          "%-22s%10s%10s%12s%12s%10s%10s%14s%12s",
          "",
          "build s",
          "efSearch",
          "recall",
          "queries/s",
          "p50 ms",
          "p99 ms",
          "x as it comes",
          "x merged");
      double loose = SearchTrial.perSecond(times[0][r]);
      double merged = SearchTrial.perSecond(times[1][r]);
      for (int s = 0; s < sides.size(); s++) {
        double speed = SearchTrial.perSecond(times[s][r]);
        say(
            "%-22s%10.1f%10d%12.4f%12.0f%10.3f%10.3f%14.2f%12.2f",
            sides.get(s).name(),
            builds.get(sides.get(s)),
            efSearch[s][r],
            trials.get(s).recall(efSearch[s][r]),
            speed,
            SearchTrial.quantile(times[s][r], 0.5),
            SearchTrial.quantile(times[s][r], 0.99),
            speed / loose,
            speed / merged);
      }
      if (hnswlib != null && Files.exists(hnswlib)) {
        for (String line : Files.readAllLines(hnswlib)) {
          String[] cells = line.split(" ");
          if (Double.parseDouble(cells[0]) == RECALLS[r]) {
            double speed = Double.parseDouble(cells[4]);
            say(
                "%-22s%10s%10s%12s%12.0f%10s%10s%14.2f%12.2f",
                "hnswlib (C++)",
                cells[1],
                cells[2],
                cells[3],
                speed,
                "",
                "",
                speed / loose,
                speed / merged);
          }
        }
      }
      double ours = SearchTrial.perSecond(times[2][r]);
      say(
          "bar: 2.5 x Lucene as it comes: %s; 1.4 x one segment: %s; built no slower than one"
              + " segment: %s",
          ours >= 2.5 * loose ? "met" : "missed",
          ours >= 1.4 * merged ? "met" : "missed",
          builds.get(sides.get(2)) <= builds.get(sides.get(1)) ? "met" : "missed");
    }
    say("");
    say("Lucene as it comes has %d segments", lucene.segments());
    for (SearchSide side : sides) {
      side.close();
    }
  }

  /** Every encoding, with its candidates compared by the full vectors, and without. */
  private static void encodings(Path file, Path folder) throws IOException {
    SearchVectors vectors = open(file);
    int[][] truth = vectors.exact(K);
    for (Encoding encoding : Encoding.values()) {
      String name = encoding.name().toLowerCase(Locale.ROOT);
      try (var side = new PolysemeSearchSide(folder.resolve("encoding-" + name), encoding)) {
        double seconds = side.build(vectors);
        say("");
        say("%s: built in %.1f s, %.1f MB on disk", name, seconds, side.bytes() / 1e6);
        say(
            "%10s%12s%12s%10s%10s%20s%12s",
            "efSearch",
            "recall",
            "queries/s",
            "p50 ms",
            "p99 ms",
            "codes alone: recall",
            "queries/s");
        try (Directory directory = FSDirectory.open(side.folder());
            DirectoryReader reader = DirectoryReader.open(directory)) {
          LeafReader leaf = reader.leaves().getFirst().reader();
          var rescored = new SearchTrial((q, ef) -> side.search(vectors.query(q), ef), truth);
          var alone = new SearchTrial((q, ef) -> byCodes(leaf, vectors.query(q), ef), truth);
          for (int ef : new int[] {25, 50, 100, 200, 400, 800, 1_600}) {
            double recall = rescored.recall(ef);
            long[] times = rescored.best(ef, 3);
            double recallAlone = alone.recall(ef);
            long[] timesAlone = alone.best(ef, 3);
            say(
                "%10d%12.4f%12.0f%10.3f%10.3f%20.4f%12.0f",
                ef,
                recall,
                SearchTrial.perSecond(times),
                SearchTrial.quantile(times, 0.5),
                SearchTrial.quantile(times, 0.99),
                recallAlone,
                SearchTrial.perSecond(timesAlone));
          }
        }
      }
    }
  }

  /** Entries lie in Lucene's documents in the order that they were added. */
  private static int[] byCodes(LeafReader leaf, float[] query, int efSearch) throws IOException {
    var collector = new TopKnnCollector(efSearch, Integer.MAX_VALUE);
    leaf.searchNearestVectors(
        VECTOR, query, collector, AcceptDocs.fromLiveDocs(null, leaf.maxDoc()));
    TopDocs top = collector.topDocs();
    return IntStream.range(0, Math.min(K, top.scoreDocs.length))
        .map(i -> top.scoreDocs[i].doc)
        .toArray();
  }

  /**
   * Filters of every selectivity: by chance, and by how far entries are from a vector, asked near
   * that vector: then all that passes lies where the search does not lead.
   */
  private static void filters(Path file, Path folder) throws IOException {
    SearchVectors vectors = open(file);
    double[] shares = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
    int size = vectors.size();
    var random = new Random(SEED);
    double[] chance = random.doubles(size).toArray();
    float[] anchor = vectors.query(0);
    var similarities = new double[size];
    for (int i = 0; i < size; i++) {
      similarities[i] = VectorUtil.dotProduct(anchor, vectors.vector(i));
    }
    double[] sorted = java.util.Arrays.stream(similarities).sorted().toArray();
    var side =
        new PolysemeSearchSide(
            folder.resolve("filters"),
            Encoding.INT8,
            i -> {
              var fields = new HashMap<String, String>();
              for (double share : shares) {
                if (chance[i] < share) {
                  fields.put("chance" + share, "y");
                }
                if (similarities[i] <= sorted[(int) Math.ceil(share * size) - 1]) {
                  fields.put("far" + share, "y");
                }
              }
              return Map.copyOf(fields);
            });
    try (side) {
      say("built in %.1f s", side.build(vectors));
      VectorIndex index = side.index();
      // Those nearest to the anchor come first.
      int[] near =
          IntStream.range(0, vectors.queries())
              .boxed()
              .sorted(
                  java.util.Comparator.comparingDouble(
                      q -> -VectorUtil.dotProduct(anchor, vectors.query(q))))
              .limit(200)
              .mapToInt(q -> q)
              .toArray();
      for (String kind : List.of("chance", "far")) {
        say("");
        say(
            "%s%20s%12s%12s%10s%10s%12s%14s",
            kind, "passes", "recall", "queries/s", "p50 ms", "p99 ms", "compared", "exact ms");
        for (double share : shares) {
          Filter filter = Filter.equal(kind + share, "y");
          var truth = new int[near.length][];
          long start = System.nanoTime();
          for (int i = 0; i < near.length; i++) {
            truth[i] =
                PolysemeSearchSide.numbers(
                    index
                        .exact()
                        .search(Query.near(vectors.query(near[i]), K).withFilter(filter))
                        .hits());
          }
          double exact = (System.nanoTime() - start) / 1e6 / near.length;
          long[] compared = {0, 0};
          var trial =
              new SearchTrial(
                  (q, ef) -> {
                    var answer =
                        index.search(
                            Query.near(vectors.query(near[q]), K)
                                .withFilter(filter)
                                .withPrecision(Precision.approximate(ef)));
                    compared[0] += answer.visited();
                    compared[1]++;
                    return PolysemeSearchSide.numbers(answer.hits());
                  },
                  truth);
          double recall = trial.recall(200);
          long[] times = trial.best(200, 3);
          say(
              "%s%19.1f%%%12.4f%12.0f%10.3f%10.3f%12.0f%14.3f",
              " ".repeat(kind.length()),
              100 * share,
              recall,
              SearchTrial.perSecond(times),
              SearchTrial.quantile(times, 0.5),
              SearchTrial.quantile(times, 0.99),
              (double) compared[0] / compared[1],
              exact);
        }
      }
    }
  }

  /** What a search costs as the index grows. */
  private static void curve(Path file, Path folder, String sizes) throws IOException {
    say("heap of at most %,d MB", Runtime.getRuntime().maxMemory() >> 20);
    say(
        "%12s%10s%10s%10s%10s%10s%12s%10s%10s%14s",
        "vectors",
        "build s",
        "MB",
        "efSearch",
        "recall",
        "queries/s",
        "p50 ms",
        "p99 ms",
        "exact ms",
        "full vectors MB");
    for (String size : sizes.split(",")) {
      SearchVectors vectors = SearchVectors.open(file, Integer.parseInt(size), 500, SEED);
      int[][] truth = vectors.exact(K);
      try (var side = new PolysemeSearchSide(folder.resolve("curve"), Encoding.INT8)) {
        double seconds = side.build(vectors);
        var trial = new SearchTrial((q, ef) -> side.search(vectors.query(q), ef), truth);
        int ef = trial.efSearch(RECALLS[0]);
        long[] times = trial.best(ef, ROUNDS);
        long start = System.nanoTime();
        int exact = 5;
        for (int q = 0; q < exact; q++) {
          side.index().exact().search(Query.near(vectors.query(q), K));
        }
        say(
            "%,12d%10.1f%10.1f%10d%10.4f%10.0f%12.3f%10.3f%10.1f%14.1f",
            vectors.size(),
            seconds,
            side.bytes() / 1e6,
            ef,
            trial.recall(ef),
            SearchTrial.perSecond(times),
            SearchTrial.quantile(times, 0.5),
            SearchTrial.quantile(times, 0.99),
            (System.nanoTime() - start) / 1e6 / exact,
            4e-6 * vectors.size() * vectors.dimension());
      }
    }
  }
}
