package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pairs of contexts, of sentences of our own, with a real model. */
@Timeout(300)
class SameSenseIT {
  private static final String MODEL = "all-minilm-l6-v2";

  /** A word, three sentences of one sense and three of another. */
  private static final List<List<String>> TRAIN =
      List.of(
          List.of(
              "bank",
              "We fished from the bank of the stream .",
              "Reeds grew along the muddy bank .",
              "The boat drifted to the far bank .",
              "The bank raised its interest rates .",
              "She asked the bank for a loan .",
              "My bank charges a fee for transfers ."),
          List.of(
              "bat",
              "A bat flew out of the cave at dusk .",
              "The bat hunts moths by its echo .",
              "A sleeping bat hung from the roof .",
              "He swung the bat and missed the ball .",
              "Her wooden bat cracked in the last game .",
              "The batter leaned on his bat and waited ."),
          List.of(
              "crane",
              "A crane waded through the marsh .",
              "The crane spread its white wings .",
              "Each autumn a crane lands on our pond .",
              "The crane lifted steel beams to the roof .",
              "A crane at the harbour unloads the ships .",
              "The operator climbed into the crane ."),
          List.of(
              "spring",
              "Tulips open in early spring .",
              "Last spring was cold and wet .",
              "Lambs are born in spring .",
              "The spring in the mattress squeaks .",
              "A steel spring pulls the door shut .",
              "The clock stopped when its spring broke ."),
          List.of(
              "match",
              "He lit the fire with a match .",
              "The last match went out in the wind .",
              "She struck a match in the dark cellar .",
              "Our team won the match by two goals .",
              "The match was stopped because of rain .",
              "Thousands of fans watched the match ."),
          List.of(
              "mouse",
              "A mouse ate the cheese in the pantry .",
              "The cat caught a mouse in the barn .",
              "A grey mouse ran along the wall .",
              "Click the left button of the mouse .",
              "My mouse needs a new battery .",
              "She plugged a mouse into the laptop ."),
          List.of(
              "trunk",
              "The trunk of the beech was hollow .",
              "Ivy climbed up the trunk .",
              "They measured the trunk with a tape .",
              "He locked the suitcase in the trunk .",
              "The spare wheel is in the trunk of the car .",
              "She loaded the shopping into the trunk ."),
          List.of(
              "plant",
              "The plant needs light and water .",
              "A tall plant stood in the pot .",
              "Cut the plant back after it flowers .",
              "The plant makes parts for lorries .",
              "Two hundred people work at the plant .",
              "They closed the plant and sold the machines ."));

  private static final List<List<String>> DEV =
      List.of(
          List.of(
              "seal",
              "The seal dived for fish under the ice .",
              "A young seal slept on the beach .",
              "The seal barked at the swimmers .",
              "The letter bore a seal of red wax .",
              "A rubber seal keeps the jar tight .",
              "He broke the seal and opened the envelope ."),
          List.of(
              "bark",
              "The bark of the oak is rough .",
              "Beetles live under the bark of dead trees .",
              "He peeled bark from the birch .",
              "The dog gave a loud bark .",
              "A sharp bark woke the sleeping guard .",
              "We heard the bark of a fox at night ."));

  @TempDir static Path folder;
  private static Path set;
  private static Path head;

