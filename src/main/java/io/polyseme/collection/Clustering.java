package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.cluster.Communities;
import io.polyseme.cluster.Hdbscan;
import io.polyseme.cluster.KMeans;
import io.polyseme.cluster.Keywords;
import io.polyseme.cluster.NeighbourGraph;
import io.polyseme.cluster.ScoredWord;
import io.polyseme.lexicon.ContentWords;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The texts of a collection divided into clusters, and what each is: the words that its texts have
 * more than others, and its most central texts. By k-means, by communities of the graph of nearest
 * neighbours, or by HDBSCAN over that graph; see {@link KMeans}, {@link Communities} and {@link
 * Hdbscan}. A text that is there several times counts once.
 *
 * <p>Time grows with the number of texts, times that of clusters for k-means; memory is as for
 * {@link ParaphraseMining}, and for k-means less. The same index, options and seed give the same
 * clusters, with any number of threads. Thread-safe.
 */
public final class Clustering {
  /** Each text is joined to at least so many. */
  private static final int LEAST_NEIGHBOURS = 5;

  /** About so many texts are cut into words, the same number of each cluster. */
  private static final int CUT = 50_000;

  private static final int LEAST_CUT = 200;
  private static final int NAMED = 3;

  private final TextCollection texts;
  private final ClusterOptions options;

  /**
   * @param texts stay the caller's to close
   */
  public Clustering(TextCollection texts, ClusterOptions options) {
    this.texts = texts;
    this.options = options;
  }

  /**
   * Finds the clusters.
   *
   * @throws PolysemeException if there are fewer texts than clusters asked for
   */
  public TextClusters find(Progress progress, Cancel cancel) {
    int[] of =
        switch (options.method()) {
          case KMEANS -> kMeans(progress, cancel);
          case COMMUNITIES ->
              Communities.of(
                  texts.neighbours(neighbours(), progress, cancel),
                  options.resolution(),
                  options.seed(),
                  progress,
                  cancel);
          case HDBSCAN -> {
            // As in the paper, one number says how many make a cluster and a dense place.
            int k = Math.max(neighbours(), options.minSize() - 1);
            NeighbourGraph graph = texts.neighbours(k, progress, cancel);
            yield Hdbscan.of(
                    graph,
                    Math.min(options.minSize(), graph.k() + 1),
                    options.minSize(),
                    progress,
                    cancel)
                .clusters();
          }
        };
    int count = numbered(of);
    float[][] means = means(of, count, cancel);
    var scores = new float[of.length];
    var row = new float[texts.rows().dimension()];
    for (int i = 0; i < of.length; i++) {
      if (of[i] >= 0) {
        texts.rows().copyRow(i, row);
        scores[i] = Math.clamp(Vectors.dot(row, means[of[i]]), -1, 1);
      }
    }
    return new TextClusters(texts, described(of, count, scores, progress, cancel), of, scores);
  }

  /**
   * About as many as keep the graph of a cluster in one piece (von Luxburg 2007, "A Tutorial on
   * Spectral Clustering", section 8): more would join small clusters.
   */
  private int neighbours() {
    int log = Integer.SIZE - Integer.numberOfLeadingZeros(texts.size());
    return Math.max(LEAST_NEIGHBOURS, log);
  }

  private int[] kMeans(Progress progress, Cancel cancel) {
    if (options.clusters() > texts.size()) {
      throw new PolysemeException(
          "%s has %,d different texts, and they cannot be in %,d clusters"
              .formatted(texts.index().info().name(), texts.size(), options.clusters()));
    }
    int k =
        options.clusters() > 0
            ? options.clusters()
            : ClusterCount.of(texts.rows(), options.seed(), texts.threads(), progress, cancel);
    return KMeans.of(texts.rows(), k, options.seed(), texts.threads(), progress, cancel).clusters();
  }

  /**
   * Numbers clusters by their entries, the greatest first, and takes those apart that are too small
   * to be one; returns how many there are.
   */
  private int numbered(int[] of) {
    int highest = Arrays.stream(of).max().orElse(-1);
    var sizes = new int[highest + 1];
    var entries = new int[highest + 1];
    for (int cluster : of) {
      if (cluster >= 0) {
        sizes[cluster]++;
      }
    }
    for (int entry = 0; entry < texts.entries(); entry++) {
      int cluster = of[texts.row(entry)];
      if (cluster >= 0) {
        entries[cluster]++;
      }
    }
    Integer[] order = new Integer[highest + 1];
    Arrays.setAll(order, c -> c);
    Arrays.sort(order, Comparator.comparingInt((Integer c) -> -entries[c]));
    int least = options.method() == ClusterOptions.Method.COMMUNITIES ? options.minSize() : 1;
    var numbers = new int[highest + 1];
    int count = 0;
    for (int cluster : order) {
      numbers[cluster] = sizes[cluster] >= least ? count++ : Hdbscan.NOISE;
    }
    for (int i = 0; i < of.length; i++) {
      of[i] = of[i] < 0 ? Hdbscan.NOISE : numbers[of[i]];
    }
    return count;
  }

