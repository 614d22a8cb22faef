package io.polyseme.train.transformer;

import com.carrotsearch.hppc.IntArrayList;
import com.carrotsearch.hppc.LongObjectHashMap;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair merges over counted words (Sennrich et al. 2016): the pair of neighbours that is the
 * most frequent becomes one piece, again and again. A merge touches only the words that have the
 * pair, and there only the pairs beside it. For one thread, and for one use.
 */
final class PairMerges {
  /** Of pairs of the same count the one with the smaller ids, of the left piece first. */
  private static final Comparator<Queued> MOST_FREQUENT_FIRST =
      Comparator.comparingLong(Queued::count)
          .reversed()
          .thenComparingLong(queued -> queued.pair.key);

  private static final int MERGES_BETWEEN_REPORTS = 64;

  /** Two neighbouring pieces, how often they are that, and the words that have or had them. */
  private static final class Pair {
    final long key;
    final IntArrayList words = new IntArrayList();
    long count;

    /** The merge that last raised the count. */
    int raised = -1;

    Pair(long key) {
      this.key = key;
    }
  }

  /** A pair with the count that it had; what has a smaller one by now is queued again. */
  private record Queued(Pair pair, long count) {}

  private final CountedWords words;
  private final long minCount;
  private final List<String> pieces;
  private final Map<String, Integer> ids = new HashMap<>();
  private final LongObjectHashMap<Pair> pairs = new LongObjectHashMap<>();
  private final PriorityQueue<Queued> queue = new PriorityQueue<>(MOST_FREQUENT_FIRST);
  private final List<Pair> raised = new ArrayList<>();
  private final boolean[] merged = new boolean[CountedWords.LONGEST + 1];
  private int merges;

  /**
   * @param words as pieces that are single characters; changed by merging
   * @param pieces by id, added to by merging
   * @param minCount pairs that are rarer are not merged
   */
  PairMerges(CountedWords words, List<String> pieces, long minCount) {
    this.words = words;
    this.pieces = pieces;
    this.minCount = minCount;
    for (int id = 0; id < pieces.size(); id++) {
      ids.put(pieces.get(id), id);
    }
  }

  /** Merges until there are so many pieces, or no pair that is frequent enough. */
  void run(int vocabulary, Progress progress, Cancel cancel) {
    for (int word = 0; word < words.size(); word++) {
      if (word % (1 << 14) == 0) {
        cancel.check();
      }
      int start = words.start(word);
      for (int i = start; i + 1 < start + words.length(word); i++) {
        raise(key(words.piece(i), words.piece(i + 1)), word);
      }
    }
    queueRaised();
    while (pieces.size() < vocabulary && !queue.isEmpty()) {
      cancel.check();
      Queued first = queue.remove();
      Pair pair = first.pair;
      if (pair.count != first.count) {
        queue(pair);
        continue;
      }
      merge(pair);
      queueRaised();
      if (merges % MERGES_BETWEEN_REPORTS == 0) {
        progress.update("learning pieces", pieces.size(), vocabulary);
      }
    }
    progress.update("learning pieces", pieces.size(), pieces.size());
  }

  private void merge(Pair pair) {
    int left = (int) (pair.key >>> 32);
    int right = (int) pair.key;
    String piece =
        pieces.get(left) + pieces.get(right).substring(WordPieceTrainer.CONTINUING.length());
    // Two ways may lead to one piece: ab + ##c and a + ##bc.
    Integer known = ids.get(piece);
    int id = known == null ? pieces.size() : known;
    if (known == null) {
      pieces.add(piece);
      ids.put(piece, id);
    }
    merges++;
    for (int i = 0; i < pair.words.size(); i++) {
      merge(pair.words.get(i), left, right, id);
    }
  }

  /** Merges in a word; one that had the pair and has it no more stays as it is. */
  private void merge(int word, int left, int right, int id) {
    int start = words.start(word);
    int end = start + words.length(word);
    boolean any = false;
    for (int i = start; i < end; i++) {
      boolean here = i + 1 < end && words.piece(i) == left && words.piece(i + 1) == right;
      merged[i - start] = here;
      if (here) {
        any = true;
        merged[++i - start] = true;
      }
    }
    if (!any) {
      return;
    }
    for (int i = start; i + 1 < end; i++) {
      if (merged[i - start] || merged[i + 1 - start]) {
        lower(key(words.piece(i), words.piece(i + 1)), word);
      }
    }
    int to = start;
    for (int i = start; i < end; i++) {
      boolean here = merged[i - start];
      words.piece(to, here ? id : words.piece(i));
      merged[to - start] = here;
      to++;
      i += here ? 1 : 0;
    }
    words.length(word, to - start);
    for (int i = start; i + 1 < to; i++) {
      if (merged[i - start] || merged[i + 1 - start]) {
        raise(key(words.piece(i), words.piece(i + 1)), word);
      }
    }
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private void lower(long key, int word) {
    Pair pair = pairs.get(key);
    pair.count -= words.count(word);
    if (pair.count == 0) {
      pairs.remove(key);
    }
  }

  private void raise(long key, int word) {
    Pair pair = pairs.get(key);
    if (pair == null) {
      pair = new Pair(key);
      pairs.put(key, pair);
    }
    pair.count += words.count(word);
    int known = pair.words.size();
    if (known == 0 || pair.words.get(known - 1) != word) {
      pair.words.add(word);
    }
    if (pair.raised != merges) {
      pair.raised = merges;
      raised.add(pair);
    }
  }

  private void queueRaised() {
    raised.forEach(this::queue);
    raised.clear();
  }

  private void queue(Pair pair) {
    if (pair.count >= minCount) {
      queue.add(new Queued(pair, pair.count));
    }
  }
}
