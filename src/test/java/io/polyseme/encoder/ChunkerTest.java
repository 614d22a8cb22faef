package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.encoder.Chunker.Range;
import io.polyseme.encoder.EncodedPassage.Edge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkerTest {
  private static final WordFinder WORDS = new WordFinder(null);

  /** A token for every four letters of a run, and for every other character but white space. */
  private static Tokens tokens(String text, int shift) {
    var starts = new ArrayList<Integer>();
    var ends = new ArrayList<Integer>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean letter =
          i < text.length() && Character.isLetter(text.charAt(i)) && text.charAt(i) < 0x3000;
      if (start >= 0 && (!letter || i - start == 4)) {
        starts.add(start + shift);
        ends.add(i + shift);
        start = -1;
      }
      if (letter) {
        start = start < 0 ? i : start;
      } else if (i < text.length() && !Character.isWhitespace(text.charAt(i))) {
        starts.add(i + shift);
        ends.add(i + 1 + shift);
      }
    }
    int[] s = starts.stream().mapToInt(Integer::intValue).toArray();
    int[] e = ends.stream().mapToInt(Integer::intValue).toArray();
    return new Tokens(new int[s.length], s, e, new String[s.length], 0);
  }

  private static List<Range> chunks(String text, int limit, int overlap) {
    return chunks(List.of(text), limit, overlap);
  }

  private static List<Range> chunks(List<String> parts, int limit, int overlap) {
    var chunker = new Chunker(Passages.chunks(limit).withOverlap(overlap), WORDS);
    var ranges = new ArrayList<Range>();
    int place = 0;
    for (String part : parts) {
      ranges.addAll(chunker.add(part, tokens(part, place)));
      place += part.length();
    }
    ranges.addAll(chunker.end());
    return ranges;
  }

  private static List<String> texts(String text, int limit, int overlap) {
    return chunks(text, limit, overlap).stream().map(r -> r.span().of(text)).toList();
  }

  @Test
  void chunksEndWhereSentencesAndParagraphsDo() {
    String text = "A bit to say. And a bit more to say!\n\nA head line\n\nIs it so? It is. Good.";
    assertEquals(
        List.of(
            "A bit to say.", "And a bit more to say!", "A head line\n\nIs it so?", "It is. Good."),
        texts(text, 8, 0));
    assertEquals(
        List.of(Edge.TEXT, Edge.SENTENCE, Edge.SENTENCE, Edge.SENTENCE),
        chunks(text, 8, 0).stream().map(Range::begins).toList());
    assertEquals(Edge.TEXT, chunks(text, 8, 0).getLast().ends());
    assertEquals(List.of(text), texts(text, 1000, 0));
  }

  @Test
  void chineseChunksEndWhereSentencesDo() {
    assertEquals(List.of("他来了。她走了！", "“为什么？”", "他问。"), texts("他来了。她走了！“为什么？”他问。", 8, 0));
  }

  @Test
  void overlapIsOfWholeSentencesOrElseOfWords() {
    String text = "One a. Two b. Ten c. Six d. Why e.";
    assertEquals(List.of("One a. Two b. Ten c.", "Ten c. Six d. Why e."), texts(text, 9, 3));
    assertEquals(List.of("One a. Two b. Ten c.", "Six d. Why e."), texts(text, 9, 0));
    // The last sentence has six tokens, of which the last words with four are taken.
    assertEquals(
        List.of("Now it is a bit. It was so odd.", "so odd. And now for ever it is."),
        texts("Now it is a bit. It was so odd. And now for ever it is.", 12, 3));
  }

  @Test
  void overlapGivesWayToTheNextSentence() {
    String text = "Two b. Ten c. Now it is a bit of all.";
    assertEquals(List.of("Two b. Ten c.", "Now it is a bit of all."), texts(text, 8, 6));
  }

  @Test
  void aLongSentenceIsCutBetweenWordsAndALongWordBetweenTokens() {
    List<Range> cut = chunks("one two six ten (all odd) why", 3, 0);
    assertEquals(
        List.of("one two six", "ten (all", "odd) why"),
        texts("one two six ten (all odd) why", 3, 0));
    assertEquals(Edge.WORD, cut.getFirst().ends());
    List<Range> word = chunks("abcdefghijklmnopqrstuvw", 2, 0);
    assertEquals(
        List.of(Edge.TOKEN, Edge.TOKEN, Edge.TEXT), word.stream().map(Range::ends).toList());
    assertEquals(
        List.of("abcdefgh", "ijklmnop", "qrstuvw"), texts("abcdefghijklmnopqrstuvw", 2, 0));
  }

  @Test
  void aLongChineseSentenceIsCutBetweenWords() {
    List<String> cut = texts("他在河边的银行里打电话给朋友们", 4, 0);
    assertEquals("他在河边的银行里打电话给朋友们", String.join("", cut));
    assertTrue(cut.contains("他在河边"), cut.toString());
    assertTrue(cut.stream().noneMatch(c -> c.startsWith("行") || c.startsWith("话")), cut.toString());
  }

  private static String randomText(Random random, int length) {
    String[] parts = {
      "word ", "of ", "unbelievable", ". ", "! ", "? ", "\n", "\n\n", "   ", "，", "。", "银行", "在",
      "(", ") ", "\"", "Mr. ", "3.14 ", "e\u0301 ", "😀", "x", ", ", "A ", "\t", "\u00A0", "-"
    };
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  @RepeatedTest(200)
  void chunksOfAnyTextKeepTheirPromises(RepetitionInfo seed) {
    var random = new Random(seed.getCurrentRepetition());
    String text = randomText(random, random.nextInt(3000));
    int limit = 1 + random.nextInt(60);
    int overlap = random.nextInt(limit);
    List<Range> chunks = chunks(text, limit, overlap);
    int count = tokens(text, 0).count();
    int covered = 0;
    int coveredPlace = 0;
    for (Range chunk : chunks) {
      String its = chunk.span().of(text);
      assertTrue(chunk.to() - chunk.from() <= limit);
      assertTrue(chunk.from() <= covered && chunk.to() > covered, "no gap, and further each time");
      assertTrue(covered - chunk.from() <= overlap);
      assertTrue(
          covered >= chunk.from()
              && text.substring(Math.min(coveredPlace, chunk.span().start()), chunk.span().start())
                  .isBlank());
      assertEquals(its, its.strip());
      assertEquals(chunk.to() - chunk.from(), tokens(its, 0).count());
      covered = chunk.to();
      coveredPlace = chunk.span().end();
    }
    assertEquals(count, covered);
    assertTrue(text.substring(coveredPlace).isBlank());
  }

  @RepeatedTest(30)
  void partsDoNotShow(RepetitionInfo seed) {
    var random = new Random(seed.getCurrentRepetition());
    String text = randomText(random, 100_000 + random.nextInt(100_000));
    var parts = new ArrayList<String>();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + 1 + random.nextInt(40_000));
      // Parts end where no token does.
      while (to < text.length() && !Character.isWhitespace(text.charAt(to))) {
        to++;
      }
      parts.add(text.substring(from, to));
      from = to;
    }
    int limit = 1 + random.nextInt(300);
    int overlap = random.nextInt(limit);
    assertEquals(chunks(text, limit, overlap), chunks(parts, limit, overlap));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"word ", "word. Next ", "abcdefgh", "他在河边的银行里", "他来了。", " ", "\n", ".", "Mr. "})
  void timeIsLinear(String unit) {
    String text = unit.repeat(200_000 / unit.length());
    List<String> parts =
        IntStream.range(0, text.length() / 50_000)
            .mapToObj(i -> text.substring(i * 50_000, (i + 1) * 50_000))
            .toList();
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int limit : new int[] {3, 400}) {
            assertTrue(chunks(text, limit, limit / 2).size() <= text.length());
            chunks(parts, limit, limit / 2);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"0,0", "-1,0", "5,5", "5,6", "5,-1", "1,1"})
  void wrongSizesAreRefused(int limit, int overlap) {
    assertThrows(IllegalArgumentException.class, () -> Passages.chunks(limit).withOverlap(overlap));
  }

  @Test
  void nothingMakesNoChunks() {
    assertEquals(List.of(), chunks("", 5, 0));
    assertEquals(List.of(), chunks(" \n\n ", 5, 2));
    assertEquals(List.of(), chunks(List.of("", "  ", ""), 5, 2));
  }
}
