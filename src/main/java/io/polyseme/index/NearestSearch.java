package io.polyseme.index;

import io.polyseme.vector.Answer;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.util.FixedBitSet;

/** One search for the nearest vectors of a snapshot, in one thread. */
final class NearestSearch {
  /** So few vectors are compared within a millisecond or so, and then nothing is missed. */
  static final int FEW = 10_000;

  /** How many candidates are re-ranked by 3CosMul: at least this many, or this times k. */
  private static final int MANY_CANDIDATES = 1_000;

  private static final int CANDIDATES_PER_HIT = 20;

  private final Snapshot snapshot;
  private final Query query;
  private final Precision precision;
  private final int efSearch;
  private final Similarity similarity;
  private final Scorer scorer;
  private final Cursor cursor;
  private final Set<Integer> excluded = new HashSet<>();
  private final FilterBits accepted;
  private final List<String> warnings = new ArrayList<>();
  private long visited;
  private boolean exact;

  /**
   * @param query whose filter has been evaluated into {@code accepted}
   * @param efSearch how many candidates are kept where the precision does not say
   */
  NearestSearch(
      Snapshot snapshot, Query query, Precision precision, int efSearch, FilterBits accepted)
      throws IOException {
    this.snapshot = snapshot;
    this.query = query;
    this.precision = precision;
    this.efSearch = precision.efSearch() > 0 ? precision.efSearch() : efSearch;
    this.similarity = snapshot.metadata().similarity();
    this.scorer = Scorer.of(query, similarity);
    this.cursor = new Cursor(snapshot);
    for (String label : query.excluded()) {
      int doc = snapshot.document(label);
      if (doc >= 0) {
        excluded.add(doc);
      }
    }
    this.accepted = accepted;
  }

  /** How many candidates are kept if nobody says. */
  static int standardEfSearch(Metadata metadata, int k) {
    // One bit a dimension ranks coarsely: more candidates are compared by their full vectors.
    int factor = metadata.options().encoding() == Encoding.INT1 ? 2 : 1;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(200L, 2L * k) * factor);
  }

  Answer answer() throws IOException {
    List<Best.Scored> best = best();
    var hits = new ArrayList<Hit>(best.size());
    for (Best.Scored scored : best) {
      hits.add(
          new Hit(hits.size() + 1, scored.label(), scored.score(), cursor.fields(scored.doc())));
    }
    return new Answer(hits, exact, visited, warnings);
  }

  /** Whether every vector that may be found was looked at by {@link #best}. */
  boolean exact() {
    return exact;
  }

  long visited() {
    return visited;
  }

  List<String> warnings() {
    return warnings;
  }

  /** The documents that are not to be found. */
  Set<Integer> excluded() {
    return excluded;
  }

  /** The score of one entry, as the best have theirs. */
  double score(int doc) throws IOException {
    return scorer.score(cursor.vector(doc));
  }

  List<Best.Scored> best() throws IOException {
    int admissible = accepted.count();
    if (precision.mode() == Precision.Mode.EXACT
        || precision.mode() == Precision.Mode.AUTO && admissible <= FEW
        || admissible <= Math.max(wanted(), efSearch)) {
      return scan();
    }
    var targets = new ArrayList<float[]>();
    int candidates = Math.max(wanted(), efSearch);
    if (query.method() == Method.COS_MUL) {
      candidates =
          Math.max(
              candidates,
              (int)
                  Math.min(
                      Integer.MAX_VALUE,
                      Math.max(MANY_CANDIDATES, CANDIDATES_PER_HIT * (long) query.k())));
      targets.addAll(productTargets());
      warnings.add(
          "3CosMul is no linear query: it re-ranked about %,d candidates that the graph found for the expression and its terms; an exact search looks at all"
              .formatted(Math.min(candidates, admissible)));
    } else {
      targets.add(Scorer.target(query, similarity));
    }
    candidates = Math.min(candidates, admissible);
    var found = new LinkedHashSet<Integer>();
    for (float[] target : targets) {
      for (int segment = 0; segment < snapshot.segments().size(); segment++) {
        throughGraph(segment, target, candidates, found);
      }
    }
    var best = new Best(query.k(), cursor);
    for (int doc : found) {
      if (!excluded.contains(doc)) {
        best.offer(doc, score(doc));
      }
    }
    return best.sorted();
  }

  /** The expression as a sum, where it does not cancel out, and each term that adds to it. */
  private List<float[]> productTargets() {
    var targets = new ArrayList<float[]>();
    try {
      targets.add(Scorer.target(query, Similarity.COSINE));
    } catch (IllegalArgumentException e) {
      // The terms cancel each other out as a sum; as a product they may not.
      System.getLogger(VectorIndex.class.getName())
          .log(System.Logger.Level.DEBUG, "no sum to look for", e);
    }
    if (query.operands().size() > 1) {
      for (Query.Operand operand : query.operands()) {
        if (operand.weight() > 0) {
          targets.add(Vectors.unit(operand.vector()));
        }
      }
    }
    return targets;
  }

  private int wanted() {
    return (int) Math.min(Integer.MAX_VALUE, query.k() + (long) excluded.size());
  }

  /** Adds what a segment's graph finds, or all that it lets through where that is cheaper. */
  private void throughGraph(int segment, float[] target, int candidates, Set<Integer> found)
      throws IOException {
    int count = accepted.count(segment);
    if (count == 0) {
      return;
    }
    LeafReader leaf = snapshot.segments().get(segment).reader();
    int base = snapshot.segments().get(segment).docBase;
    FixedBitSet bits = accepted.of(segment);
    if (count <= candidates) {
      addAll(segment, base, found);
      return;
    }
    AcceptDocs accept =
        bits == null
            ? AcceptDocs.fromLiveDocs(null, leaf.maxDoc())
            : AcceptDocs.fromIteratorSupplier(
                () -> accepted.iterator(segment), null, leaf.maxDoc());
    int limit = bits == null ? Integer.MAX_VALUE : count;
    // By 3CosMul all candidates are ranked anew.
    var strategy =
        new GraphSearchStrategy(query.method() == Method.COS_MUL ? candidates : wanted());
    var collector = new TopKnnCollector(candidates, limit, strategy);
    leaf.searchNearestVectors(Entries.VECTOR, target, collector, accept);
    visited += collector.visitedCount();
    if (collector.earlyTerminated() && !strategy.answered()) {
      addAll(segment, base, found);
      return;
    }
    for (ScoreDoc hit : collector.topDocs().scoreDocs) {
      found.add(base + hit.doc);
    }
  }

  private void addAll(int segment, int base, Set<Integer> found) throws IOException {
    DocIdSetIterator all = accepted.iterator(segment);
    for (int doc = all.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = all.nextDoc()) {
      found.add(base + doc);
    }
    visited += accepted.count(segment);
  }

  private List<Best.Scored> scan() throws IOException {
    var best = new Best(Math.min(query.k(), Math.max(1, accepted.count())), cursor);
    for (int doc = accepted.next(0);
        doc != DocIdSetIterator.NO_MORE_DOCS;
        doc = accepted.next(doc + 1)) {
      if (!excluded.contains(doc)) {
        best.offer(doc, score(doc));
      }
    }
    visited += accepted.count();
    exact = true;
    return best.sorted();
  }
}
