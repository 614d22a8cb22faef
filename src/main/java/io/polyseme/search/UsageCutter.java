package io.polyseme.search;

import io.polyseme.sense.AnalysedSentence;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Analyser;
import io.polyseme.vector.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes entries of the words of a text: all of them, or chosen ones.
 *
 * <p>A word is encoded, and shown, in its sentence, be the text a whole paragraph: a usage is read
 * as a sentence, another sentence's topic does not colour it, and where words are chosen, only the
 * sentences that have one are encoded. Not thread-safe.
 */
final class UsageCutter {
  private static final int REMEMBERED = 200_000;

  private final Analyser analyser;
  private final Set<String> chosen;
  private final boolean lemmatise;

  /** The words of the chosen phrases. */
  private final Set<String> parts = new HashSet<>();

  /** Whether a form may belong to one of the parts; most texts have none, and need no analysis. */
  private final Map<String, Boolean> forms = new HashMap<>();

  private final Set<String> missing;

  /**
   * @param chosen lemmas; all where this is empty
   * @param lemmatise whether the lemma stands in the place of the form while a usage is encoded;
   *     each is then a text of its own
   */
  UsageCutter(Analyser analyser, Set<String> chosen, boolean lemmatise) {
    this.analyser = analyser;
    this.lemmatise = lemmatise;
    this.chosen = new TreeSet<>();
    for (String lemma : chosen) {
      this.chosen.add(normal(lemma));
    }
    this.missing = new TreeSet<>(this.chosen);
    for (String lemma : this.chosen) {
      runs(lemma, parts);
    }
  }

  /** As lemmas are written in an index. */
  static String normal(String lemma) {
    return lemma.strip().replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  /** Runs of letters in lower case. */
  private static void runs(String text, Set<String> into) {
    int start = -1;
    for (int i = 0; i <= text.length(); ) {
      int point = i < text.length() ? text.codePointAt(i) : ' ';
      boolean letter = Character.isLetter(point);
      if (letter && start < 0) {
        start = i;
      } else if (!letter && start >= 0) {
        into.add(text.substring(start, i).toLowerCase(Locale.ROOT));
        start = -1;
      }
      i += Character.charCount(point);
    }
  }

  /** The entries of a text: at least one, if only to tell that the text is done. */
  List<Entry> entries(Source.Passage passage) {
    var entries = new ArrayList<Entry>();
    if (mayHaveChosen(passage.text())) {
      for (AnalysedSentence sentence : analyser.sentences(passage.text())) {
        add(passage, sentence, entries);
      }
    }
    if (entries.isEmpty()) {
      return List.of(new Entry(passage.text(), List.of(), passage.number()));
    }
    // Only the last of them tells that the text is done.
    Entry last = entries.removeLast();
    entries.add(new Entry(last.text(), last.items(), passage.number()));
    return entries;
  }

  private boolean mayHaveChosen(String text) {
    if (chosen.isEmpty()) {
      return true;
    }
    if (!analyser.tagged()) { // words may touch, as in Chinese
      String lower = text.toLowerCase(Locale.ROOT);
      return chosen.stream().anyMatch(lower::contains);
    }
    if (forms.size() > REMEMBERED) {
      forms.clear();
    }
    Set<String> runs = new HashSet<>();
    runs(text, runs);
    for (String run : runs) {
      if (forms.computeIfAbsent(run, form -> analyser.mayBe(form, parts))) {
        return true;
      }
    }
    return false;
  }

  private void add(Source.Passage passage, AnalysedSentence sentence, List<Entry> entries) {
    String text = sentence.span().of(passage.text());
    int from = sentence.span().start();
    var items = new ArrayList<Entry.Item>();
    for (AnalysedWord word : sentence.words()) {
      String lemma = normal(word.lemma());
      if (!chosen.isEmpty() && !chosen.contains(lemma)) {
        continue;
      }
      missing.remove(lemma);
      var span = new Span(word.span().start() - from, word.span().end() - from);
      Map<String, String> fields = passage.fields(text);
      fields.put("word", span.of(text));
      fields.put("start", Integer.toString(span.start()));
      fields.put("end", Integer.toString(span.end()));
      fields.put("lemma", lemma);
      if (word.pos() != null) {
        fields.put(Source.POS, word.pos().toString());
      }
      // A phrase begins where its first word does.
      String place =
          lemma.indexOf(' ') < 0
              ? Integer.toString(word.span().start())
              : word.span().start() + "-" + word.span().end();
      String label = passage.place() + ":" + place;
      if (lemmatise) {
        Lemmatised changed = Lemmatised.of(text, span, lemma);
        entries.add(
            new Entry(
                changed.text(),
                List.of(new Entry.Item(label, changed.span(), fields)),
                passage.number() - 1));
      } else {
        items.add(new Entry.Item(label, span, fields));
      }
    }
    if (!items.isEmpty()) {
      entries.add(new Entry(text, items, passage.number() - 1));
    }
  }

  List<String> warnings(Path from) {
    return missing.stream().map(word -> "\"%s\" is not in %s".formatted(word, from)).toList();
  }

  /** Whether no chosen word was found. */
  boolean foundNothing() {
    return !chosen.isEmpty() && missing.size() == chosen.size();
  }
}
