package io.polyseme.sense;

import com.carrotsearch.hppc.ObjectIntHashMap;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The baseline that knows no vectors: a sense is as good as the words that its glosses share with
 * the text, each counting by its inverse document frequency among all glosses (Lesk 1986;
 * Kilgarriff and Rosenzweig 2000, "Framework and Results for English SENSEVAL", section 4.1), where
 * glosses are the sense's own with synonyms and examples, and those of broader and narrower senses
 * (Banerjee and Pedersen 2003, "Extended Gloss Overlaps as a Measure of Semantic Relatedness").
 * Thread-safe.
 */
final class Lesk {
  private static final int REMEMBERED = 50_000;

  private final SenseInventory inventory;
  private final ObjectIntHashMap<String> frequency = new ObjectIntHashMap<>();
  private final double glosses;
  private final Map<String, Set<String>> remembered = new ConcurrentHashMap<>();
  private final Map<String, String> stems = new ConcurrentHashMap<>();

  /** Counts the words of all glosses. */
  Lesk(SenseInventory inventory) {
    this.inventory = inventory;
    int[] count = {0};
    Set<String> seen = new HashSet<>();
    inventory
        .all()
        .forEach(
            sense -> {
              if (seen.add(sense.gloss())) { // synonyms have the same one
                count[0]++;
                words(sense.gloss()).forEach(word -> frequency.addTo(word, 1));
              }
            });
    glosses = Math.max(1, count[0]);
  }

  /** The words of a text, in lower case, by their first lemma. */
  Set<String> words(String text) {
    var words = new HashSet<String>();
    BreakIterator boundaries = BreakIterator.getWordInstance(Locale.ROOT);
    boundaries.setText(text);
    int start = boundaries.first();
    for (int end = boundaries.next(); end != BreakIterator.DONE; end = boundaries.next()) {
      if (Character.isLetterOrDigit(text.codePointAt(start))) {
        words.add(stem(text.substring(start, end).toLowerCase(Locale.ROOT)));
      }
      start = end;
    }
    return words;
  }

  private String stem(String form) {
    if (stems.size() > 10 * REMEMBERED) {
      stems.clear();
    }
    return stems.computeIfAbsent(
        form,
        it -> {
          List<String> lemmas = inventory.lemmas(it, null);
          return lemmas.isEmpty() ? it : lemmas.getLast(); // the base form rather than itself
        });
  }

  /** The words that the sense and the text share, without the word itself. */
  List<String> shared(Sense sense, Set<String> context) {
    var shared = new ArrayList<String>();
    for (String word : of(sense)) {
      if (context.contains(word) && !word.equalsIgnoreCase(sense.lemma())) {
        shared.add(word);
      }
    }
    shared.sort((a, b) -> Double.compare(weight(b), weight(a)));
    return shared;
  }

  double score(List<String> shared) {
    return shared.stream().mapToDouble(this::weight).sum();
  }

  private double weight(String word) {
    return Math.log(glosses / Math.max(1, frequency.get(word)));
  }

  private Set<String> of(Sense sense) {
    Set<String> known = remembered.get(sense.id());
    if (known == null) {
      known = new HashSet<>();
      add(sense, known);
      for (Sense other : inventory.broader(sense)) {
        add(other, known);
      }
      for (Sense other : inventory.narrower(sense)) {
        add(other, known);
      }
      if (remembered.size() >= REMEMBERED) {
        remembered.clear();
      }
      remembered.put(sense.id(), known);
    }
    return known;
  }

  private void add(Sense sense, Set<String> words) {
    words.addAll(words(sense.gloss()));
    sense.examples().forEach(example -> words.addAll(words(example)));
    sense.synonyms().forEach(synonym -> words.addAll(words(synonym)));
  }
}
