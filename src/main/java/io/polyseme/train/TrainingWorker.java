package io.polyseme.train;

/**
 * What one thread trains with. A unit of text is gone through with random numbers of its own, so
 * that what is drawn does not depend on the thread.
 */
abstract class TrainingWorker {
  /** The loss is measured at every so many predictions. */
  private static final int MEASURED = 16;

  /** How often the learning rate is set, in words. */
  private static final int RATE_WORDS = 1000;

  /** Of a single input that is a row of its own. */
  private static final int[] ALONE = {0};

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  final TrainingKernels kernels;
  final Weights weights;
  final int window;
  final int negatives;
  private final boolean[] frozen;
  private final TrainingCorpus corpus;
  private final TrainingOptions options;
  private final NegativeSampler sampler;
  private final int[] keep;
  private final IdReader reader;
  private final int[] sentence = new int[TrainingCorpus.LONGEST_SENTENCE];

  // A tile: some outputs, filled up with the row of zeros.
  final int[] outputs = new int[TrainingKernels.TILE];
  final float[] labels = new float[TrainingKernels.TILE];
  final float[] factors = new float[TrainingKernels.TILE];
  final float[] gradients;
  private int filled;

  private long random;
  private float rate;
  private int sinceMeasured;
  private double loss;
  private long measured;

  TrainingWorker(TrainingTask task, int mostInputs) {
    this.corpus = task.corpus();
    this.options = task.options();
    this.weights = task.weights();
    this.sampler = task.sampler();
    this.keep = task.keep();
    this.kernels = task.kernels();
    this.window = options.window();
    this.negatives = options.negatives();
    this.frozen = task.frozen();
    this.reader = corpus.reader();
    this.gradients = new float[TrainingKernels.TILE * mostInputs];
  }

  /**
   * Learns from a sentence.
   *
   * @param words the numbers of those that were not passed over
   */
  abstract void learn(int[] words, int count);

  /**
   * Goes through a unit of the text.
   *
   * @param step how many units were or are gone through before, over all epochs
   * @param before how many words were before it, over all epochs
   */
  void run(long step, long before) {
    int unit = (int) (step % corpus.units());
    random = mixed(mixed(options.seed()) + step * GOLDEN) | 1;
    corpus.seek(reader, unit);
    long words = before;
    long rateAt = before;
    rate(words);
    int count = 0;
    for (int word = reader.next(); word != IdReader.NONE; word = reader.next()) {
      if (word != IdReader.END) {
        words++;
        if ((int) (next() >>> 40) < keep[word]) {
          sentence[count++] = word;
        }
        continue;
      }
      if (words - rateAt >= RATE_WORDS) {
        rateAt = words;
        rate(words);
      }
      learn(sentence, count);
      count = 0;
    }
  }

  private void rate(long words) {
    double total = (double) corpus.total() * options.epochs();
    rate = (float) (options.firstRate() * Math.max(1e-4, 1 - words / total));
  }

  float rate() {
    return rate;
  }

  /** 64 random bits (Marsaglia 2003, "Xorshift RNGs"). */
  final long next() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return random;
  }

  /** From 1 to the window, drawn. */
  final int drawnWindow() {
    return 1 + (int) ((next() >>> 33) % window);
  }

  /** The finaliser of SplitMix64. */
  private static long mixed(long x) {
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }

  /** Whether some words are to stay as they are. */
  final boolean someFrozen() {
    return frozen.length > 0;
  }

  final boolean frozen(int word) {
    return frozen.length > 0 && frozen[word];
  }

  /** Where what a word learns as an input is added to. */
  final int place(int word) {
    return frozen(word) ? weights.scratch() : word * weights.width;
  }

  /** Begins a tile with an output that is there. */
  final void begin(int word) {
    outputs[0] = word * weights.width;
    labels[0] = 1;
    factors[0] = rate;
    filled = 1;
  }

  /**
   * Fills the tile with words drawn that are not this one. One that is drawn twice counts twice.
   *
   * @param wanted how many are to be drawn still
   * @return how many are to be drawn after it
   */
  final int fill(int word, int wanted) {
    int left = wanted;
    while (left > 0 && filled < TrainingKernels.TILE) {
      int drawn = sampler.draw(next());
      if (drawn == word) {
        continue;
      }
      left--;
      int place = drawn * weights.width;
      int same = 0;
      while (same < filled && outputs[same] != place) {
        same++;
      }
      if (same < filled) {
        factors[same] += rate;
      } else {
        outputs[filled] = place;
        labels[filled] = 0;
        factors[filled++] = rate;
      }
    }
    for (int t = filled; t < TrainingKernels.TILE; t++) {
      outputs[t] = weights.words * weights.width;
      labels[t] = 0;
      factors[t] = 0;
    }
    filled = 0;
    return left;
  }

  /**
   * Learns from the tile that was filled.
   *
   * @param measures whether what it cost counts
   * @see TrainingKernels#step
   */
  final void step(
      float[] from,
      int[] inputs,
      int first,
      int count,
      float[] into,
      int[] places,
      boolean measures) {
    kernels.step(
        from,
        inputs,
        first,
        count,
        into,
        places,
        weights.outputs,
        outputs,
        labels,
        factors,
        weights.width,
        gradients);
    if (measures) {
      measure(count);
    }
  }

  /**
   * Has a single vector predict a word, and learns from it.
   *
   * @param into what the vector changes by is added here; may be {@code from} where the negatives
   *     are fewer than a tile holds
   */
  final void predict(int word, float[] from, float[] into) {
    boolean measures = measures();
    begin(word);
    int left = negatives;
    do {
      left = fill(word, left);
      step(from, ALONE, 0, 1, into, ALONE, measures);
    } while (left > 0);
    if (measures) {
      measured(1);
    }
  }

  /** Whether the loss of the prediction that is about to be made is measured. */
  final boolean measures() {
    sinceMeasured++;
    if (sinceMeasured < MEASURED) {
      return false;
    }
    sinceMeasured = 0;
    return true;
  }

  /** Adds what a tile cost, before it was learned from. */
  private void measure(int inputs) {
    for (int n = 0; n < inputs; n++) {
      for (int t = 0; t < TrainingKernels.TILE; t++) {
        if (factors[t] > 0) {
          double miss = Math.abs(gradients[n * TrainingKernels.TILE + t]) / factors[t];
          loss -= factors[t] / rate * Math.log(Math.max(1e-30, 1 - miss));
        }
      }
    }
  }

  final void measured(int predictions) {
    measured += predictions;
  }

  /** The loss since it was last asked for, and of how many predictions. */
  double takeLoss() {
    double taken = loss;
    loss = 0;
    return taken;
  }

  long takeMeasured() {
    long taken = measured;
    measured = 0;
    return taken;
  }
}
