package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Term;
import io.polyseme.vector.UnknownTermException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Relations between words whose vectors are made up. */
@Timeout(60)
class RelationTrialTest {
  private static final int DIMENSION = 24;

  private final Random random = new Random(3);
  private final Map<String, float[]> vectors = new HashMap<>();

  private float[] gaussian(double size) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) (size * random.nextGaussian());
    }
    return vector;
  }

  private static float[] plus(float[] a, float[] b) {
    float[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /** Targets are their sources with an offset. */
  private List<WordPair> byOffset(int count) {
    float[] offset = gaussian(2);
    var pairs = new ArrayList<WordPair>();
    for (int i = 0; i < count; i++) {
      float[] source = gaussian(1);
      pairs.add(pair(i, source, plus(plus(source, offset), gaussian(0.1))));
    }
    return pairs;
  }

  /** Of targets only four directions can be told, which are others than those of the sources. */
  private List<WordPair> byMap(int count) {
    float[][] map = new float[4][];
    float[][] to = new float[4][];
    for (int r = 0; r < 4; r++) {
      map[r] = gaussian(1);
      to[r] = gaussian(1);
    }
    var pairs = new ArrayList<WordPair>();
    for (int i = 0; i < count; i++) {
      float[] source = gaussian(1);
      float[] target = gaussian(0.2);
      for (int r = 0; r < 4; r++) {
        float dot = 0;
        for (int k = 0; k < DIMENSION; k++) {
          dot += source[k] * map[r][k];
        }
        for (int k = 0; k < DIMENSION; k++) {
          target[k] += dot * to[r][k];
        }
      }
      pairs.add(pair(i, source, target));
    }
    return pairs;
  }

  private WordPair pair(int i, float[] source, float[] target) {
    String word = Character.toString('a' + i % 26) + i;
    vectors.put("s" + word, source);
    vectors.put("t" + word, target);
    return new WordPair("s" + word, "t" + word);
  }

  private WordStates states(RelationTrial trial) {
    return WordStates.of(
        "made up",
        term -> {
          String word = ((Term.Word) term).word();
          float[] vector = vectors.get(word);
          if (vector == null) {
            throw new UnknownTermException(word, "made up", List.of());
          }
          return vector;
        },
        trial.words());
  }

  private Map<String, RelationScore> measure(RelationTrial trial) {
    Map<String, RelationScore> scores = new HashMap<>();
    for (RelationScore it :
        trial.measure(List.of(states(trial)), Progress.NONE, Cancel.create()).scores()) {
      scores.put(
          it.method() + (it.shuffled() ? " shuffled" : "") + (it.apart() ? " apart" : ""), it);
    }
    return scores;
  }

  private static double first(Map<String, RelationScore> scores, String name) {
    return scores.get(name).hitAt1().value();
  }

  @Test
  void anOffsetIsLearned() {
    Map<String, RelationScore> scores = measure(RelationTrial.of(byOffset(60)));
    assertTrue(first(scores, "OFFSET") > 0.95);
    assertTrue(first(scores, "LINEAR") > 0.9);
    assertEquals(60, scores.get("OFFSET").candidates());
  }

  @Test
  void aMapIsLearnedWhereThereIsNoOffset() {
    Map<String, RelationScore> scores = measure(RelationTrial.of(byMap(80)));
    assertTrue(first(scores, "OFFSET") < 0.2);
    assertTrue(first(scores, "LINEAR") > 0.6, scores.get("LINEAR").toString());
    assertTrue(first(scores, "LINEAR shuffled") < 0.15);
    assertTrue(
        scores.get("LINEAR").reciprocal().low()
            > scores.get("LINEAR shuffled").reciprocal().high());
  }

  @Test
  void furtherCandidatesMakeItHarder() {
    List<WordPair> pairs = byOffset(20);
    RelationTrial trial = RelationTrial.of(pairs).withMethods(Set.of(RelationMethod.OFFSET));
    assertTrue(first(measure(trial), "OFFSET") > 0.9);
    for (WordPair pair : pairs) {
      // As near as the target: of equal ones the target counts as the last.
      vectors.put(pair.target() + "s", vectors.get(pair.target()).clone());
    }
    RelationTrial harder =
        trial.withOthers(
            pairs.stream().map(pair -> pair.target() + "s").collect(Collectors.toSet()));
    assertEquals(40, measure(harder).get("OFFSET").candidates());
    assertEquals(0, first(measure(harder), "OFFSET"));
  }

  @Test
  void threadsDoNotShow() {
    RelationTrial trial = RelationTrial.of(byMap(30));
    assertEquals(measure(trial.withThreads(1)), measure(trial.withThreads(3)));
  }

  @Test
  void anOffsetIsTheMeanDifference() {
    var sources = List.of(new float[] {1, 0}, new float[] {0, 1});
    var targets = List.of(new float[] {3, 1}, new float[] {2, 4});
    LearnedRelation learned = LearnedRelation.learn(sources, targets, RelationMethod.OFFSET);
    assertArrayEquals(new float[] {7, 9}, learned.apply(new float[] {5, 7}), 1e-6f);
    // Less the centre of all four, (1.5, 1.5), the prediction (2, 2) is (0.5, 0.5).
    assertArrayEquals(
        new double[] {1, -1, 0},
        learned.scores(
            new float[] {0, 0},
            List.of(new float[] {2.5f, 2.5f}, new float[] {1, 1}, new float[] {2.5f, 0.5f})),
        1e-6);
    assertThrows(
        IllegalArgumentException.class,
        () -> LearnedRelation.learn(sources, targets, RelationMethod.LINEAR));
  }

  @Test
  void pairsWhoseStringsOverlapAreCountedApart() {
    assertTrue(new WordPair("big", "Biggest").overlaps());
    assertTrue(new WordPair("pleasant", "unpleasant").overlaps());
    assertTrue(new WordPair("Tunisia", "Tunis").overlaps());
    assertFalse(new WordPair("good", "best").overlaps());
    assertFalse(new WordPair("Peru", "Lima").overlaps());
    List<WordPair> pairs = new ArrayList<>(byOffset(20));
    vectors.put("south", gaussian(1));
    vectors.put("souther", gaussian(1));
    pairs.add(new WordPair("south", "souther"));
    Map<String, RelationScore> scores = measure(RelationTrial.of(pairs));
    assertEquals(21, scores.get("OFFSET").hitAt1().n());
    assertEquals(20, scores.get("OFFSET apart").hitAt1().n());
  }

  @Test
  void unknownWordsAndTooFewPairsAreTold() {
    List<WordPair> pairs = byOffset(12);
    vectors.remove(pairs.getFirst().target());
    assertEquals(11, measure(RelationTrial.of(pairs)).get("OFFSET").hitAt1().n());
    vectors.remove(pairs.get(1).source());
    vectors.remove(pairs.get(2).source());
    RelationTrial trial = RelationTrial.of(pairs);
    assertTrue(
        assertThrows(PolysemeException.class, () -> measure(trial))
            .getMessage()
            .contains("9 of 12 pairs"));
    assertThrows(PolysemeException.class, () -> RelationTrial.of(pairs.subList(0, 9)));
    assertThrows(IllegalArgumentException.class, () -> new WordPair("a", " "));
  }
}
