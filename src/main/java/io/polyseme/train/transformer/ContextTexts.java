package io.polyseme.train.transformer;

import com.carrotsearch.hppc.IntArrayList;
import com.carrotsearch.hppc.IntHashSet;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.lexicon.ChineseSegmenter;
import io.polyseme.lexicon.FunctionWords;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences of raw text, drawn by a seed as passages of a few that follow each other, and where
 * words stand in them that occur in several: those that say something, no function words. Held in
 * memory. Immutable once read.
 */
final class ContextTexts {
  private static final Pattern WORD = Pattern.compile("\\p{IsHan}+|[\\p{L}\\p{M}&&[^\\p{IsHan}]]+");

  /** A sentence of fewer tokens says too little about any of its words. */
  private static final int FEWEST = 6;

  private static final int TOLD = 1000;

  /** How often a place that is taken is drawn before others' having another does not matter. */
  private static final int MOST_TAKEN = 32;

  /** How often another place is drawn where one has no other in its passage. */
  private static final int TRIED = 8;

  /** Sentences of a passage at most. */
  private static final int PASSAGE = 8;

  private final List<int[]> sentences = new ArrayList<>();

  /** The passages that the sentences are of. */
  private final IntArrayList passages = new IntArrayList();

  /** Of each word sentence, first token and the one after the last of its places, in order. */
  private final List<IntArrayList> words = new ArrayList<>();

  private double[] ends = {};
  private long read;

  /** A word in its sentence: its first token and the one after its last. */
  record Place(int[] sentence, int from, int to) {}

  /**
   * A word seen twice.
   *
   * @param second in another sentence of the same passage, or the first again
   */
  record Pair(Place first, Place second) {}

  /**
   * Reads texts, all of them, and keeps some of their sentences.
   *
   * @throws PolysemeException if there are none, or no word stands in as many contexts
   */
  static ContextTexts read(
      RawText text,
      PieceTokenizer tokenizer,
      AdaptOptions options,
      Progress progress,
      Cancel cancel) {
    var texts = new ContextTexts();
    List<List<String>> kept = texts.drawn(text, options, progress, cancel);
    Map<String, IntArrayList> places = new TreeMap<>();
    for (int i = 0; i < kept.size(); i++) {
      for (String sentence : kept.get(i)) {
        texts.add(sentence, i, tokenizer, places);
      }
      if (i % TOLD == 0) {
        cancel.check();
        progress.update("cutting it into pieces", i, kept.size());
      }
    }
    texts.index(places, options.contexts(), text.leftOut());
    return texts;
  }

  /** How many sentences there were. */
  long read() {
    return read;
  }

  int sentences() {
    return sentences.size();
  }

  /** How many different words can be drawn. */
  int words() {
    return words.size();
  }

