package io.polyseme.index;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Best-first search in a graph of one level: the best {@code width} nodes that were seen, sorted,
 * and always the best of them next whose neighbours were not looked at (Malkov and Yashunin 2016,
 * algorithm 2). It begins at the nearest of a sample of nodes, the seeds, which take the place of
 * the upper levels of HNSW.
 *
 * <p>A node with its score is one long, so that longs compare as the scores do, and of equal scores
 * the larger node comes first. Not thread-safe.
 */
final class Beam {
  /** The neighbours of nodes. */
  interface Links {
    /** Writes a node's neighbours and returns how many there are. */
    int neighbours(int node, int[] into);
  }

  /** How many of the seeds are kept to begin with. */
  private static final int ENTRIES = 8;

  private static final long LOOKED_AT = 1;

  private final Links links;
  private final int[] seeds;

  /** A bit for each node, and which words of them are to be cleared afterwards. */
  private final long[] visited;

  private int[] touched = new int[1 << 12];
  private int touchedCount;
  private final int[] neighbours;
  private int[] fresh;
  private float[] scores;
  private long[] best = new long[0];
  private int size;
  private int width;
  private long[] frontier = new long[256];
  private int frontierSize;
  private long compared;

  /**
   * @param nodes how many there are
   * @param degree the most neighbours that a node has
   * @param seeds not changed afterwards
   */
  Beam(Links links, int nodes, int degree, int[] seeds) {
    this.links = links;
    this.seeds = seeds;
    this.visited = new long[(nodes + 63) / 64];
    this.neighbours = new int[degree];
    this.fresh = new int[Math.max(degree, seeds.length)];
    this.scores = new float[fresh.length];
  }

  static long entry(float score, int node) {
    int bits = Float.floatToIntBits(score);
    return (long) (bits ^ bits >> 31 & Integer.MAX_VALUE) << 32 | (long) node << 1;
  }

  static int node(long entry) {
    return (int) ((entry & 0xFFFFFFFFL) >>> 1);
  }

  static float score(long entry) {
    int bits = (int) (entry >> 32);
    return Float.intBitsToFloat(bits ^ bits >> 31 & Integer.MAX_VALUE);
  }

  /** How many nodes the last search found. */
  int size() {
    return size;
  }

  int node(int rank) {
    return node(best[rank]);
  }

  float score(int rank) {
    return score(best[rank]);
  }

  /** How many nodes the last search compared with its target. */
  long compared() {
    return compared;
  }

  private void begin(int width) {
    this.width = width;
    if (best.length < width) {
      best = new long[width];
    }
    size = 0;
    compared = 0;
    frontierSize = 0;
  }

  private void end() {
    for (int i = 0; i < touchedCount; i++) {
      visited[touched[i]] = 0;
    }
    touchedCount = 0;
  }

  /**
   * Searches among all nodes.
   *
   * @param seedCount how many of the seeds are there already
   */
  void search(NodeScorer scorer, int width, int seedCount) {
    begin(width);
    try {
      int entries = enter(scorer, seedCount);
      for (int i = 0; i < entries; i++) {
        insert(frontier[i]);
      }
      int at = 0;
      while (at < size) {
        long next = best[at];
        if ((next & LOOKED_AT) != 0) {
          at++;
          continue;
        }
        best[at] = next | LOOKED_AT;
        int count = unvisited(links.neighbours(node(next), neighbours));
        scorer.score(fresh, count, scores);
        compared += count;
        int first = at + 1;
        for (int i = 0; i < count; i++) {
          long entry = entry(scores[i], fresh[i]);
          if (size < width || entry > best[width - 1]) {
            first = Math.min(first, insert(entry));
          }
        }
        at = first;
      }
    } finally {
      end();
    }
  }

  /** The nearest seeds, best first, at the front of the frontier; they count as visited. */
  private int enter(NodeScorer scorer, int seedCount) {
    System.arraycopy(seeds, 0, fresh, 0, seedCount);
    scorer.score(fresh, seedCount, scores);
    compared += seedCount;
    int entries = 0;
    int most = Math.min(ENTRIES, width);
    for (int i = 0; i < seedCount; i++) {
      long entry = entry(scores[i], fresh[i]);
      if (entries < most || entry > frontier[entries - 1]) {
        int j = entries < most ? entries++ : most - 1;
        for (; j > 0 && frontier[j - 1] < entry; j--) {
          frontier[j] = frontier[j - 1];
        }
        frontier[j] = entry;
      }
    }
    for (int i = 0; i < entries; i++) {
      visit(node(frontier[i]));
    }
    return entries;
  }

