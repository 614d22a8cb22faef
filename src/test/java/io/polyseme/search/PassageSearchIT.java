package io.polyseme.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.Expression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Passages searched with a real model. */
@Timeout(120)
class PassageSearchIT {
  @TempDir static Path temp;
  private static IndexSearch search;

  private static final List<String> TEXTS =
      List.of(
          "river|1999|The children sat on the grassy bank and watched the stream flow by.",
          "river|2001|After the flood the river had washed away its northern bank.",
          "river|2003|Willows grow along the banks of the canal.",
          "money|2005|The bank raised the interest on savings accounts by half a percent.",
          "money|2007|She asked her bank for a loan to buy the house.",
          "money|2009|Robbers held up a bank in the centre of the city and fled with the cash.",
          "animal|2011|A jaguar hunts at night and can climb trees.",
          "car|2013|The new Jaguar is a fast sports car with a powerful engine.",
          "car|2015|A mechanic repaired the engine of the old automobile.",
          "animal|2017|Leopards and other big cats hide in the forest.",
          "food|2019|Bake the bread for forty minutes in a hot oven.",
          "food|2021|Bake the bread forty minutes in an oven that is hot.",
          "food|2023|Cook the rice slowly and stir the soup.",
          "code|2025|The error code E4711 means that the pump has stopped.");

  @BeforeAll
  static void build() throws IOException {
    Path file = temp.resolve("texts.jsonl");
    var lines = new ArrayList<String>();
    for (String text : TEXTS) {
      String[] parts = text.split("\\|");
      lines.add(
          "{\"id\":\"%d\",\"topic\":\"%s\",\"year\":%s,\"text\":\"%s\"}"
              .formatted(lines.size(), parts[0], parts[1], parts[2]));
    }
    Files.write(file, lines);
    var models = ModelStore.standard();
    var indexing =
        new Indexing(
            models, new WordSpaces(models, EncoderOptions.DEFAULT), EncoderOptions.DEFAULT);
    indexing.build(temp.resolve("i"), Recipe.of("lines"), file, Progress.NONE, Cancel.create());
    search =
        new IndexSearch(
            VectorIndex.open(temp.resolve("i")), models, EncoderOptions.DEFAULT, Progress.NONE);
  }

  @AfterAll
  static void close() {
    search.close();
  }

  private static SearchAnswer ask(SearchRequest request) {
    return search.search(request, Cancel.create());
  }

  private static List<String> topics(SearchAnswer answer) {
    return answer.passages().stream().map(p -> p.fields().get("topic")).toList();
  }

  @Test
  void hybridFindsByMeaningAndByLetters() {
    assertEquals("code", topics(ask(SearchRequest.of("E4711").withK(1))).getFirst());
    assertEquals(
        "food", topics(ask(SearchRequest.of("how do I make a loaf?").withK(1))).getFirst());
    SearchAnswer answer = ask(SearchRequest.of("bank robbery").withK(3));
    assertEquals(SearchMode.HYBRID, answer.mode());
    Passage first = answer.passages().getFirst();
    assertTrue(first.text().startsWith("Robbers"), first::text);
    assertEquals(1, first.similarityRank());
    assertTrue(first.words() > 0 && first.wordsRank() > 0);
    assertTrue(first.score() <= 1 && first.score() > 0.9);
  }

  @Test
  void aWordIsFoundInItsMeaning() {
    SearchAnswer river =
        ask(SearchRequest.of("we walked along the bank of the river").withWord("bank").withK(3));
    assertEquals(List.of("river", "river", "river"), topics(river));
    SearchAnswer money =
        ask(SearchRequest.of("the bank lends money to firms").withWord("bank").withK(3));
    assertEquals(List.of("money", "money", "money"), topics(money));
    assertTrue(river.steps().getFirst().contains("6 passages"), river.steps()::toString);
    assertEquals("banks", spanOf(river, "Willows"));
    String message =
        assertThrows(
                PolysemeException.class,
                () -> ask(SearchRequest.of("we walked along the river").withWord("bank")))
            .getMessage();
    assertTrue(message.contains("not in the question"), message);
  }

  private static String spanOf(SearchAnswer answer, String start) {
    Passage passage =
        answer.passages().stream()
            .filter(p -> p.text().startsWith(start))
            .findFirst()
            .orElseThrow();
    return passage.highlights().getFirst().span().of(passage.text());
  }

