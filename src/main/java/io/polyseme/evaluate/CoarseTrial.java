package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.sense.StandardSpace;
import io.polyseme.sense.UsageMix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Coarse senses told by standardised hidden states of several layers, of the word and of its whole
 * text; how depends on how the set is divided. Dimensions are standardised by the texts of all
 * words that are learned from or, where a set has no parts, by all its texts; no label is needed
 * for that.
 *
 * <ul>
 *   <li>With a part to learn from and one to tell: cosines to the means of senses, with the
 *       variance within the word's senses whitened. How much is whitened is chosen by
 *       cross-validation over the training parts of all words.
 *   <li>By halves: the ten nearest usages of the other half, each counting by the cube of its
 *       cosine; the mean of ten seeded divisions.
 *   <li>Leaving one out: the nearest usage of all others, without those whose text is nearly the
 *       same (of the two texts' pairs of neighbouring characters, six tenths of the smaller set are
 *       in both).
 * </ul>
 *
 * <p>Not thread-safe.
 */
public final class CoarseTrial {
  /** How many texts a sense should be learned from at most: more take longer, and bring little. */
  public static final int EXAMPLES = 100;

  /** The mean of the F1 of each sense. */
  public static final String MACRO_F1 = "macro-f1";

  /** The share of texts that are rightly told. */
  public static final String ACCURACY = "accuracy";

  /** Goes before the name of a figure to say that it is the most frequent sense's. */
  public static final String MOST_FREQUENT = "most frequent ";

  /** Figures over the texts of all words. */
  public static final String ALL = "all";

  private final ContextVectors vectors;
  private final CoarseOptions options;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * @param vectors of words and of sentences, as {@link io.polyseme.sense.UsageStates#request()}
   *     asks for them
   */
  public CoarseTrial(
      ContextVectors vectors, CoarseOptions options, Progress progress, Cancel cancel) {
    this.vectors = vectors;
    this.options = options;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Usages of all words.
   *
   * @param known what is learned from; all usages where the set has no parts
   * @param asked what is told, of the same words
   * @param layers what the vectors are of
   */
  private record Placed(
      List<PlacedWord> known, List<PlacedWord> asked, String layers, List<String> warnings) {}

  /**
   * Learns, tells and counts.
   *
   * @return for each word, and for the mean or all of them, {@link #MACRO_F1} and {@link
   *     #ACCURACY}, and the same of the most frequent sense; intervals are of the bootstrap over
   *     texts, and of plain shares Wilson's
   * @throws PolysemeException if the set does not allow it, or nothing could be encoded
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(CoarseSenses set) {
    Placed placed = place(set, options.examples());
    var warnings = new ArrayList<>(placed.warnings);
    List<ToldWord> told =
        switch (set.division()) {
          case PARTS -> {
            PartsTrial trial = trial(placed);
            double ridge = trial.ridge();
            warnings.add(
                "before whitening, %.0f times the mean variance was added to each: chosen by %d-fold cross-validation of the training parts"
                    .formatted(ridge, PartsTrial.FOLDS));
            yield trial.told(ridge);
          }
          case HALVES -> samples(placed, warnings).byHalves();
          case LEAVE_ONE_OUT -> samples(placed, warnings).leavingOneOut();
        };
    if (told.isEmpty()) {
      throw new PolysemeException("no test text could be encoded; " + String.join("; ", warnings));
    }
    var scores = new ArrayList<Score>();
    told.forEach(word -> scores.addAll(word.scores()));
    if (told.size() > 1) {
      scores.addAll(ToldWord.means(CoarseSenses.MEAN, told));
      if (set.division() == Division.LEAVE_ONE_OUT) {
        scores.addAll(ToldWord.ofAllItems(ALL, told));
      }
    }
    return new Evaluation(scores, warnings);
  }

  /**
   * Learns from 1, 3, 10, 30 and 100 texts a sense, five seeded draws each, and tells. Draws are
   * from all training texts, whatever {@link CoarseOptions#examples()} says, and dimensions are
   * standardised by all of them, without their labels; whitening and means are of those drawn.
   *
   * @param set with parts
   * @return the means over words and draws of {@link #MACRO_F1} and {@link #ACCURACY}
   * @throws PolysemeException as {@link #score} does
   */
  public Evaluation curve(CoarseSenses set) {
    if (set.division() != Division.PARTS) {
      throw new PolysemeException("the set has no training part to draw examples from");
    }
    Placed placed = place(set, 0);
    return new Evaluation(trial(placed).curve(), placed.warnings);
  }

  private PartsTrial trial(Placed placed) {
    return new PartsTrial(placed.known, placed.asked, placed.layers, options, cancel);
  }

  private SamplesTrial samples(Placed placed, List<String> warnings) {
    return new SamplesTrial(placed.known, placed.layers, options, cancel, warnings);
  }

  private UsageMix mix(Division division, int layers) {
    UsageMix given = options.mix();
    if (given != null) {
      return given;
    }
    return switch (division) {
      case PARTS -> Thirds.last(layers).plusSentence(layers, layers, 1);
      case HALVES -> Thirds.lastTwo(layers).plusSentence(layers, layers, 1);
      case LEAVE_ONE_OUT -> Thirds.last(layers);
    };
  }

  /**
   * @param examples how many training texts of each sense; 0 for all
   */
  private Placed place(CoarseSenses set, int examples) {
    var warnings = new ArrayList<String>();
    boolean parts = set.division() == Division.PARTS;
    List<Word> words = parts ? set.tested(warnings) : set.words();
    var known = new ArrayList<List<Example>>();
    for (Word word : words) {
      known.add(parts ? CoarseSenses.drawn(word, examples, options.seed()) : word.train());
    }
    List<TextInput> inputs =
        Stream.concat(
                known.stream().flatMap(List::stream),
                words.stream().flatMap(word -> word.test().stream()))
            .map(Example::input)
            .toList();
    EncodedUsages encoded = EncodedUsages.of(vectors, inputs, "usages", progress, cancel);
    warnings.addAll(encoded.warnings());
    int learned = known.stream().mapToInt(List::size).sum();
    StandardSpace space = encoded.space(IntStream.range(0, learned).toArray());
    UsageMix mix = mix(set.division(), encoded.layers());
    var placedKnown = new ArrayList<PlacedWord>();
    var placedAsked = new ArrayList<PlacedWord>();
    int from = 0;
    int fromTest = learned;
    for (int w = 0; w < words.size(); w++) {
      Word word = words.get(w);
      int[] learnedAt = IntStream.range(from, from + known.get(w).size()).toArray();
      int[] askedAt = IntStream.range(fromTest, fromTest + word.test().size()).toArray();
      placedKnown.add(encoded.placed(word, known.get(w), learnedAt, space, mix));
      placedAsked.add(encoded.placed(word, word.test(), askedAt, space, mix));
      from += learnedAt.length;
      fromTest += askedAt.length;
    }
    return new Placed(placedKnown, placedAsked, mix.toString(), warnings);
  }
}
