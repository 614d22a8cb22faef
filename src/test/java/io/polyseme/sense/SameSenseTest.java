package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.LayerVector;
import io.polyseme.sense.SameSense.Example;
import io.polyseme.sense.SameSense.Method;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SameSenseTest {
  private static final int LAYERS = 5;
  private static final int DIMENSION = 6;

  @TempDir Path folder;

  /** Usages of two senses, which differ in three dimensions of layer 3 and nowhere else. */
  private static final class Made {
    final UsageStates states = new UsageStates();
    final List<Example> examples = new ArrayList<>();

    Made(int layers, int pairs, long seed) {
      var random = new Random(seed);
      for (int i = 0; i < pairs; i++) {
        boolean same = random.nextBoolean();
        boolean sense = random.nextBoolean();
        examples.add(
            new Example(add(random, layers, sense), add(random, layers, same == sense), same));
      }
    }

    private int add(Random random, int layers, boolean sense) {
      List<LayerVector> word = layers(random, layers);
      for (int d = 0; d < 3; d++) {
        word.get(3).vector()[d] += sense ? 3 : -3;
      }
      return states.add(
          new Encoded(
              "w",
              List.of(new EncodedWord(new Span(0, 1), "w", List.of("w"), word)),
              layers(random, layers),
              1,
              0,
              1,
              List.of()));
    }

    private static List<LayerVector> layers(Random random, int layers) {
      var made = new ArrayList<LayerVector>();
      for (int l = 0; l < layers; l++) {
        var vector = new float[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
          vector[d] = (float) random.nextGaussian();
        }
        // A rogue dimension, which would drown the others unless it is standardised.
        vector[DIMENSION - 1] = 100 + 30 * vector[DIMENSION - 1];
        made.add(new LayerVector(Integer.toString(l), vector));
      }
      return made;
    }

    SameSense learn(Method method) {
      return SameSense.learn(method, states, examples, "made-up", "0123456789");
    }

    double right(SameSense told) {
      return examples.stream()
              .filter(e -> told.tell(states, e.first(), e.second()).same() == e.same())
              .count()
          / (double) examples.size();
    }
  }

  private static final Made TRAIN = new Made(LAYERS, 300, 1);
  private static final Made TEST = new Made(LAYERS, 300, 2);

  @ParameterizedTest
  @EnumSource
  void whatWasLearnedIsTold(Method method) {
    SameSense learned = TRAIN.learn(method);
    assertEquals(method, learned.method());
    assertTrue(TEST.right(learned) > 0.85, method + ": " + TEST.right(learned));
    for (Example e : TEST.examples) {
      SameSense.Answer answer = learned.tell(TEST.states, e.first(), e.second());
      assertEquals(answer.same(), answer.probability() >= 0.5);
      assertEquals(answer, learned.tell(TEST.states, e.second(), e.first()), "in either order");
    }
    // As many as a probability says are of the same sense, within what chance allows.
    double expected =
        TEST.examples.stream()
            .mapToDouble(e -> learned.tell(TEST.states, e.first(), e.second()).probability())
            .sum();
    assertEquals(TEST.examples.stream().filter(Example::same).count(), expected, 30);
  }

  @Test
  void noMixOfOneLayerIsMoreOftenRight() {
    SameSense learned = TRAIN.learn(Method.THRESHOLD);
    int right = (int) Math.round(TRAIN.right(learned) * TRAIN.examples.size());
    StandardSpace space = StandardSpace.of(TRAIN.states);
    for (int l = 0; l < LAYERS; l++) {
      for (UsageMix mix :
          List.of(UsageMix.words(l, l), UsageMix.words(l, l).plusSentence(l, l, 2))) {
        var cosines = new float[TRAIN.examples.size()];
        var same = new boolean[cosines.length];
        for (int i = 0; i < cosines.length; i++) {
          Example e = TRAIN.examples.get(i);
          cosines[i] =
              Vectors.dot(
                  space.place(TRAIN.states, e.first(), mix),
                  space.place(TRAIN.states, e.second(), mix));
          same[i] = e.same();
        }
        int other = PairThreshold.Split.best(cosines, same).right();
        assertTrue(other <= right, mix + ": " + other + " of them, and not " + right);
      }
    }
    assertTrue(learned.mix().toString().contains("3"), learned.mix().toString());
  }

  /** Only the usages that are learned from count, whatever else lies among the states. */
  @ParameterizedTest
  @EnumSource
  void otherUsagesAmongTheStatesChangeNothing(Method method) throws IOException {
    Made more = new Made(LAYERS, 300, 1);
    more.add(new Random(3), LAYERS, true);
    Path alone = folder.resolve("alone.json");
    Path among = folder.resolve("among.json");
    TRAIN.learn(method).save(alone);
    more.learn(method).save(among);
    assertArrayEquals(Files.readAllBytes(alone), Files.readAllBytes(among));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSavedComesBack(Method method) throws IOException {
    Path file = Files.writeString(folder.resolve("same.json"), "what was there before");
    SameSense learned = TRAIN.learn(method);
    learned.save(file);
    SameSense opened = SameSense.open(file);
    assertEquals(learned.method(), opened.method());
    assertEquals("made-up", opened.model());
    assertEquals(learned.mix(), opened.mix());
    for (Example e : TEST.examples) {
      assertEquals(
          learned.tell(TEST.states, e.first(), e.second()),
          opened.tell(TEST.states, e.first(), e.second()));
    }
    try (var left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  private static String problem(Path file) {
    return assertThrows(PolysemeException.class, () -> SameSense.open(file)).getMessage();
  }

  @ParameterizedTest
  @EnumSource
  void damageIsSeen(Method method) throws IOException {
    Path file = folder.resolve("same.json");
    TRAIN.learn(method).save(file);
    String whole = Files.readString(file);
    var random = new Random(4);
    for (int i = 0; i < 300; i++) {
      int at = random.nextInt(whole.length() - 1);
      char other = (whole.charAt(at) == '7' ? '3' : '7');
      Files.writeString(file, whole.substring(0, at) + other + whole.substring(at + 1));
      assertTrue(problem(file).contains("same.json"), "character " + at);
    }
    Files.writeString(file, whole.substring(0, whole.length() / 2));
    assertTrue(problem(file).contains("not all of it"), problem(file));
    Files.writeString(file, whole.replace("\"model\":\"made-up\"", "\"model\":\"another\""));
    assertEquals(file + " is damaged; learn it again", problem(file));
    Files.writeString(file, whole.replace("\"format\":1", "\"format\":2"));
    assertTrue(problem(file).contains("another version"), problem(file));
  }

  @Test
  void whatIsNoSuchFile() throws IOException {
    Path file = folder.resolve("none.json");
    assertTrue(problem(file).startsWith(file + " does not exist; \"evaluate wic --save\""));
    for (String text : new String[] {"", "[]", "{\"kind\":\"other\"}", "{}", "{\"kind\":{}}"}) {
      Files.writeString(file, text);
      assertTrue(problem(file).contains("of another kind"), text + problem(file));
    }
    Path nowhere = folder.resolve("no").resolve("file.json");
    assertTrue(
        assertThrows(PolysemeException.class, () -> TRAIN.learn(Method.THRESHOLD).save(nowhere))
            .getMessage()
            .contains("there is no such folder"));
  }

  @Test
  void whatCannotBeLearnedOrTold() {
    List<Example> same = TRAIN.examples.stream().filter(Example::same).toList();
    for (List<Example> some : List.of(same, List.<Example>of())) {
      String problem =
          assertThrows(
                  PolysemeException.class,
                  () -> SameSense.learn(Method.HEAD, TRAIN.states, some, "m", "f"))
              .getMessage();
      assertTrue(problem.contains("of different senses are needed"), problem);
    }
    SameSense learned = TRAIN.learn(Method.HEAD);
    Made deeper = new Made(LAYERS + 1, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> learned.tell(deeper.states, 0, 1));
  }
}
