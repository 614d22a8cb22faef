package io.polyseme.index;

import io.polyseme.vector.Filter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.NumericUtils;
import org.jspecify.annotations.Nullable;

/**
 * The documents that a filter lets through and that are not deleted, a set of bits for each
 * segment. Immutable.
 */
final class FilterBits {
  private final List<LeafReaderContext> segments;

  /** For each segment; null where all of it passes. */
  private final @Nullable FixedBitSet[] bits;

  private final int[] counts;
  private final int count;

  private FilterBits(List<LeafReaderContext> segments, @Nullable FixedBitSet[] bits) {
    this.segments = segments;
    this.bits = bits;
    this.counts = new int[bits.length];
    int sum = 0;
    for (int i = 0; i < bits.length; i++) {
      FixedBitSet set = bits[i];
      counts[i] = set == null ? segments.get(i).reader().maxDoc() : set.cardinality();
      sum += counts[i];
    }
    this.count = sum;
  }

  static FilterBits of(Snapshot snapshot, Filter filter) throws IOException {
    List<LeafReaderContext> segments = snapshot.segments();
    var bits = new @Nullable FixedBitSet[segments.size()];
    var evaluation = new Evaluation(snapshot.reader());
    for (int i = 0; i < bits.length; i++) {
      Bits live = segments.get(i).reader().getLiveDocs();
      if (filter instanceof Filter.All && live == null) {
        continue;
      }
      FixedBitSet set = evaluation.passing(segments.get(i), filter);
      if (live != null) {
        live.applyMask(set, 0);
      }
      bits[i] = set;
    }
    return new FilterBits(segments, bits);
  }

  /** Of these documents only. */
  static FilterBits of(Snapshot snapshot, int[] docs) {
    List<LeafReaderContext> segments = snapshot.segments();
    var bits = new FixedBitSet[segments.size()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = new FixedBitSet(segments.get(i).reader().maxDoc());
    }
    for (int doc : docs) {
      int segment = ReaderUtil.subIndex(doc, segments);
      bits[segment].set(doc - segments.get(segment).docBase);
    }
    return new FilterBits(segments, bits);
  }

  /** How many documents pass. */
  int count() {
    return count;
  }

  /** How many of a segment pass. */
  int count(int segment) {
    return counts[segment];
  }

  /** Which of a segment pass; null for all. */
  @Nullable FixedBitSet of(int segment) {
    return bits[segment];
  }

  /** Whether everything passes. */
  boolean all() {
    for (FixedBitSet set : bits) {
      if (set != null) {
        return false;
      }
    }
    return true;
  }

  /** The first document from this one on that passes; {@code NO_MORE_DOCS} where there is none. */
  int next(int from) {
    for (int i = 0; i < bits.length; i++) {
      int base = segments.get(i).docBase;
      int limit = base + segments.get(i).reader().maxDoc();
      if (from >= limit) {
        continue;
      }
      int local = Math.max(0, from - base);
      FixedBitSet set = bits[i];
      int found = set == null ? local : next(set, local);
      if (found < limit - base) {
        return base + found;
      }
    }
    return DocIdSetIterator.NO_MORE_DOCS;
  }

  private static int next(FixedBitSet set, int from) {
    return from >= set.length() ? DocIdSetIterator.NO_MORE_DOCS : set.nextSetBit(from);
  }

  /** The same documents of a segment as Lucene takes them. */
  DocIdSetIterator iterator(int segment) {
    FixedBitSet set = bits[segment];
    return set == null
        ? DocIdSetIterator.all(counts[segment])
        : new BitSetIterator(set, counts[segment]);
  }

