package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.polyseme.encoder.graph.BertShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The network's arithmetic against plain formulas and finite differences. */
@Timeout(120)
class NetworkIT {
  private static final int VOCABULARY = 40;

  private final Engine engine = Pytorch.open(2);

  private static BertShape shape(boolean causal) {
    return new BertShape(VOCABULARY, 16, 2, 24, 2, 3, 48, 1e-5f, causal);
  }

  private static WordObjective.Batch batch(SplittableRandom random) {
    var ids = new int[3 * 10];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = random.nextInt(VOCABULARY);
    }
    return new WordObjective.Batch(
        ids, 3, 10, new long[] {1, 4, 12, 17, 25}, new long[] {7, 3, 39, 0, 21});
  }

  /** Large weights, so that nothing is nearly linear. */
  private static Map<String, float[]> weights(BertShape shape) {
    Map<String, float[]> weights = Network.random(shape, true, 3);
    var random = new SplittableRandom(9);
    weights.forEach(
        (name, values) -> {
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (0.2 * random.nextGaussian());
          }
        });
    return weights;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOfFiniteDifferences(boolean causal) {
    BertShape shape = shape(causal);
    Map<String, float[]> weights = weights(shape);
    WordObjective.Batch batch = batch(new SplittableRandom(5));
    try (NDManager manager = engine.newBaseManager()) {
      var network = new Network(shape, weights, Network.Part.ALL, 1, manager);
      try (GradientCollector collector = engine.newGradientCollector()) {
        collector.backward(WordObjective.loss(network, batch, 0, manager));
      }
      ToDoubleFunction<Map<String, float[]>> loss =
          moved -> {
            network.set(moved);
            try (NDManager inner = manager.newSubManager()) {
              return WordObjective.loss(network, batch, 0, inner).getFloat();
            }
          };
      Map<String, float[]> gradients = new LinkedHashMap<>();
      network.trained().forEach((name, w) -> gradients.put(name, w.getGradient().toFloatArray()));
      gradients.forEach(
          (name, gradient) -> {
            double length = 0;
            for (float g : gradient) {
              length += (double) g * g;
            }
            length = Math.sqrt(length);
            if (length < 1e-3) {
              return; // keys' biases, which softmax does not see
            }
            // Along the gradient itself the loss grows by its length.
            double h = 2e-2;
            double up = loss.applyAsDouble(moved(weights, name, gradient, h / length));
            double down = loss.applyAsDouble(moved(weights, name, gradient, -h / length));
            assertEquals(length, (up - down) / (2 * h), 0.03 * length + 1e-3, name);
          });
      assertTrue(gradients.size() > 40);
    }
  }

  /** DJL's arithmetic with numbers of Java frees what PyTorch still needs (Network.scaled). */
  @Test
  void garbageCollectedBetweenTheTwoPassesChangesNothing() throws InterruptedException {
    BertShape shape = shape(false);
    Map<String, float[]> undisturbed = gradients(shape, false);
    for (int i = 0; i < 5; i++) {
      gradients(shape, true)
          .forEach((name, there) -> assertArrayEquals(undisturbed.get(name), there, 1e-6f, name));
    }
  }

  private Map<String, float[]> gradients(BertShape shape, boolean collect)
      throws InterruptedException {
    try (NDManager manager = engine.newBaseManager()) {
      var network = new Network(shape, weights(shape), Network.Part.ALL, 1, manager);
      try (GradientCollector collector = engine.newGradientCollector()) {
        NDArray loss = WordObjective.loss(network, batch(new SplittableRandom(5)), 0, manager);
        if (collect) {
          System.gc();
          Thread.sleep(50); // for what was collected to be freed
        }
        collector.backward(loss);
      }
      var gradients = new LinkedHashMap<String, float[]>();
      network.trained().forEach((name, w) -> gradients.put(name, w.getGradient().toFloatArray()));
      return gradients;
    }
  }

  private static Map<String, float[]> moved(
      Map<String, float[]> weights, String name, float[] by, double factor) {
    var moved = new LinkedHashMap<>(weights);
    float[] values = weights.get(name).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (factor * by[i]);
    }
    moved.put(name, values);
    return moved;
  }

  @Test
  void aCausalNetworkDoesNotLookAhead() {
    BertShape shape = shape(true);
    try (NDManager manager = engine.newBaseManager()) {
      var network = new Network(shape, weights(shape), Network.Part.ALL, 1, manager);
      long[] ids = {1, 2, 3, 4, 5, 6};
      float[] before = last(network, ids, manager);
      ids[4] = 30;
      float[] after = last(network, ids, manager);
      for (int i = 0; i < 4 * 24; i++) {
        assertEquals(before[i], after[i], 1e-6);
      }
      assertTrue(Math.abs(before[4 * 24] - after[4 * 24]) > 1e-3);
    }
  }

  private static float[] last(Network network, long[] ids, NDManager manager) {
    NDArray array = manager.create(ids, new Shape(1, ids.length));
    return network.states(array, null, 0).getLast().toFloatArray();
  }

  @Test
  void paddingIsNotSeen() {
    BertShape shape = shape(false);
    try (NDManager manager = engine.newBaseManager()) {
      var network = new Network(shape, weights(shape), Network.Part.ALL, 1, manager);
      float[] alone = last(network, new long[] {5, 9, 11}, manager);
      NDArray ids = manager.create(new long[] {5, 9, 11, 0, 0}, new Shape(1, 5));
      NDArray mask = manager.create(new float[] {0, 0, 0, -1e9f, -1e9f}, new Shape(1, 1, 1, 5));
      float[] padded = network.states(ids, mask, 0).getLast().toFloatArray();
      for (int i = 0; i < alone.length; i++) {
        assertEquals(alone[i], padded[i], 1e-5);
      }
    }
  }

  /** Loshchilov and Hutter 2019, Algorithm 2, in plain Java. */
  @Test
  void anUpdateIsAdamW() {
    try (NDManager manager = engine.newBaseManager()) {
      NDArray weight = manager.create(new float[] {1, -2, 3, 0.5f}, new Shape(2, 2));
      weight.setRequiresGradient(true);
      var weights = new LinkedHashMap<>(Map.of("w", weight));
      var adam = new AdamW(weights, 0.1, 0.5, manager);
      double[] expected = {1, -2, 3, 0.5};
      var mean = new double[4];
      var square = new double[4];
      for (int step = 1; step <= 5; step++) {
        try (GradientCollector collector = engine.newGradientCollector()) {
          collector.backward(weight.square().sum());
        }
        double[] gradient = new double[4];
        double length = 0;
        for (int i = 0; i < 4; i++) {
          gradient[i] = 2 * expected[i];
          length += gradient[i] * gradient[i];
        }
        length = Math.sqrt(length);
        double rate = 0.01 * step;
        assertEquals(length, adam.update(step, rate, manager), 1e-4 * length);
        for (int i = 0; i < 4; i++) {
          double g = gradient[i] * Math.min(1, 0.5 / length);
          mean[i] = 0.9 * mean[i] + 0.1 * g;
          square[i] = 0.98 * square[i] + 0.02 * g * g;
          double m = mean[i] / (1 - Math.pow(0.9, step));
          double v = square[i] / (1 - Math.pow(0.98, step));
          expected[i] -= rate * (m / (Math.sqrt(v) + 1e-6) + 0.1 * expected[i]);
        }
        float[] found = weight.toFloatArray();
        for (int i = 0; i < 4; i++) {
          assertEquals(expected[i], found[i], 1e-4);
        }
      }
    }
  }

  @Test
  void statesAreGivenOfAllLayers() {
    BertShape shape = shape(false);
    try (NDManager manager = engine.newBaseManager()) {
      var network = new Network(shape, weights(shape), Network.Part.ALL, 1, manager);
      NDArray ids = manager.create(new long[] {1, 2, 3}, new Shape(1, 3));
      List<NDArray> states = network.states(ids, null, 0);
      assertEquals(3, states.size());
      states.forEach(state -> assertEquals(new Shape(1, 3, 24), state.getShape()));
    }
  }
}
