package io.polyseme.train;

import com.carrotsearch.hppc.IntDoubleHashMap;
import com.carrotsearch.hppc.LongArrayList;
import com.carrotsearch.hppc.LongIntHashMap;
import com.carrotsearch.hppc.cursors.IntDoubleCursor;
import com.carrotsearch.hppc.cursors.LongIntCursor;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Joins words that stand together to phrases, in a file of sentences of word numbers: each pass
 * counts pairs of neighbours, and writes the file again. A phrase is a new word of the table, and
 * the counts of its parts fall.
 *
 * <p>As the counts of words are known, pairs whose words are too rare or too common to be a phrase
 * even if they always stood together are never counted. Of the others at most so many are held;
 * where there are more, the rarest so far are forgotten, as word2phrase does.
 */
final class PhraseFinder {
  /** What 2^24 places of the map hold, which take 200 MB. */
  private static final int MOST_PAIRS = 12_000_000;

  private final PhraseRule rule;
  private final WordTable table;
  private final int mostPairs;
  private final Progress progress;
  private final Cancel cancel;
  private final IntDoubleHashMap scores = new IntDoubleHashMap();
  private long words;
  private long pruned;

  PhraseFinder(PhraseRule rule, WordTable table, Progress progress, Cancel cancel) {
    this(rule, table, MOST_PAIRS, progress, cancel);
  }

  PhraseFinder(PhraseRule rule, WordTable table, int mostPairs, Progress progress, Cancel cancel) {
    this.rule = rule;
    this.table = table;
    this.mostPairs = mostPairs;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Joins the words of a file.
   *
   * @param file replaced
   * @param spare is written between, and gone at the end
   * @param words how many the file has
   */
  void join(Path file, Path spare, long words) throws IOException {
    this.words = words;
    boolean joined = true;
    for (int pass = 0; pass < rule.passes() && joined; pass++) {
      joined = pass(file, spare);
    }
  }

  /** How many pairs were forgotten; one that came again may count more than once. */
  long pruned() {
    return pruned;
  }

  /** Of the words for which this holds those that are phrases, the best first. */
  List<Phrase> phrases(IntPredicate taken) {
    var phrases = new ArrayList<Phrase>();
    for (IntDoubleCursor score : scores) {
      if (taken.test(score.key)) {
        phrases.add(new Phrase(table.word(score.key), table.count(score.key), score.value));
      }
    }
    phrases.sort(Comparator.comparingDouble(Phrase::score).reversed().thenComparing(Phrase::text));
    return List.copyOf(phrases);
  }

  /** Returns whether anything was joined. */
  private boolean pass(Path file, Path spare) throws IOException {
    try {
      // Not every system lets a file be replaced while it is mapped.
      try (Arena arena = Arena.ofConfined()) {
        LongIntHashMap phrases = choose(count(IdReader.open(file, arena)));
        if (phrases.isEmpty()) {
          return false;
        }
        write(IdReader.open(file, arena), phrases, spare);
      }
      Files.move(spare, file, StandardCopyOption.REPLACE_EXISTING);
      return true;
    } finally {
      Files.deleteIfExists(spare);
    }
  }

  private static long pair(int first, int second) {
    return (long) first << 32 | second;
  }

  private static int first(long pair) {
    return (int) (pair >>> 32);
  }

  private static int second(long pair) {
    return (int) pair;
  }

  /** How often words stand before each other, of those that can be phrases. */
  private LongIntHashMap count(IdReader reader) {
    var pairs = new LongIntHashMap();
    long read = 0;
    int rare = 0;
    int previous = IdReader.END;
    for (int word = reader.next(); word != IdReader.NONE; word = reader.next()) {
      if (previous >= 0
          && word >= 0
          && rule.possible(table.count(previous), table.count(word), words)) {
        add(pairs, pair(previous, word));
        if (pairs.size() > mostPairs) {
          rare = forget(pairs, rare);
        }
      }
      previous = word;
      tell("counting pairs of words", ++read);
    }
    return pairs;
  }

  private static void add(LongIntHashMap pairs, long pair) {
    int slot = pairs.indexOf(pair);
    if (!pairs.indexExists(slot)) {
      pairs.indexInsert(slot, pair, 1);
    } else if (pairs.indexGet(slot) < Integer.MAX_VALUE) {
      pairs.indexReplace(slot, pairs.indexGet(slot) + 1);
    }
  }

  /**
   * Forgets pairs that were seen no oftener than this so far, which rises until half are gone, so
   * that the next time is far away.
   */
  private int forget(LongIntHashMap pairs, int rare) {
    int least = rare;
    while (pairs.size() > mostPairs / 2) {
      int most = ++least;
      pruned += pairs.removeAll((pair, count) -> count <= most);
    }
    return least;
  }

  /** The pairs that are phrases, and the numbers of those. */
  private LongIntHashMap choose(LongIntHashMap pairs) {
    var chosen = new LongArrayList();
    for (LongIntCursor pair : pairs) {
      if (score(pair.key, pair.value) > rule.threshold()) {
        chosen.add(pair.key);
      }
    }
    // The map's order is another each time, and phrases are numbered here.
    long[] sorted = chosen.toArray();
    Arrays.sort(sorted);
    var phrases = new LongIntHashMap(sorted.length);
    for (long pair : sorted) {
      double score = score(pair, pairs.get(pair));
      int phrase = table.join(first(pair), PhraseRule.DELIMITER, second(pair));
      phrases.put(pair, phrase);
      scores.put(phrase, Math.max(score, scores.get(phrase)));
    }
    return phrases;
  }

  private double score(long pair, int count) {
    return rule.score(count, table.count(first(pair)), table.count(second(pair)), words);
  }

  private void write(IdReader reader, LongIntHashMap phrases, Path to) throws IOException {
    var begins = new BitSet(table.size());
    for (LongIntCursor phrase : phrases) {
      begins.set(first(phrase.key));
    }
    try (var writer = new IdWriter(to)) {
      long read = 0;
      int held = IdReader.END; // a word that begins phrases, not yet written
      for (int word = reader.next(); word != IdReader.NONE; word = reader.next()) {
        if (held >= 0) {
          int phrase = word < 0 ? -1 : phrases.getOrDefault(pair(held, word), -1);
          if (phrase >= 0) {
            writer.word(phrase);
            table.count(held, -1);
            table.count(word, -1);
            table.count(phrase, 1);
            words--;
            held = IdReader.END;
            continue;
          }
          writer.word(held);
          held = IdReader.END;
        }
        if (word < 0) {
          writer.end();
        } else if (begins.get(word)) {
          held = word;
        } else {
          writer.word(word);
        }
        tell("joining phrases", ++read);
      }
    }
  }

  private void tell(String stage, long read) {
    if ((read & 0xFFFFF) == 0) {
      cancel.check();
      progress.update(stage, Math.min(read, words), words);
    }
  }
}
