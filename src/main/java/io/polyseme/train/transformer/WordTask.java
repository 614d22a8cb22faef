package io.polyseme.train.transformer;

/** Which words a network learns to predict. */
public enum WordTask {
  /** Some that are masked, by all around them (BERT, Devlin et al. 2019). */
  MASKED,
  /** Each, by those before it (GPT, Radford et al. 2018). */
  CAUSAL
}
