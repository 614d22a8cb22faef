package io.polyseme.train;

import org.jspecify.annotations.Nullable;

/**
 * What all threads of a training share.
 *
 * @param subwords null where there are none
 * @param keep of each word, how many of 2^24 occurrences are not passed over
 */
record TrainingTask(
    TrainingCorpus corpus,
    TrainingOptions options,
    Weights weights,
    NegativeSampler sampler,
    int[] keep,
    @Nullable SubwordRows subwords,
    TrainingKernels kernels) {

  static TrainingTask of(
      TrainingCorpus corpus, TrainingOptions options, Weights weights, TrainingKernels kernels) {
    var counts = new long[corpus.size()];
    var keep = new int[corpus.size()];
    double most = options.sample() * corpus.total();
    for (int word = 0; word < counts.length; word++) {
      counts[word] = corpus.count(word);
      double share = most > 0 ? most / counts[word] : 1;
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
        kernels);
  }

  TrainingWorker worker() {
    return switch (options.model()) {
      case SKIP_GRAM ->
          subwords == null ? new SkipGramWorker(this) : new SubwordSkipGramWorker(this);
      case CBOW -> new CbowWorker(this);
    };
  }
}