  @Test
  void whatSpeaksAgainstIsPutOff() {
    Question jaguar = Question.of("jaguar");
    SearchAnswer car =
        ask(
            SearchRequest.of(jaguar.with(new Question.Text("wild animal in the forest", -0.5)))
                .withK(1));
    assertEquals(List.of("car"), topics(car));
    assertEquals(SearchMode.VECTOR, car.mode());
    SearchAnswer animal =
        ask(
            SearchRequest.of(
                    Question.of(Expression.text("jaguar").minus(Expression.text("car engine"))))
                .withK(1));
    assertEquals(List.of("animal"), topics(animal));
    SearchAnswer like = ask(SearchRequest.of(Question.like("texts.jsonl:11")).withK(1));
    assertEquals("texts.jsonl:12", like.passages().getFirst().label());
    assertThrows(
        PolysemeException.class, () -> ask(SearchRequest.of(Question.like("texts.jsonl:99"))));
  }

  @Test
  void varietyGroupsAndPages() {
    SearchRequest bread = SearchRequest.of("baking bread in the oven").withK(2);
    assertEquals(List.of("food", "food"), topics(ask(bread)));
    List<Passage> alike = ask(bread).passages();
    List<Passage> varied = ask(bread.withDiversity(0.6)).passages();
    assertEquals(alike.getFirst().label(), varied.getFirst().label());
    assertTrue(!varied.get(1).text().startsWith("Bake"), varied::toString);
    List<String> topics = topics(ask(bread.withK(14).withGroupBy("topic")));
    assertEquals(6, topics.size());
    assertEquals(6, topics.stream().distinct().count());
    List<String> all = labels(ask(bread.withK(14)));
    for (int offset = 0; offset < 14; offset += 3) {
      SearchAnswer page = ask(bread.withK(3).withOffset(offset));
      assertEquals(all.subList(offset, Math.min(14, offset + 3)), labels(page));
      assertEquals(offset + 1, page.passages().getFirst().rank());
    }
  }

  private static List<String> labels(SearchAnswer answer) {
    return answer.passages().stream().map(Passage::label).toList();
  }

  @Test
  void filtersThresholdsAndSeveralQuestions() {
    SearchRequest bank = SearchRequest.of("bank").withK(14);
    assertEquals(
        List.of("river"),
        topics(ask(bank.withFilter(FilterSyntax.parse("year < 2000 and topic = river")))));
    for (String wrong : List.of("yaer < 2000", "topic < 2000", "year < 2024-01-01")) {
      String message =
          assertThrows(
                  PolysemeException.class, () -> ask(bank.withFilter(FilterSyntax.parse(wrong))))
              .getMessage();
      assertTrue(message.contains("yaer") || message.contains("holds no"), message);
    }
    SearchAnswer near = ask(bank.withLeastSimilarity(0.6));
    assertTrue(near.passages().size() < 14 && !near.passages().isEmpty());
    assertTrue(near.passages().stream().allMatch(p -> p.similarity() >= 0.6));
    SearchAnswer two =
        ask(bank.withQuestions(List.of(Question.of("E4711"), Question.of("a leopard"))).withK(2));
    assertEquals(List.of("animal", "code"), topics(two).stream().sorted().toList());
  }

  @Test
  void highlightsPointIntoTheText() {
    SearchAnswer answer =
        ask(SearchRequest.of("money lent for a home").withK(5).withHighlight(true));
    Passage loan =
        answer.passages().stream().filter(p -> p.text().contains("loan")).findFirst().orElseThrow();
    assertTrue(
        loan.highlights().stream()
            .anyMatch(h -> List.of("loan", "house").contains(h.span().of(loan.text()))),
        loan.highlights()::toString);
    for (Passage passage : answer.passages()) {
      passage.highlights().forEach(h -> assertTrue(h.span().end() <= passage.text().length()));
    }
    assertTrue(
        ask(SearchRequest.of("money lent for a home").withRerank(true).withK(1))
            .steps()
            .toString()
            .contains("MaxSim"));
  }

  @Test
  void aHugeQuestionIsAnswered() {
    SearchAnswer answer = ask(SearchRequest.of("bread oven ".repeat(9_000)).withK(1));
    assertEquals(List.of("food"), topics(answer));
  }
}
