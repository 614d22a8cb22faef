package io.polyseme.analogy;

import io.polyseme.Cancel;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Word mover's distance between texts (Kusner et al. 2015, "From Word Embeddings To Document
 * Distances"): the least that the words of one text have to travel to become those of the other.
 * Thread-safe; the space stays the caller's to close.
 */
public final class WordMovers {
  /** The longest word that is looked for in a run of Chinese characters. */
  private static final int LONGEST = 8;

  private final VectorSpace space;
  private final boolean unitLength;

  /**
   * A text as its distinct words, each with its share of the text (the paper's normalised bag of
   * words, nBOW). Immutable.
   */
  public static final class Bag {
    private final List<String> words;
    private final List<String> unknown;
    private final long[] counts;
    private final long total;
    private final float[][] vectors;
    private final double[] centroid;

    private Bag(List<String> words, List<String> unknown, long[] counts, float[][] vectors) {
      this.words = List.copyOf(words);
      this.unknown = List.copyOf(unknown);
      this.counts = counts;
      this.total = Arrays.stream(counts).sum();
      this.vectors = vectors;
      this.centroid = new double[vectors.length == 0 ? 0 : vectors[0].length];
      for (int i = 0; i < counts.length; i++) {
        for (int d = 0; d < centroid.length; d++) {
          centroid[d] += vectors[i][d] * ((double) counts[i] / total);
        }
      }
    }

    /** The distinct words that are known, in the order in which they first come. */
    public List<String> words() {
      return words;
    }

    /** The words that the space does not have, each as often as it comes; they do not count. */
    public List<String> unknown() {
      return unknown;
    }
  }

  /**
   * A text that was found.
   *
   * @param text its place in the list
   * @param distance its word mover's distance
   */
  public record Found(int text, double distance) {}

  /**
   * The nearest texts.
   *
   * @param found nearest first, of equals the first in the list first
   * @param solved how many distances were computed exactly
   * @param relaxed how many more were ruled out by the relaxed distance; the others were by the
   *     distance of the centroids
   */
  public record Nearest(List<Found> found, int solved, int relaxed) {}

  /**
   * @param unitLength whether vectors are made unit length first, as gensim does unless told
   *     otherwise; the paper takes them as they are
   */
  public WordMovers(VectorSpace space, boolean unitLength) {
    this.space = space;
    this.unitLength = unitLength;
  }

  /**
   * The words of a text: runs of letters and digits. A run of Chinese characters is cut by forward
   * maximum matching, the longest word that the space has at each place.
   */
  public List<String> tokens(String text) {
    var tokens = new ArrayList<String>();
    BreakIterator boundaries = BreakIterator.getWordInstance(Locale.ROOT);
    boundaries.setText(text);
    int start = boundaries.first();
    for (int end = boundaries.next(); end != BreakIterator.DONE; end = boundaries.next()) {
      String token = text.substring(start, end);
      if (token.codePoints().anyMatch(Character::isIdeographic)) {
        cut(token, tokens);
      } else if (token.codePoints().anyMatch(Character::isLetterOrDigit)) {
        tokens.add(token);
      }
      start = end;
    }
    return tokens;
  }

  private void cut(String run, List<String> into) {
    int at = 0;
    while (at < run.length()) {
      int points = Math.min(LONGEST, run.codePointCount(at, run.length()));
      int end = run.offsetByCodePoints(at, points);
      while (points > 1 && vector(run.substring(at, end)).isEmpty()) {
        end = run.offsetByCodePoints(at, --points);
      }
      into.add(run.substring(at, end));
      at = end;
    }
  }

  /** A text of these words, in any order: each as it is written, or else in lower case. */
  public Bag bag(List<String> tokens) {
    Map<String, Long> counts = new LinkedHashMap<>();
    tokens.forEach(token -> counts.merge(token, 1L, Long::sum));
    var words = new ArrayList<String>();
    var unknown = new ArrayList<String>();
    var vectors = new ArrayList<float[]>();
    counts.forEach(
        (word, _) ->
            vector(word)
                .ifPresent(
                    vector -> {
                      words.add(word);
                      vectors.add(unitLength ? Vectors.unitOrZero(vector) : vector);
                    }));
    var known = new HashSet<>(words);
    tokens.stream().filter(token -> !known.contains(token)).forEach(unknown::add);
    return new Bag(
        words,
        unknown,
        words.stream().mapToLong(counts::get).toArray(),
        vectors.toArray(float[][]::new));
  }