  @BeforeAll
  static void learn() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
    write("train", TRAIN);
    write("dev", DEV);
    head = folder.resolve("head.json");
    Ran ran = Ran.run(wic(set, "--method", "head", "--save", head.toString(), "--json"));
    JsonObject accuracy = ran.results().get(0).getAsJsonObject();
    assertEquals("head", accuracy.get("method").getAsString());
    assertEquals("dev", accuracy.get("section").getAsString());
    assertEquals(24, accuracy.get("n").getAsInt());
    assertTrue(accuracy.get("value").getAsDouble() > 0.65, ran.out());
    assertTrue(accuracy.get("low").getAsDouble() < accuracy.get("value").getAsDouble());
    JsonObject commoner = ran.results().get(1).getAsJsonObject();
    assertEquals("commoner answer", commoner.get("metric").getAsString());
    assertEquals(0.5, commoner.get("value").getAsDouble());
  }

  private static String[] wic(Path path, String... more) {
    var arguments = new ArrayList<>(List.of("evaluate", "wic", path.toString(), "--model", MODEL));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  /** In the format of WiC: as many pairs of one sense as of two. */
  private static void write(String name, List<List<String>> words) throws IOException {
    var data = new StringBuilder();
    var gold = new StringBuilder();
    for (List<String> word : words) {
      for (int a = 1; a <= 6; a++) {
        for (int b = a + 1; b <= 6; b++) {
          boolean same = (a <= 3) == (b <= 3);
          if (same || b - a != 3) {
            String first = word.get(a);
            String second = word.get(b);
            data.append(
                "%s\tN\t%d-%d\t%s\t%s\n"
                    .formatted(word.getFirst(), at(word, a), at(word, b), first, second));
            gold.append(same ? "T\n" : "F\n");
          }
        }
      }
    }
    Files.writeString(set.resolve(name + ".data.txt"), data);
    Files.writeString(set.resolve(name + ".gold.txt"), gold);
  }

  private static int at(List<String> word, int sentence) {
    return Arrays.asList(word.get(sentence).toLowerCase(Locale.ROOT).split(" "))
        .indexOf(word.getFirst());
  }

  @Test
  void bothMethodsInATable() {
    Ran ran = Ran.run(wic(set));
    assertEquals(0, ran.code(), ran.err());
    List<String> lines = ran.out().lines().map(l -> l.replaceAll(" +", " ")).toList();
    assertEquals(4, lines.size(), ran.out());
    assertTrue(
        lines.get(1).matches("dev all-minilm-l6-v2 threshold \\S*words\\S+ accuracy .*"),
        ran.out());
    assertTrue(
        lines.get(2).startsWith("dev all-minilm-l6-v2 head words(0-6)+sentence(0-6) accuracy 0."),
        ran.out());
    assertTrue(lines.get(3).contains("commoner answer 0.5000"), ran.out());
  }

  @Test
  void aSetAloneIsCrossValidated() {
    JsonObject answer =
        Ran.run(wic(set.resolve("train.data.txt"), "--folds", "2", "--json")).json();
    assertTrue(answer.get("warnings").toString().contains("cross-validated, with 2 folds"));
    assertEquals(
        "by 2 folds",
        answer.getAsJsonArray("results").get(0).getAsJsonObject().get("layer").getAsString());
    Ran few = Ran.run(wic(set.resolve("dev.data.txt"), "--quiet"));
    assertEquals(1, few.code());
    assertTrue(few.err().contains("dev has pairs of 2 words, too few for 5 folds"), few.err());
  }

  @Test
  void wrongUse() {
    assertEquals(2, Ran.run(wic(set, "--save", "x.json")).code());
    assertEquals(2, Ran.run(wic(set, "--method", "guess")).code());
    assertEquals(2, Ran.run(wic(set, "--folds", "1")).code());
    Path alone = set.resolve("train.data.txt");
    assertEquals(2, Ran.run(wic(alone, "--method", "head", "--save", "x.json")).code());
  }

  private static Ran compare(String... more) {
    var arguments = new ArrayList<>(List.of("compare", "--same-sense", head.toString()));
    arguments.addAll(List.of(more));
    return Ran.run(arguments.toArray(String[]::new));
  }

  private static final String RIVER = "They sat on the grassy bank of the river.";
  private static final String MONEY = "Two banks lent the firm a million.";

  @Test
  void twoWordsInContexts() {
    Ran different = compare("bank", "banks", "--in-a", RIVER, "--in-b", MONEY);
    assertEquals(0, different.code(), different.err());
    assertTrue(
        different.out().matches("different senses, probability of the same 0\\.[0-4]\\d{3}\\R"),
        different.out());
    JsonObject same =
        compare(
                "bank",
                "bank",
                "--in-a",
                RIVER,
                "--in-b",
                "The heron stood on the bank, watching the water.",
                "--json")
            .json();
    JsonObject result = same.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals(MODEL, same.get("model").getAsString());
    assertTrue(result.get("same").getAsBoolean());
    assertTrue(result.get("score").getAsDouble() > 0.5);
    assertEquals("bank ~ bank", result.get("label").getAsString());
    Ran graded = Ran.run("compare", "bank", "banks", "--in-a", RIVER, "--in-b", MONEY);
    assertTrue(graded.out().matches("0\\.\\d{4}\\R"), "without a file a cosine: " + graded.out());
  }

  @Test
  void whatCannotBeCompared() throws IOException {
    assertFailure(
        compare("bank", "loan", "--in-a", RIVER, "--in-b", MONEY),
        "the word \"loan\" is not in the text \"Two banks lent");
    assertFailure(
        compare("bank", "banks", "--in-a", RIVER, "--in-b", MONEY, "--model", "bge-small-en-v1.5"),
        "was learned of the model all-minilm-l6-v2 (");
    Path damaged = folder.resolve("damaged.json");
    Files.writeString(damaged, Files.readString(head).replaceFirst("0\\.1", "0.2"));
    assertFailure(
        Ran.run(
            "compare",
            "bank",
            "banks",
            "--in-a",
            RIVER,
            "--in-b",
            MONEY,
            "--same-sense",
            damaged.toString()),
        "damaged.json is damaged; learn it again");
    assertEquals(2, compare("bank", "banks", "--in-a", RIVER).code());
    assertEquals(2, compare("bank", "banks", "--in-a", RIVER, "--in-b", MONEY, "--rank").code());
    assertEquals(
        2, compare("bank", "banks", "--in-a", RIVER, "--in-b", MONEY, "--layer", "3").code());
  }

  private static void assertFailure(Ran ran, String problem) {
    assertEquals(1, ran.code(), ran.out());
    assertTrue(ran.err().contains(problem), ran.err());
  }

  /**
   * No example of WordNet and no sentence of a labelled corpus may stand in any vector, since the
   * sets' own texts are largely taken from there. So the same must be learned where neither WordNet
   * nor what reads it can be reached, and whatever the texts are that are told afterwards.
   */
  @Test
  void whatIsLearnedDependsOnTheTrainingPairsAlone() throws Exception {
    List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    Predicate<String> lexical = p -> p.matches(".*(extjwnl|opennlp)-[^/\\\\]*jar");
    assertTrue(all.stream().filter(lexical).count() >= 6, "of WordNet and OpenNLP, in " + all);
    Path train = Files.createDirectory(folder.resolve("train"));
    Files.copy(set.resolve("train.data.txt"), train.resolve("train.data.txt"));
    Files.copy(set.resolve("train.gold.txt"), train.resolve("train.gold.txt"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(
        other.resolve("dev.data.txt"),
        "pitch\tN\t2-3\tBlack as pitch .\tIt was a pitch of hers .\n");
    Files.writeString(other.resolve("dev.gold.txt"), "F\n");
    Path here = folder.resolve("here.json");
    runWith(all, learning(set, train, here));
    Path elsewhere = folder.resolve("elsewhere.json");
    runWith(all.stream().filter(lexical.negate()).toList(), learning(other, train, elsewhere));
    assertArrayEquals(Files.readAllBytes(here), Files.readAllBytes(elsewhere));
  }

  private static String[] learning(Path told, Path train, Path file) {
    return wic(
        told,
        "--train",
        train.toString(),
        "--method",
        "head",
        "--save",
        file.toString(),
        "--threads",
        "1");
  }

  private static void runWith(List<String> classPath, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.polyseme.scalar=true", // so that sums are rounded alike
                "-cp",
                String.join(File.pathSeparator, classPath),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void ratedContexts() throws IOException {
    var lines = new StringBuilder();
    String[][] pairs = {
      {"They sat on the <b> bank </b> of the river .", "The <b> shore </b> was wet .", "8.1"},
      {"They sat on the <b> bank </b> of the river .", "The <b> firm </b> lent money .", "1.2"},
      {"The <b> bank </b> lent money .", "A <b> lender </b> of money .", "8.7"},
      {"The <b> bank </b> lent money .", "The boat reached the <b> shore </b> .", "1.9"},
      {"A <b> bat </b> flew by night .", "An <b> owl </b> hunts by night .", "5.5"},
      {"A wooden <b> bat </b> hit the ball .", "An <b> owl </b> hunts by night .", "0.4"}
    };
    for (int i = 0; i < pairs.length; i++) {
      lines.append(
          "%d\ta\tn\tb\tn\t%s\t%s\t%s\t1\t2\n"
              .formatted(i + 1, pairs[i][0], pairs[i][1], pairs[i][2]));
    }
    Path file = Files.writeString(folder.resolve("ratings.txt"), lines);
    Ran ran = Ran.run("evaluate", "scws", file.toString(), "--model", MODEL, "--json");
    JsonObject spearman = ran.results().get(0).getAsJsonObject();
    assertEquals("spearman", spearman.get("metric").getAsString());
    assertEquals("words(2-4)+2*sentence(2-3)", spearman.get("layer").getAsString());
    assertEquals(6, spearman.get("n").getAsInt());
    assertTrue(spearman.get("value").getAsDouble() > 0, ran.out());
    assertTrue(spearman.get("low").getAsDouble() <= spearman.get("value").getAsDouble());
  }
}