  /** Of unit length, so that a dot product with a unit vector is the cosine. */
  private float[][] means(int[] of, int count, Cancel cancel) {
    int dimension = texts.rows().dimension();
    var sums = new double[count][dimension];
    var row = new float[dimension];
    for (int i = 0; i < of.length; i++) {
      if (i % 4096 == 0) {
        cancel.check();
      }
      if (of[i] >= 0) {
        texts.rows().copyRow(i, row);
        double[] sum = sums[of[i]];
        for (int d = 0; d < dimension; d++) {
          sum[d] += row[d];
        }
      }
    }
    var means = new float[count][dimension];
    for (int c = 0; c < count; c++) {
      double norm = Math.sqrt(Arrays.stream(sums[c]).map(x -> x * x).sum());
      for (int d = 0; d < dimension && norm > 0; d++) {
        means[c][d] = (float) (sums[c][d] / norm);
      }
    }
    return means;
  }

  private List<TextCluster> described(
      int[] of, int count, float[] scores, Progress progress, Cancel cancel) {
    var sizes = new int[count];
    var entries = new int[count];
    var sums = new double[count];
    var central = new TopK[count];
    Arrays.setAll(central, c -> new TopK(Math.max(NAMED, options.examples()), Integer::compare));
    for (int row = 0; row < of.length; row++) {
      if (of[row] >= 0) {
        sizes[of[row]]++;
        sums[of[row]] += scores[row];
        central[of[row]].offer(row, scores[row]);
      }
    }
    for (int entry = 0; entry < texts.entries(); entry++) {
      int cluster = of[texts.row(entry)];
      if (cluster >= 0) {
        entries[cluster]++;
      }
    }
    Keywords keywords = keywords(of, sizes, progress, cancel);
    var clusters = new ArrayList<TextCluster>();
    for (int c = 0; c < count; c++) {
      List<TextCluster.Example> examples = examples(central[c].drain());
      List<ScoredWord> words = words(keywords, c);
      clusters.add(
          new TextCluster(
              c + 1,
              name(words, examples),
              entries[c],
              sums[c] / sizes[c],
              words,
              examples.subList(0, Math.min(options.examples(), examples.size()))));
    }
    return clusters;
  }

  private List<TextCluster.Example> examples(TopK.Best best) {
    var examples = new ArrayList<TextCluster.Example>();
    for (int i = 0; i < best.rows().length; i++) {
      examples.add(new TextCluster.Example(texts.member(best.rows()[i]), best.scores()[i]));
    }
    return examples;
  }

  private Keywords keywords(int[] of, int[] sizes, Progress progress, Cancel cancel) {
    var keywords = new Keywords(sizes.length);
    if (options.words() == 0) {
      return keywords;
    }
    long most = Math.max(LEAST_CUT, CUT / Math.max(1, sizes.length));
    var seen = new long[sizes.length];
    for (int row = 0; row < of.length; row++) {
      if (row % 256 == 0) {
        cancel.check();
        progress.update("counting words", row, of.length);
      }
      int cluster = of[row];
      if (cluster < 0) {
        continue;
      }
      // Spread evenly over the cluster.
      long at = seen[cluster]++;
      int size = sizes[cluster];
      if (size <= most || at * most / size != (at + 1) * most / size) {
        keywords.add(cluster, ContentWords.of(texts.member(row).text()));
      }
    }
    progress.update("counting words", of.length, of.length);
    return keywords;
  }

  /** Without forms of a word that is there already. */
  private List<ScoredWord> words(Keywords keywords, int cluster) {
    var words = new ArrayList<ScoredWord>();
    for (ScoredWord word : keywords.of(cluster, 3 * options.words())) {
      if (words.size() < options.words()
          && words.stream().noneMatch(it -> isForm(it.word(), word.word()))) {
        words.add(word);
      }
    }
    return words;
  }

  /** Singular and plural of an English word. */
  private static boolean isForm(String a, String b) {
    String shorter = a.length() < b.length() ? a : b;
    String longer = shorter.equals(a) ? b : a;
    return shorter.length() > 2
        && (longer.equals(shorter + "s")
            || longer.equals(shorter + "es")
            || shorter.endsWith("y")
                && longer.equals(shorter.substring(0, shorter.length() - 1) + "ies"));
  }

  private static String name(List<ScoredWord> words, List<TextCluster.Example> examples) {
    return words.isEmpty()
        ? examples.stream().map(it -> it.member().text()).collect(Collectors.joining(", "))
        : words.stream().limit(NAMED).map(ScoredWord::word).collect(Collectors.joining(", "));
  }
}
