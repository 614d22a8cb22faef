package io.polyseme.index;

import io.polyseme.vector.RandomOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.jspecify.annotations.Nullable;

/**
 * Links vectors to a graph: each is searched for in the graph of those before it, and joined both
 * ways to those found that are not nearer to one already chosen (Malkov and Yashunin 2016,
 * algorithm 4).
 *
 * <p>Vectors are inserted in a random order and in batches that grow with the graph: all of a batch
 * are searched for in what was there before it, and then each row is changed by one thread (Manohar
 * et al. 2024, "ParlayANN: Scalable and Deterministic Parallel Graph-Based Approximate Nearest
 * Neighbor Search Algorithms"). So the graph is the same for any number of threads, and there are
 * no locks.
 *
 * <p>It takes {@code 12 m} bytes of the heap a vector.
 */
final class GraphBuilder {
  /** Is told how many vectors are linked; throws to end the build. */
  interface Watch {
    void linked(int count) throws IOException;
  }

  private static final long SEED = 42;
  private static final int MOST_SEEDS = 1_024;

  /** A batch is at most this part of all, and half of what is there. */
  private static final int BATCHES = 64;

  /** How many nodes a thread takes at a time. */
  private static final int SHARE = 32;

  /**
   * A neighbour is left out only where one that was chosen is nearer to it than to the node by this
   * factor, in squared distance (Subramanya et al. 2019, "DiskANN", the alpha of RobustPrune).
   */
  private static final float ALPHA = 1.1f;

  private static final int BLOCK_BITS = 12;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final int size;
  private final int m;
  private final int efConstruction;

  /** How many neighbours a node keeps at the end. */
  private final int degree;

  /** How many it may have meanwhile, so that rows are not cut at every new neighbour. */
  private final int room;

  private final VectorSimilarityFunction measure;
  private final Supplier<CodeRows.Bytes> scorers;
  private final List<Worker> workers = new ArrayList<>();
  private final @Nullable Executor executor;
  private final int[][] rows;
  private final int[] degrees;
  private final int[] order;
  private final int[] seeds;

