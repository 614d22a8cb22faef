package io.polyseme.search;

import io.polyseme.vector.Span;

/**
 * A text in which a word's base form stands in its place. Otherwise the form of a word (singular or
 * plural, say) tells its vectors apart more than its meaning does (Laicher, Kurtyigit, Schlechtweg,
 * Kuhn and Schulte im Walde 2021, "Explaining and Improving BERT Performance on Lexical Semantic
 * Change Detection").
 *
 * @param span of the base form
 */
public record Lemmatised(String text, Span span) {
  /**
   * Puts the lemma into the place of the word; a capital stays one.
   *
   * @param lemma in lower case
   * @throws IllegalArgumentException if the span reaches outside the text
   */
  public static Lemmatised of(String text, Span span, String lemma) {
    String form = span.of(text);
    if (form.equalsIgnoreCase(lemma)) {
      return new Lemmatised(text, span);
    }
    boolean capital = !form.isEmpty() && Character.isUpperCase(form.codePointAt(0));
    String placed =
        capital
            ? new StringBuilder(lemma.length())
                .appendCodePoint(Character.toTitleCase(lemma.codePointAt(0)))
                .append(lemma, Character.charCount(lemma.codePointAt(0)), lemma.length())
                .toString()
            : lemma;
    return new Lemmatised(
        text.substring(0, span.start()) + placed + text.substring(span.end()),
        new Span(span.start(), span.start() + placed.length()));
  }
}
