package io.polyseme.train.transformer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a training: a forward pass, a backward pass, the weights moved; now and then text
 * held out is measured and all is saved. What is random in a step depends on its number and the
 * seed, so that a training that goes on after a kill does what it would have done.
 */
final class Training {
  private static final int TRIED = 8;
  private static final int WARM = 3;

  /** Seconds that are enough to know how long a step takes. */
  private static final double ENOUGH = 2;

  private static final double SMOOTH = 0.98;

  private final Engine engine;
  private final Network network;
  private final Objective objective;
  private final @Nullable Measure measure;
  private final Plan plan;
  private final NDManager manager;
  private final AdamW adam;

  /** Measures with text held out. */
  @FunctionalInterface
  interface Measure {
    WordScores measure(Network network, NDManager manager);
  }

  /**
   * How it is to go.
   *
   * @param signature of options and text
   * @param between tokens between two measurements of text held out, at least
   * @param measurements in all, at most
   * @param checkpoint null to save nothing
   */
  record Plan(
      String signature,
      double rate,
      double warmUp,
      double decay,
      double clip,
      double between,
      int measurements,
      int patience,
      long seed,
      @Nullable Path checkpoint,
      Duration interval) {}

  /**
   * What came of it.
   *
   * @param weights the best by text held out, or the last where nothing is
   * @param steps done
   * @param seconds of all steps
   */
  record Outcome(SequencedMap<String, float[]> weights, int steps, double seconds, Curve curve) {}

  Training(
      Engine engine,
      Network network,
      Objective objective,
      @Nullable Measure measure,
      Plan plan,
      NDManager manager) {
    this.engine = engine;
    this.network = network;
    this.objective = objective;
    this.measure = measure;
    this.plan = plan;
    this.manager = manager;
    this.adam = new AdamW(network.trained(), plan.decay, plan.clip, manager);
  }

  /**
   * Seconds of a step, found by some whose gradients are thrown away: a few that warm up, and of
   * slow ones one.
   */
  double secondsPerStep() {
    double seconds = 0;
    int counted = 0;
    for (int i = 0; i < TRIED && (counted == 0 || seconds < ENOUGH); i++) {
      long start = System.nanoTime();
      try (NDManager inner = manager.newSubManager()) {
        backward(0, inner);
        network
            .trained()
            .values()
            .forEach(
                weight -> {
                  try (NDArray gradient = weight.getGradient()) {
                    gradient.muli(0);
                  }
                });
      }
      double took = (System.nanoTime() - start) / 1e9;
      if (i >= WARM || took > ENOUGH && i > 0) {
        seconds += took;
        counted++;
      }
    }
    return seconds / counted;
  }

  private float backward(int step, NDManager inner) {
    engine.setRandomSeed((int) (plan.seed * 1_000_003 + step));
    try (GradientCollector collector = engine.newGradientCollector()) {
      NDArray loss = objective.loss(network, step, inner);
      collector.backward(loss);
      return loss.getFloat();
    }
  }