  /**
   * @param scorers over 8-bit rows; called once for each thread
   * @param executor with {@code threads} threads; null for this thread alone
   */
  GraphBuilder(
      int size,
      int m,
      int efConstruction,
      VectorSimilarityFunction measure,
      Supplier<CodeRows.Bytes> scorers,
      int threads,
      @Nullable ExecutorService executor) {
    this.size = size;
    this.m = m;
    this.degree = 2 * m;
    this.room = 3 * m;
    this.efConstruction = efConstruction;
    this.measure = measure;
    this.scorers = scorers;
    this.executor = executor;
    this.rows = new int[(size + BLOCK - 1) / BLOCK][];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = new int[Math.min(BLOCK, size - b * BLOCK) * room];
    }
    this.degrees = new int[size];
    this.order = RandomOrder.shuffled(size, new Random(SEED));
    this.seeds = Arrays.copyOf(order, Math.clamp((long) Math.sqrt(size), 1, MOST_SEEDS));
    for (int i = 0; i < (executor == null ? 1 : threads); i++) {
      workers.add(new Worker());
    }
  }

  /** The most neighbours that a node has. */
  int room() {
    return room;
  }

  /** Where a search begins; one of them leads to every node. */
  int[] seeds() {
    return seeds;
  }

  /** Writes a node's neighbours and returns how many there are. */
  int neighbours(int node, int[] into) {
    int n = degrees[node];
    System.arraycopy(rows[node >> BLOCK_BITS], at(node), into, 0, n);
    return n;
  }

  /** The similarity that the squared distance of another, divided by alpha, stands for. */
  private float relaxed(float similarity) {
    return switch (measure) {
      case EUCLIDEAN -> similarity / ALPHA;
      case DOT_PRODUCT, COSINE -> 1 - (1 - similarity) / ALPHA;
      // There is no distance.
      case MAXIMUM_INNER_PRODUCT -> similarity;
    };
  }

  private int at(int node) {
    return (node & BLOCK - 1) * room;
  }

  void build(Watch watch) throws IOException {
    int done = Math.min(1, size);
    while (done < size) {
      int count = Math.min(Math.clamp(size / BATCHES, 1, Math.max(1, done / 2)), size - done);
      int from = done;
      each(count, (worker, i) -> worker.insert(order[from + i], from));
      link(from, count);
      done += count;
      watch.linked(done);
    }
    each(size, (worker, node) -> worker.shorten(node));
    connect();
  }

  /** Joins those of a batch to the nodes that they chose, from there. */
  private void link(int from, int count) throws IOException {
    int edges = 0;
    for (int i = from; i < from + count; i++) {
      edges += degrees[order[i]];
    }
    var back = new long[edges];
    int e = 0;
    for (int i = from; i < from + count; i++) {
      int node = order[i];
      int[] row = rows[node >> BLOCK_BITS];
      int at = at(node);
      for (int j = 0; j < degrees[node]; j++) {
        back[e++] = (long) row[at + j] << 32 | node;
      }
    }
    Arrays.sort(back);
    var starts = new int[edges + 1];
    int groups = 0;
    for (int i = 0; i < edges; i++) {
      if (i == 0 || back[i] >> 32 != back[i - 1] >> 32) {
        starts[groups++] = i;
      }
    }
    starts[groups] = edges;
    each(groups, (worker, g) -> worker.linkBack(back, starts[g], starts[g + 1]));
  }

  /** Makes sure that from the seeds a way leads to every node. */
  private void connect() {
    var reached = new boolean[size];
    var queue = new int[size];
    int tail = 0;
    int head = 0;
    for (int seed : seeds) {
      reached[seed] = true;
      queue[tail++] = seed;
    }
    Worker worker = workers.getFirst();
    int[] neighbours = new int[room];
    for (int next = 0; next <= size; next++) {
      while (head < tail) {
        int count = neighbours(queue[head++], neighbours);
        for (int i = 0; i < count; i++) {
          if (!reached[neighbours[i]]) {
            reached[neighbours[i]] = true;
            queue[tail++] = neighbours[i];
          }
        }
      }
      if (next < size && !reached[next]) {
        worker.join(next, reached);
        reached[next] = true;
        queue[tail++] = next;
      }
    }
  }

  private interface Step {
    void run(Worker worker, int i);
  }

  private void each(int count, Step step) throws IOException {
    var next = new AtomicInteger();
    var tasks = new ArrayList<FutureTask<@Nullable Void>>();
    for (Worker worker : workers) {
      tasks.add(
          new FutureTask<>(
              () -> {
                for (int from = next.getAndAdd(SHARE); from < count; from = next.getAndAdd(SHARE)) {
                  int to = Math.min(count, from + SHARE);
                  for (int i = from; i < to; i++) {
                    step.run(worker, i);
                  }
                }
                return null;
              }));
    }
    boolean alone = executor == null || count <= SHARE;
    for (FutureTask<?> task : tasks) {
      if (alone || executor == null) {
        task.run();
      } else {
        executor.execute(task);
      }
    }
    for (FutureTask<?> task : tasks) {
      try {
        task.get();
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof RuntimeException known) {
          throw known;
        }
        throw new IOException("linking the graph failed", cause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted while linking the graph");
      }
    }
  }

  /** What one thread needs. */
  private final class Worker {
    private final CodeRows.Bytes target = scorers.get();
    private final CodeRows.Bytes other = scorers.get();
    private final Beam beam = new Beam(GraphBuilder.this::neighbours, size, room, seeds);
    private int[] nodes = new int[Math.max(efConstruction, 2 * room)];
    private float[] scores = new float[nodes.length];
    private long[] sorted = new long[nodes.length];
    private final int[] chosen = new int[room];

    void insert(int node, int inserted) {
      target.target(node);
      beam.search(target, efConstruction, Math.min(inserted, seeds.length));
      int count = beam.size();
      for (int i = 0; i < count; i++) {
        nodes[i] = beam.node(i);
        scores[i] = beam.score(i);
      }
      choose(node, count, m);
    }

    void linkBack(long[] edges, int from, int to) {
      int node = (int) (edges[from] >> 32);
      int n = degrees[node];
      if (n + to - from <= room) {
        int[] row = rows[node >> BLOCK_BITS];
        for (int i = from; i < to; i++) {
          row[at(node) + n++] = (int) edges[i];
        }
        degrees[node] = n;
        return;
      }
      hold(n + to - from);
      neighbours(node, nodes);
      for (int i = from; i < to; i++) {
        nodes[n++] = (int) edges[i];
      }
      keepBest(node, n);
    }

    void shorten(int node) {
      if (degrees[node] > degree) {
        keepBest(node, neighbours(node, nodes));
      }
    }

    private void hold(int count) {
      if (nodes.length < count) {
        nodes = new int[2 * count];
        scores = new float[2 * count];
        sorted = new long[2 * count];
      }
    }

    /** Of the first of {@link #nodes}, in any order. */
    private void keepBest(int node, int count) {
      target.target(node);
      target.score(nodes, count, scores);
      for (int i = 0; i < count; i++) {
        sorted[i] = Beam.entry(scores[i], nodes[i]);
      }
      Arrays.sort(sorted, 0, count);
      for (int i = 0; i < count; i++) {
        nodes[i] = Beam.node(sorted[count - 1 - i]);
        scores[i] = Beam.score(sorted[count - 1 - i]);
      }
      choose(node, count, degree);
    }

    /** Of the first of {@link #nodes}, nearest first: those not as near to one chosen before. */
    private void choose(int node, int count, int most) {
      int n = 0;
      for (int i = 0; i < count && n < most; i++) {
        if (n > 0) {
          other.target(nodes[i]);
        }
        float limit = relaxed(scores[i]);
        boolean free = true;
        for (int j = 0; j < n && free; j++) {
          free = other.score(chosen[j]) < limit;
        }
        if (free) {
          chosen[n++] = nodes[i];
        }
      }
      System.arraycopy(chosen, 0, rows[node >> BLOCK_BITS], at(node), n);
      degrees[node] = n;
    }

    /** Links a node from one that is reached: the nearest that has room, or else the nearest. */
    void join(int node, boolean[] reached) {
      target.target(node);
      beam.search(target, efConstruction, seeds.length);
      int from = -1;
      for (int i = 0; i < beam.size() && (from < 0 || degrees[from] >= degree); i++) {
        int candidate = beam.node(i);
        if (candidate != node && reached[candidate]) {
          from = from < 0 || degrees[candidate] < degree ? candidate : from;
        }
      }
      if (from >= 0) {
        int place = Math.min(degrees[from], room - 1);
        rows[from >> BLOCK_BITS][at(from) + place] = node;
        degrees[from] = place + 1;
      }
    }
  }
}
