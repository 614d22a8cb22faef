package io.polyseme.search;

import io.polyseme.vector.Filter;
import io.polyseme.vector.Precision;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A search of an index of texts. Immutable; start at {@link #of}.
 *
 * @param questions one, or several whose rankings are joined: a passage that answers any of them
 *     well is found
 * @param mode by what; null for the usual: by vectors and words where the index has words and the
 *     question is plain text, else by vectors
 * @param fusion how vectors and words are joined
 * @param k how many answers, from 1
 * @param offset how many of the best are passed over, from 0: the next page. The order does not
 *     change from page to page while the index does not, up to {@code pool} answers
 * @param pool how many candidates are looked at by vectors, and as many by words; at least {@code
 *     offset + k} are
 * @param filter which entries may be answers
 * @param leastSimilarity of an answer's vector; {@code -Infinity} for any
 * @param diversity from 0 (the best, however alike) to less than 1: how much an answer that is like
 *     a better one is put off (maximal marginal relevance: Carbonell and Goldstein 1998, "The Use
 *     of MMR"; 1 less its lambda)
 * @param groupBy a field of which each value answers at most once, with its best passage, as {@code
 *     document}; empty for none
 * @param word a word of the question: what is found uses it, in the meaning that it has there;
 *     empty for none
 * @param rerank whether the best are ordered again by late interaction: for each word of the
 *     question its nearest word of the passage (MaxSim: Khattab and Zaharia 2020, "ColBERT")
 * @param highlight whether the best passage of an answer's text and its nearest words are told
 * @param precision how hard the graph is searched
 */
public record SearchRequest(
    List<Question> questions,
    @Nullable SearchMode mode,
    Fusion fusion,
    int k,
    int offset,
    int pool,
    Filter filter,
    double leastSimilarity,
    double diversity,
    String groupBy,
    String word,
    boolean rerank,
    boolean highlight,
    Precision precision) {
  /** How many candidates of each kind are looked at. */
  public static final int POOL = 1000;

  public SearchRequest {
    questions = List.copyOf(questions);
    Objects.requireNonNull(fusion, "fusion");
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(groupBy, "groupBy");
    Objects.requireNonNull(word, "word");
    Objects.requireNonNull(precision, "precision");
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("a search needs a question");
    }
    if (k < 1 || offset < 0 || pool < 1 || offset > Integer.MAX_VALUE - k) {
      throw new IllegalArgumentException(
          "k and pool must be at least 1 and offset at least 0: %d, %d, %d"
              .formatted(k, pool, offset));
    }
    if (Double.isNaN(leastSimilarity)) {
      throw new IllegalArgumentException("the least similarity must be a number");
    }
    if (!(diversity >= 0 && diversity < 1)) {
      throw new IllegalArgumentException("diversity is from 0 to less than 1: " + diversity);
    }
    if (!word.isEmpty() && questions.size() > 1) {
      throw new IllegalArgumentException("a word is looked for in one question, not in several");
    }
  }

  /** The ten best for a question in words. */
  public static SearchRequest of(String text) {
    return of(Question.of(text));
  }

  /** The ten best for a question. */
  public static SearchRequest of(Question question) {
    return new SearchRequest(
        List.of(question),
        null,
        Fusion.DEFAULT,
        10,
        0,
        POOL,
        Filter.ALL,
        Double.NEGATIVE_INFINITY,
        0,
        "",
        "",
        false,
        false,
        Precision.AUTO);
  }

  public SearchRequest withQuestions(List<Question> questions) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withMode(@Nullable SearchMode mode) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withFusion(Fusion fusion) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withK(int k) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withOffset(int offset) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withPool(int pool) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withFilter(Filter filter) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withLeastSimilarity(double leastSimilarity) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withDiversity(double diversity) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withGroupBy(String groupBy) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withWord(String word) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withRerank(boolean rerank) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withHighlight(boolean highlight) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }

  public SearchRequest withPrecision(Precision precision) {
    return new SearchRequest(
        questions,
        mode,
        fusion,
        k,
        offset,
        pool,
        filter,
        leastSimilarity,
        diversity,
        groupBy,
        word,
        rerank,
        highlight,
        precision);
  }
}
