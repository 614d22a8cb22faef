package io.polyseme.analogy;

import io.polyseme.vector.Answer;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Plain questions on words and lists of words. All are by the cosine, whatever the similarity that
 * the space is searched with; the cosine with the zero vector is 0. A word that is not known is an
 * {@link UnknownTermException}, unless the question says otherwise. Thread-safe; the space stays
 * the caller's to close.
 */
public final class WordQuestions {
  /** Two cosines that differ by less are taken to be equal: it is what rounding can make. */
  private static final double TIE = 1e-6;

  private static final int FIRST_ASKED = 100;

  private final VectorSpace space;
  private final TermResolver resolver;

  /** What becomes of a word that is not known. */
  public enum Unknown {
    /** It is an error. */
    ERROR,
    /** It is left out, and named. */
    SKIP
  }

  /**
   * The mean of several words.
   *
   * @param vector float[dimension], the mean of the words' unit vectors, not made unit length again
   * @param skipped words that were left out, in order
   */
  public record Average(float[] vector, List<String> skipped) {
    public Average {
      vector = vector.clone();
      skipped = List.copyOf(skipped);
    }

    /** A copy. */
    @Override
    public float[] vector() {
      return vector.clone();
    }
  }

  /**
   * @param space where neighbours are looked for
   * @param resolver makes vectors of words: the space itself, or what its vectors come from
   */
  public WordQuestions(VectorSpace space, TermResolver resolver) {
    this.space = space;
    this.resolver = resolver;
  }

  /** The cosine of two words, from -1 to 1. */
  public double similarity(String a, String b) {
    return Vectors.cosine(vector(a), vector(b));
  }

  /** 1 less the cosine of two words, from 0 to 2. */
  public double distance(String a, String b) {
    return 1 - similarity(a, b);
  }

  /**
   * The cosine of the means of two lists of words, each word of unit length. A word that comes
   * twice counts twice. (gensim's {@code n_similarity} takes the vectors as long as they are, so
   * that long ones, often those of rare words, outweigh the others.)
   *
   * @throws IllegalArgumentException if a list is empty
   */
  public double similarity(List<String> a, List<String> b) {
    return Vectors.cosine(average(a, Unknown.ERROR).vector, average(b, Unknown.ERROR).vector);
  }

