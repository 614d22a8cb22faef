package io.polyseme.train.transformer;

import io.polyseme.Ranges;
import java.util.Objects;

/**
 * How an encoder is trained from raw text. Immutable.
 *
 * @param size of the network
 * @param task which words are predicted
 * @param vocabulary pieces at most, special ones included, 100 to 65,536
 * @param lowerCase whether text is made lower-case
 * @param length tokens of a sequence, special ones included, 8 to 512: the window of the model
 * @param batch sequences of a step, 1 to 4,096
 * @param steps in all; 0 for what the minutes or the epochs come to
 * @param minutes of training, from which the number of steps is found by trying some; 0 for what
 *     the epochs come to
 * @param epochs how often the text is gone through where neither steps nor minutes say, 0.001 to
 *     1,000,000
 * @param learningRate the highest, up to 1; 0 for that of the size
 * @param warmUp the share of the steps in which it grows; then it falls to 0 in a straight line
 * @param weightDecay a step, times the rate, 0 to 1, of weights that are no shifts or
 *     normalisations
 * @param clip the longest gradient, above 0
 * @param dropout the share of numbers set to 0, up to 0.9; text that is gone through a few times
 *     needs none
 * @param masked the share of tokens that are predicted, where masked ones are, 0.01 to 0.9; twice
 *     BERT's learn faster (Wettig et al. 2023, "Should You Mask 15 % in Masked Language Modeling?")
 * @param heldOut the share of texts that are measured with, up to 0.5; 0 for what the size of the
 *     text makes sensible
 * @param patience measurements without a smaller loss on text held out after which the training
 *     ends
 * @param seed of what is random
 * @param threads of PyTorch; the first training of a process sets them for all
 */
public record PretrainOptions(
    EncoderSize size,
    WordTask task,
    int vocabulary,
    boolean lowerCase,
    int length,
    int batch,
    int steps,
    double minutes,
    double epochs,
    double learningRate,
    double warmUp,
    double weightDecay,
    double clip,
    double dropout,
    double masked,
    double heldOut,
    int patience,
    long seed,
    int threads) {
  /** Small, by masked words. */
  public static final PretrainOptions DEFAULT = builder().build();

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public PretrainOptions {
    Objects.requireNonNull(size, "size");
    Objects.requireNonNull(task, "task");
    Ranges.require("the vocabulary", vocabulary, 100, TokenFile.MOST);
    Ranges.require("the length", length, 8, 512);
    Ranges.require("the batch", batch, 1, 4096);
    Ranges.require("the steps", steps, 0, 100_000_000);
    Ranges.require("the minutes", minutes, 0, 1e6);
    Ranges.require("the epochs", epochs, 1e-3, 1e6);
    Ranges.require("the learning rate", learningRate, 0, 1);
    Ranges.require("the warm-up", warmUp, 0, 1);
    Ranges.require("the weight decay", weightDecay, 0, 1);
    Ranges.require("the clip", clip, 1e-6, 1e6);
    Ranges.require("the dropout", dropout, 0, 0.9);
    Ranges.require("the share of masked words", masked, 0.01, 0.9);
    Ranges.require("the share held out", heldOut, 0, 0.5);
    Ranges.require("the patience", patience, 1, 1_000_000);
    Ranges.require("the threads", threads, 1, 4096);
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The rate that is meant. */
  double rate() {
    return learningRate > 0 ? learningRate : size.rate();
  }

  /** Collects options; each has a default. Not thread-safe. */
  public static final class Builder {
    private EncoderSize size = EncoderSize.SMALL;
    private WordTask task = WordTask.MASKED;
    private int vocabulary = 8000;
    private boolean lowerCase = true;
    private int length = 128;
    private int batch = 16;
    private int steps = 0;
    private double minutes = 0;
    private double epochs = 5;
    private double learningRate = 0;
    private double warmUp = 0.1;
    private double weightDecay = 0.01;
    private double clip = 1;
    private double dropout = 0;
    private double masked = 0.3;
    private double heldOut = 0;
    private int patience = 5;
    private long seed = 1;
    private int threads = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    public Builder size(EncoderSize size) {
      this.size = size;
      return this;
    }

    public Builder task(WordTask task) {
      this.task = task;
      return this;
    }

    public Builder vocabulary(int vocabulary) {
      this.vocabulary = vocabulary;
      return this;
    }

    public Builder lowerCase(boolean lowerCase) {
      this.lowerCase = lowerCase;
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

    public Builder steps(int steps) {
      this.steps = steps;
      return this;
    }

    public Builder minutes(double minutes) {
      this.minutes = minutes;
      return this;
    }

    public Builder epochs(double epochs) {
      this.epochs = epochs;
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

    public Builder clip(double clip) {
      this.clip = clip;
      return this;
    }

    public Builder dropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    public Builder masked(double masked) {
      this.masked = masked;
      return this;
    }

    public Builder heldOut(double heldOut) {
      this.heldOut = heldOut;
      return this;
    }

    public Builder patience(int patience) {
      this.patience = patience;
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
    public PretrainOptions build() {
      return new PretrainOptions(
          size,
          task,
          vocabulary,
          lowerCase,
          length,
          batch,
          steps,
          minutes,
          epochs,
          learningRate,
          warmUp,
          weightDecay,
          clip,
          dropout,
          masked,
          heldOut,
          patience,
          seed,
          threads);
    }
  }
}
