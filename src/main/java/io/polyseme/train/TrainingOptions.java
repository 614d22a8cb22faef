package io.polyseme.train;

import io.polyseme.Ranges;
import io.polyseme.words.SubwordRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How word vectors are trained. Immutable; {@link #builder()} begins with the defaults. In
 * brackets, what word2vec, gensim and fastText call it.
 *
 * @param model what is predicted from what (-cbow, sg, skipgram and cbow)
 * @param dimension of the vectors, 1 to 10,000 (size, vector_size, dim)
 * @param window the most words to each side that are seen; how many of them is drawn anew for each
 *     word, so that near ones weigh more (window, ws)
 * @param negatives how many words that do not stand there each prediction is set against (negative,
 *     neg)
 * @param negativePower what power of their counts those are drawn by: word2vec's and gensim's 0.75,
 *     fastText's 0.5
 * @param epochs how often the whole text is gone through (iter, epochs, epoch)
 * @param learningRate at the beginning; it falls in a line to a ten-thousandth of it; 0 for what
 *     suits the model (alpha, lr)
 * @param sample words that are more than this share of the text are passed over at random, the more
 *     often the more common they are; 0 for none (sample, t)
 * @param minCount a word that occurs less often is left out (min-count, min_count, minCount)
 * @param maxVocabulary the most words, of which the commonest are taken; 0 for all
 *     (max_final_vocab)
 * @param positionWeights whether each place of a CBOW window has weights of its own, which are
 *     learned with the words (Mikolov et al. 2018, "Advances in Pre-Training Distributed Word
 *     Representations", section 2.2)
 * @param threads that train at once, without locks; with one, the same text, options and seed give
 *     the same vectors
 * @param seed of all that is drawn
 * @param phrases which neighbours are joined to one word; null for none
 * @param text how a text becomes words
 * @param subwords the n-grams that a word is made of, so that words that were not seen get a vector
 *     (minn, maxn, bucket); null for none
 */
public record TrainingOptions(
    WordModel model,
    int dimension,
    int window,
    int negatives,
    double negativePower,
    int epochs,
    double learningRate,
    double sample,
    int minCount,
    int maxVocabulary,
    boolean positionWeights,
    int threads,
    long seed,
    @Nullable PhraseRule phrases,
    TextRule text,
    @Nullable SubwordRule subwords) {
  /** fastText's: n-grams of 3 to 6 characters in two million buckets. */
  public static final SubwordRule FASTTEXT_SUBWORDS = new SubwordRule(3, 6, 2_000_000);

  static final int MOST_DIMENSIONS = 10_000;
  private static final int MOST_NEGATIVES = 1000;
  private static final int MOST_WINDOW = 1000;

  public TrainingOptions {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(text, "text");
    Ranges.require("dimension", dimension, 1, MOST_DIMENSIONS);
    Ranges.require("window", window, 1, MOST_WINDOW);
    Ranges.require("negatives", negatives, 1, MOST_NEGATIVES);
    Ranges.require("negative power", negativePower, -2, 2);
    Ranges.require("epochs", epochs, 1, 1_000_000);
    Ranges.require("learning rate", learningRate, 0, 10);
    Ranges.require("sample", sample, 0, 1);
    Ranges.require("least count", minCount, 1, Integer.MAX_VALUE);
    Ranges.require("vocabulary", maxVocabulary, 0, Integer.MAX_VALUE);
    Ranges.require("threads", threads, 1, 1024);
    if (positionWeights && model != WordModel.CBOW) {
      throw new IllegalArgumentException(
          "places of a window have weights in CBOW only, which predicts from all of them at once");
    }
  }

  /** How many rows of inputs there are for so many words. */
  int rows(int words) {
    return Math.addExact(words, subwords == null ? 0 : subwords.buckets());
  }

  /** The learning rate at the beginning, that of the model where none was given. */
  double firstRate() {
    return learningRate > 0 ? learningRate : 0.05;
  }

  /** The defaults: skip-gram, 100 dimensions, a window of 5, 5 negatives, 5 epochs. */
  public static Builder builder() {
    return new Builder();
  }

  /** Begins with these. */
  public Builder toBuilder() {
    var builder = new Builder();
    builder.model = model;
    builder.dimension = dimension;
    builder.window = window;
    builder.negatives = negatives;
    builder.negativePower = negativePower;
    builder.epochs = epochs;
    builder.learningRate = learningRate;
    builder.sample = sample;
    builder.minCount = minCount;
    builder.maxVocabulary = maxVocabulary;
    builder.positionWeights = positionWeights;
    builder.threads = threads;
    builder.seed = seed;
    builder.phrases = phrases;
    builder.text = text;
    builder.subwords = subwords;
    return builder;
  }

  /** Gathers options; each is checked by {@link #build()}. Not thread-safe. */
  public static final class Builder {
    private WordModel model = WordModel.SKIP_GRAM;
    private int dimension = 100;
    private int window = 5;
    private int negatives = 5;
    private double negativePower = 0.75;
    private int epochs = 5;
    private double learningRate = 0;
    private double sample = 1e-4;
    private int minCount = 5;
    private int maxVocabulary = 0;
    private boolean positionWeights;
    private int threads = Runtime.getRuntime().availableProcessors();
    private long seed = 1;
    private @Nullable PhraseRule phrases;
    private TextRule text = TextRule.DEFAULT;
    private @Nullable SubwordRule subwords;

    private Builder() {}

    public Builder model(WordModel model) {
      this.model = model;
      return this;
    }

    public Builder dimension(int dimension) {
      this.dimension = dimension;
      return this;
    }

    public Builder window(int window) {
      this.window = window;
      return this;
    }

    public Builder negatives(int negatives) {
      this.negatives = negatives;
      return this;
    }

    public Builder negativePower(double negativePower) {
      this.negativePower = negativePower;
      return this;
    }

    public Builder epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    public Builder learningRate(double learningRate) {
      this.learningRate = learningRate;
      return this;
    }

    public Builder sample(double sample) {
      this.sample = sample;
      return this;
    }

    public Builder minCount(int minCount) {
      this.minCount = minCount;
      return this;
    }

    public Builder maxVocabulary(int maxVocabulary) {
      this.maxVocabulary = maxVocabulary;
      return this;
    }

    public Builder positionWeights(boolean positionWeights) {
      this.positionWeights = positionWeights;
      return this;
    }

    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    public Builder phrases(@Nullable PhraseRule phrases) {
      this.phrases = phrases;
      return this;
    }

    public Builder text(TextRule text) {
      this.text = text;
      return this;
    }

    public Builder subwords(@Nullable SubwordRule subwords) {
      this.subwords = subwords;
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public TrainingOptions build() {
      return new TrainingOptions(
          model,
          dimension,
          window,
          negatives,
          negativePower,
          epochs,
          learningRate,
          sample,
          minCount,
          maxVocabulary,
          positionWeights,
          threads,
          seed,
          phrases,
          text,
          subwords);
    }
  }
}
