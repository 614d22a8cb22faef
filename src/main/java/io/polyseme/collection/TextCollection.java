package io.polyseme.collection;

import com.carrotsearch.hppc.BitMixer;
import com.carrotsearch.hppc.IntArrayList;
import com.carrotsearch.hppc.IntHashSet;
import com.carrotsearch.hppc.LongIntHashMap;
import com.carrotsearch.hppc.ObjectIntHashMap;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.cluster.NeighbourGraph;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Parallel;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of an index that pass a filter, as all that is asked of a whole collection needs
 * them: rows from 0, one for each different text, in the order of the index. Entries with equal
 * text and equal vector are one row; the further ones are its copies.
 *
 * <p>Vectors are copied to memory off the heap, at unit length: everything here compares by the
 * cosine. On the heap are the labels and some twenty bytes for each entry; texts and fields stay in
 * the index and are read when they are asked for.
 *
 * <p>Thread-safe. Closed by whoever opened it; the index stays the caller's, and is to be closed
 * later than this.
 */
public final class TextCollection implements AutoCloseable {
  /**
   * So many are compared all with all: exact, and on two cores no slower than their searches of the
   * graph.
   */
  private static final int EXACT = 20_000;

  /** So many rows are looked up in the graph at a time. */
  private static final int TOGETHER = 1024;

  /** Rows that one thread takes. */
  private static final int PART = 16;

  /** Vectors of one text differ by rounding at most. */
  private static final float SAME = 0.9999f;

  /** From so many pairs is learned how near texts are by chance. */
  private static final int PAIRS = 10_000;

  /** How often a search that found mostly copies is widened. */
  private static final int WIDENINGS = 6;

  private final VectorIndex index;
  private final Filter filter;
  private final int threads;
  private final int exact;
  private final List<String> labels = new ArrayList<>();
  private final IntArrayList rowOfEntry = new IntArrayList();
  private final IntArrayList lengths = new IntArrayList();
  private final OffHeapRows rows;
  private @Nullable ObjectIntHashMap<String> entryNumbers;

  private TextCollection(VectorIndex index, Filter filter, int threads, int exact) {
    this.index = index;
    this.filter = filter;
    this.threads = threads;
    this.exact = exact;
    this.rows = new OffHeapRows(index.info().dimension(), labels);
  }

  /**
   * Reads the entries of an index that pass a filter.
   *
   * @param threads how many work at once, here and later
   * @throws PolysemeException if none pass
   */
  public static TextCollection read(
      VectorIndex index, Filter filter, int threads, Progress progress, Cancel cancel) {
    return read(index, filter, threads, EXACT, progress, cancel);
  }

