package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.polyseme.vector.RandomOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Predicting words of packed text: masked ones (Devlin et al. 2019: of the chosen tokens 80 % are
 * masked, 10 % replaced by any, 10 % left), or each by those before it.
 */
final class WordObjective implements Objective {
  private final Sequences sequences;
  private final Options options;

  /**
   * How words are predicted.
   *
   * @param batch sequences of a step
   * @param masked the share of tokens that are predicted; all where they are by those before
   * @param specials ids below are never drawn as replacements
   */
  record Options(
      boolean causal,
      int batch,
      double masked,
      int mask,
      int specials,
      int vocabulary,
      float dropout,
      long seed) {}

  /** A batch of a step: what the network sees and what it is to say. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Batch(int[] ids, int texts, int tokens, long[] places, long[] words) {}

  WordObjective(Sequences sequences, Options options) {
    this.sequences = sequences;
    this.options = options;
  }

  @Override
  public int tokensPerStep() {
    return options.batch * sequences.length();
  }

  private double predicted() {
    double room = (sequences.length() - 2.0) / sequences.length();
    return options.causal ? room : options.masked * room;
  }

  /** Operations of matrix products in a step, forward and backward. */
  double operationsPerStep(Network network) {
    return 3 * tokensPerStep() * network.operations(sequences.length(), predicted());
  }

  /** The batch of a step. */
  Batch batch(int step) {
    int length = sequences.length();
    var ids = new int[options.batch * length];
    for (int i = 0; i < options.batch; i++) {
      sequences.copy((long) step * options.batch + i, ids, i * length);
    }
    return prepared(
        ids, options.batch, new SplittableRandom(options.seed * 0x9E3779B97F4A7C15L + step));
  }

  /** Text held out, from one sequence on, with words masked that are always the same. */
  Batch heldOut(Sequences held, int from, int count) {
    int length = held.length();
    var ids = new int[count * length];
    for (int i = 0; i < count; i++) {
      held.copyInOrder(from + i, ids, i * length);
    }
    return prepared(ids, count, new SplittableRandom(7919L + from));
  }

  private Batch prepared(int[] ids, int texts, SplittableRandom random) {
    int length = sequences.length();
    int room = length - 2;
    if (options.causal) {
      var places = new long[texts * room];
      var words = new long[places.length];
      for (int i = 0; i < places.length; i++) {
        int at = i / room * length + i % room;
        places[i] = at;
        words[i] = ids[at + 1];
      }
      return new Batch(ids, texts, length, places, words);
    }
    // As many in each sequence, so that all batches have one shape.
    int each = Math.max(1, (int) Math.round(options.masked * room));
    var places = new long[texts * each];
    var words = new long[places.length];
    int[] original = Arrays.copyOf(ids, ids.length);
    for (int text = 0; text < texts; text++) {
      int[] chosen = RandomOrder.sampled(room, each, random);
      for (int i = 0; i < each; i++) {
        int at = text * length + 1 + chosen[i];
        places[text * each + i] = at;
        words[text * each + i] = original[at];
        double how = random.nextDouble();
        if (how < 0.8) {
          ids[at] = options.mask;
        } else if (how < 0.9) {
          ids[at] = random.nextInt(options.specials, options.vocabulary);
        }
      }
    }
    return new Batch(ids, texts, length, places, words);
  }

  @Override
  public NDArray loss(Network network, int step, NDManager manager) {
    return loss(network, batch(step), options.dropout, manager);
  }

  static NDArray loss(Network network, Batch batch, float dropout, NDManager manager) {
    NDArray logs = logits(network, batch, dropout, manager).logSoftmax(-1);
    NDArray words = manager.create(batch.words, new Shape(batch.words.length, 1));
    return logs.gather(words, 1).mean().neg();
  }

  /** float[predicted × vocabulary]. */
  static NDArray logits(Network network, Batch batch, float dropout, NDManager manager) {
    NDArray ids =
        manager.create(
            Arrays.stream(batch.ids).asLongStream().toArray(),
            new Shape(batch.texts, batch.tokens));
    NDArray last = network.states(ids, null, dropout).getLast();
    NDArray flat = last.reshape(-1, network.shape().dimension());
    NDArray places = manager.create(batch.places, new Shape(batch.places.length));
    return network.logits(flat.get(places));
  }
}
