package io.polyseme.collection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.collection.ClassifierOptions.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TextClassifierTest {
  private static final List<String> CLASSES = List.of("billing", "card", "travel");

  private static List<ClassExample> examples(int each, double noise, long seed) {
    var random = new Random(seed);
    var examples = new ArrayList<ClassExample>();
    for (int i = 0; i < 3 * each; i++) {
      examples.add(new ClassExample(Collected.near(i % 3, noise, random, 20), CLASSES.get(i % 3)));
    }
    return examples;
  }

  private static TextClassifier of(List<ClassExample> examples, ClassifierOptions options) {
    return TextClassifier.of(examples, options, 2, Progress.NONE, Cancel.create());
  }

  private static double accuracy(TextClassifier classifier, List<ClassExample> examples) {
    return examples.stream()
            .filter(
                it -> classifier.predict(it.vector()).getFirst().className().equals(it.className()))
            .count()
        / (double) examples.size();
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void fewExamplesWillDo(Method method) {
    TextClassifier classifier =
        of(examples(4, 0.7, 1), ClassifierOptions.DEFAULT.withMethod(method));
    assertEquals(method, classifier.validation().method());
    assertEquals(12, classifier.validation().examples());
    assertEquals(CLASSES, classifier.classes());
    assertTrue(accuracy(classifier, examples(100, 0.7, 2)) > 0.95);
  }

  @Test
  void accuracyAndProbabilitiesAreThoseOfTextsThatWereNotSeen() {
    TextClassifier classifier = of(examples(150, 4, 3), ClassifierOptions.DEFAULT);
    CrossValidation told = classifier.validation();
    assertEquals(3, told.accuracies().size());
    assertTrue(told.accuracies().values().stream().allMatch(it -> it <= told.accuracy()));
    List<ClassExample> others = examples(1000, 4, 4);
    double accuracy = accuracy(classifier, others);
    assertTrue(accuracy > 0.4 && accuracy < 0.9, "not too easy: " + accuracy);
    assertEquals(told.accuracy(), accuracy, 0.06);
    assertTrue(told.calibrationError() < 0.08, told.toString());
    double confidence =
        others.stream()
            .mapToDouble(it -> classifier.predict(it.vector()).getFirst().probability())
            .average()
            .orElseThrow();
    assertEquals(accuracy, confidence, 0.06);
    List<ClassScore> scores = classifier.predict(others.getFirst().vector());
    assertEquals(1, scores.stream().mapToDouble(ClassScore::probability).sum(), 1e-9);
    assertTrue(scores.get(0).probability() >= scores.get(1).probability());
  }

  @Test
  void theSameExamplesGiveTheSameClassifier() {
    List<ClassExample> examples = examples(20, 2, 5);
    TextClassifier one = of(examples, ClassifierOptions.DEFAULT);
    TextClassifier other =
        TextClassifier.of(examples, ClassifierOptions.DEFAULT, 1, Progress.NONE, Cancel.create());
    assertEquals(one.validation(), other.validation());
    float[] vector = examples(1, 2, 6).getFirst().vector();
    assertEquals(one.predict(vector), other.predict(vector));
  }

  @Test
  void aClassWithOneExampleIsPredictedAllTheSame() {
    var examples = new ArrayList<>(examples(5, 0.3, 7));
    examples.add(new ClassExample(Collected.near(99, 0.3, new Random(1), 20), "rare"));
    TextClassifier classifier = of(examples, ClassifierOptions.DEFAULT);
    assertEquals(
        "rare",
        classifier.predict(Collected.near(99, 0.3, new Random(2), 20)).getFirst().className());
  }

  @Test
  void whatCannotBeLearnedIsSaid() {
    assertThrows(PolysemeException.class, () -> of(List.of(), ClassifierOptions.DEFAULT));
    List<ClassExample> one =
        examples(5, 1, 8).stream().filter(it -> it.className().equals("card")).toList();
    assertThrows(PolysemeException.class, () -> of(one, ClassifierOptions.DEFAULT));
    assertThrows(PolysemeException.class, () -> of(examples(1, 1, 9), ClassifierOptions.DEFAULT));
  }
}
