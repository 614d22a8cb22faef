package io.polyseme.train;

import org.jspecify.annotations.Nullable;

/**
 * What all threads of a training share.
 *
 * @param subwords null where there are none
 * @param keep of each word, how many of 2^24 occurrences are not passed over
 * @param frozen of each word, whether its vector is to stay as it is; empty where none is
 */
record TrainingTask(
    TrainingCorpus corpus,
    TrainingOptions options,
    Weights weights,
    NegativeSampler sampler,
    int[] keep,
    @Nullable SubwordRows subwords,
    boolean[] frozen,
    TrainingKernels kernels) {

  static TrainingTask of(
      TrainingCorpus corpus,
      TrainingOptions options,
      Weights weights,
      boolean[] frozen,
      TrainingKernels kernels) {
    var counts = new long[corpus.size()];
    var keep = new int[corpus.size()];
    double most = options.sample() * corpus.total();
    for (int word = 0; word < counts.length; word++) {
      counts[word] = corpus.count(word);
      // A word that the text does not have, of a model that is continued, is never asked for.
      double share = most > 0 && counts[word] > 0 ? most / counts[word] : 1;
      keep[word] = (int) (Math.min(1, Math.sqrt(share) + share) * (1 << 24));
    }
    return new TrainingTask(
        corpus,
        options,
        weights,
        new NegativeSampler(counts, options.negativePower()),
        keep,
        options.subwords() == null
            ? null
            : new SubwordRows(corpus.words(), options.subwords(), weights.width),
        frozen,
        kernels);
  }

  TrainingWorker worker() {
    return switch (options.model()) {
      case SKIP_GRAM ->
          subwords == null ? new SkipGramWorker(this) : new SubwordSkipGramWorker(this);
      case CBOW ->
          options.positionWeights() ? new PositionalCbowWorker(this) : new CbowWorker(this);
    };
  }
}
