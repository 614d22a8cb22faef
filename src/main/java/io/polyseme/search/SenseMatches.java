package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Occurrences;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.sense.AnalysedSentence;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Analyser;
import io.polyseme.vector.Background;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How near the uses of a word in texts are to its use in a question. Each is read in its sentence;
 * what all the uses have in common is taken out, so that what is left tells meanings apart.
 */
final class SenseMatches {
  /**
   * A use of the word in a text.
   *
   * @param score the cosine to the use in the question
   */
  record Use(int text, Span span, double score) {}

  private final List<Use> uses;

  private SenseMatches(List<Use> uses) {
    this.uses = uses;
  }

  /** Every use of the word in the texts. */
  List<Use> uses() {
    return uses;
  }

  /** The best use in a text; null where the word is not in it. */
  @Nullable Use best(int text) {
    Use best = null;
    for (Use use : uses) {
      if (use.text == text && (best == null || use.score > best.score)) {
        best = use;
      }
    }
    return best;
  }

  private record Place(int text, Span span, TextInput input) {}

  /**
   * Compares the uses of a word.
   *
   * @param word as it stands in the question, or its base form
   * @throws PolysemeException if the word is not in the question
   */
  static SenseMatches of(
      Encoder encoder,
      Analyser analyser,
      String word,
      String question,
      List<String> texts,
      Cancel cancel) {
    Set<String> lemmas = new HashSet<>(analyser.lemmasOf(word.toLowerCase(Locale.ROOT)));
    lemmas.add(word.toLowerCase(Locale.ROOT));
    List<Place> asked = places(analyser, lemmas, 0, question);
    if (asked.isEmpty()) {
      throw new PolysemeException(
          "the word \"%s\" is not in the question \"%s\"".formatted(word, question));
    }
    var places = new ArrayList<Place>();
    places.add(asked.getFirst());
    for (int i = 0; i < texts.size(); i++) {
      places.addAll(places(analyser, lemmas, i, texts.get(i)));
    }
    var vectors = new ArrayList<float @Nullable []>();
    Iterator<TextInput> inputs = places.stream().map(Place::input).iterator();
    encoder.encodeAll(
        inputs,
        EncodeRequest.ofWords().withWords(Words.GIVEN),
        result ->
            vectors.add(
                result instanceof EncodeResult.Done(_, var encoded)
                    ? encoded.words().getFirst().vector()
                    : null),
        cancel);
    var known = new ArrayList<float[]>();
    for (float @Nullable [] vector : vectors) {
      if (vector != null) {
        known.add(vector);
      }
    }
    float @Nullable [] own = vectors.getFirst();
    var uses = new ArrayList<Use>();
    if (own != null) {
      Background background = Background.of(known);
      float[] there = background.apply(own);
      for (int i = 1; i < places.size(); i++) {
        float @Nullable [] vector = vectors.get(i);
        if (vector != null) {
          uses.add(
              new Use(
                  places.get(i).text,
                  places.get(i).span,
                  Vectors.dot(there, background.apply(vector))));
        }
      }
    }
    return new SenseMatches(uses);
  }

  /** Where the word stands in a text, each with its sentence. */
  private static List<Place> places(
      Analyser analyser, Set<String> lemmas, int number, String text) {
    var places = new ArrayList<Place>();
    for (AnalysedSentence sentence : analyser.sentences(text)) {
      String own = sentence.span().of(text);
      int from = sentence.span().start();
      Set<Span> found = new HashSet<>();
      for (AnalysedWord word : sentence.words()) {
        String form = word.span().of(text).toLowerCase(Locale.ROOT);
        if (lemmas.contains(form)
            || word.lemmas().stream().anyMatch(l -> lemmas.contains(l.toLowerCase(Locale.ROOT)))) {
          found.add(word.span());
          places.add(place(number, word.span(), own, from));
        }
      }
      if (found.isEmpty()) {
        for (String lemma : lemmas) {
          if (own.toLowerCase(Locale.ROOT).contains(lemma)) {
            for (Span span : occurrences(lemma, own)) {
              places.add(
                  place(number, new Span(from + span.start(), from + span.end()), own, from));
            }
            break;
          }
        }
      }
    }
    return places;
  }

  private static List<Span> occurrences(String lemma, String text) {
    try {
      return Occurrences.of(lemma, text);
    } catch (PolysemeException _) {
      return List.of(); // it is only a part of longer words
    }
  }

  private static Place place(int number, Span span, String sentence, int from) {
    return new Place(
        number,
        span,
        new TextInput(sentence, List.of(new Span(span.start() - from, span.end() - from))));
  }
}
