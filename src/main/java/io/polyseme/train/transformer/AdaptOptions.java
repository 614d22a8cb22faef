package io.polyseme.train.transformer;

import io.polyseme.Ranges;
import io.polyseme.encoder.Layers;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How an encoder is adapted to raw text. Immutable. The four weights of objectives are 0 to 1,000,
 * and the first three of them not all 0.
 *
 * @param words the weight of contrast between words in context: a word seen twice, under two
 *     dropouts and two maskings, is to be nearer to itself than to the others of the batch, those
 *     of the same word in other sentences among them
 * @param sentences the weight of contrast between sentences: the same text under two dropouts and
 *     two maskings is to be nearer to itself than to the others
 * @param masked the weight of predicting the masked words, by a head that is learned with it where
 *     the model has none
 * @param keep the weight of staying near the model's own sentence vectors
 * @param lastLayers how many of the last layers are trained, at most 1,000; 0 for all
 * @param rank of matrices added to attention's projections and trained in their place (LoRA), up to
 *     1,024; 0 for the weights themselves
 * @param layers those whose hidden states a word's vector is the mean of; null for the middle ones,
 *     from a third of them up to the last sixth, which is left to the sentence vectors; no sum
 * @param length tokens of a text around a word at most, special ones included, 8 to 512
 * @param batch words in context of a step, 2 to 4,096; so many less as do not fill a word's
 *     contexts
 * @param contexts how many sentences each word of a batch is drawn from, 1 to 64, no more than the
 *     batch
 * @param discourse how probable it is that a word is seen the second time in another sentence of
 *     the same passage, where it has mostly the same sense (Gale, Church and Yarowsky 1992), and
 *     not in the same sentence again, 0 to 1
 * @param steps in all; 0 for what the minutes come to
 * @param minutes of training, at least 0.01, from which the number of steps is found by trying some
 * @param learningRate the highest, up to 1
 * @param warmUp the share of the steps in which it grows; then it falls to 0 in a straight line
 * @param weightDecay a step, times the rate, 0 to 1
 * @param dropout the share of numbers set to 0, up to 0.9
 * @param hidden the share of tokens around a word that are masked, up to 0.9
 * @param temperature of the contrast, by which similarities are divided, 0.001 to 10
 * @param texts sentences of the text that are drawn from at most, 10 to 100,000,000
 * @param seed of what is random
 * @param threads of PyTorch; the first training of a process sets them for all
 */