  /** Those of the neighbours that were not visited, which now they are. */
  private int unvisited(int count) {
    int n = 0;
    for (int i = 0; i < count; i++) {
      int node = neighbours[i];
      if (visit(node)) {
        fresh[n++] = node;
      }
    }
    return n;
  }

  private boolean visit(int node) {
    int word = node >> 6;
    long bits = visited[word];
    long bit = 1L << node;
    if ((bits & bit) != 0) {
      return false;
    }
    visited[word] = bits | bit;
    if (touchedCount == touched.length) {
      touched = Arrays.copyOf(touched, 2 * touchedCount);
    }
    touched[touchedCount++] = word;
    return true;
  }

  /** Puts an entry in its place; what falls behind the width is gone. Returns the place. */
  private int insert(long entry) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (best[middle] > entry) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (size < width) {
      size++;
    }
    System.arraycopy(best, low, best, low + 1, size - 1 - low);
    best[low] = entry;
    return low;
  }

  /**
   * Searches for nodes that are accepted, through all nodes: others lead on, but are not kept. It
   * ends as {@link #search} does, when nothing that is left to look at is nearer than the worst of
   * those kept.
   *
   * @param limit gives up when so many nodes were compared
   * @return false where it gave up
   */
  boolean search(NodeScorer scorer, int width, IntPredicate accepted, long limit) {
    begin(width);
    try {
      int entries = enter(scorer, seeds.length);
      long[] begin = Arrays.copyOf(frontier, entries);
      for (long entry : begin) {
        offer(entry, accepted);
      }
      while (frontierSize > 0) {
        long next = pop();
        if (size == width && next < best[width - 1]) {
          return true;
        }
        if (compared > limit) {
          return false;
        }
        int count = unvisited(links.neighbours(node(next), neighbours));
        scorer.score(fresh, count, scores);
        compared += count;
        for (int i = 0; i < count; i++) {
          offer(entry(scores[i], fresh[i]), accepted);
        }
      }
      return size == width;
    } finally {
      end();
    }
  }

  private void offer(long entry, IntPredicate accepted) {
    if (size == width && entry < best[width - 1]) {
      return;
    }
    push(entry);
    if (accepted.test(node(entry))) {
      insert(entry);
    }
  }

  /** Keeps the best of nodes that were not found through the graph. */
  void scan(NodeScorer scorer, int width, Nodes nodes) throws java.io.IOException {
    begin(width);
    for (int count = nodes.next(fresh); count > 0; count = nodes.next(fresh)) {
      scorer.score(fresh, count, scores);
      compared += count;
      for (int i = 0; i < count; i++) {
        long entry = entry(scores[i], fresh[i]);
        if (size < width || entry > best[width - 1]) {
          insert(entry);
        }
      }
    }
  }

  /** Nodes one after the other. */
  interface Nodes {
    /** Fills an array, or less of it at the end; how many there were, 0 after the last. */
    int next(int[] into) throws java.io.IOException;
  }

  private void push(long entry) {
    if (frontierSize == frontier.length) {
      frontier = Arrays.copyOf(frontier, 2 * frontierSize);
    }
    int i = frontierSize++;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (frontier[parent] >= entry) {
        break;
      }
      frontier[i] = frontier[parent];
      i = parent;
    }
    frontier[i] = entry;
  }

  private long pop() {
    long top = frontier[0];
    long last = frontier[--frontierSize];
    int i = 0;
    for (int child = 1; child < frontierSize; child = 2 * i + 1) {
      if (child + 1 < frontierSize && frontier[child + 1] > frontier[child]) {
        child++;
      }
      if (frontier[child] <= last) {
        break;
      }
      frontier[i] = frontier[child];
      i = child;
    }
    frontier[i] = last;
    return top;
  }
}
