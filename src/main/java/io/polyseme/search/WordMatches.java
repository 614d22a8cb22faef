package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.lexicon.FunctionWords;
import io.polyseme.search.Passage.Highlight;
import io.polyseme.vector.Background;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The words of texts, each where it stands, compared with those of a question. What the words of
 * all the texts have in common is taken out first ({@link Background}): in the last layer of an
 * encoder every word of a text is near every other, and only the differences tell.
 */
final class WordMatches {
  /** A word is told only where it is at least so near to one of the question's. */
  private static final double NEAR = 0.4;

  /** Of the words of a passage at most so many are told, and of those near to one word so many. */
  private static final int MOST = 8;

  private static final int MOST_OF_ONE = 2;

  private record Word(Span span, String text, float[] vector) {}

  private final List<Word> question;
  private final List<List<Word>> texts;

  private WordMatches(List<Word> question, List<List<Word>> texts) {
    this.question = question;
    this.texts = texts;
  }

  /** Encodes a question and texts. */
  static WordMatches of(Encoder encoder, String question, List<String> texts, Cancel cancel) {
    var inputs = new ArrayList<TextInput>();
    inputs.add(TextInput.of(question));
    texts.forEach(text -> inputs.add(TextInput.of(text)));
    var words = new ArrayList<List<Word>>();
    encoder.encodeAll(
        inputs.iterator(),
        EncodeRequest.ofWords(),
        result ->
            words.add(
                switch (result) {
                  case EncodeResult.Done(_, Encoded encoded) -> words(encoded);
                  case EncodeResult.Failed _ -> List.of();
                }),
        cancel);
    List<float[]> all = words.stream().flatMap(List::stream).map(Word::vector).toList();
    if (all.isEmpty()) {
      return new WordMatches(List.of(), words.subList(1, words.size()));
    }
    Background background = Background.of(all);
    List<List<Word>> told =
        words.stream()
            .map(
                list ->
                    list.stream()
                        .map(w -> new Word(w.span, w.text, background.apply(w.vector)))
                        .toList())
            .toList();
    return new WordMatches(told.getFirst(), told.subList(1, told.size()));
  }

  private static List<Word> words(Encoded encoded) {
    var words = new ArrayList<Word>();
    for (EncodedWord word : encoded.words()) {
      String text = word.text();
      if (text.codePoints().anyMatch(Character::isLetterOrDigit)
          && !FunctionWords.contains(text.toLowerCase(Locale.ROOT))) {
        words.add(new Word(word.span(), text, word.vector()));
      }
    }
    return words;
  }

  /** The mean, over the words of the question, of the cosine to the nearest word of a text. */
  double score(int text) {
    if (question.isEmpty()) {
      return 0;
    }
    double sum = 0;
    for (Word asked : question) {
      double nearest = -1;
      for (Word word : texts.get(text)) {
        nearest = Math.max(nearest, Vectors.dot(asked.vector, word.vector));
      }
      sum += nearest;
    }
    return sum / question.size();
  }

  /** The passage with the best of its sentences, and the words in it that are near. */
  Passage told(int number, Passage passage) {
    String text = passage.text();
    List<Word> words = texts.get(number);
    if (question.isEmpty() || words.isEmpty()) {
      return passage;
    }
    Span best = null;
    double most = Double.NEGATIVE_INFINITY;
    for (Span sentence : sentences(text)) {
      double sum = 0;
      for (Word asked : question) {
        double nearest = 0;
        for (Word word : words) {
          if (within(word.span, sentence)) {
            nearest = Math.max(nearest, Vectors.dot(asked.vector, word.vector));
          }
        }
        sum += nearest;
      }
      if (sum > most) {
        most = sum;
        best = sentence;
      }
    }
    var near = new ArrayList<Highlight>();
    for (Word word : words) {
      Word nearest = question.getFirst();
      double score = -1;
      for (Word asked : question) {
        double cosine = Vectors.dot(asked.vector, word.vector);
        if (cosine > score) {
          score = cosine;
          nearest = asked;
        }
      }
      if (score >= NEAR) {
        near.add(new Highlight(word.span, score, nearest.text));
      }
    }
    Span excerpt = best;
    near.sort(
        Comparator.comparing((Highlight h) -> excerpt == null || !within(h.span(), excerpt))
            .thenComparing(Comparator.comparingDouble(Highlight::score).reversed()));
    var told = new ArrayList<Highlight>();
    Map<String, Integer> counts = new HashMap<>();
    for (Highlight highlight : near) {
      if (told.size() < MOST && counts.merge(highlight.near(), 1, Integer::sum) <= MOST_OF_ONE) {
        told.add(highlight);
      }
    }
    told.sort(Comparator.comparingInt(highlight -> highlight.span().start()));
    return passage.withHighlights(best, told);
  }

  private static boolean within(Span inner, Span outer) {
    return inner.start() >= outer.start() && inner.end() <= outer.end();
  }

  private static List<Span> sentences(String text) {
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
    breaks.setText(text);
    var sentences = new ArrayList<Span>();
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
      int trimmed = start + text.substring(start, end).stripTrailing().length();
      if (trimmed > start) {
        sentences.add(new Span(start, trimmed));
      }
      start = end;
    }
    return sentences;
  }
}
