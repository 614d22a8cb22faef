package io.polyseme.predict;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.LayerNorm;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.WordHead;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.model.ModelFiles;
import io.polyseme.vector.Span;
import io.polyseme.vector.TopK;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Predicts words with a model that has a language-model head: those that were masked, or the next
 * one. It can be asked of inner layers, too, whose states the head reads either through the
 * translators that were learned with it (the tuned lens, Belrose et al. 2023) or as they are (the
 * logit lens, nostalgebraist 2020; normalised first where the model does so at its end alone).
 *
 * <p>Thread-safe. Closed by whoever opened it, before the encoder.
 */
public final class WordPredictor implements AutoCloseable {
  private static final Pattern MASK =
      Pattern.compile("\\[mask\\]|<mask>|<\\|mask\\|>", Pattern.CASE_INSENSITIVE);

  private final Encoder encoder;
  private final Inside inside;
  private final WordHead head;
  private final @Nullable TunedLens lens;
  private final String lensProblem;

  /** A text with masks as the model has them, and where they stand in the one that was given. */
  private record MaskedText(String text, List<Span> spans) {}

  private WordPredictor(
      Encoder encoder, WordHead head, @Nullable TunedLens lens, String lensProblem) {
    this.encoder = encoder;
    this.inside = encoder.inside();
    this.head = head;
    this.lens = lens;
    this.lensProblem = lensProblem;
  }

  /**
   * Opens a model's head, and its tuned lens where it has one.
   *
   * @param files those of the encoder
   * @throws PolysemeException if the model has no head, or is not understood
   */
  public static WordPredictor open(ModelFiles files, Encoder encoder) {
    Inside inside = encoder.inside();
    WordHead head = inside.head();
    try {
      TunedLens lens = null;
      String problem = "";
      try {
        lens =
            TunedLens.read(
                files.folder(),
                files.fingerprint(),
                inside.layers() + 1,
                encoder.info().dimension());
      } catch (PolysemeException e) {
        problem = e.getMessage();
      }
      return new WordPredictor(encoder, head, lens, problem);
    } catch (RuntimeException e) {
      head.close();
      throw e;
    }
  }

  /** Whether masked words are predicted, or the next one. */
  public WordHead.Kind kind() {
    return head.kind();
  }

  /** The layer that the head reads; the others are asked through the lens. */
  public int layer() {
    return head.layer();
  }

  /** The number of layers; what is asked of a layer is from 0 to this. */
  public int layers() {
    return inside.layers();
  }

  /** Whether the model has a tuned lens, by which inner layers are read unless asked otherwise. */
  public boolean hasLens() {
    return lens != null;
  }

  /**
   * What could stand at each mask of a text, {@code [MASK]} or {@code <mask>} in any case, or, in a
   * causal model, after it.
   *
   * @return for each place in order, for each layer in the order asked for
   * @throws PolysemeException if the text has no mask, or is longer than the model's window; or the
   *     tuned lens is damaged and inner layers are asked for
   * @throws IllegalArgumentException if the model has no such layer
   */
  public List<Prediction> predict(String text, PredictOptions options) {
    if (head.kind() == WordHead.Kind.CAUSAL) {
      TokenisedText tokenised = inside.tokenise(text);
      int last = tokenised.count() - 1;
      while (tokenised.special(last)) {
        last--;
      }
      Span end = new Span(text.length(), text.length());
      return predict(tokenised, new int[] {last}, List.of(end), options);
    }
    MaskedText masked = masked(text);
    if (masked.spans.isEmpty()) {
      throw new PolysemeException(
          "the text has no mask: write %s where a word is to be predicted, or name a word of it to be masked (--word)"
              .formatted(maskPiece()));
    }
    return predict(masked, options);
  }

  /**
   * What could stand in the place of a part of a text, all of which becomes one mask. A model that
   * predicts the next word is given the text before it.
   *
   * @param word in the text, not empty
   */
  public List<Prediction> predict(String text, Span word, PredictOptions options) {
    if (word.start() >= word.end() || word.end() > text.length()) {
      throw new IllegalArgumentException("there is no part %s of the text".formatted(word));
    }
    if (head.kind() == WordHead.Kind.CAUSAL) {
      return predict(text.substring(0, word.start()).stripTrailing(), options).stream()
          .map(it -> new Prediction(word, it.layer(), it.words()))
          .toList();
    }
    String changed = text.substring(0, word.start()) + maskPiece() + text.substring(word.end());
    return predict(new MaskedText(changed, List.of(word)), options);
  }

