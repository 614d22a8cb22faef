package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.lucene.search.DocIdSetIterator;

/** Asks an index for the neighbours of some of its own vectors, through the graph and exactly. */
final class RecallTrial {
  /** How many of the sample an exact search is timed on. */
  private static final int TIMED = 5;

  /**
   * The sample asked once through the graph.
   *
   * @param nanos what each search took, in the sample's order
   */
  record Pass(double recall, double meanVisited, long[] nanos) {}

  private final Snapshot snapshot;
  private final int k;
  private final Cursor cursor;
  private final int[] docs;
  private final List<float[]> queries = new ArrayList<>();
  private final List<List<Best.Scored>> right = new ArrayList<>();

  /** Compares the sample with all. */
  RecallTrial(Snapshot snapshot, int k, int[] docs, Progress progress, Cancel cancel)
      throws IOException {
    this.snapshot = snapshot;
    this.k = k;
    this.docs = docs;
    this.cursor = new Cursor(snapshot);
    var scorers = new ArrayList<Scorer>();
    var exact = new ArrayList<Best>();
    for (int doc : docs) {
      float[] query = cursor.vector(doc).clone();
      queries.add(query);
      scorers.add(Scorer.similarity(query, snapshot.metadata().similarity()));
      exact.add(new Best(k, cursor));
    }
    FilterBits all = FilterBits.of(snapshot, Filter.ALL);
    // One pass over all vectors for the whole sample: each is read from memory once.
    long compared = 0;
    for (int doc = all.next(0); doc != DocIdSetIterator.NO_MORE_DOCS; doc = all.next(doc + 1)) {
      if (compared++ % 256 == 0) {
        cancel.check();
        progress.update("comparing with all", compared, all.count());
      }
      float[] vector = cursor.vector(doc);
      for (int i = 0; i < docs.length; i++) {
        if (docs[i] != doc) {
          exact.get(i).offer(doc, scorers.get(i).score(vector));
        }
      }
    }
    exact.forEach(best -> right.add(best.sorted()));
    progress.update("comparing with all", all.count(), all.count());
  }

  int sampled() {
    return docs.length;
  }

  /** Asks through the graph. */
  Pass pass(int efSearch, Progress progress, Cancel cancel) throws IOException {
    double found = 0;
    double visited = 0;
    var nanos = new long[docs.length];
    for (int i = 0; i < docs.length; i++) {
      cancel.check();
      progress.update("searching the graph", i, docs.length);
      Query query = query(i, Precision.approximate(efSearch));
      long start = System.nanoTime();
      Answer answer = answer(query);
      nanos[i] = System.nanoTime() - start;
      visited += answer.visited();
      List<Best.Scored> best = right.get(i);
      // By score, not by label: of several equally near ones any is right.
      double worst = best.isEmpty() ? Double.POSITIVE_INFINITY : best.getLast().score();
      long good = answer.hits().stream().filter(hit -> hit.score() >= worst).count();
      found += best.isEmpty() ? 1 : (double) good / best.size();
    }
    progress.update("searching the graph", docs.length, docs.length);
    return new Pass(found / docs.length, visited / docs.length, nanos);
  }

  /** The mean time of an exact search, from a few of the sample. */
  double exactMillis(Cancel cancel) throws IOException {
    int timed = Math.min(TIMED, docs.length);
    long start = System.nanoTime();
    for (int i = 0; i < timed; i++) {
      cancel.check();
      answer(query(i, Precision.EXACT));
    }
    return (System.nanoTime() - start) / 1e6 / timed;
  }

  private Query query(int i, Precision precision) throws IOException {
    return new Query(
        List.of(new Query.Operand(queries.get(i), 1)),
        k,
        Method.COS_ADD,
        Set.of(cursor.of(docs[i])),
        Filter.ALL,
        precision);
  }

  private Answer answer(Query query) throws IOException {
    FilterBits all = FilterBits.of(snapshot, query.filter());
    return new NearestSearch(snapshot, query, query.precision(), 0, all).answer();
  }
}
