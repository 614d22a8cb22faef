package io.polyseme.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Words joined to phrases, against a plain, slow way of doing it. */
@Timeout(60)
class PhraseFinderTest {
  @TempDir Path folder;

  private TrainingCorpus read(String text, PhraseRule rule, int threads) throws IOException {
    Path file = Files.writeString(folder.resolve("text.txt"), text);
    TrainingOptions options =
        TrainingOptions.builder().minCount(1).threads(threads).phrases(rule).build();
    return TrainingCorpus.read(
        List.of(file),
        folder.resolve("work"),
        options,
        TrainingStart.RANDOM,
        Progress.NONE,
        Cancel.create());
  }

  /** Words of which some often follow each other, on lines of 1 to 20. */
  private static String random(int lines) {
    var random = new Random(11);
    var text = new StringBuilder();
    for (int line = 0; line < lines; line++) {
      int words = 1 + random.nextInt(20);
      for (int i = 0; i < words; i++) {
        int word = (int) Math.pow(400, random.nextDouble());
        text.append('w').append(word);
        for (int next = word; next % 3 == 0 && random.nextInt(10) < 7; next /= 3) {
          text.append(" w").append(next / 3 + 400);
        }
        text.append(i < words - 1 ? " " : "\n");
      }
    }
    return text.toString();
  }

  /** What the text becomes; the best scores of phrases are put into a map. */
  private static List<String> slow(String text, PhraseRule rule, Map<String, Double> scores) {
    List<String> lines = text.lines().toList();
    for (int pass = 0; pass < rule.passes(); pass++) {
      var counts = new HashMap<String, Integer>();
      int total = 0;
      for (String line : lines) {
        String[] words = line.split(" ");
        total += words.length;
        for (int i = 0; i < words.length; i++) {
          counts.merge(words[i], 1, Integer::sum);
          if (i > 0) {
            counts.merge(words[i - 1] + " " + words[i], 1, Integer::sum);
          }
        }
      }
      var joined = new ArrayList<String>();
      for (String line : lines) {
        String[] words = line.split(" ");
        var out = new ArrayList<String>();
        for (int i = 0; i < words.length; i++) {
          if (i + 1 < words.length) {
            double score =
                (double) (counts.get(words[i] + " " + words[i + 1]) - rule.minCount())
                    / counts.get(words[i])
                    / counts.get(words[i + 1])
                    * total;
            if (score > rule.threshold()) {
              out.add(words[i] + "_" + words[i + 1]);
              scores.merge(words[i] + "_" + words[i + 1], score, Math::max);
              i++;
              continue;
            }
          }
          out.add(words[i]);
        }
        joined.add(String.join(" ", out));
      }
      lines = joined;
    }
    return lines;
  }

  @Test
  void phrasesAreThoseOfAPlainImplementation() throws IOException {
    String text = random(4000);
    for (PhraseRule rule :
        List.of(new PhraseRule(1, 10, 5), new PhraseRule(3, 5, 3), new PhraseRule(2, 0, 1))) {
      var scores = new TreeMap<String, Double>();
      List<String> expected = slow(text, rule, scores);
      assertTrue(scores.size() > 20, rule + " " + scores.size());
      try (TrainingCorpus corpus = read(text, rule, 3)) {
        assertEquals(expected, TrainingCorpusTest.sentences(corpus), rule.toString());
        assertEquals(0, corpus.report().prunedPairs());
        double last = Double.POSITIVE_INFINITY;
        long words = 0;
        for (Phrase phrase : corpus.phrases()) {
          assertTrue(phrase.score() <= last);
          last = phrase.score();
          assertTrue(phrase.score() >= scores.getOrDefault(phrase.text(), 0.0), phrase.text());
          assertEquals(corpus.count(corpus.words().indexOf(phrase.text())), phrase.count());
        }
        for (String line : expected) {
          words += line.split(" ").length;
        }
        assertEquals(words, corpus.total());
      }
    }
    try (var files = Files.list(folder.resolve("work"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void rarePairsAreForgottenWhereThereAreTooMany() throws IOException {
    var table = new WordTable();
    Path file = folder.resolve("seen.ids");
    long words = 0;
    try (var writer = new IdWriter(file)) {
      for (String line : random(4000).lines().toList()) {
        for (String word : line.split(" ")) {
          byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
          int hash = WordTable.NO_BYTES;
          for (byte b : bytes) {
            hash = WordTable.hash(hash, b);
          }
          writer.word(table.add(bytes, 0, bytes.length, hash));
          words++;
        }
        writer.end();
      }
    }
    var finder =
        new PhraseFinder(new PhraseRule(1, 10, 5), table, 400, Progress.NONE, Cancel.create());
    finder.join(file, folder.resolve("spare.ids"), words);
    assertTrue(finder.pruned() > 400, "" + finder.pruned());
    assertFalse(finder.phrases(word -> table.count(word) > 0).isEmpty());
    assertFalse(Files.exists(folder.resolve("spare.ids")));
  }

  @Test
  void chinesePhrasesAndLineEnds() throws IOException {
    String text = "他 学习 语言。\n".repeat(3) + "我们学习自然语言处理\n".repeat(20) + "他\n我\n".repeat(300);
    try (TrainingCorpus corpus = read(text, new PhraseRule(2, 5, 2), 1)) {
      assertTrue(
          corpus.phrases().stream().anyMatch(phrase -> phrase.text().contains("自然语言_处理")),
          corpus.phrases().toString());
      assertFalse(corpus.words().contains("他_我"));
      assertFalse(corpus.words().contains("我_他"));
    }
  }

  @Test
  void rulesAreChecked() {
    PhraseRule rule = PhraseRule.DEFAULT;
    assertThrows(IllegalArgumentException.class, () -> rule.withPasses(0));
    assertThrows(IllegalArgumentException.class, () -> rule.withPasses(11));
    assertThrows(IllegalArgumentException.class, () -> rule.withThreshold(-1));
    assertThrows(IllegalArgumentException.class, () -> rule.withThreshold(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> rule.withMinCount(0));
  }
}
