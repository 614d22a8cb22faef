package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.vector.MatrixProduct;
import io.polyseme.vector.RandomOrder;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Learns a masked-word head over an encoder that stays as it is, from raw text: some tokens are
 * masked, the hidden states of one layer at their places are kept, and a projection with Gelu and
 * layer normalisation (BERT's, Devlin et al. 2019) is trained by Adam to bring them near the
 * model's own embeddings of the words that stood there, with a bias for each word. The softmax is
 * over words that are drawn for each step; what is measured is that over the whole vocabulary. The
 * same options give the same head, whatever the number of threads.
 *
 * <p>Beside it a tuned lens is learned, by which the head reads the states of other layers.
 */
public final class HeadTrainer {
  /** The share of the steps in which the learning rate grows. */
  private static final double WARM_UP = 0.05;

  private final Encoder encoder;
  private final HeadOptions options;

  /**
   * How far training has come.
   *
   * @param epoch from 1
   * @param loss the mean of the sampled losses of the epoch
   * @param heldOut on texts held out
   * @param floor the same by the frequency of words alone
   */
  public record Epoch(int epoch, double loss, HeadScores heldOut, HeadScores floor) {}

  /**
   * @param encoder stays the caller's to close
   */
  public HeadTrainer(Encoder encoder, HeadOptions options) {
    this.encoder = encoder;
    this.options = options;
  }

  /**
   * Learns.
   *
   * @param portions raw text, a paragraph each, say; what is longer than the window is cut at
   *     sentences, and portions of fewer than 8 tokens are left out
   * @param listener told after each epoch
   * @throws PolysemeException if there is too little text, the model has a head already, or no mask
   *     token, or is not understood
   * @throws io.polyseme.CancelledException if cancelled
   */
  public TrainedHead train(
      Iterator<String> portions, Consumer<Epoch> listener, Progress progress, Cancel cancel) {
    Inside inside = encoder.inside();
    String name = encoder.info().card().name();
    if (inside.hasHead()) {
      throw new PolysemeException(
          name + " has a language-model head already: \"polyseme predict\" uses it");
    }
    if (encoder.info().quantisation() != Quantisation.NONE) {
      throw new PolysemeException(
          name + " is quantised: learn the head with the float32 model that it was made from");
    }
    int mask =
        inside
            .maskId()
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "the tokenizer of %s has no mask token, such as [MASK]: no masked words can be learned with it"
                            .formatted(name)));
    if (options.layer() > inside.layers()) {
      throw new PolysemeException(
          "there is no layer %d: %s has 0 to %d".formatted(options.layer(), name, inside.layers()));
    }
    float[][] words = words(inside);
    var texts = new MaskedTexts(portions, encoder, options, mask);
    var gathered = new GatheredStates(encoder, texts, words, options);
    gathered.read(progress, cancel);
    HeadScores floor = HeadMeasure.floor(texts.counts(), gathered.heldOut());
    HeadNetwork network =
        HeadNetwork.start(
            encoder.info().dimension(),
            words,
            texts.counts(),
            gathered.learned(),
            options.threads(),
            cancel);
    HeadScores reached =
        train(network, gathered, texts.counts(), floor, listener, progress, cancel);
    return new TrainedHead(
        network,
        gathered.lens(),
        new TrainedHead.Summary(
            gathered.layer(),
            texts.tokens(),
            gathered.learned().size(),
            texts.tooShort(),
            reached,
            floor));
  }

  private static float[][] words(Inside inside) {
    float[] flat = inside.wordEmbeddings();
    int rows = inside.vocabularyRows();
    int width = flat.length / rows;
    var words = new float[rows][width];
    for (int w = 0; w < rows; w++) {
      System.arraycopy(flat, w * width, words[w], 0, width);
    }
    return words;
  }

  private HeadScores train(
      HeadNetwork network,
      GatheredStates gathered,
      long[] counts,
      HeadScores floor,
      Consumer<Epoch> listener,
      Progress progress,
      Cancel cancel) {
    Examples examples = gathered.learned();
    var random = new SplittableRandom(options.seed());
    var steps =
        new HeadSteps(network, new WordSampler(counts), options.samples(), options.threads());
    var words = new MatrixProduct(network.words);
    int batch = Math.min(options.batch(), examples.size());
    int perEpoch = examples.size() / batch;
    long total = (long) perEpoch * options.epochs();
    long done = 0;
    HeadScores reached = null;
    for (int epoch = 1; epoch <= options.epochs(); epoch++) {
      int[] order = RandomOrder.shuffled(examples.size(), random);
      double loss = 0;
      for (int step = 0; step < perEpoch; step++) {
        cancel.check();
        var states = new float[batch][network.dimension];
        var targets = new int[batch];
        for (int i = 0; i < batch; i++) {
          int example = order[step * batch + i];
          examples.copyState(example, states[i]);
          targets[i] = examples.word(example);
        }
        loss += steps.step(states, targets, rate(done, total), random, cancel);
        done++;
        progress.update("learning the head", done, total);
      }
      reached =
          HeadMeasure.of(
              network, words, gathered.heldOut(), options.threads(), Progress.NONE, cancel);
      listener.accept(new Epoch(epoch, loss / ((double) perEpoch * batch), reached, floor));
    }
    return reached;
  }

  /** Up in a line, then down along a cosine. */
  private double rate(long done, long total) {
    double share = (done + 0.5) / total;
    return options.rate()
        * (share < WARM_UP
            ? share / WARM_UP
            : 0.5 * (1 + Math.cos(Math.PI * (share - WARM_UP) / (1 - WARM_UP))));
  }
}
