package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.sense.UsageMix;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CoarseTrialTest {
  private static final CoarseOptions OPTIONS =
      CoarseOptions.DEFAULT.withMix(UsageMix.words(1, 2)).withExamples(CoarseTrial.EXAMPLES);

  private static List<Example> examples(String... sensesAndTexts) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < sensesAndTexts.length; i += 2) {
      String text = sensesAndTexts[i + 1];
      examples.add(
          new Example(
              text, new Span(text.indexOf("bow"), text.indexOf("bow") + 3), sensesAndTexts[i]));
    }
    return examples;
  }

  private static Word word(List<Example> train, List<Example> test) {
    Map<String, String> senses = new LinkedHashMap<>();
    train.forEach(example -> senses.put(example.sense(), example.sense()));
    return new Word("bow", senses, train, test);
  }

  private static Evaluation score(Division division, Word... words) {
    return trial().score(new CoarseSenses(List.of(words), division));
  }

  private static CoarseTrial trial() {
    return new CoarseTrial(WrittenUsages.VECTORS, OPTIONS, Progress.NONE, Cancel.create());
  }

  /** Two senses that lie to the right and to the left; the mean is the origin. */
  private static final List<Example> TRAIN =
      examples(
          "ship",
          "bow 2 1",
          "ship",
          "bow 2 -1",
          "ship",
          "bow 3 0",
          "ship",
          "bow 1 0",
          "arrow",
          "bow -2 1",
          "arrow",
          "bow -2 -1",
          "arrow",
          "bow -4 0");

  @Test
  void partsAreToldByTheOther() {
    List<Example> test =
        examples(
            "ship", "bow 2 0.5", "ship", "bow -2 0.5", "arrow", "bow -3 0", "arrow", "bow fail");
    Evaluation evaluation = score(Division.PARTS, word(TRAIN, test));
    Score f1 = evaluation.score("bow", CoarseTrial.MACRO_F1);
    // ship: 2 * 1 / (2 + 1), arrow: 2 * 1 / (1 + 2)
    assertEquals(2 / 3.0, f1.value(), 1e-12);
    assertEquals("words(1-2)", f1.layer());
    assertEquals(3, f1.n());
    assertEquals(4, f1.total());
    assertEquals(2 / 3.0, evaluation.score("bow", CoarseTrial.ACCURACY).value(), 1e-12);
    // The training part has more ships, of which the test has two of three: F1 4 / 5 and 0.
    assertEquals(
        2 / 3.0,
        evaluation.score("bow", CoarseTrial.MOST_FREQUENT + CoarseTrial.ACCURACY).value(),
        1e-12);
    assertEquals(
        0.4,
        evaluation.score("bow", CoarseTrial.MOST_FREQUENT + CoarseTrial.MACRO_F1).value(),
        1e-12);
    assertTrue(
        evaluation.warnings().getFirst().startsWith("1 of 11 texts could not be encoded"),
        evaluation.warnings().toString());
    assertEquals(evaluation, score(Division.PARTS, word(TRAIN, test)));
  }

  @Test
  void fewExamplesMakeACurve() {
    CoarseSenses set =
        new CoarseSenses(
            List.of(word(TRAIN, examples("ship", "bow 3 0.1", "arrow", "bow -3 0.1"))),
            Division.PARTS);
    Evaluation curve = trial().curve(set);
    assertEquals(
        List.of("1 a sense", "3 a sense", "10 a sense", "30 a sense", "100 a sense"),
        curve.scores().stream().map(Score::section).distinct().toList());
    assertTrue(curve.scores().stream().allMatch(score -> score.value() == 1), curve.toString());
    assertThrows(
        PolysemeException.class,
        () -> trial().curve(new CoarseSenses(set.words(), Division.HALVES)));
  }

  @Test
  void halvesAreToldByTheNearestOfTheOther() {
    var many = new ArrayList<String>();
    for (int i = 0; i < 40; i++) {
      many.addAll(List.of("ship", "bow 5 " + i % 7));
    }
    for (int i = 0; i < 20; i++) {
      many.addAll(List.of("arrow", "bow -5 " + i % 7));
    }
    Evaluation evaluation =
        score(Division.HALVES, word(examples(many.toArray(String[]::new)), List.of()));
    Score accuracy = evaluation.score("bow", CoarseTrial.ACCURACY);
    assertEquals(1, accuracy.value(), 1e-12);
    assertEquals(60, accuracy.n());
    Score floor = evaluation.score("bow", CoarseTrial.MOST_FREQUENT + CoarseTrial.ACCURACY);
    assertEquals(2 / 3.0, floor.value(), 1e-12);
    assertTrue(floor.low() < 2 / 3.0 && 2 / 3.0 < floor.high());
    assertEquals(
        0.4,
        evaluation.score("bow", CoarseTrial.MOST_FREQUENT + CoarseTrial.MACRO_F1).value(),
        1e-12);
  }

  @Test
  void oneIsToldByTheOthersWithoutItsLike() {
    // The nearest to the first is the second, which is nearly the same text; then an arrow.
    List<Example> examples =
        examples(
            "ship", "on the old harbour wall bow 1 0.9",
            "ship", "on the old harbour wall bow 1 0.8",
            "arrow", "he strings it: bow 1 -1",
            "arrow", "quick! bow 1 -2",
            "arrow", "zum Kai bow -9 9");
    Evaluation evaluation = score(Division.LEAVE_ONE_OUT, word(examples, List.of()));
    // The last has all others beyond a right angle, and the first is the nearest of them.
    assertEquals(0.4, evaluation.score("bow", CoarseTrial.ACCURACY).value(), 1e-12);
    // Without the item and its like there are either arrows only, or as many ships as arrows.
    assertEquals(
        0,
        evaluation.score("bow", CoarseTrial.MOST_FREQUENT + CoarseTrial.ACCURACY).value(),
        1e-12);
    Evaluation two =
        score(
            Division.LEAVE_ONE_OUT,
            word(examples, List.of()),
            word(TRAIN, List.of()),
            word(examples("ship", "bow 1 1"), List.of()));
    assertEquals(
        List.of("bow has fewer than two usages that could be encoded, and is left out"),
        two.warnings());
    Score all = two.score(CoarseTrial.ALL, CoarseTrial.ACCURACY);
    assertEquals(12, all.n());
    assertTrue(
        SamplesTrial.nearlySame(SamplesTrial.bigrams("abcde"), SamplesTrial.bigrams("abcdxyz")));
    assertFalse(
        SamplesTrial.nearlySame(SamplesTrial.bigrams("abcde"), SamplesTrial.bigrams("abcxyz")));
    assertFalse(SamplesTrial.nearlySame(SamplesTrial.bigrams("a"), SamplesTrial.bigrams("a")));
  }
}
