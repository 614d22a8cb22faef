package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.predict.MaskedTexts.Masked;
import io.polyseme.vector.MatrixProduct;
import io.polyseme.vector.RandomOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Learns a masked-word head over an encoder that stays as it is, from raw text: some tokens are
 * masked, the hidden states at their places are kept, and a projection with Gelu and layer
 * normalisation (BERT's, Devlin et al. 2019) is trained by Adam to bring them near the model's own
 * embeddings of the words that stood there, with a bias for each word. The softmax is over words
 * that are drawn for each step; what is measured is that over the whole vocabulary. The same
 * options give the same head, whatever the number of threads.
 *
 * <p>Beside it a tuned lens is learned, by which the head reads the states of inner layers.
 */
public final class HeadTrainer {
  /** The share of the steps in which the learning rate grows. */
  private static final double WARM_UP = 0.05;

  private static final int FEWEST = 1000;

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
   * @param texts raw text, in any portions; what is longer than the window is cut at sentences, and
   *     portions of fewer than 8 tokens are left out
   * @param listener told after each epoch
   * @throws PolysemeException if there is too little text, the model has a head already, or no mask
   *     token, or is not understood
   * @throws io.polyseme.CancelledException if cancelled
   */
  public TrainedHead train(
      Iterator<String> texts, Consumer<Epoch> listener, Progress progress, Cancel cancel) {
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
    float[][] words = words(inside);
    var gathered = new Gathered(inside, new MaskedTexts(texts, encoder, options, mask));
    gathered.read(progress, cancel);
    var random = new SplittableRandom(options.seed());
    var network =
        new HeadNetwork(
            encoder.info().dimension(), words, gathered.texts.counts(), new Random(options.seed()));
    HeadScores floor = HeadMeasure.floor(gathered.texts.counts(), gathered.heldOut);
    HeadScores reached = train(network, gathered, floor, listener, random, progress, cancel);
    return new TrainedHead(
        network,
        gathered.lens,
        new TrainedHead.Summary(
            gathered.texts.tokens(),
            gathered.learned.size(),
            gathered.texts.tooShort(),
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
      Gathered gathered,
      HeadScores floor,
      Consumer<Epoch> listener,
      SplittableRandom random,
      Progress progress,
      Cancel cancel) {
    Examples examples = gathered.learned;
    var steps =
        new HeadSteps(
            network,
            new WordSampler(gathered.texts.counts()),
            options.samples(),
            options.threads());
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
              network, words, gathered.heldOut, options.threads(), Progress.NONE, cancel);
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

  /** The masked words of the corpus with their states. */
  private final class Gathered {
    final Inside inside;
    final MaskedTexts texts;
    final Examples learned;
    final Examples heldOut;
    @Nullable TunedLens lens;

    Gathered(Inside inside, MaskedTexts texts) {
      this.inside = inside;
      this.texts = texts;
      this.learned = new Examples(encoder.info().dimension());
      this.heldOut = new Examples(encoder.info().dimension());
    }

    void read(Progress progress, Cancel cancel) {
      int last = inside.layers();
      if (options.lens() > 0) {
        var fit = new LensFit(last, encoder.info().dimension(), options.threads());
        Set<Tap> all = new HashSet<>();
        for (int layer = 0; layer <= last; layer++) {
          all.add(new Tap.HiddenState(layer));
        }
        run(all, options.lens(), fit, progress, cancel);
        if (fit.count() > 0) {
          lens = fit.fit(cancel);
        }
      }
      run(Set.of(new Tap.HiddenState(last)), Long.MAX_VALUE, null, progress, cancel);
      if (learned.size() < FEWEST || heldOut.size() == 0) {
        throw new PolysemeException(
            "there is too little text to learn a head from: %d masked words to learn from and %d held out, of %d tokens in texts of 8 tokens and more; give more text, or hold out a greater share"
                .formatted(learned.size(), heldOut.size(), texts.tokens()));
      }
    }

    /**
     * @param most ends once so many masked words to learn from were read
     */
    private void run(
        Set<Tap> taps, long most, @Nullable LensFit fit, Progress progress, Cancel cancel) {
      Deque<Masked> under = new ArrayDeque<>();
      var read = new long[1];
      Iterator<TokenisedText> source =
          new Iterator<>() {
            @Override
            public boolean hasNext() {
              return read[0] < most && texts.hasNext();
            }

            @Override
            public TokenisedText next() {
              Masked masked = texts.next();
              under.add(masked);
              read[0] += masked.heldOut() ? 0 : masked.words().length;
              return masked.text();
            }
          };
      inside.activations(
          source,
          ActivationRequest.of(taps),
          values -> {
            take(under.removeFirst(), values, fit, cancel);
            progress.update(
                "reading the text", Math.min(texts.tokens(), options.tokens()), options.tokens());
          },
          cancel);
    }

    private void take(Masked masked, Activations values, @Nullable LensFit fit, Cancel cancel) {
      int last = inside.layers();
      for (int i = 0; i < masked.places().length; i++) {
        int place = masked.places()[i];
        float[] state = values.at(new Tap.HiddenState(last), place);
        (masked.heldOut() ? heldOut : learned).add(masked.words()[i], state);
        if (fit != null && !masked.heldOut()) {
          var states = new float[last][];
          for (int layer = 0; layer < last; layer++) {
            states[layer] = values.at(new Tap.HiddenState(layer), place);
          }
          fit.add(states, state, cancel);
        }
      }
    }
  }
}
