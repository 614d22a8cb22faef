package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.polyseme.PolysemeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) over gradients that are clipped by
 * their length (Pascanu et al. 2013). Shifts and normalisations do not decay. The arithmetic is
 * PyTorch's; its state is held here, so that it can be saved. For one thread.
 */
final class AdamW {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.98f;
  private static final float EPSILON = 1e-6f;

  private final SequencedMap<String, NDArray> weights;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();
  private final double decay;
  private final double clip;

  AdamW(SequencedMap<String, NDArray> weights, double decay, double clip, NDManager manager) {
    this.weights = weights;
    this.decay = decay;
    this.clip = clip;
    weights.forEach(
        (name, weight) -> {
          means.put(name, manager.zeros(weight.getShape()));
          squares.put(name, manager.zeros(weight.getShape()));
        });
  }

  /** Exponential means of gradients and of their squares, by the names of the weights. */
  Map<String, NDArray> means() {
    return means;
  }

  Map<String, NDArray> squares() {
    return squares;
  }

  /**
   * Moves the weights by their gradients, which are 0 afterwards.
   *
   * @param step from 1
   * @return the length of the gradient before it was clipped
   */
  double update(int step, double rate, NDManager manager) {
    var gradients = new LinkedHashMap<String, NDArray>();
    double sum = 0;
    for (Map.Entry<String, NDArray> weight : weights.entrySet()) {
      NDArray gradient = weight.getValue().getGradient();
      gradient.attach(manager);
      gradients.put(weight.getKey(), gradient);
      double norm = gradient.norm().getFloat();
      sum += norm * norm;
    }
    double length = Math.sqrt(sum);
    if (!Double.isFinite(length)) {
      throw new PolysemeException(
          "the gradients have grown beyond all bounds at step %d: take a smaller learning rate, and --restart"
              .formatted(step));
    }
    double scale = length > clip ? clip / length : 1;
    double corrected = rate * Math.sqrt(1 - Math.pow(BETA2, step)) / (1 - Math.pow(BETA1, step));
    weights.forEach(
        (name, weight) -> {
          boolean decays = weight.getShape().dimension() > 1;
          NDArray gradient = gradients.get(name);
          weight
              .getNDArrayInternal()
              .adamUpdate(
                  new NDList(weight, gradient, means.get(name), squares.get(name)),
                  new NDList(weight),
                  (float) rate,
                  (float) corrected,
                  decays ? (float) decay : 0,
                  (float) scale,
                  -1,
                  BETA1,
                  BETA2,
                  EPSILON,
                  false,
                  true);
        });
    return length;
  }
}
