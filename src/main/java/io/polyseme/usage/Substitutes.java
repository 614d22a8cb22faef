package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Candidates.Candidate;
import io.polyseme.vector.Span;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which words could stand in a word's place, in the sense that it has there. Candidates are the
 * words that an inventory has for the sense, for wider, narrower and neighbouring ones, and
 * neighbours in a word space of the word, and of the word together with its definition, or with the
 * text where none is known. Each is put in the place, inflected alike in English.
 *
 * <p>They are ranked by how little that changes, the mean of four distances: of the two words in
 * their place, over the last layers; of the two texts (both after Zhou, Ge, Xu, Wei and Zhou 2019,
 * "BERT-based Lexical Substitution", whose proposals come from a language model's head instead); of
 * the sense's definition and the candidate's, the nearest where it has several; and how much nearer
 * that one is to another sense of the word. Each distance is divided by its mean over the
 * candidates, because cosines of different things have different ranges. Thread-safe.
 */
public final class Substitutes {
  /**
   * The last layers are looked at, one in so many: below them a vector tells how a word is written
   * more than what it means.
   */
  private static final int ONE_LAYER_IN = 3;

  private final Encoder encoder;
  private final SenseInventory inventory;
  private final Candidates candidates;
  private final SubstituteOptions options;

  /**
   * All are the caller's to close.
   *
   * @param space words and their neighbours; null for none
   */
  public Substitutes(
      Encoder encoder,
      SenseInventory inventory,
      @Nullable VectorSpace space,
      SubstituteOptions options) {
    this.encoder = encoder;
    this.inventory = inventory;
    this.candidates = new Candidates(encoder, inventory, space, options);
    this.options = options;
  }

  /**
   * Substitutes of a word, the best first.
   *
   * @param word where it stands in the text
   * @param sense the sense that it has there; null where that is not known, so that only the space
   *     is asked
   * @return empty where there are no candidates
   * @throws io.polyseme.PolysemeException if the text cannot be encoded
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<Substitute> of(String text, AnalysedWord word, @Nullable Sense sense, Cancel cancel) {
    List<Candidate> tried = candidates.of(text, word, sense);
    if (tried.isEmpty()) {
      return List.of();
    }
    var changes = new ArrayList<double[]>(inPlace(text, word.span(), tried, cancel));
    changes.addAll(definitions(word, sense, tried, cancel));
    double[] scores = scores(changes);
    return IntStream.range(0, tried.size())
        .filter(c -> !Double.isNaN(changes.getFirst()[c]))
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer c) -> -scores[c])
                .thenComparing(c -> tried.get(c).lemma()))
        .limit(options.top())
        .map(c -> substitute(tried.get(c), scores[c]))
        .toList();
  }

  private static Substitute substitute(Candidate of, double score) {
    return new Substitute(score, of.lemma(), of.source(), of.text(), of.span());
  }

  /**
   * One without the mean of the distances, each in units of its own mean.
   *
   * @param changes distances by candidate; NaN where one is not known, which counts as average
   */
  static double[] scores(List<double[]> changes) {
    var scores = new double[changes.getFirst().length];
    int told = 0;
    for (double[] change : changes) {
      double mean = Arrays.stream(change).filter(it -> !Double.isNaN(it)).average().orElse(0);
      if (mean == 0) {
        continue; // not known of any, or all alike
      }
      told++;
      for (int c = 0; c < scores.length; c++) {
        scores[c] += Double.isNaN(change[c]) ? 0 : 1 - change[c] / mean;
      }
    }
    for (int c = 0; c < scores.length; c++) {
      scores[c] /= Math.max(1, told);
    }
    return scores;
  }

  /** How much each candidate changes the word's vectors, and the text's. */
  private List<double[]> inPlace(String text, Span span, List<Candidate> tried, Cancel cancel) {
    EncodeRequest request =
        EncodeRequest.ofWords()
            .withWords(Words.GIVEN)
            .withSentence(true)
            .withLayers(Layers.lastN(Math.max(1, encoder.info().layers() / ONE_LAYER_IN)));
    Encoded original = encoder.encode(TextInput.of(text, span), request, cancel);
    var words = new double[tried.size()];
    var texts = new double[tried.size()];
    encoder.encodeAll(
        tried.stream().map(it -> TextInput.of(it.text(), it.span())).iterator(),
        request,
        result -> {
          int c = (int) result.index();
          if (!(result instanceof EncodeResult.Done(_, Encoded changed))) {
            words[c] = Double.NaN; // such a word cannot stand here
            return;
          }
          words[c] = wordChange(original, changed);
          texts[c] =
              1
                  - Vectors.cosine(
                      original.sentence().getLast().vector(),
                      changed.sentence().getLast().vector());
        },
        cancel);
    return List.of(words, texts);
  }

  private static double wordChange(Encoded original, Encoded changed) {
    int layers = original.sentence().size();
    double cosines = 0;
    for (int l = 0; l < layers; l++) {
      cosines +=
          Vectors.cosine(
              original.words().getFirst().vectors().get(l).vector(),
              changed.words().getFirst().vectors().get(l).vector());
    }
    return 1 - cosines / layers;
  }

  /**
   * How far the nearest of each candidate's definitions is from the sense's, and by how much that
   * one is nearer to another sense of the word: what is like the word in another sense, as April is
   * like the spring that is no coil, changes its vectors little too.
   */
  private List<double[]> definitions(
      AnalysedWord word, @Nullable Sense sense, List<Candidate> tried, Cancel cancel) {
    if (sense == null || sense.gloss().isEmpty()) {
      return List.of();
    }
    Map<String, float[]> vectors =
        vectors(
            Stream.of(
                    Stream.of(sense.gloss()),
                    senses(word).map(Sense::gloss),
                    tried.stream().flatMap(it -> it.glosses().stream()))
                .flatMap(it -> it)
                .filter(gloss -> !gloss.isEmpty())
                .distinct()
                .toList(),
            cancel);
    float[] meant = vectors.get(sense.gloss());
    if (meant == null) {
      return List.of();
    }
    List<float[]> others =
        senses(word)
            .filter(it -> !it.id().equals(sense.id()) && vectors.containsKey(it.gloss()))
            .map(it -> vectors.get(it.gloss()))
            .toList();
    var apart = new double[tried.size()];
    var elsewhere = new double[tried.size()];
    for (int c = 0; c < apart.length; c++) {
      apart[c] = Double.NaN;
      elsewhere[c] = Double.NaN;
      for (String gloss : tried.get(c).glosses()) {
        float[] vector = vectors.get(gloss);
        if (vector == null) {
          continue;
        }
        double distance = 1 - Vectors.cosine(meant, vector);
        if (!(distance >= apart[c])) {
          apart[c] = distance;
          double other =
              others.stream().mapToDouble(it -> 1 - Vectors.cosine(it, vector)).min().orElse(2);
          elsewhere[c] = Math.max(0, distance - other);
        }
      }
    }
    return List.of(apart, elsewhere);
  }

  private Stream<Sense> senses(AnalysedWord word) {
    return word.lemmas().stream().flatMap(it -> inventory.senses(it, word.pos()).stream());
  }

  private Map<String, float[]> vectors(List<String> texts, Cancel cancel) {
    Map<String, float[]> vectors = new HashMap<>();
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        EncodeRequest.ofSentences(),
        result -> {
          if (result instanceof EncodeResult.Done(long index, Encoded encoded)) {
            vectors.put(texts.get((int) index), encoded.vector());
          }
        },
        cancel);
    return vectors;
  }
}
