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

  private final Snapshot snapshot;
  private final int k;
  private final int efSearch;

  RecallTrial(Snapshot snapshot, int k, int efSearch) {
    this.snapshot = snapshot;
    this.k = k;
    this.efSearch = efSearch;
  }

  Recall run(int[] docs, Progress progress, Cancel cancel) throws IOException {
    var cursor = new Cursor(snapshot);
    var scorers = new ArrayList<Scorer>();
    var exact = new ArrayList<Best>();
    var queries = new ArrayList<float[]>();
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
    progress.update("comparing with all", all.count(), all.count());
    double found = 0;
    double visited = 0;
    long approximateNanos = 0;
    long exactNanos = 0;
    int timed = Math.min(TIMED, docs.length);
    for (int i = 0; i < docs.length; i++) {
      cancel.check();
      progress.update("searching the graph", i, docs.length);
      var query =
          new Query(
              List.of(new Query.Operand(queries.get(i), 1)),
              k,
              Method.COS_ADD,
              Set.of(cursor.of(docs[i])),
              Filter.ALL,
              Precision.approximate(efSearch));
      long start = System.nanoTime();
      Answer answer = answer(query, query.precision());
      approximateNanos += System.nanoTime() - start;
      visited += answer.visited();
      List<Best.Scored> right = exact.get(i).sorted();
      // By score, not by label: of several equally near ones any is right.
      double worst = right.isEmpty() ? Double.POSITIVE_INFINITY : right.getLast().score();
      long good = answer.hits().stream().filter(hit -> hit.score() >= worst).count();
      found += right.isEmpty() ? 1 : (double) good / right.size();
      if (i < timed) {
        start = System.nanoTime();
        answer(query, Precision.EXACT);
        exactNanos += System.nanoTime() - start;
      }
    }
    progress.update("searching the graph", docs.length, docs.length);
    return new Recall(
        found / docs.length,
        docs.length,
        k,
        efSearch,
        visited / docs.length,
        approximateNanos / 1e6 / docs.length,
        exactNanos / 1e6 / timed);
  }

  private Answer answer(Query query, Precision precision) throws IOException {
    FilterBits all = FilterBits.of(snapshot, query.filter());
    return new NearestSearch(snapshot, query, precision, efSearch, all).answer();
  }
}
