package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AnalyserTest {
  private static WordNetInventory wordNet;
  private static Analyser english;

  @BeforeAll
  static void open() {
    wordNet = WordNetInventory.open();
    english = Analyser.english(wordNet);
  }

  @AfterAll
  static void close() {
    wordNet.close();
  }

  private static List<String> told(String text) {
    return english.words(text).stream()
        .map(w -> "%s/%s/%s".formatted(w.span().of(text), w.lemma(), w.pos()))
        .toList();
  }

  @Test
  void contentWordsWithTheirLemmas() {
    assertEquals(
        List.of("sat/sit/verb", "banks/bank/noun", "rivers/river/noun"),
        told("He sat on the banks of the rivers."));
    assertEquals(
        List.of("left/leave/verb", "saw/see/verb", "better/good/adjective", "days/day/noun"),
        told("He left when he saw the better days."));
  }

  @Test
  void phrasesAreOneWord() {
    assertEquals(
        List.of("took place/take place/verb", "New York/new york/noun"),
        told("It took place in New York."));
    assertTrue(told("It is a kind of bird.").contains("kind/kind/noun"));
  }

  /** An auxiliary is no content word, the copula is. */
  @Test
  void auxiliaries() {
    assertEquals(List.of("told/tell/verb"), told("He has not been told."));
    assertEquals(List.of("is/be/verb", "late/late/adjective"), told("It is late."));
  }

  @Test
  void nothingInNothing() {
    for (String text : List.of("", " ", "\n", "...", "12 345", "的", "😀 \uD800")) {
      assertEquals(List.of(), english.words(text), text);
    }
  }

  @Test
  void anyTextGivesWordsInOrderWithinIt() {
    var random = new Random(3);
    String[] parts = {
      "bank",
      " ",
      "kicked",
      "the",
      "bucket",
      ".",
      "\n",
      "\u0301",
      "花",
      "😀",
      "n't",
      "\"",
      "(",
      "\t",
      "New",
      "York",
      "'s",
      "\uD83D",
      "—",
      "take",
      "place",
      "U.S.",
      "x".repeat(300)
    };
    for (int round = 0; round < 300; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(30); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
        if (random.nextBoolean()) {
          text.append(' ');
        }
      }
      int end = 0;
      for (AnalysedWord word : english.words(text.toString())) {
        assertTrue(word.span().start() >= end, text::toString);
        end = word.span().end();
        assertTrue(end <= text.length());
        assertTrue(
            word.lemmas().stream().anyMatch(l -> !wordNet.senses(l, word.pos()).isEmpty()),
            word::toString);
      }
    }
  }

  @Test
  void withoutATaggerEveryPartOfSpeechIsConsidered() {
    String text = "the banks of New York";
    Analyser plain =
        Analyser.untagged(
            wordNet,
            t -> {
              var spans = new ArrayList<Span>();
              for (int i = 0; i < t.length(); ) {
                int space = t.indexOf(' ', i);
                int end = space < 0 ? t.length() : space;
                spans.add(new Span(i, end));
                i = end + 1;
              }
              return spans;
            });
    List<AnalysedWord> words = plain.words(text);
    assertEquals(List.of("bank", "new york"), words.stream().map(AnalysedWord::lemma).toList());
    assertEquals(null, words.getFirst().pos());
  }
}
