package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InductionTrialTest {
  private static final int DIMENSION = 16;

  /** Usages around a direction for each sense; of the first sense twice as many. */
  private static Word word(String name, Random random) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 90; i++) {
      int sense = i % 3 == 0 ? 1 : 0;
      int at = sense;
      String numbers =
          IntStream.range(0, DIMENSION)
              .mapToObj(
                  d ->
                      String.format(
                          Locale.ROOT,
                          "%.3f",
                          (d % 2 == at ? 2 : -2) + 0.5 * random.nextGaussian()))
              .collect(Collectors.joining(" "));
      String text = name.toUpperCase(Locale.ROOT) + "S " + numbers;
      examples.add(new Example(text, new Span(0, name.length() + 1), String.valueOf(sense)));
    }
    return new Word(name, Map.of("0", "zero", "1", "one"), examples, List.of());
  }

  @Test
  void sensesThatLieApartAreFound() {
    var random = new Random(3);
    CoarseSenses set =
        new CoarseSenses(
            List.of(word("bow", random), word("yard", random), word("fail", random)),
            Division.PARTS);
    var texts = new ArrayList<String>();
    ContextVectors listening =
        (inputs, sink, cancel) -> {
          var all = new ArrayList<TextInput>();
          inputs.forEachRemaining(all::add);
          all.forEach(input -> texts.add(input.text()));
          WrittenUsages.VECTORS.encodeAll(all.iterator(), sink, cancel);
        };
    InductionSamples samples =
        InductionSamples.DEFAULT.withBalanced(25).withDraws(3).withNatural(60);
    Evaluation evaluation =
        new InductionTrial(listening, samples, Progress.NONE, Cancel.create()).score(set);
    assertTrue(
        texts.stream().allMatch(text -> text.matches("(bow|yard|fail) .*")), texts.getFirst());
    assertTrue(
        evaluation.warnings().getLast().startsWith("fail is left out: no usage in one of"),
        evaluation.warnings().toString());
    for (String section :
        List.of("balanced", "natural", "bow, balanced", "bow, natural", "yard, balanced")) {
      assertEquals(
          1, evaluation.score(section, InductionTrial.ADJUSTED_RAND).value(), 0.05, section);
      assertEquals(2, evaluation.score(section, InductionTrial.CLUSTERS).value(), 0.5, section);
    }
    assertEquals(
        0, evaluation.score("balanced, all one", InductionTrial.ADJUSTED_RAND).value(), 1e-12);
    assertEquals(0, evaluation.score("balanced, all one", InductionTrial.V_MEASURE).value(), 1e-9);
    // Half of the pairs are right: precision 24.5 / 49, recall 1.
    assertEquals(
        2 * 0.5 / 1.5,
        evaluation.score("balanced, all one", InductionTrial.PAIRED_F).value(),
        0.01);
    assertEquals(
        0, evaluation.score("natural, all single", InductionTrial.ADJUSTED_RAND).value(), 1e-12);
    assertEquals(50, evaluation.score("balanced, all single", InductionTrial.CLUSTERS).value());
    Score whole = evaluation.score(InductionTrial.BALANCED, InductionTrial.LEFT_WHOLE);
    assertEquals(4, whole.n());
    assertThrows(IllegalArgumentException.class, () -> samples.withDraws(0));
  }
}