  static TextCollection read(
      VectorIndex index, Filter filter, int threads, int exact, Progress progress, Cancel cancel) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    if (index.info().size() == 0) {
      throw new PolysemeException("the index %s is empty".formatted(index.info().name()));
    }
    var collection = new TextCollection(index, filter, threads, exact);
    try {
      collection.read(progress, cancel);
    } catch (RuntimeException | Error e) {
      collection.close();
      throw e;
    }
    return collection;
  }

  private void read(Progress progress, Cancel cancel) {
    // By the hash of a text its last row, and of a row the one before with that hash.
    var last = new LongIntHashMap();
    var before = new IntArrayList();
    var other = new float[rows.dimension()];
    long size = index.count(filter);
    long seen = 0;
    try (Stream<VectorIndex.Entry> all = index.entries(filter)) {
      Iterator<VectorIndex.Entry> iterator = all.iterator();
      while (iterator.hasNext()) {
        VectorIndex.Entry entry = iterator.next();
        if (seen++ % 256 == 0) {
          cancel.check();
          progress.update("reading the index", seen, size);
        }
        String text = Member.text(entry.label(), entry.fields());
        float[] unit = Vectors.unitOrZero(entry.vector());
        long hash = hash(text);
        int row = last.getOrDefault(hash, -1);
        int newest = row;
        while (row >= 0 && !same(row, unit, other)) {
          row = before.get(row);
        }
        if (row < 0) {
          row = rows.size();
          rows.add(unit, labels.size());
          lengths.add(text.length());
          before.add(newest);
          last.put(hash, row);
        }
        labels.add(entry.label());
        rowOfEntry.add(row);
      }
    }
    progress.update("reading the index", size, size);
    if (labels.isEmpty()) {
      throw new PolysemeException(
          "no entry of %s passes the filter".formatted(index.info().name()));
    }
  }

  private boolean same(int row, float[] unit, float[] buffer) {
    rows.copyRow(row, buffer);
    return Vectors.dot(unit, buffer) >= SAME || Arrays.equals(unit, buffer);
  }

  private static long hash(String text) {
    String plain = text.strip();
    long hash = plain.length();
    for (int i = 0; i < plain.length(); i++) {
      hash = BitMixer.mix64(hash + plain.charAt(i)) * 31;
    }
    return hash;
  }

  /** The index whose entries these are. */
  public VectorIndex index() {
    return index;
  }

  /** How many different texts there are: rows are from 0 to one less. */
  public int size() {
    return rows.size();
  }

  /** How many entries there are, copies among them. */
  public int entries() {
    return labels.size();
  }

  /** The entry that a row was made of, the first in the index. */
  public Member member(int row) {
    return member(rows.label(row));
  }

  /** The entry of a label, which must be there. */
  Member member(String label) {
    return Member.of(label, index.fields(label).orElse(Map.of()));
  }

  /** The label of an entry, from 0 to {@code entries() - 1}. */
  String label(int entry) {
    return labels.get(entry);
  }

  /** The row of an entry. */
  int row(int entry) {
    return rowOfEntry.get(entry);
  }

  /** Whether an entry has the text and vector of one before. */
  boolean isCopy(int entry) {
    return rows.entry(rowOfEntry.get(entry)) != entry;
  }

  /** How long the text of a row is, in UTF-16 units. */
  int length(int row) {
    return lengths.get(row);
  }

  int threads() {
    return threads;
  }

  /** The vectors, of unit length or zero. */
  LabelledRows rows() {
    return rows;
  }

  float[] vector(int row) {
    var vector = new float[rows.dimension()];
    rows.copyRow(row, vector);
    return vector;
  }

  /** From -1 to 1, the same whichever comes first. */
  double cosine(int a, int b) {
    return Math.clamp((double) Vectors.dot(vector(a), vector(b)), -1, 1);
  }

  /** Whether neighbours are found by comparing with all, and none can be missed. */
  public boolean exact() {
    // Only by the cosine are the index's nearest the nearest here.
    return size() <= exact || index.info().similarity() != Similarity.COSINE;
  }

  /**
   * Each row's nearest others: by comparing all with all where there are few, else by the graph.
   */
  NeighbourGraph neighbours(int k, NeighbourGraph.Found found, Progress progress, Cancel cancel) {
    if (exact()) {
      return NeighbourGraph.exact(rows, k, threads, found, progress, cancel);
    }
    var graph = new NeighbourGraph(size(), Math.min(k, size() - 1));
    for (int from = 0; from < size(); from += TOGETHER) {
      int first = from;
      int to = Math.min(size(), from + TOGETHER);
      Parallel.forEach(
          Math.ceilDiv(to - from, PART),
          threads,
          () -> graph,
          (into, part) -> {
            int start = first + part * PART;
            for (int row = start; row < Math.min(to, start + PART); row++) {
              into.set(row, nearest(row, into.k()));
            }
          },
          "searching the index",
          Progress.NONE,
          cancel);
      found.rows(graph, from, to);
      progress.update("searching the index", to, size());
    }
    return graph;
  }

  NeighbourGraph neighbours(int k, Progress progress, Cancel cancel) {
    return neighbours(k, (graph, from, to) -> {}, progress, cancel);
  }

  /** The nearest other rows of one, best first. */
  TopK.Best nearest(int row, int k) {
    float[] vector = vector(row);
    var best = new TopK(k, Integer::compare);
    if (exact()) {
      var other = new float[vector.length];
      for (int i = 0; i < size(); i++) {
        if (i != row) {
          rows.copyRow(i, other);
          best.offer(i, Vectors.dot(vector, other));
        }
      }
      return best.drain();
    }
    if (Vectors.squaredNorm(vector) == 0) {
      return best.drain(); // it has no direction, and no neighbours
    }
    ObjectIntHashMap<String> numbers = entryNumbers();
    int wanted = k + 1;
    for (int widened = 0; ; widened++) {
      Answer answer = index.search(Query.near(vector, wanted).withFilter(filter));
      var seen = new IntHashSet();
      seen.add(row);
      for (Hit hit : answer.hits()) {
        int entry = numbers.getOrDefault(hit.label(), -1);
        if (entry >= 0 && seen.add(row(entry))) {
          best.offer(row(entry), hit.score());
        }
      }
      if (seen.size() > k || answer.hits().size() < wanted || widened == WIDENINGS) {
        return best.drain();
      }
      wanted = (int) Math.min(entries(), 2L * wanted);
      best.drain();
    }
  }

  /** Entries by their labels. */
  private synchronized ObjectIntHashMap<String> entryNumbers() {
    if (entryNumbers == null) {
      entryNumbers = new ObjectIntHashMap<>(labels.size());
      for (int entry = 0; entry < labels.size(); entry++) {
        entryNumbers.put(labels.get(entry), entry);
      }
    }
    return entryNumbers;
  }

  /** How near two texts are that have nothing to do with each other: of pairs chosen at random. */
  public Chance chance(long seed) {
    var random = new SplittableRandom(seed);
    var cosines = new double[size() < 2 ? 0 : PAIRS];
    for (int i = 0; i < cosines.length; i++) {
      int a = random.nextInt(size());
      int b = random.nextInt(size() - 1);
      cosines[i] = cosine(a, b < a ? b : b + 1);
    }
    Arrays.sort(cosines);
    return new Chance(
        Arrays.stream(cosines).average().orElse(0),
        cosines.length == 0 ? 0 : cosines[(int) (0.999 * cosines.length)]);
  }

  @Override
  public void close() {
    rows.close();
  }
}