  /** Goes through a filter's parts. */
  private record Evaluation(IndexReader reader) {
    FixedBitSet passing(LeafReaderContext segment, Filter filter) throws IOException {
      LeafReader leaf = segment.reader();
      var bits = new FixedBitSet(leaf.maxDoc());
      switch (filter) {
        case Filter.All _ -> bits.set(0, leaf.maxDoc());
        case Filter.In in -> {
          for (String value : in.values()) {
            PostingsEnum postings =
                leaf.postings(Entries.term(in.field(), value), PostingsEnum.NONE);
            if (postings != null) {
              bits.or(postings);
            }
          }
        }
        case Filter.Matches(String field, _) when field.equals(Filter.LABEL) ->
            labels(leaf, filter, bits);
        case Filter.Matches(String field, _) -> values(leaf, field, filter, bits);
        case Filter.Present(String field) when field.equals(Filter.LABEL) ->
            bits.set(0, leaf.maxDoc());
        case Filter.Present(String field) -> values(leaf, field, Filter.ALL, bits);
        case Filter.Range(String field, double least, double most) ->
            range(
                segment,
                Entries.NUMBERS,
                field,
                NumericUtils.doubleToSortableLong(least + 0.0),
                NumericUtils.doubleToSortableLong(most + 0.0),
                bits);
        case Filter.Period(String field, long least, long most) ->
            range(segment, Entries.TIMES, field, least, most, bits);
        case Filter.Not not -> {
          bits.set(0, leaf.maxDoc());
          bits.andNot(passing(segment, not.filter()));
        }
        case Filter.And and -> {
          bits.set(0, leaf.maxDoc());
          for (Filter part : and.filters()) {
            bits.and(passing(segment, part));
          }
        }
        case Filter.Or or -> {
          for (Filter part : or.filters()) {
            bits.or(passing(segment, part));
          }
        }
      }
      return bits;
    }

    private void range(
        LeafReaderContext segment,
        String points,
        String field,
        long least,
        long most,
        FixedBitSet into)
        throws IOException {
      if (least > most) {
        return;
      }
      long key = Entries.key(field);
      var searcher = new IndexSearcher(reader);
      Query query =
          searcher.rewrite(
              LongPoint.newRangeQuery(points, new long[] {key, least}, new long[] {key, most}));
      Weight weight = searcher.createWeight(query, ScoreMode.COMPLETE_NO_SCORES, 1);
      Scorer scorer = weight.scorer(segment);
      if (scorer != null) {
        into.or(scorer.iterator());
      }
    }

    /** Of the documents that have a field, those whose value passes. */
    private static void values(LeafReader leaf, String field, Filter filter, FixedBitSet into)
        throws IOException {
      Terms terms = leaf.terms(Entries.KEYWORDS);
      if (terms == null) {
        return;
      }
      TermsEnum all = terms.iterator();
      var start = new BytesRef(Entries.start(field));
      if (all.seekCeil(start) == TermsEnum.SeekStatus.END) {
        return;
      }
      StoredFields stored = leaf.storedFields();
      PostingsEnum postings = null;
      for (BytesRef term = all.term(); term != null; term = all.next()) {
        if (!org.apache.lucene.util.StringHelper.startsWith(term, start)) {
          break;
        }
        String value = term.utf8ToString().substring(Entries.start(field).length());
        if (filter instanceof Filter.All) {
          postings = all.postings(postings, PostingsEnum.NONE);
          into.or(postings);
        } else if (Entries.isHashed(value)) {
          // The list has only the hash of a long value; the entries have it in full.
          postings = all.postings(postings, PostingsEnum.NONE);
          for (int doc = postings.nextDoc();
              doc != DocIdSetIterator.NO_MORE_DOCS;
              doc = postings.nextDoc()) {
            if (filter.accepts(
                Entries.decode(stored.document(doc).getBinaryValue(Entries.FIELDS)))) {
              into.set(doc);
            }
          }
        } else if (filter.accepts(Map.of(field, value))) {
          postings = all.postings(postings, PostingsEnum.NONE);
          into.or(postings);
        }
      }
    }

    private static void labels(LeafReader leaf, Filter filter, FixedBitSet into)
        throws IOException {
      Terms terms = leaf.terms(Entries.LABEL);
      if (terms == null) {
        return;
      }
      TermsEnum all = terms.iterator();
      PostingsEnum postings = null;
      for (BytesRef label = all.next(); label != null; label = all.next()) {
        if (filter.accepts(Map.of(Filter.LABEL, label.utf8ToString()))) {
          postings = all.postings(postings, PostingsEnum.NONE);
          into.or(postings);
        }
      }
    }
  }
}
