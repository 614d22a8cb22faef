package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** What is learned, step by step. */
interface Objective {
  /**
   * What the network's predictions cost at a step, of which gradients are taken.
   *
   * @param step from 0; what is drawn depends on it and the seed alone
   * @param manager for all arrays of the step
   * @return a single number
   */
  NDArray loss(Network network, int step, NDManager manager);

  /** How many tokens a step goes through. */
  int tokensPerStep();
}