  private Optional<float[]> vector(String word) {
    Optional<float[]> found = space.vector(word);
    return found.isPresent() ? found : space.vector(word.toLowerCase(Locale.ROOT));
  }

  /**
   * The word mover's distance, exactly: an optimal transport of the words' shares at the Euclidean
   * distances of their vectors (section 4).
   *
   * @return from 0; infinite where one of the texts has no known word
   */
  public double distance(Bag a, Bag b) {
    return isEmpty(a, b) ? Double.POSITIVE_INFINITY : transport(a, b, costs(a, b));
  }

  /**
   * The relaxed distance, which is never greater than {@link #distance}: each word goes whole to
   * the nearest of the other text; the greater of both ways (section 4, "Relaxed word moving
   * distance").
   */
  public double relaxed(Bag a, Bag b) {
    return isEmpty(a, b) ? Double.POSITIVE_INFINITY : relaxed(a, b, costs(a, b));
  }

  /** The distance of the centroids, which is never greater than {@link #distance} (section 4). */
  public double centroids(Bag a, Bag b) {
    if (isEmpty(a, b)) {
      return Double.POSITIVE_INFINITY;
    }
    double squares = 0;
    for (int d = 0; d < a.centroid.length; d++) {
      double difference = a.centroid[d] - b.centroid[d];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  private static boolean isEmpty(Bag a, Bag b) {
    return a.total == 0 || b.total == 0;
  }

  /**
   * The texts nearest to one, exactly, by the paper's prefetch and prune: in the order of the
   * centroids' distances, and solved only where neither lower bound rules them out.
   *
   * @param texts those without a known word are never found
   * @param k how many, from 1
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public Nearest nearest(Bag query, List<Bag> texts, int k, Cancel cancel) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
    double[] centroids = texts.stream().mapToDouble(text -> centroids(query, text)).toArray();
    List<Integer> order =
        IntStream.range(0, texts.size())
            .filter(i -> Double.isFinite(centroids[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> centroids[i]))
            .toList();
    Comparator<Found> nearestFirst =
        Comparator.comparingDouble(Found::distance).thenComparingInt(Found::text);
    var best = new PriorityQueue<>(nearestFirst.reversed());
    int solved = 0;
    int relaxed = 0;
    for (int i : order) {
      cancel.check();
      // Rounding must not rule out a text that is exactly as near.
      double border =
          best.size() < k ? Double.POSITIVE_INFINITY : best.peek().distance() * (1 + 1e-9) + 1e-9;
      if (centroids[i] > border) {
        break;
      }
      double[][] costs = costs(query, texts.get(i));
      if (relaxed(query, texts.get(i), costs) > border) {
        relaxed++;
        continue;
      }
      solved++;
      best.add(new Found(i, transport(query, texts.get(i), costs)));
      if (best.size() > k) {
        best.poll();
      }
    }
    return new Nearest(best.stream().sorted(nearestFirst).toList(), solved, relaxed);
  }

  private static double[][] costs(Bag a, Bag b) {
    var costs = new double[a.vectors.length][b.vectors.length];
    for (int i = 0; i < costs.length; i++) {
      for (int j = 0; j < costs[i].length; j++) {
        double squares = 0;
        for (int d = 0; d < a.centroid.length; d++) {
          double difference = (double) a.vectors[i][d] - b.vectors[j][d];
          squares += difference * difference;
        }
        costs[i][j] = Math.sqrt(squares);
      }
    }
    return costs;
  }

  private static double relaxed(Bag a, Bag b, double[][] costs) {
    double there = 0;
    var nearest = new double[b.counts.length];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (int i = 0; i < costs.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < nearest.length; j++) {
        least = Math.min(least, costs[i][j]);
        nearest[j] = Math.min(nearest[j], costs[i][j]);
      }
      there += least * a.counts[i] / a.total;
    }
    double back = 0;
    for (int j = 0; j < nearest.length; j++) {
      back += nearest[j] * b.counts[j] / b.total;
    }
    return Math.max(there, back);
  }

  private static double transport(Bag a, Bag b, double[][] costs) {
    // In whole numbers, the shares of both texts are exact and nothing is left over by rounding.
    long[] supply = Arrays.stream(a.counts).map(n -> n * b.total).toArray();
    long[] demand = Arrays.stream(b.counts).map(n -> n * a.total).toArray();
    return new Transport(costs, supply, demand).cost() / ((double) a.total * b.total);
  }
}
