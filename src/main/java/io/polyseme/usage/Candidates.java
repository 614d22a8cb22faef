package io.polyseme.usage;

import io.polyseme.encoder.Encoder;
import io.polyseme.lexicon.FunctionWords;
import io.polyseme.search.Language;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Substitute.Source;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Span;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The words that are tried in another's place, from an inventory and a word space. */
final class Candidates {
  /** A neighbour is taken for one of so many of its senses: rarer ones are not what it says. */
  private static final int SENSES = 5;

  private final Encoder encoder;
  private final SenseInventory inventory;
  private final @Nullable VectorSpace space;
  private final SubstituteOptions options;

  /**
   * A word to be tried.
   *
   * @param text with it in the place of the other
   * @param span of it there
   * @param glosses of the senses in which it may be meant; empty where the inventory has none
   */
  record Candidate(String lemma, Source source, String text, Span span, Set<String> glosses) {}

  private record Found(Source source, Set<String> glosses) {}

  Candidates(
      Encoder encoder,
      SenseInventory inventory,
      @Nullable VectorSpace space,
      SubstituteOptions options) {
    this.encoder = encoder;
    this.inventory = inventory;
    this.space = space;
    this.options = options;
  }

  /** Each lemma once, by the nearest of its sources. */
  List<Candidate> of(String text, AnalysedWord word, @Nullable Sense sense) {
    Map<String, Found> found = new LinkedHashMap<>();
    if (sense != null) {
      relatives(sense, found);
    }
    neighbours(text, word, sense, found);
    String own = word.lemma().toLowerCase(Locale.ROOT);
    boolean english = Language.isEnglish(inventory, text);
    var candidates = new ArrayList<Candidate>();
    found.forEach(
        (lemma, it) -> {
          if (!same(lemma, own)) {
            candidates.add(placed(text, word, lemma, it, english));
          }
        });
    return candidates;
  }

  /** Whether a candidate is the word itself, a form of it or a phrase with it. */
  private boolean same(String lemma, String own) {
    String lower = lemma.toLowerCase(Locale.ROOT);
    return List.of(lower.split("[ -]")).contains(own)
        // 花花 is but 花 again, and 果 is what 苹果 is written with.
        || lower.codePoints().allMatch(c -> Character.isIdeographic(c) && own.indexOf(c) >= 0)
        || inventory.lemmas(lemma, null).contains(own);
  }

  private void relatives(Sense sense, Map<String, Found> into) {
    add(List.of(sense), Source.SYNONYM, Integer.MAX_VALUE, into);
    List<Sense> broader = inventory.broader(sense);
    add(broader, Source.BROADER, options.relatives(), into);
    add(inventory.narrower(sense), Source.NARROWER, options.relatives(), into);
    add(
        broader.stream().flatMap(it -> inventory.narrower(it).stream()).toList(),
        Source.SIBLING,
        options.relatives(),
        into);
  }

  private static void add(List<Sense> senses, Source source, int most, Map<String, Found> into) {
    int added = 0;
    for (Sense sense : senses) {
      var words = new ArrayList<String>();
      words.add(sense.lemma());
      words.addAll(sense.synonyms());
      for (String word : words) {
        if (added < most
            && into.putIfAbsent(word, new Found(source, Set.of(sense.gloss()))) == null) {
          added++;
        }
      }
    }
  }

  /** The neighbours of the word by itself, and of the word together with what it means here. */
  private void neighbours(
      String text, AnalysedWord word, @Nullable Sense sense, Map<String, Found> into) {
    String lemma = word.lemma();
    float[] alone = space == null ? null : space.vector(lemma).orElse(null);
    if (alone == null || options.neighbours() == 0) {
      return;
    }
    String meant =
        sense == null ? text : String.join(", ", sense.synonyms()) + ", " + sense.gloss();
    float[] here = Vectors.unit(alone);
    Vectors.addScaled(here, about(meant, lemma, here.length), 1);
    int half = (options.neighbours() + 1) / 2;
    near(alone, half, word, into);
    near(here, options.neighbours() - half, word, into);
  }

  /** The mean direction of the words of a text that mean something, without one of them. */
  private float[] about(String text, String without, int dimension) {
    var sum = new float[dimension];
    for (Span span : encoder.words(text)) {
      String word = span.of(text).toLowerCase(Locale.ROOT);
      if (!FunctionWords.contains(word) && !word.equals(without)) {
        space
            .vector(word)
            .ifPresent(vector -> Vectors.addScaled(sum, Vectors.unitOrZero(vector), 1));
      }
    }
    return Vectors.unitOrZero(sum);
  }

  private void near(float[] vector, int count, AnalysedWord word, Map<String, Found> into) {
    if (count == 0) {
      return;
    }
    String lemma = word.lemma().toLowerCase(Locale.ROOT);
    for (Hit hit : space.search(Query.near(vector, count).withExcluded(Set.of(lemma))).hits()) {
      String label = hit.label().replace('_', ' ');
      String lower = label.toLowerCase(Locale.ROOT);
      if (label.isBlank()
          || lemma.length() > 1 && (lower.startsWith(lemma) || lower.endsWith(lemma))) {
        continue; // near because its pieces are, as bankbook is to bank
      }
      // A form is tried as its lemma; what the inventory has, but as no such part of speech, is
      // not.
      List<String> lemmas = inventory.lemmas(label, word.pos());
      if (!lemmas.isEmpty()) {
        String first = lemmas.getFirst();
        var glosses = new LinkedHashSet<String>();
        inventory.senses(first, word.pos()).stream()
            .limit(SENSES)
            .forEach(it -> glosses.add(it.gloss()));
        into.putIfAbsent(first, new Found(Source.NEIGHBOUR, glosses));
      } else if (word.pos() == null || inventory.lemmas(label, null).isEmpty()) {
        into.putIfAbsent(label, new Found(Source.NEIGHBOUR, Set.of()));
      }
    }
  }

  private static Candidate placed(
      String text, AnalysedWord word, String lemma, Found found, boolean english) {
    Span span = word.span();
    String before = text.substring(0, span.start());
    String form = lemma;
    if (english) {
      form =
          EnglishForms.like(
              span.of(text), word.lemma().toLowerCase(Locale.ROOT), word.pos(), before, lemma);
      before = EnglishForms.withArticle(before, form);
    }
    return new Candidate(
        lemma,
        found.source,
        before + form + text.substring(span.end()),
        new Span(before.length(), before.length() + form.length()),
        found.glosses);
  }
}