  /**
   * Trains to the end.
   *
   * @param state where an earlier one stopped; null to begin
   * @param steps in all
   * @throws CancelledException if cancelled, once all is saved
   */
  Outcome run(@Nullable TrainingState state, int steps, PretrainListener listener, Cancel cancel) {
    Map<String, float[]> best = null;
    Curve curve = Curve.EMPTY;
    int done = 0;
    double before = 0;
    if (state != null) {
      network.set(state.kinds().get("weights"));
      set(adam.means(), state.kinds().get("means"));
      set(adam.squares(), state.kinds().get("squares"));
      best = state.kinds().get("best");
      curve = state.curve();
      done = state.done();
      before = state.seconds();
    }
    long start = System.nanoTime();
    long saved = start;
    int first = done;
    double smooth = Double.NaN;
    double sum = 0;
    int summed = 0;
    int every =
        Math.max(
            Math.ceilDiv(steps, plan.measurements),
            (int) Math.ceil(plan.between / objective.tokensPerStep()));
    boolean over = done >= steps || isOver(curve);
    while (!over) {
      double rate = rate(done, steps);
      float loss;
      try (NDManager inner = manager.newSubManager()) {
        loss = backward(done, inner);
        adam.update(done + 1, rate, inner);
      }
      done++;
      requireFinite(loss, done);
      smooth = Double.isNaN(smooth) ? loss : SMOOTH * smooth + (1 - SMOOTH) * loss;
      sum += loss;
      summed++;
      double seconds = (System.nanoTime() - start) / 1e9;
      tell(done, first, steps, smooth, rate, seconds, listener);
      if (measure != null && (done % every == 0 || done == steps)) {
        var point =
            new Curve.Point(
                done,
                (long) done * objective.tokensPerStep(),
                before + seconds,
                sum / summed,
                measured());
        sum = 0;
        summed = 0;
        curve = curve.with(point);
        if (curve.best() == point) {
          best = network.values();
        }
        listener.measured(point);
        over = isOver(curve);
      }
      over |= done == steps;
      boolean cancelled = isCancelled(cancel);
      long now = System.nanoTime();
      if (plan.checkpoint != null && (over || cancelled || now - saved > plan.interval.toNanos())) {
        save(done, steps, before + (now - start) / 1e9, curve, best);
        saved = System.nanoTime();
      }
      cancel.check();
    }
    if (best != null) {
      network.set(best);
    }
    return new Outcome(network.all(), done, before + (System.nanoTime() - start) / 1e9, curve);
  }

  private boolean isOver(Curve curve) {
    return !curve.points().isEmpty()
        && curve.points().size() - 1 - curve.points().indexOf(curve.best()) >= plan.patience;
  }

  private WordScores measured() {
    try (NDManager inner = manager.newSubManager()) {
      return measure.measure(network, inner);
    }
  }

  private static boolean isCancelled(Cancel cancel) {
    try {
      cancel.check();
      return false;
    } catch (CancelledException _) {
      return true;
    }
  }

  private static void requireFinite(float loss, int step) {
    if (!Float.isFinite(loss)) {
      throw new PolysemeException(
          "the loss has grown beyond all bounds at step %d: take a smaller learning rate, and --restart"
              .formatted(step));
    }
  }

  /** The learning rate of a step, from 0: it grows in a straight line and falls in another. */
  double rate(int step, int steps) {
    double warm = Math.max(1, Math.round(plan.warmUp * steps));
    double at = step + 1;
    return plan.rate
        * (at <= warm ? at / warm : Math.max(0, (steps + 1 - at) / (steps + 1 - warm)));
  }

  private void tell(
      int done,
      int first,
      int steps,
      double loss,
      double rate,
      double seconds,
      PretrainListener listener) {
    double perStep = seconds / (done - first);
    listener.update(
        new PretrainProgress(
            done,
            steps,
            (long) done * objective.tokensPerStep(),
            (long) steps * objective.tokensPerStep(),
            loss,
            rate,
            objective.tokensPerStep() / perStep,
            Duration.ofMillis((long) (1000 * perStep * (steps - done)))));
  }

  private void save(
      int done, int steps, double seconds, Curve curve, @Nullable Map<String, float[]> best) {
    var kinds = new LinkedHashMap<String, Map<String, float[]>>();
    kinds.put("weights", network.values());
    kinds.put("means", values(adam.means()));
    kinds.put("squares", values(adam.squares()));
    if (best != null) {
      kinds.put("best", best);
    }
    new TrainingState(done, steps, seconds, curve, kinds).write(plan.checkpoint, plan.signature);
  }

  private static Map<String, float[]> values(Map<String, NDArray> arrays) {
    var values = new LinkedHashMap<String, float[]>();
    arrays.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  private static void set(Map<String, NDArray> arrays, Map<String, float[]> values) {
    arrays.forEach((name, array) -> Network.set(array, values.get(name)));
  }
}
