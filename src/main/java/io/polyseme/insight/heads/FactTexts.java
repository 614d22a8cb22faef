package io.polyseme.insight.heads;

import io.polyseme.vector.Span;

/**
 * Texts in which a fact is told or asked for: {@code {subject}} and {@code {object}} stand for the
 * pair. Immutable; start at {@link #CAPITALS}.
 *
 * @param fact tells it, of both
 * @param probe names the subject again, after the fact; a word in brackets is looked at, too
 * @param object names the object alone, by which its vector is made
 */
public record FactTexts(String fact, String probe, String object) {
  private static final String SUBJECT = "{subject}";
  private static final String OBJECT = "{object}";

  /** Of countries and their capitals. */
  public static final FactTexts CAPITALS =
      new FactTexts(
          "The capital of {subject} is {object}.",
          "Last year we visited the [capital] of {subject}.",
          "Last year we visited {object}.");

  public FactTexts {
    require(fact, SUBJECT, true);
    require(fact, OBJECT, true);
    require(probe, SUBJECT, true);
    require(probe, OBJECT, false);
    require(object, OBJECT, true);
    require(object, SUBJECT, false);
    int open = probe.indexOf('[');
    int close = probe.indexOf(']');
    if (open < 0 || close < open + 2 || probe.substring(open, close).contains(SUBJECT)) {
      throw new IllegalArgumentException("no [word] to look at in \"" + probe + "\"");
    }
  }

  private static void require(String template, String name, boolean there) {
    int at = template.indexOf(name);
    boolean once = at >= 0 && template.indexOf(name, at + 1) < 0;
    if (there ? !once : at >= 0) {
      throw new IllegalArgumentException(
          "%s must be %s in \"%s\"".formatted(name, there ? "once" : "nowhere", template));
    }
  }

  /**
   * A text made of these.
   *
   * @param fact where the fact stands in it; of length 0 where it does not
   * @param subject where the probe names the subject
   * @param word where the word in brackets stands
   */
  record Made(String text, Span fact, Span subject, Span word) {}

  /** The probe alone. */
  Made alone(String subject) {
    return made("", subject);
  }

  /** The probe of one subject, after the fact of one, which may be another or not true. */
  Made after(String factSubject, String factObject, String subject) {
    return made(fact.replace(SUBJECT, factSubject).replace(OBJECT, factObject), subject);
  }

  private Made made(String told, String subject) {
    String before = told.isEmpty() ? "" : told + " ";
    int open = probe.indexOf('[');
    int close = probe.indexOf(']');
    String plain =
        probe.substring(0, open) + probe.substring(open + 1, close) + probe.substring(close + 1);
    int at = plain.indexOf(SUBJECT);
    int shift = at < open ? subject.length() - SUBJECT.length() : 0;
    int word = before.length() + open + shift;
    int start = before.length() + at;
    return new Made(
        before + plain.replace(SUBJECT, subject),
        new Span(0, told.length()),
        new Span(start, start + subject.length()),
        new Span(word, word + close - open - 1));
  }

  /** The object's text, and where it stands. */
  Made ofObject(String object) {
    int at = this.object.indexOf(OBJECT);
    var span = new Span(at, at + object.length());
    return new Made(this.object.replace(OBJECT, object), new Span(0, 0), span, span);
  }
}
