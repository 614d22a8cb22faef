package io.polyseme.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.SenseInventory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnglishFormsTest {
  @ParameterizedTest
  @CsvSource({
    "banks, bank, NOUN, the, side, sides",
    "banks, bank, NOUN, the, watch, watches",
    "banks, bank, NOUN, the, city, cities",
    "banks, bank, NOUN, the, day, days",
    "banks, bank, NOUN, the, policewoman, policewomen",
    "banks, bank, NOUN, the, human, humans",
    "banks, bank, NOUN, the, crisis, crises",
    "banks, bank, NOUN, the, leaf, leaves",
    "banks, bank, NOUN, the, roof, roofs",
    "banks, bank, NOUN, the, potato, potatoes",
    "banks, bank, NOUN, the, photo, photos",
    "banks, bank, NOUN, the, savings bank, savings banks",
    "Banks, bank, NOUN, the, side, Sides",
    "BANKS, bank, NOUN, the, side, SIDES",
    "children, child, NOUN, the, kid, kids",
    "bank, bank, NOUN, the, side, side",
    "stopped, stop, VERB, they, go, went",
    "stopped, stop, VERB, they have, go, gone",
    "stopped, stop, VERB, they have never, go, gone",
    "stopped, stop, VERB, it was suddenly, break, broken",
    "went, go, VERB, they, travel, traveled",
    "gone, go, VERB, they, swim, swum",
    "cut, cut, VERB, he, reduce, reduced",
    "cut, cut, VERB, they have, reduce, reduced",
    "cut, cut, VERB, to, reduce, reduce",
    "goes, go, VERB, he, have, has",
    "goes, go, VERB, he, do, does",
    "goes, go, VERB, he, try, tries",
    "are, be, VERB, they, exist, exist",
    "is, be, VERB, it, exist, exists",
    "were, be, VERB, they, exist, existed",
    "sits, sit, VERB, he, wait, waits",
    "sitting, sit, VERB, is, lie, lying",
    "sitting, sit, VERB, is, stop, stopping",
    "sitting, sit, VERB, is, refer, referring",
    "sitting, sit, VERB, is, visit, visiting",
    "sitting, sit, VERB, is, make, making",
    "sitting, sit, VERB, is, see, seeing",
    "sitting, sit, VERB, is, be, being",
    "cried, cry, VERB, she, carry on, carried on",
    "cried, cry, VERB, she, panic, panicked",
    "cried, cry, VERB, she, agree, agreed",
    "bigger, big, ADJECTIVE, a, large, larger",
    "bigger, big, ADJECTIVE, a, happy, happier",
    "bigger, big, ADJECTIVE, a, fat, fatter",
    "bigger, big, ADJECTIVE, a, immense, more immense",
    "biggest, big, ADJECTIVE, the, good, best",
    "better, good, ADJECTIVE, a, bad, worse",
    "better, good, ADJECTIVE, a, fine, finer",
    "clever, clever, ADJECTIVE, a, smart, smart",
    "faster, fast, ADVERB, ran, quickly, more quickly",
    "off, off, OTHER, ran, away, away"
  })
  void asAnotherWordIsInflected(
      String form, String of, PartOfSpeech pos, String before, String lemma, String expected) {
    assertEquals(expected, EnglishForms.like(form, of, pos, before, lemma));
  }

  @Test
  void whatIsOfNoKnownKindIsNotInflected() {
    assertEquals("side", EnglishForms.like("banks", "bank", null, "", "side"));
    assertEquals("Side", EnglishForms.like("Banks", "bank", null, "", "side"));
  }

  @ParameterizedTest
  @CsvSource({
    "'He is a ', engineer, 'He is an '",
    "'He is an ', cook, 'He is a '",
    "'An ', hour, 'An '",
    "'A ', honest man, 'An '",
    "'An ', user, 'A '",
    "'A ', uniform, 'A '",
    "'A ', uninvited guest, 'An '",
    "'the ', engineer, 'the '",
    "'banana ', engineer, 'banana '",
    "'', engineer, ''"
  })
  void theArticleFollows(String before, String word, String expected) {
    assertEquals(expected, EnglishForms.withArticle(before, word));
  }

  /**
   * WordNet's morphology, which was made from other lists, leads the forms back; it knows few of
   * the plurals of words in -sis.
   */
  @Test
  void formsOfAllWordsLeadBack() {
    try (SenseInventory wordNet = SenseInventory.open("")) {
      leadBack(wordNet, PartOfSpeech.NOUN, EnglishForms::plural);
      for (String form : List.of("tries", "tried", "trying")) {
        leadBack(
            wordNet,
            PartOfSpeech.VERB,
            lemma -> EnglishForms.like(form, "try", PartOfSpeech.VERB, "they", lemma));
      }
    }
  }

  private static void leadBack(
      SenseInventory wordNet, PartOfSpeech pos, UnaryOperator<String> inflected) {
    List<String> lemmas =
        wordNet
            .lemmas()
            .filter(it -> it.matches("[a-z]{3,}(?<!sis)") && !wordNet.senses(it, pos).isEmpty())
            .toList();
    var lost = new ArrayList<String>();
    for (String lemma : lemmas) {
      String form = inflected.apply(lemma);
      if (!wordNet.lemmas(form, pos).contains(lemma)) {
        lost.add(lemma + " " + form);
      }
    }
    assertTrue(lemmas.size() > 5000, lemmas.size() + " lemmas");
    assertTrue(
        lost.size() <= 0.015 * lemmas.size(),
        () -> "%d of %d: %s".formatted(lost.size(), lemmas.size(), lost));
  }
}