  private List<List<String>> drawn(
      RawText text, AdaptOptions options, Progress progress, Cancel cancel) {
    var drawn = new Drawn(Math.ceilDiv(options.texts(), PASSAGE), options.seed());
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
    text.forEach(
        "reading the text",
        paragraph -> {
          breaks.setText(paragraph);
          int start = breaks.first();
          for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            String sentence = paragraph.substring(start, end).strip();
            if (sentence.length() >= FEWEST) {
              read++;
              drawn.add(sentence);
            }
            start = end;
          }
        },
        drawn::close,
        progress,
        cancel);
    drawn.close();
    return drawn.kept;
  }

  /** Passages, of which as many are kept as there is room for, each as probable. */
  private static final class Drawn {
    private final List<List<String>> kept = new ArrayList<>();
    private final List<String> passage = new ArrayList<>();
    private final int most;
    private final SplittableRandom random;
    private long seen;

    Drawn(int most, long seed) {
      this.most = most;
      this.random = new SplittableRandom(seed);
    }

    void add(String sentence) {
      passage.add(sentence);
      if (passage.size() == PASSAGE) {
        close();
      }
    }

    /** What follows does not go on with what was. */
    void close() {
      if (passage.isEmpty()) {
        return;
      }
      seen++;
      if (kept.size() < most) {
        kept.add(List.copyOf(passage));
      } else {
        long place = random.nextLong(seen); // Vitter 1985, algorithm R
        if (place < most) {
          kept.set((int) place, List.copyOf(passage));
        }
      }
      passage.clear();
    }
  }

  private void add(
      String sentence, int passage, PieceTokenizer tokenizer, Map<String, IntArrayList> places) {
    PieceTokenizer.Pieces pieces = tokenizer.pieces(sentence);
    if (pieces.ids().length < FEWEST) {
      return;
    }
    int number = sentences.size();
    sentences.add(pieces.ids());
    passages.add(passage);
    Matcher runs = WORD.matcher(sentence);
    while (runs.find()) {
      String run = runs.group();
      if (Character.UnicodeScript.of(run.codePointAt(0)) == Character.UnicodeScript.HAN) {
        int at = runs.start();
        for (String word : ChineseSegmenter.cut(run)) {
          place(word, at, at + word.length(), 2, number, pieces, places);
          at += word.length();
        }
      } else {
        place(run, runs.start(), runs.end(), 3, number, pieces, places);
      }
    }
  }

  private static void place(
      String word,
      int start,
      int end,
      int shortest,
      int sentence,
      PieceTokenizer.Pieces pieces,
      Map<String, IntArrayList> places) {
    String key = word.toLowerCase(Locale.ROOT);
    if (word.length() < shortest || FunctionWords.contains(key)) {
      return;
    }
    int from = pieces.firstWithin(start, end);
    if (from >= 0) {
      places.computeIfAbsent(key, _ -> new IntArrayList()).add(sentence, from, pieces.after(end));
    }
  }

  /** Words are drawn by the root of their counts: common ones oftener, but not all the time. */
  private void index(Map<String, IntArrayList> places, int contexts, LeftOut leftOut) {
    for (IntArrayList of : places.values()) {
      if (differentSentences(of) >= contexts) {
        words.add(of);
      }
    }
    if (words.isEmpty()) {
      throw new PolysemeException(
          "there is too little text: of %,d sentences no word but function words stands in %d: give more text, or fewer --contexts%s"
              .formatted(sentences.size(), contexts, leftOut.atTheEnd()));
    }
    ends = new double[words.size()];
    double sum = 0;
    for (int i = 0; i < ends.length; i++) {
      sum += Math.sqrt(words.get(i).size() / 3.0);
      ends[i] = sum;
    }
  }

  private static int differentSentences(IntArrayList places) {
    int different = 0;
    int last = -1;
    for (int i = 0; i < places.size(); i += 3) {
      different += places.get(i) == last ? 0 : 1;
      last = places.get(i);
    }
    return different;
  }

  /**
   * Draws words, each in several sentences. Two of these may be of one passage: that a vector tells
   * the passage is then not enough to tell them apart, which serves the sentence vectors.
   *
   * @param count of different words
   * @param contexts of each
   * @param discourse how probable it is that a word's second place is another of the same passage,
   *     if a place is found that has one
   */
  List<Pair> draw(int count, int contexts, double discourse, SplittableRandom random) {
    var drawn = new HashSet<Integer>();
    var all = new ArrayList<Pair>();
    int different = Math.min(count, words.size());
    while (drawn.size() < different) {
      double at = random.nextDouble() * ends[ends.length - 1];
      int found = Arrays.binarySearch(ends, at);
      int word = Math.min(ends.length - 1, found < 0 ? -found - 1 : found + 1);
      if (drawn.add(word)) {
        draw(words.get(word), contexts, discourse, random, all);
      }
    }
    return all;
  }

  private void draw(
      IntArrayList places,
      int contexts,
      double discourse,
      SplittableRandom random,
      List<Pair> drawn) {
    var taken = new IntHashSet();
    int again = 0;
    while (taken.size() < contexts) {
      boolean twice = random.nextDouble() < discourse;
      int place;
      IntArrayList others;
      int tried = 0;
      do {
        place = 3 * random.nextInt(places.size() / 3);
        others = twice ? others(places, place) : new IntArrayList();
        // Where all that have another are taken, the others are left to be drawn.
      } while (twice && others.isEmpty() && again < MOST_TAKEN && tried++ < TRIED);
      if (!taken.add(places.get(place))) {
        again++;
        continue;
      }
      int second = others.isEmpty() ? place : others.get(random.nextInt(others.size()));
      drawn.add(new Pair(place(places, place), place(places, second)));
    }
  }

  private Place place(IntArrayList places, int at) {
    return new Place(sentences.get(places.get(at)), places.get(at + 1), places.get(at + 2));
  }

  /** Places of the same word in other sentences of the same passage. */
  private IntArrayList others(IntArrayList places, int at) {
    int passage = passages.get(places.get(at));
    int first = at;
    while (first > 0 && passages.get(places.get(first - 3)) == passage) {
      first -= 3;
    }
    var others = new IntArrayList();
    for (int i = first; i < places.size() && passages.get(places.get(i)) == passage; i += 3) {
      if (places.get(i) != places.get(at)) {
        others.add(i);
      }
    }
    return others;
  }
}
