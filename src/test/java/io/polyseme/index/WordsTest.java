package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Query;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Texts of an index searched by their words. */
@Timeout(60)
class WordsTest {
  private static final BuildOptions TEXTS =
      BuildOptions.DEFAULT.withFullText(List.of("title", "text"));

  @TempDir Path temp;

  private VectorIndex index(Recipe recipe, Map<String, String> texts) {
    var random = new Random(1);
    try (IndexBuilder builder = VectorIndex.builder(temp.resolve("i"), recipe, Data.MAKER, TEXTS)) {
      texts.forEach(
          (label, text) -> builder.add(label, Data.gaussian(random, 4), Map.of("text", text)));
      builder.commit(Progress.NONE, Cancel.create());
    }
    return VectorIndex.open(temp.resolve("i"));
  }

  private static List<String> found(VectorIndex index, String words) {
    return index.candidates(null, words, Filter.ALL, 10).list().stream()
        .map(Candidate::label)
        .toList();
  }

  @Test
  void scoresAreThoseOfBm25() {
    var texts = new LinkedHashMap<String, String>();
    texts.put("a", "zebra zebra lion");
    texts.put("b", "zebra lion tiger monkey elephant giraffe");
    texts.put("c", "lion tiger");
    try (VectorIndex index = index(Recipe.of("test"), texts)) {
      List<Candidate> found = index.candidates(null, "zebra", Filter.ALL, 10).list();
      // Robertson and Zaragoza 2009, formula 3.15, with Lucene's idf, ln(1 + (N - n + .5) / (n +
      // .5)).
      double idf = Math.log(1 + (3 - 2 + 0.5) / (2 + 0.5));
      double mean = (3 + 6 + 2) / 3.0;
      assertEquals(List.of("a", "b"), found.stream().map(Candidate::label).toList());
      assertEquals(idf * 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / mean)), found.get(0).words(), 1e-5);
      assertEquals(idf * 1 / (1 + 1.2 * (0.25 + 0.75 * 6 / mean)), found.get(1).words(), 1e-5);
      assertTrue(Double.isNaN(found.get(0).similarity()));
    }
  }

  @Test
  void eachLanguageHasItsOwnWords() {
    var texts = new LinkedHashMap<String, String>();
    texts.put("en", "The children were running through the fields of their grandmother.");
    texts.put("zh", "孩子们在田野里奔跑，天气很好。");
    texts.put(
        "de", "Die Kinder liefen über die Felder und sangen schöne Lieder für ihre Großmutter.");
    try (VectorIndex index = index(Recipe.of("test"), texts)) {
      assertEquals(List.of("en"), found(index, "a child runs in a field"));
      assertEquals(List.of("zh"), found(index, "田野"));
      assertEquals(List.of("zh"), found(index, "天气"));
      assertEquals(List.of("de"), found(index, "GROSSMUTTER großmutter"));
      assertEquals(List.of(), found(index, "Kind")); // no German unless it is said to be
      assertEquals(List.of(), found(index, "的"));
      assertEquals(List.of(), found(index, "!?"));
    }
    Recipe german = Recipe.of("test").withTexts(TextOptions.DEFAULT.withLanguage("de"));
    try (VectorIndex index = index(german, texts)) {
      assertEquals("de", found(index, "das Kind und das Feld").getFirst());
    }
    Recipe unknown = Recipe.of("test").withTexts(TextOptions.DEFAULT.withLanguage("xx"));
    String message =
        assertThrows(PolysemeException.class, () -> index(unknown, texts)).getMessage();
    assertTrue(message.contains("\"xx\"") && message.contains("zh"), message);
  }

  @Test
  void candidatesHaveBothScoresWhicheverSideFoundThem() {
    var texts = new LinkedHashMap<String, String>();
    var random = new Random(5);
    for (int i = 0; i < 300; i++) {
      texts.put("t" + i, (random.nextInt(3) == 0 ? "apple " : "") + "pear plum" + i % 7);
    }
    try (VectorIndex index = index(Recipe.of("test"), texts)) {
      Query near = Query.near(Data.gaussian(random, 4), 1);
      Filter filter = Filter.labels(java.util.regex.Pattern.compile("t[12].*"));
      Candidates some = index.candidates(near, "apple plum3", filter, 10);
      Candidates all = index.candidates(near, "apple plum3", filter, 300);
      assertEquals(10, some.list().stream().filter(c -> c.similarityRank() > 0).count());
      assertEquals(10, some.list().stream().filter(c -> c.wordsRank() > 0).count());
      for (Candidate candidate : some.list()) {
        Candidate same =
            all.list().stream()
                .filter(c -> c.label().equals(candidate.label()))
                .findFirst()
                .orElseThrow();
        assertEquals(same.similarity(), candidate.similarity(), 1e-9);
        assertEquals(same.words(), candidate.words(), 1e-5);
        assertTrue(candidate.label().matches("t[12].*"));
      }
    }
  }

  @Test
  void aVeryLongQuestionTakesItsRarestWords() {
    var texts = new LinkedHashMap<String, String>();
    for (int i = 0; i < 1500; i++) {
      texts.put("t" + i, "common word" + i);
    }
    var question = new StringBuilder("common ");
    for (int i = 0; i < 1500; i++) {
      question.append("word").append(i).append(' ');
    }
    try (VectorIndex index = index(Recipe.of("test"), texts)) {
      Candidates found = index.candidates(null, question.toString(), Filter.ALL, 2000);
      assertEquals(1000, found.list().size());
      assertTrue(found.warnings().getFirst().contains("1,501"), found.warnings()::toString);
      assertTrue(index.candidates(null, "x ".repeat(50_000), Filter.ALL, 5).list().isEmpty());
    }
  }

  @Test
  void fieldsAreNumbersAndDatesWhereTheyAreWrittenSo() {
    try (IndexBuilder builder =
        VectorIndex.builder(temp.resolve("i"), Recipe.of("test"), Data.MAKER, TEXTS)) {
      String[] values = {
        "12", "-3.5", "1e3", "12 apples", "2024-05-17", "2024-05-17T23:30:00-02:00", "0x10", "NaN"
      };
      for (int i = 0; i < values.length; i++) {
        builder.add("v" + i, new float[] {1, i}, Map.of("value", values[i], "other", "12"));
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(temp.resolve("i"))) {
      double infinity = Double.POSITIVE_INFINITY;
      assertEquals(
          List.of("v0", "v1", "v2"), labels(index, new Filter.Range("value", -infinity, infinity)));
      assertEquals(List.of("v0"), labels(index, new Filter.Range("value", 12, 12)));
      assertEquals(List.of("v1"), labels(index, new Filter.Range("value", -4, 0)));
      assertEquals(8, labels(index, new Filter.Range("other", 12, 12)).size());
      long day = java.time.Instant.parse("2024-05-17T00:00:00Z").toEpochMilli();
      assertEquals(List.of("v4"), labels(index, new Filter.Period("value", day, day + 86_399_999)));
      assertEquals(
          List.of("v5"),
          labels(index, new Filter.Period("value", day + 86_400_000, Long.MAX_VALUE)));
      assertEquals(List.of(), labels(index, new Filter.Present("nothing")));
      assertFalse(index.hasWords());
    }
  }

  private static List<String> labels(VectorIndex index, Filter filter) {
    return index.entries(filter, 100).stream().map(VectorIndex.Entry::label).toList();
  }
}
