package io.polyseme.train;

import io.polyseme.PolysemeException;
import io.polyseme.vector.LabelledRows;
import io.polyseme.words.FastTextModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a training begins with: random vectors ({@link #RANDOM}), those of words that are there
 * already, or a whole model that is trained further. Immutable; the vectors stay the caller's to
 * close, once the training has ended.
 */
public final class TrainingStart {
  /** All vectors begin at random. */
  public static final TrainingStart RANDOM = new TrainingStart(null, null, _ -> false);

  private final @Nullable LabelledRows vectors;
  private final @Nullable FastTextModel model;
  private final Predicate<String> frozen;

  private TrainingStart(
      @Nullable LabelledRows vectors, @Nullable FastTextModel model, Predicate<String> frozen) {
    this.vectors = vectors;
    this.model = model;
    this.frozen = frozen;
  }

  /**
   * Words of the text begin with these vectors where they have one, and at random else. What the
   * text does not have is not taken over.
   *
   * @param vectors of as many dimensions as are trained
   */
  public static TrainingStart of(LabelledRows vectors) {
    return new TrainingStart(Objects.requireNonNull(vectors), null, _ -> false);
  }

  /**
   * A model is trained further on new text: its words, n-grams and outputs are taken over, new
   * words of the text are added, counts are added up. A word that the new text does not have keeps
   * what it has learned, but for n-grams that it shares with others. The text alone says how often
   * a word is passed over or drawn as a negative.
   *
   * @param model of the dimension and n-grams that are trained
   */
  public static TrainingStart of(FastTextModel model) {
    return new TrainingStart(null, Objects.requireNonNull(model), _ -> false);
  }

  /**
   * Words that begin with a vector and are in here keep it, so that new words find their places
   * among them. With n-grams, all those stay too, and only new words' own rows learn.
   */
  public TrainingStart withFrozen(Predicate<String> frozen) {
    return new TrainingStart(vectors, model, Objects.requireNonNull(frozen));
  }

  List<String> knownWords() {
    return model == null ? List.of() : model.words();
  }

  long[] knownCounts() {
    return model == null ? new long[0] : model.counts();
  }

  long knownTokens() {
    return model == null ? 0 : model.tokens();
  }

  /**
   * Puts what is there in place of what is random.
   *
   * @return of each word, whether it is frozen; empty where none is
   * @throws PolysemeException if it does not fit the options
   */
  boolean[] begin(Weights weights, TrainingCorpus corpus, TrainingOptions options) {
    var stay = new boolean[corpus.size()];
    if (vectors != null) {
      begin(vectors, weights, corpus, options, stay);
    } else if (model != null) {
      begin(model, weights, corpus, options, stay);
    }
    for (boolean one : stay) {
      if (one) {
        return stay;
      }
    }
    return new boolean[0];
  }

  private void begin(
      LabelledRows rows,
      Weights weights,
      TrainingCorpus corpus,
      TrainingOptions options,
      boolean[] stay) {
    requireDimension(rows.dimension(), options);
    if (options.subwords() != null) {
      throw new PolysemeException(
          "a training with n-grams cannot begin with vectors of whole words: leave out one of both,"
              + " or continue a model of fastText's (.bin)");
    }
    var vector = new float[rows.dimension()];
    int found = 0;
    for (int word = 0; word < corpus.size(); word++) {
      String label = corpus.words().get(word);
      int row = rows.row(label);
      if (row >= 0) {
        rows.copyRow(row, vector);
        requireFinite(vector, label);
        weights.setInput(word, vector);
        stay[word] = frozen.test(label);
        found++;
      }
    }
    if (found == 0) {
      throw new PolysemeException(
          ("none of the text's %,d words has a vector to begin with: is it of another language, or"
                  + " not lower-case?")
              .formatted(corpus.size()));
    }
  }

  private void begin(
      FastTextModel before,
      Weights weights,
      TrainingCorpus corpus,
      TrainingOptions options,
      boolean[] stay) {
    requireDimension(before.dimension(), options);
    if (!Objects.equals(before.rule(), options.subwords())) {
      throw new PolysemeException(
          "the model has %s, and %s are to be trained: a model goes on with its own"
              .formatted(named(before.rule()), named(options.subwords())));
    }
    Map<String, Integer> places = new HashMap<>();
    for (int word = 0; word < corpus.size(); word++) {
      places.put(corpus.words().get(word), word);
    }
    var vector = new float[before.dimension()];
    for (int row = 0; row < before.words().size(); row++) {
      String label = before.words().get(row);
      int word = places.get(label);
      before.inputs().copy(row, vector);
      requireFinite(vector, label);
      weights.setInput(word, vector);
      before.outputs().copy(row, vector);
      requireFinite(vector, label);
      weights.setOutput(word, vector);
      stay[word] = frozen.test(label);
    }
    int buckets = before.rule() == null ? 0 : before.rule().buckets();
    for (int bucket = 0; bucket < buckets; bucket++) {
      before.inputs().copy(before.words().size() + bucket, vector);
      requireFinite(vector, "of an n-gram");
      weights.setInput(corpus.size() + bucket, vector);
    }
  }

  private static String named(@Nullable Object rule) {
    return rule == null ? "no n-grams" : "n-grams (" + rule + ")";
  }

  private static void requireDimension(int dimension, TrainingOptions options) {
    if (dimension != options.dimension()) {
      throw new PolysemeException(
          "the vectors to begin with have %,d dimensions, and %,d are to be trained"
              .formatted(dimension, options.dimension()));
    }
  }

  private static void requireFinite(float[] vector, String label) {
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        throw new PolysemeException(
            "the vector to begin with of \"%s\" has a number that is none".formatted(label));
      }
    }
  }
}