  /**
   * The mean of some words.
   *
   * @throws IllegalArgumentException if there are none
   * @throws UnknownTermException if a word is not known and that is an error, or none of them is
   */
  public Average average(List<String> words, Unknown unknown) {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("the mean of no words");
    }
    var skipped = new ArrayList<String>();
    List<float[]> known = new ArrayList<>();
    UnknownTermException first = null;
    for (String word : words) {
      try {
        known.add(Vectors.unitOrZero(vector(word)));
      } catch (UnknownTermException e) {
        if (unknown == Unknown.ERROR) {
          throw e;
        }
        first = first == null ? e : first;
        skipped.add(word);
      }
    }
    if (first != null && known.isEmpty()) {
      throw first;
    }
    float[] sum = sum(known);
    Vectors.scale(sum, 1f / known.size());
    return new Average(sum, skipped);
  }

  /**
   * Which neighbour of a word another one is: one more than how many words of the space are {@link
   * #closerThan closer}. The other word need not be in the space itself.
   *
   * @return from 1
   */
  public int rank(String a, String b) {
    return closerThan(a, b).size() + 1;
  }

  /**
   * The words of the space whose cosine to {@code a} is greater than that of {@code b}, nearest
   * first. Not among them are {@code a} itself, by whichever spelling the space has it, and what is
   * as near as {@code b} but for rounding. Looks at every vector; a space of another similarity
   * than the cosine is asked by its own.
   *
   * @throws IllegalArgumentException if {@code a} is the zero vector, which has no neighbours
   */
  public List<Hit> closerThan(String a, String b) {
    float[] from = vector(a);
    Similarity similarity = space.info().similarity();
    double border = score(similarity, from, vector(b));
    double tie = TIE * Math.max(1, Math.abs(border));
    VectorSpace exact = space.exact();
    long size = exact.info().size();
    for (long k = FIRST_ASKED; ; k *= 8) {
      Answer answer = exact.search(Query.near(from, Math.clamp(k, 1, Integer.MAX_VALUE)));
      List<Hit> hits = answer.hits();
      if (k < size && hits.getLast().score() > border + tie) {
        continue; // there may be more of them
      }
      var closer = new ArrayList<Hit>();
      for (Hit hit : hits) {
        if (hit.score() > border + tie && !isSame(hit.label(), a, from)) {
          closer.add(new Hit(closer.size() + 1, hit.label(), hit.score(), hit.fields()));
        }
      }
      return closer;
    }
  }

  private static double score(Similarity similarity, float[] a, float[] b) {
    return switch (similarity) {
      case COSINE -> Vectors.cosine(a, b);
      case DOT_PRODUCT -> Vectors.dot(a, b);
      case EUCLIDEAN -> {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
          squares += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        yield 1 / (1 + squares);
      }
    };
  }

  private boolean isSame(String label, String word, float[] vector) {
    return label.equals(word)
        || spelling(label).equals(spelling(word))
            && space.vector(label).map(found -> Arrays.equals(found, vector)).orElse(false);
  }

  private static String spelling(String word) {
    return word.replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  /**
   * Some words by their cosine to one, nearest first; the first of equals first (the first is
   * gensim's {@code most_similar_to_given}).
   *
   * @throws IllegalArgumentException if there are none
   */
  public List<Hit> ranked(String word, List<String> given) {
    if (given.isEmpty()) {
      throw new IllegalArgumentException("there are no words to rank");
    }
    float[] from = vector(word);
    return hits(
        given,
        given.stream().mapToDouble(other -> Vectors.cosine(from, vector(other))).toArray(),
        -1);
  }

  /**
   * How central each word of a list is: the mean of its cosines to the others, greatest first; the
   * first of equals first. A word that comes twice counts as two.
   *
   * @param words two or more
   */
  public List<Hit> centrality(List<String> words) {
    if (words.size() < 2) {
      throw new IllegalArgumentException("two words or more are needed: " + words);
    }
    List<float[]> units = words.stream().map(word -> Vectors.unitOrZero(vector(word))).toList();
    float[] sum = sum(units);
    double[] scores =
        units.stream()
            .mapToDouble(
                unit -> (Vectors.dot(unit, sum) - Vectors.squaredNorm(unit)) / (words.size() - 1))
            .toArray();
    return hits(words, scores, -1);
  }

  /**
   * Words by how little they belong with the others: by their cosine to the mean of them all, each
   * of unit length, least first; the first of equals first. The first is the odd one out (gensim's
   * {@code doesnt_match}).
   *
   * @param words three or more
   */
  public List<Hit> oddOneOut(List<String> words) {
    if (words.size() < 3) {
      throw new IllegalArgumentException("three words or more are needed: " + words);
    }
    List<float[]> units = words.stream().map(word -> Vectors.unitOrZero(vector(word))).toList();
    float[] sum = sum(units);
    return hits(words, units.stream().mapToDouble(unit -> Vectors.cosine(unit, sum)).toArray(), 1);
  }

  /**
   * @param order 1 for the least score first, -1 for the greatest
   */
  private static List<Hit> hits(List<String> words, double[] scores, int order) {
    List<Integer> sorted =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> order * scores[i]))
            .toList();
    return IntStream.range(0, sorted.size())
        .mapToObj(i -> new Hit(i + 1, words.get(sorted.get(i)), scores[sorted.get(i)], Map.of()))
        .toList();
  }

  private float[] vector(String word) {
    return resolver.resolve(new Term.Word(word));
  }

  private static float[] sum(List<float[]> vectors) {
    var sum = new float[vectors.getFirst().length];
    vectors.forEach(vector -> Vectors.addScaled(sum, vector, 1));
    return sum;
  }
}
