package io.polyseme.words;

import com.carrotsearch.hppc.IntIntHashMap;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.BlockProducts;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * A linear map from one word space into another, learned from pairs of words that mean the same:
 * orthogonal Procrustes (Schönemann 1966, "A Generalized Solution of the Orthogonal Procrustes
 * Problem") over vectors of unit length (Xing et al. 2015, "Normalized Word Embedding and
 * Orthogonal Transform for Bilingual Word Translation"). With X and Y the pairs' unit vectors, a
 * row a pair, and U S Vᵀ the thin singular value decomposition of Yᵀ X, the map is U Vᵀ.
 *
 * <ul>
 *   <li>Spaces may differ in dimension. Into more dimensions the map has orthonormal columns, and
 *       every cosine within the source space stays as it was; into fewer it has orthonormal rows.
 *   <li>With fewer pairs than dimensions Yᵀ X tells nothing of the directions that no pair has;
 *       they are left out: what of a word lies there maps to zero.
 *   <li>Nothing is centred: {@link Processing} does that, once and for every use of the space.
 * </ul>
 *
 * <p>Translations are the words of the target space that are nearest to a mapped word: by cosine,
 * and by CSLS, which takes from twice the cosine the mean cosine of either word to its {@value
 * #NEIGHBOURS} nearest in the other space, so that hubs, near to everything, are not everything's
 * translation (Conneau et al. 2018, section 2.3).
 *
 * <p>Thread-safe. Both spaces stay the caller's to close, and must be open while this is asked.
 */
public final class Alignment {
  /** The k of CSLS. */
  static final int NEIGHBOURS = 10;

  /** The property of a mapped space that names the space it was mapped into. */
  public static final String PROPERTY = "aligned to";

  /** So many nearest by cosine are ranked again by CSLS. */
  private static final int CANDIDATES = 100;

  /** A singular value that is this much smaller than the first is rounding. */
  private static final double RANK = 1e-7;

  private static final int CHUNK = 1 << 14;

  private final LabelledRows source;
  private final LabelledRows target;
  private final AlignmentOptions options;
  private final List<float[]> map;
  private final Listed neighbours;
  private final int pairs;
  private final List<Dictionary.Pair> missing;

  /**
   * A word and its likeliest translations, at most as many as asked for.
   *
   * @param cosine by cosine, the score
   * @param csls by CSLS, the score, from -4 to 4; ranked among the 100 nearest by cosine
   */
  public record Translation(String word, List<Hit> cosine, List<Hit> csls) {}

  /**
   * How often a word's translation was found, as shares from 0 to 1.
   *
   * @param at1 that it was the first answer
   * @param at5 that it was among the first five
   */
  public record Precision(double at1, double at5) {}

  /**
   * @param words how many source words were asked; one that has several translations counts once,
   *     and is right with any of them
   * @param missing pairs of which one space lacks a word, which were not asked
   */
  public record Evaluation(
      int words, List<Dictionary.Pair> missing, Precision cosine, Precision csls) {}

  private Alignment(
      LabelledRows source,
      LabelledRows target,
      AlignmentOptions options,
      List<float[]> map,
      Listed neighbours,
      int pairs,
      List<Dictionary.Pair> missing) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.map = map;
    this.neighbours = neighbours;
    this.pairs = pairs;
    this.missing = missing;
  }

  /**
   * Learns a map.
   *
   * @param seeds pairs of which a space lacks a word are left out: {@link #missing()}
   * @throws PolysemeException if all of them are
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public static Alignment learn(
      LabelledRows source,
      LabelledRows target,
      Dictionary seeds,
      AlignmentOptions options,
      Progress progress,
      Cancel cancel) {
    List<int[]> rows = new ArrayList<>();
    List<Dictionary.Pair> missing = new ArrayList<>();
    for (Dictionary.Pair pair : seeds.pairs()) {
      int[] found = {source.row(pair.source()), target.row(pair.target())};
      if (found[0] < 0 || found[1] < 0) {
        missing.add(pair);
      } else {
        rows.add(found);
      }
    }
    if (rows.isEmpty()) {
      throw new PolysemeException(
          "none of the %d pairs has its first word in the source space and its second in the target"
                  .formatted(seeds.pairs().size())
              + " space; are the two the wrong way round?");
    }
    var work = new Work(source, target, options, progress, cancel);
    List<float[]> map = work.solve(rows);
    for (int i = 0; i < options.refinements(); i++) {
      Set<Long> all = new HashSet<>();
      rows.forEach(pair -> all.add((long) pair[0] << 32 | pair[1]));
      List<int[]> more = new ArrayList<>(rows);
      for (int[] pair : work.mutual(work.mapped(map))) {
        if (all.add((long) pair[0] << 32 | pair[1])) {
          more.add(pair);
        }
      }
      map = work.solve(more);
    }
    return new Alignment(
        source, target, options, map, work.mapped(map), rows.size(), List.copyOf(missing));
  }

  /** How many pairs the map was learned from, before any refinement. */
  public int pairs() {
    return pairs;
  }

  /** The pairs of which one of the spaces lacks a word. */
  public List<Dictionary.Pair> missing() {
    return missing;
  }

  /**
   * Maps a vector of the source space. Its length does not matter.
   *
   * @return a new float[dimension of the target space], of unit length where the map is orthogonal
   *     and into no fewer dimensions; zero for the zero vector
   */
  public float[] map(float[] vector) {
    var mapped = new float[target.dimension()];
    if (Vectors.squaredNorm(vector) > 0) {
      float[] unit = Vectors.unit(vector);
      for (int d = 0; d < mapped.length; d++) {
        mapped[d] = Vectors.dot(map.get(d), unit);
      }
    }
    return mapped;
  }

  /**
   * Writes the source space as it lies in the target space, into a file that appears whole or not
   * at all.
   *
   * @param info the source space's description; its maker and properties are kept
   * @param name of the new space
   * @param targetName for the property {@value #PROPERTY}
   * @param out replaced where it is there
   * @throws PolysemeException if it cannot be written
   */
  public void write(
      SpaceInfo info, String name, String targetName, Path out, Progress progress, Cancel cancel) {
    Map<String, String> properties = new LinkedHashMap<>(info.properties());
    properties.put(PROPERTY, targetName);
    var made =
        new SpaceInfo(
            name, source.size(), target.dimension(), info.similarity(), info.maker(), properties);
    var work = new Work(source, target, options, Progress.NONE, cancel);
    try (var writer = WordVectorsWriter.create(out, made)) {
      for (int first = 0; first < source.size(); first += CHUNK) {
        int to = Math.min(source.size(), first + CHUNK);
        float[][] mapped = work.mapped(map, first, to);
        for (int i = 0; i < mapped.length; i++) {
          writer.add(source.label(first + i), mapped[i], source.frequency(first + i).orElse(-1));
        }
        progress.update("writing " + name, to, source.size());
      }
      writer.commit();
    }
  }

  /**
   * Translates words, all in one pass over the target space.
   *
   * @param words labels of the source space
   * @param k how many translations of each, from 1
   * @return in the order of the words
   * @throws PolysemeException if the source space lacks one
   */
  public List<Translation> translate(List<String> words, int k, Progress progress, Cancel cancel) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
    List<float[]> queries = new ArrayList<>();
    var vector = new float[source.dimension()];
    for (String word : words) {
      int row = source.row(word);
      if (row < 0) {
        throw new PolysemeException("\"" + word + "\" is not in the source space");
      }
      source.copyRow(row, vector);
      queries.add(Vectors.unitOrZero(map(vector)));
    }
    var work = new Work(source, target, options, progress, cancel);
    List<TopK.Best> nearest =
        work.nearest(target, target.size(), queries, Math.max(k, CANDIDATES), "translating");
    var place = new IntIntHashMap();
    List<float[]> candidates = new ArrayList<>();
    for (TopK.Best best : nearest) {
      for (int row : best.rows()) {
        if (!place.containsKey(row)) {
          place.put(row, candidates.size());
          var candidate = new float[target.dimension()];
          target.copyRow(row, candidate);
          candidates.add(Vectors.unitOrZero(candidate));
        }
      }
    }
    double[] around =
        means(work.nearest(neighbours, neighbours.size(), candidates, NEIGHBOURS, "translating"));
    List<Translation> translations = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      TopK.Best best = nearest.get(i);
      double own = mean(best);
      var scores = new double[best.rows().length];
      for (int c = 0; c < scores.length; c++) {
        scores[c] = 2 * best.scores()[c] - own - around[place.get(best.rows()[c])];
      }
      translations.add(
          new Translation(
              words.get(i), hits(best.rows(), best.scores(), k), hits(best.rows(), scores, k)));
    }
    return translations;
  }

  private List<Hit> hits(int[] rows, double[] scores, int k) {
    List<Integer> order =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> -scores[i])
                    .thenComparing(i -> target.label(rows[i])))
            .limit(k)
            .toList();
    return IntStream.range(0, order.size())
        .mapToObj(
            i -> new Hit(i + 1, target.label(rows[order.get(i)]), scores[order.get(i)], Map.of()))
        .toList();
  }

  /**
   * Measures how well words are translated that the map was not learned from, among all words of
   * the target space.
   *
   * @throws PolysemeException if the spaces lack a word of every pair
   */
  public Evaluation evaluate(Dictionary test, Progress progress, Cancel cancel) {
    List<Dictionary.Pair> absent =
        test.pairs().stream()
            .filter(pair -> source.row(pair.source()) < 0 || target.row(pair.target()) < 0)
            .toList();
    List<Dictionary.Pair> there = new ArrayList<>(test.pairs());
    there.removeAll(new HashSet<>(absent));
    if (there.isEmpty()) {
      throw new PolysemeException(
          "none of the %d held-out pairs is in both spaces".formatted(test.pairs().size()));
    }
    Map<String, Set<String>> right =
        there.stream()
            .collect(
                Collectors.groupingBy(
                    Dictionary.Pair::source,
                    LinkedHashMap::new,
                    Collectors.mapping(Dictionary.Pair::target, Collectors.toSet())));
    List<Translation> found = translate(List.copyOf(right.keySet()), 5, progress, cancel);
    return new Evaluation(
        found.size(),
        absent,
        precision(found.stream().map(Translation::cosine).toList(), right.values()),
        precision(found.stream().map(Translation::csls).toList(), right.values()));
  }

  private static Precision precision(List<List<Hit>> answers, Iterable<Set<String>> right) {
    int first = 0;
    int five = 0;
    int i = 0;
    for (Set<String> translations : right) {
      List<String> labels = answers.get(i++).stream().map(Hit::label).toList();
      first += translations.contains(labels.getFirst()) ? 1 : 0;
      five += labels.stream().anyMatch(translations::contains) ? 1 : 0;
    }
    return new Precision((double) first / answers.size(), (double) five / answers.size());
  }

  /** The mean cosine of each to the nearest of those found for it. */
  private static double[] means(List<TopK.Best> nearest) {
    return nearest.stream().mapToDouble(Alignment::mean).toArray();
  }

  private static double mean(TopK.Best best) {
    return Arrays.stream(best.scores()).limit(NEIGHBOURS).average().orElse(0);
  }

  /** The first words of the source space, mapped. */
  private record Listed(LabelledRows source, float[][] vectors) implements LabelledRows {
    @Override
    public int size() {
      return vectors.length;
    }

    @Override
    public int dimension() {
      return vectors.length == 0 ? 1 : vectors[0].length;
    }

    @Override
    public String label(int row) {
      return source.label(row);
    }

    @Override
    public int row(String label) {
      int row = source.row(label);
      return row < vectors.length ? row : -1;
    }

    @Override
    public void copyRow(int row, float[] into) {
      System.arraycopy(vectors[row], 0, into, 0, into.length);
    }
  }

  /** Rows of another from one on. */
  private record From(LabelledRows rows, int first) implements LabelledRows {
    @Override
    public int size() {
      return rows.size() - first;
    }

    @Override
    public int dimension() {
      return rows.dimension();
    }

    @Override
    public String label(int row) {
      return rows.label(first + row);
    }

    @Override
    public int row(String label) {
      return Math.max(-1, rows.row(label) - first);
    }

    @Override
    public void copyRow(int row, float[] into) {
      rows.copyRow(first + row, into);
    }
  }

  /** The arithmetic over whole spaces. */
  private record Work(
      LabelledRows source,
      LabelledRows target,
      AlignmentOptions options,
      Progress progress,
      Cancel cancel) {

    /** The rows of the map from pairs of rows: float[dimension of the source] each. */
    List<float[]> solve(List<int[]> pairs) {
      cancel.check();
      int from = source.dimension();
      int to = target.dimension();
      var products = new DMatrixRMaj(to, from);
      var x = new float[from];
      var y = new float[to];
      for (int[] pair : pairs) {
        source.copyRow(pair[0], x);
        target.copyRow(pair[1], y);
        float[] unitX = Vectors.unitOrZero(x);
        float[] unitY = Vectors.unitOrZero(y);
        for (int i = 0; i < to; i++) {
          for (int j = 0; j < from; j++) {
            products.data[i * from + j] += (double) unitY[i] * unitX[j];
          }
        }
      }
      SingularValueDecomposition_F64<DMatrixRMaj> svd =
          DecompositionFactory_DDRM.svd(to, from, true, true, true);
      if (!svd.decompose(products)) {
        throw new IllegalArgumentException("the pairs' vectors have no finite products");
      }
      double[] weights = svd.getSingularValues();
      int rank = svd.numberOfSingularValues();
      double greatest = Arrays.stream(weights, 0, rank).max().orElse(0);
      DMatrixRMaj u = svd.getU(null, false);
      DMatrixRMaj vt = svd.getV(null, true);
      for (int r = 0; r < rank; r++) {
        double weight = weights[r] <= RANK * greatest ? 0 : 1;
        for (int j = 0; j < from; j++) {
          vt.data[r * from + j] *= weight;
        }
      }
      var map = new DMatrixRMaj(to, from);
      CommonOps_DDRM.mult(u, vt, map);
      List<float[]> rows = new ArrayList<>(to);
      for (int i = 0; i < to; i++) {
        var row = new float[from];
        for (int j = 0; j < from; j++) {
          row[j] = (float) map.data[i * from + j];
        }
        rows.add(row);
      }
      return rows;
    }

    Listed mapped(List<float[]> map) {
      return new Listed(source, mapped(map, 0, Math.min(options.vocabulary(), source.size())));
    }

    /** The rows from one to before another, mapped. */
    float[][] mapped(List<float[]> map, int from, int to) {
      var mapped = new float[to - from][map.size()];
      new BlockProducts(new From(source, from), to - from, map)
          .forEach(
              () ->
                  (first, rows, table) -> {
                    for (int i = 0; i < rows; i++) {
                      float[] into = mapped[first + i];
                      for (int d = 0; d < into.length; d++) {
                        into[d] = table[d][i];
                      }
                    }
                  },
              options.threads(),
              "mapping",
              Progress.NONE,
              cancel);
      return mapped;
    }

    /** The k rows nearest to each vector, by cosine. */
    List<TopK.Best> nearest(
        LabelledRows rows, int size, List<float[]> vectors, int k, String task) {
      return merge(
          new BlockProducts(rows, size, vectors)
              .forEach(
                  () -> new Nearest(vectors.size(), k), options.threads(), task, progress, cancel));
    }

    /** Pairs of rows that are each other's nearest by CSLS, among the first words of both. */
    List<int[]> mutual(Listed mapped) {
      int size = Math.min(options.vocabulary(), target.size());
      List<float[]> vectors = new ArrayList<>();
      for (float[] vector : mapped.vectors) {
        vectors.add(Vectors.unitOrZero(vector));
      }
      var products = new BlockProducts(target, size, vectors);
      var around = new double[size];
      List<Around> first =
          products.forEach(
              () -> new Around(vectors.size(), around),
              options.threads(),
              "refining",
              progress,
              cancel);
      double[] own = means(merge(first.stream().map(a -> a.nearest).toList()));
      var back = new int[size];
      List<Mutual> second =
          products.forEach(
              () -> new Mutual(own, around, back), options.threads(), "refining", progress, cancel);
      Mutual all = second.getFirst();
      second.subList(1, second.size()).forEach(all::merge);
      List<int[]> pairs = new ArrayList<>();
      for (int v = 0; v < own.length; v++) {
        if (all.best[v] >= 0 && back[all.best[v]] == v) {
          pairs.add(new int[] {v, all.best[v]});
        }
      }
      return pairs;
    }
  }

  private static List<TopK.Best> merge(List<Nearest> parts) {
    Nearest all = parts.getFirst();
    for (Nearest part : parts.subList(1, parts.size())) {
      for (int v = 0; v < all.best.length; v++) {
        all.best[v].offerAll(part.best[v]);
      }
    }
    return IntStream.range(0, all.best.length).mapToObj(v -> all.best[v].drain()).toList();
  }

  /** The rows nearest to each vector. */
  private static final class Nearest implements BlockProducts.Taker {
    final TopK[] best;

    Nearest(int vectors, int k) {
      best = new TopK[vectors];
      for (int v = 0; v < vectors; v++) {
        best[v] = new TopK(k, Integer::compare);
      }
    }

    @Override
    public void take(int first, int rows, float[][] table) {
      for (int v = 0; v < best.length; v++) {
        TopK into = best[v];
        float[] products = table[v];
        for (int i = 0; i < rows; i++) {
          into.offer(first + i, products[i]);
        }
      }
    }
  }

  /** The rows nearest to each vector, and how near each row's own neighbours are. */
  private static final class Around implements BlockProducts.Taker {
    final Nearest nearest;
    private final double[] around;

    Around(int vectors, double[] around) {
      this.nearest = new Nearest(vectors, NEIGHBOURS);
      this.around = around;
    }

    @Override
    public void take(int first, int rows, float[][] table) {
      nearest.take(first, rows, table);
      var best = new Nearest(rows, NEIGHBOURS).best;
      for (int v = 0; v < nearest.best.length; v++) {
        float[] products = table[v];
        for (int i = 0; i < rows; i++) {
          best[i].offer(v, products[i]);
        }
      }
      for (int i = 0; i < rows; i++) {
        around[first + i] = mean(best[i].drain());
      }
    }
  }

  /** The best row for each vector by CSLS, and the best vector for each row. */
  private static final class Mutual implements BlockProducts.Taker {
    private final double[] own;
    private final double[] around;
    private final int[] back;
    final int[] best;
    private final double[] scores;

    Mutual(double[] own, double[] around, int[] back) {
      this.own = own;
      this.around = around;
      this.back = back;
      this.best = new int[own.length];
      this.scores = new double[own.length];
      Arrays.fill(best, -1);
      Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    }

    @Override
    public void take(int first, int rows, float[][] table) {
      var greatest = new double[rows];
      Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
      for (int v = 0; v < own.length; v++) {
        float[] products = table[v];
        for (int i = 0; i < rows; i++) {
          double cosines = 2 * products[i];
          keep(v, first + i, cosines - around[first + i]);
          if (cosines - own[v] > greatest[i]) {
            greatest[i] = cosines - own[v];
            back[first + i] = v;
          }
        }
      }
    }

    private void keep(int v, int row, double score) {
      // Blocks come in any order: of equals the first row is kept, at every run.
      if (score > scores[v] || score == scores[v] && row < best[v]) {
        scores[v] = score;
        best[v] = row;
      }
    }

    void merge(Mutual other) {
      for (int v = 0; v < best.length; v++) {
        if (other.best[v] >= 0) {
          keep(v, other.best[v], other.scores[v]);
        }
      }
    }
  }
}
