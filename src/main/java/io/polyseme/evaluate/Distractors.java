package io.polyseme.evaluate;

import com.carrotsearch.hppc.LongHashSet;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.evaluate.RetrievalSet.Document;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Documents that are added to a test collection so that its own are harder to find: drawn by a seed
 * from texts of the same kind, as long as the collection's documents are. A text that is there
 * twice is taken once, and one that repeats a document of the collection is not taken.
 *
 * @param documents in the order of their file, {@code distractor:LINE} being their ids
 * @param notes what the reader of the figures should know: how many repeated a document, or were
 *     too few
 */
public record Distractors(List<Document> documents, List<String> notes) {
  /** Into how many parts of equal number the lengths of the documents are cut. */
  private static final int BINS = 10;

  /** So many texts of a bin are kept at least, for those bins that have less than their share. */
  private static final int KEPT = 1000;

  /** How many words in a row are compared, a Chinese character being a word. */
  private static final int SHINGLE = 8;

  /** A text with a greater share of its shingles in the documents repeats them. */
  private static final double REPEATED = 0.1;

  public Distractors {
    documents = List.copyOf(documents);
    notes = List.copyOf(notes);
  }

  /**
   * Draws texts so that each tenth of the documents' lengths has as many of them. Where the file
   * has not enough of one length, there are more of the others.
   *
   * @param file of texts, as {@link CorpusReader} reads them: a line each, say
   * @param like the documents that they stand beside
   * @param count how many; at least 1
   * @throws PolysemeException if the file cannot be read, or has no such text
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static Distractors draw(
      Path file, List<Document> like, int count, long seed, Progress progress, Cancel cancel) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1: " + count);
    }
    if (like.isEmpty()) {
      throw new IllegalArgumentException("there are no documents to be like");
    }
    var draw = new Draw(like, count, seed);
    try (CorpusReader reader = CorpusReader.open(file, CorpusOptions.DEFAULT)) {
      while (reader.hasNext()) {
        cancel.check();
        CorpusText text = reader.next();
        if (text.readable()) {
          draw.offer(text);
        }
        progress.update("drawing distractors", reader.position(), reader.length());
      }
    }
    return draw.result(file);
  }

  /**
   * One pass through a file: each bin is a reservoir (Vitter 1985, algorithm R), of twice its share
   * at least.
   */
  private static final class Draw {
    private final int count;
    private final int shortest;
    private final int longest;
    private final int[] edges = new int[BINS - 1];
    private final List<List<CorpusText>> bins = new ArrayList<>();
    private final int[] offered = new int[BINS];
    private final LongHashSet shingles = new LongHashSet();
    private final LongHashSet seen = new LongHashSet();
    private final SplittableRandom random;
    private final int capacity;
    private int repeated;

    Draw(List<Document> like, int count, long seed) {
      this.count = count;
      this.capacity = Math.max(KEPT, 2 * Math.ceilDiv(count, BINS));
      this.random = new SplittableRandom(seed);
      int[] lengths = like.stream().mapToInt(d -> d.text().length()).sorted().toArray();
      this.shortest = lengths[0];
      this.longest = lengths[lengths.length - 1];
      for (int i = 1; i < BINS; i++) {
        edges[i - 1] = lengths[(int) ((long) lengths.length * i / BINS)];
      }
      for (int i = 0; i < BINS; i++) {
        bins.add(new ArrayList<>());
      }
      for (Document document : like) {
        for (long shingle : shingles(document.text())) {
          shingles.add(shingle);
        }
      }
    }

    void offer(CorpusText text) {
      String stripped = text.text().strip();
      int length = stripped.length();
      if (length < shortest || length > longest) {
        return;
      }
      long[] own = shingles(stripped);
      if (!seen.add(Arrays.hashCode(own) * 0x9E3779B97F4A7C15L + stripped.hashCode())) {
        return;
      }
      if (Arrays.stream(own).filter(shingles::contains).count() > REPEATED * own.length) {
        repeated++;
        return;
      }
      int bin = 0;
      while (bin < edges.length && length >= edges[bin]) {
        bin++;
      }
      List<CorpusText> reservoir = bins.get(bin);
      offered[bin]++;
      if (reservoir.size() < capacity) {
        reservoir.add(text);
      } else {
        int place = random.nextInt(offered[bin]);
        if (place < capacity) {
          reservoir.set(place, text);
        }
      }
    }

    Distractors result(Path file) {
      var drawn = new ArrayList<CorpusText>();
      // So that the first of a reservoir are a fair draw as well.
      bins.forEach(reservoir -> Collections.shuffle(reservoir, new Random(random.nextLong())));
      for (int place = 0; place < capacity; place++) {
        for (List<CorpusText> reservoir : bins) {
          if (place < reservoir.size() && drawn.size() < count) {
            drawn.add(reservoir.get(place));
          }
        }
      }
      if (drawn.isEmpty()) {
        throw new PolysemeException(
            "%s has no text of %,d to %,d characters, as long as the documents are"
                .formatted(file, shortest, longest));
      }
      drawn.sort(Comparator.comparingLong(CorpusText::line));
      var notes = new ArrayList<String>();
      if (drawn.size() < count) {
        notes.add(
            "%s has only %,d distractors of the documents' lengths, and %,d were asked for"
                .formatted(file, drawn.size(), count));
      }
      if (repeated > 0) {
        notes.add("%s: %,d texts repeat a document, and are not taken".formatted(file, repeated));
      }
      return new Distractors(
          drawn.stream()
              .map(text -> new Document("distractor:" + text.line(), text.text().strip()))
              .toList(),
          notes);
    }
  }

  /** Hashes of all runs of words; of the whole where it has fewer words than a run. */
  private static long[] shingles(String text) {
    int[] words = words(text);
    var shingles = new long[Math.max(1, words.length - SHINGLE + 1)];
    for (int i = 0; i < shingles.length; i++) {
      long hash = 0;
      for (int j = i; j < Math.min(i + SHINGLE, words.length); j++) {
        hash = (hash ^ words[j]) * 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 29;
      }
      shingles[i] = hash;
    }
    return shingles;
  }

  private static int[] words(String text) {
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    var words = new ArrayList<Integer>();
    int word = 0;
    for (int i = 0; i < plain.length(); i += Character.charCount(plain.codePointAt(i))) {
      int c = plain.codePointAt(i);
      boolean ideograph = Character.isIdeographic(c);
      if (word != 0 && (ideograph || !Character.isLetterOrDigit(c))) {
        words.add(word);
        word = 0;
      }
      if (ideograph) {
        words.add(c);
      } else if (Character.isLetterOrDigit(c)) {
        word = word * 31 + c;
      }
    }
    if (word != 0) {
      words.add(word);
    }
    return words.stream().mapToInt(Integer::intValue).toArray();
  }
}
