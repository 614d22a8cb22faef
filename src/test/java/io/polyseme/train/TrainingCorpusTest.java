package io.polyseme.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How texts become a vocabulary and sentences. */
@Timeout(60)
class TrainingCorpusTest {
  @TempDir Path folder;

  private static final TrainingOptions ALL =
      TrainingOptions.builder().minCount(1).threads(2).build();

  private TrainingCorpus read(TrainingOptions options, Path... from) {
    return TrainingCorpus.read(
        List.of(from),
        folder.resolve("work"),
        options,
        TrainingStart.RANDOM,
        Progress.NONE,
        Cancel.create());
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  static List<String> sentences(TrainingCorpus corpus) {
    var sentences = new ArrayList<String>();
    IdReader reader = corpus.reader();
    for (int unit = 0; unit < corpus.units(); unit++) {
      corpus.seek(reader, unit);
      long words = 0;
      var sentence = new StringBuilder();
      for (int id = reader.next(); id != IdReader.NONE; id = reader.next()) {
        if (id == IdReader.END) {
          sentences.add(sentence.toString().strip());
          sentence.setLength(0);
        } else {
          sentence.append(corpus.words().get(id)).append(' ');
          words++;
        }
      }
      assertEquals("", sentence.toString(), "a unit ends with a sentence");
      assertEquals(corpus.unitWords(unit), words);
    }
    return sentences;
  }

  private List<String> sentences(TextRule rule, String text) throws IOException {
    try (TrainingCorpus corpus =
        read(ALL.toBuilder().text(rule).build(), write("text.txt", text))) {
      return sentences(corpus);
    }
  }

  @Test
  void wordsAreRunsOfLettersAndDigits() throws IOException {
    assertEquals(
        List.of(
            "the naïve b2b straße costs 1 000",
            "ὀδυσσεύς же",
            "zweite zeile 𝒳x",
            "हिन्दी e\u0301a"),
        sentences(
            TextRule.DEFAULT,
            "The naïve-B2B Straße: costs €1,000!\r\n\n \"ὈΔΥΣΣΕΎς\" — ЖЕ\rZweite Zeile 𝒳X\n"
                + "हिन्दी E\u0301a"));
  }

  @Test
  void rulesAreKept() throws IOException {
    String text = "In 1987, B2B rose by 3.5 %\n";
    assertEquals(
        List.of("In 1987 B2B rose by 3 5"), sentences(TextRule.DEFAULT.withLowerCase(false), text));
    assertEquals(
        List.of("in b2b rose by"),
        sentences(TextRule.DEFAULT.withNumbers(NumberPolicy.DROP), text));
    assertEquals(
        List.of("in 0000 b0b rose by 0 0"),
        sentences(TextRule.DEFAULT.withNumbers(NumberPolicy.ZEROS), text));
    assertEquals(
        List.of("in 1987, b2b rose by 3.5 %"),
        sentences(TextRule.DEFAULT.withTokenised(true), text));
    assertEquals(List.of("我 爱 自然语言"), sentences(TextRule.DEFAULT.withTokenised(true), "我　爱　自然语言"));
  }

  @Test
  void punctuationIsDroppedOrKept() throws IOException {
    TextRule keep = TextRule.DEFAULT.withPunctuation(PunctuationPolicy.KEEP);
    assertEquals(
        List.of("don ' t , he said — “ 3 . 5 % of € 4 ” ! !", "他 在 北京大学 ， 学习 。"),
        sentences(keep, "Don't, he said — “3.5% of €4”!!\n他在北京大学，学习。"));
    assertEquals(List.of("a,b ."), sentences(keep.withTokenised(true), "a,b ."));
  }

  @Test
  void chineseIsCutIntoWords() throws IOException {
    String text = "他在北京大学，学习java语言。\n";
    assertEquals(List.of("他 在 北京大学 学习 java 语言"), sentences(TextRule.DEFAULT, text));
    assertEquals(List.of("他在北京大学 学习java语言"), sentences(TextRule.DEFAULT.withChinese(false), text));
  }

  @Test
  void vocabularyIsByCountThenByCharacters() throws IOException {
    Path file = write("text.txt", "d c b a c b a b a rare\nlonely\n");
    try (TrainingCorpus corpus = read(ALL.toBuilder().minCount(2).build(), file)) {
      assertEquals(List.of("a", "b", "c"), corpus.words());
      assertEquals(3, corpus.count(0));
      assertEquals(8, corpus.total());
      assertEquals(11, corpus.report().tokens());
      assertEquals(6, corpus.report().types());
      assertEquals(List.of("c b a c b a b a"), sentences(corpus));
    }
    try (TrainingCorpus corpus = read(ALL.toBuilder().maxVocabulary(2).build(), file)) {
      assertEquals(List.of("b a b a b a"), sentences(corpus));
    }
    try (Stream<Path> left = Files.list(folder.resolve("work"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void foldersPackedFilesAndJsonLines() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("texts/deep"));
    Files.writeString(texts.resolve("b.txt"), "\uFEFFbeta last");
    Files.writeString(texts.resolve(".hidden"), "never");
    Files.writeString(
        folder.resolve("texts/c.jsonl"),
        "{\"text\": \"gamma\\nline\"}\n{\"text\": \"more\"}\n{\"no\n");
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write("alpha first\n".getBytes(StandardCharsets.UTF_8));
    }
    Files.write(folder.resolve("texts/a.gz"), packed.toByteArray());
    try (TrainingCorpus corpus = read(ALL, folder.resolve("texts"))) {
      assertEquals(List.of("alpha first", "gamma", "line", "more", "beta last"), sentences(corpus));
      assertEquals(3, corpus.report().files());
      assertEquals(1, corpus.report().unreadable());
    }
  }

  @Test
  void blocksAndThreadsDoNotShow() throws IOException {
    var random = new Random(5);
    var text = new StringBuilder();
    for (int line = 0; line < 30_000; line++) {
      int words = 1 + random.nextInt(20);
      for (int i = 0; i < words; i++) {
        text.append("wörd").append((int) Math.pow(2000, random.nextDouble())).append(' ');
      }
      text.append('\n');
    }
    Path file = write("large.txt", text.toString());
    assertTrue(Files.size(file) > 2 << 20);
    try (TrainingCorpus one = read(ALL.toBuilder().threads(1).build(), file)) {
      List<String> expected = text.toString().lines().map(String::strip).toList();
      assertEquals(expected, sentences(one));
      assertTrue(one.units() > 4);
      TrainingOptions three = ALL.toBuilder().threads(3).build();
      try (TrainingCorpus other =
          TrainingCorpus.read(
              List.of(file),
              folder.resolve("other"),
              three,
              TrainingStart.RANDOM,
              Progress.NONE,
              Cancel.create())) {
        assertEquals(one.report(), other.report());
        assertEquals(one.words(), other.words());
      }
    }
  }

  @Test
  void aLineWithoutEnd() throws IOException {
    Path file = write("line.txt", "left right ".repeat(300_000) + "x".repeat(3 << 20) + " last");
    try (TrainingCorpus corpus = read(ALL, file)) {
      assertEquals(300_000, corpus.count(corpus.words().indexOf("left")));
      assertEquals(61, corpus.report().sentences());
      assertTrue(corpus.report().overlong() > 0);
      assertEquals(1, corpus.count(corpus.words().indexOf("last")));
    }
  }

  @Test
  void whatIsNotUtf8StandsBetweenWords() throws IOException {
    byte[] text = {
      'a', 'b', (byte) 0xFF, 'c', ' ', (byte) 0xC0, (byte) 0x80, 'd', ' ', (byte) 0xE4, (byte) 0xB8
    };
    Path file = Files.write(folder.resolve("bad.txt"), text);
    try (TrainingCorpus corpus = read(ALL, file)) {
      assertEquals(List.of("ab c d"), sentences(corpus));
      assertEquals(5, corpus.report().invalid());
    }
  }

  @Test
  void textsThatTeachNothingAreRefused() throws IOException {
    refused(ALL, "there is no word", write("empty.txt", ""));
    refused(ALL, "there is no word", write("marks.txt", " ... \n !!\n"));
    refused(ALL, "only one", write("same.txt", "same ".repeat(100)));
    refused(
        ALL.toBuilder().minCount(5).build(),
        "\"b\", occurs 4 times",
        write("rare.txt", "a a b b b b\n"));
    refused(ALL, "no file or folder", folder.resolve("missing.txt"));
    refused(ALL, "no file in", Files.createDirectory(folder.resolve("nothing")));
    var torn = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(torn)) {
      gzip.write("some words ".repeat(10_000).getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = torn.toByteArray();
    Path cut =
        Files.write(folder.resolve("cut.gz"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
    refused(ALL, "whole", cut);
    assertFalse(Files.exists(folder.resolve("work/text.ids")));
    assertFalse(Files.exists(folder.resolve("work/seen.ids")));
  }

  private void refused(TrainingOptions options, String why, Path file) {
    PolysemeException error =
        assertThrows(PolysemeException.class, () -> read(options, file).close());
    assertTrue(error.getMessage().contains(why), error.getMessage());
  }

  @Test
  void canBeCancelled() throws IOException {
    Path file = write("text.txt", "a b c");
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () ->
            TrainingCorpus.read(
                List.of(file),
                folder.resolve("work"),
                ALL,
                TrainingStart.RANDOM,
                Progress.NONE,
                cancel));
    assertFalse(Files.exists(folder.resolve("work/seen.ids")));
  }
}