public record AdaptOptions(
    double words,
    double sentences,
    double masked,
    double keep,
    int lastLayers,
    int rank,
    @Nullable Layers layers,
    int length,
    int batch,
    int contexts,
    double discourse,
    int steps,
    double minutes,
    double learningRate,
    double warmUp,
    double weightDecay,
    double dropout,
    double hidden,
    double temperature,
    int texts,
    long seed,
    int threads) {
  /** Words in context, with the sentence vectors kept. */
  public static final AdaptOptions DEFAULT = builder().build();

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public AdaptOptions {
    Ranges.require("the weight of words", words, 0, 1000);
    Ranges.require("the weight of sentences", sentences, 0, 1000);
    Ranges.require("the weight of masked words", masked, 0, 1000);
    Ranges.require("the weight of keeping", keep, 0, 1000);
    Ranges.require("the number of layers", lastLayers, 0, 1000);
    Ranges.require("the rank", rank, 0, 1024);
    Ranges.require("the length", length, 8, 512);
    Ranges.require("the batch", batch, 2, 4096);
    Ranges.require("the contexts of a word", contexts, 1, 64);
    if (contexts > batch) {
      throw new IllegalArgumentException(
          "a batch of %d has no room for a word's %d contexts".formatted(batch, contexts));
    }
    if (layers != null && layers.join() == Layers.Join.SUM) {
      throw new IllegalArgumentException("a word's vector is the mean of layers, not their sum");
    }
    Ranges.require("the share seen in the same passage", discourse, 0, 1);
    Ranges.require("the steps", steps, 0, 100_000_000);
    Ranges.require("the minutes", minutes, 0.01, 1e6);
    Ranges.require("the learning rate", learningRate, 1e-9, 1);
    Ranges.require("the warm-up", warmUp, 0, 1);
    Ranges.require("the weight decay", weightDecay, 0, 1);
    Ranges.require("the dropout", dropout, 0, 0.9);
    Ranges.require("the share of hidden tokens", hidden, 0, 0.9);
    Ranges.require("the temperature", temperature, 0.001, 10);
    Ranges.require("the texts", texts, 10, 100_000_000);
    Ranges.require("the threads", threads, 1, 4096);
    if (words + sentences + masked == 0) {
      throw new IllegalArgumentException("nothing is to be learned: all weights are 0");
    }
  }

  /**
   * The layers that are meant, of so many.
   *
   * @throws IllegalArgumentException if there is no such layer
   */
  List<Integer> wordLayers(int count) {
    if (layers != null) {
      return layers.numbers(count);
    }
    int first = Math.max(1, count / 3);
    int last = Math.max(first, count - Math.max(1, count / 6));
    return IntStream.rangeClosed(first, last).boxed().toList();
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects options; each has a default. Not thread-safe. */
  public static final class Builder {
    private double words = 1;
    private double sentences = 0;
    private double masked = 0;
    private double keep = 3;
    private int lastLayers = 0;
    private int rank = 0;
    private @Nullable Layers layers;
    private int length = 24;
    private int batch = 32;
    private int contexts = 4;
    private double discourse = 1;
    private int steps = 0;
    private double minutes = 5;
    private double learningRate = 1e-4;
    private double warmUp = 0.1;
    private double weightDecay = 0.01;
    private double dropout = 0.1;
    private double hidden = 0.3;
    private double temperature = 0.05;
    private int texts = 200000;
    private long seed = 1;
    private int threads = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    public Builder words(double words) {
      this.words = words;
      return this;
    }

    public Builder sentences(double sentences) {
      this.sentences = sentences;
      return this;
    }

    public Builder masked(double masked) {
      this.masked = masked;
      return this;
    }

    public Builder keep(double keep) {
      this.keep = keep;
      return this;
    }

    public Builder lastLayers(int lastLayers) {
      this.lastLayers = lastLayers;
      return this;
    }

    public Builder rank(int rank) {
      this.rank = rank;
      return this;
    }

    public Builder layers(@Nullable Layers layers) {
      this.layers = layers;
      return this;
    }

    public Builder length(int length) {
      this.length = length;
      return this;
    }

    public Builder batch(int batch) {
      this.batch = batch;
      return this;
    }

    public Builder contexts(int contexts) {
      this.contexts = contexts;
      return this;
    }

    public Builder discourse(double discourse) {
      this.discourse = discourse;
      return this;
    }

    public Builder steps(int steps) {
      this.steps = steps;
      return this;
    }

    public Builder minutes(double minutes) {
      this.minutes = minutes;
      return this;
    }

    public Builder learningRate(double learningRate) {
      this.learningRate = learningRate;
      return this;
    }

    public Builder warmUp(double warmUp) {
      this.warmUp = warmUp;
      return this;
    }

    public Builder weightDecay(double weightDecay) {
      this.weightDecay = weightDecay;
      return this;
    }

    public Builder dropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    public Builder hidden(double hidden) {
      this.hidden = hidden;
      return this;
    }

    public Builder temperature(double temperature) {
      this.temperature = temperature;
      return this;
    }

    public Builder texts(int texts) {
      this.texts = texts;
      return this;
    }

    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a number is out of its range
     */
    public AdaptOptions build() {
      return new AdaptOptions(
          words,
          sentences,
          masked,
          keep,
          lastLayers,
          rank,
          layers,
          length,
          batch,
          contexts,
          discourse,
          steps,
          minutes,
          learningRate,
          warmUp,
          weightDecay,
          dropout,
          hidden,
          temperature,
          texts,
          seed,
          threads);
    }
  }
}