  private String maskPiece() {
    return head.word(maskId());
  }

  private int maskId() {
    return head.maskId()
        .orElseThrow(
            () ->
                new PolysemeException(
                    "the tokenizer of %s has no mask token: no masked word can be asked of it"
                        .formatted(encoder.info().card().name())));
  }

  private MaskedText masked(String text) {
    String piece = maskPiece();
    var spans = new ArrayList<Span>();
    var changed = new StringBuilder();
    Matcher matcher = MASK.matcher(text);
    int from = 0;
    while (matcher.find()) {
      changed.append(text, from, matcher.start()).append(piece);
      spans.add(new Span(matcher.start(), matcher.end()));
      from = matcher.end();
    }
    return new MaskedText(changed.append(text, from, text.length()).toString(), spans);
  }

  private List<Prediction> predict(MaskedText masked, PredictOptions options) {
    TokenisedText text = inside.tokenise(masked.text);
    int mask = maskId();
    var places = new int[masked.spans.size()];
    int found = 0;
    for (int token = 0; token < text.count(); token++) {
      if (text.id(token) == mask && !text.special(token)) {
        if (found < places.length) {
          places[found] = token;
        }
        found++;
      }
    }
    if (found != places.length) {
      throw new PolysemeException(
          "%d masks of the text become %d mask tokens: write spaces around them"
              .formatted(places.length, found));
    }
    return predict(text, places, masked.spans, options);
  }

  private List<Prediction> predict(
      TokenisedText text, int[] places, List<Span> spans, PredictOptions options) {
    int last = inside.layers();
    List<Integer> layers = options.layers().isEmpty() ? List.of(head.layer()) : options.layers();
    Set<Tap> taps = new HashSet<>();
    for (int layer : layers) {
      if (layer < 0 || layer > last) {
        throw new IllegalArgumentException(
            "there is no layer %d: %s has 0 to %d"
                .formatted(layer, encoder.info().card().name(), last));
      }
      if (layer != head.layer() && !options.raw() && !lensProblem.isEmpty()) {
        throw new PolysemeException(lensProblem);
      }
      taps.add(new Tap.HiddenState(layer));
    }
    Activations values = inside.activations(text, ActivationRequest.of(taps));
    int dimension = encoder.info().dimension();
    int rows = places.length * layers.size();
    var states = new float[rows * dimension];
    int row = 0;
    for (int place : places) {
      for (int layer : layers) {
        float[] state = read(layer, values.at(new Tap.HiddenState(layer), place), options.raw());
        System.arraycopy(state, 0, states, row++ * dimension, dimension);
      }
    }
    float[] logits = head.logits(states, rows);
    var predictions = new ArrayList<Prediction>();
    for (row = 0; row < rows; row++) {
      predictions.add(
          new Prediction(
              spans.get(row / layers.size()),
              layers.get(row % layers.size()),
              words(logits, row, logits.length / rows, options.top())));
    }
    return predictions;
  }

  /** A state as the head reads it. */
  private float[] read(int layer, float[] state, boolean raw) {
    if (layer == head.layer()) {
      return state;
    }
    if (lens != null && !raw) {
      return lens.apply(layer, state);
    }
    // A head at the end reads what is normalised, and so must it of inner layers.
    int last = inside.layers();
    boolean atEnd = head.layer() == last && inside.normAfterFeedForward(1) == null;
    LayerNorm norm = atEnd ? inside.normAfterFeedForward(last) : null;
    return norm == null ? state : norm.apply(state);
  }

  private List<Prediction.Word> words(float[] logits, int row, int count, int top) {
    int from = row * count;
    float largest = Float.NEGATIVE_INFINITY;
    for (int w = 0; w < count; w++) {
      largest = Math.max(largest, logits[from + w]);
    }
    double sum = 0;
    for (int w = 0; w < count; w++) {
      sum += Math.exp(logits[from + w] - largest);
    }
    var best = new TopK(top, Integer::compare);
    for (int w = 0; w < head.vocabulary(); w++) {
      if (best.wants(w, logits[from + w]) && !head.word(w).isEmpty()) {
        best.offer(w, logits[from + w]);
      }
    }
    TopK.Best found = best.drain();
    var words = new ArrayList<Prediction.Word>();
    for (int i = 0; i < found.rows().length; i++) {
      int id = found.rows()[i];
      words.add(
          new Prediction.Word(head.word(id), id, Math.exp(found.scores()[i] - largest) / sum));
    }
    return words;
  }

  @Override
  public void close() {
    head.close();
  }
}
