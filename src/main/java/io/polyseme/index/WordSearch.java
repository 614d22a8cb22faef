package io.polyseme.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.util.BytesRef;

/**
 * One search by words, in one thread: BM25 (Robertson and Zaragoza 2009, "The Probabilistic
 * Relevance Framework: BM25 and Beyond"), each word of the question in whatever language the index
 * has texts of.
 */
final class WordSearch {
  /** Lucene's own limit is a little above; the rarest words of a longer question are taken. */
  private static final int MOST_TERMS = 1000;

  private final IndexSearcher searcher;
  private final Query query;
  private final List<String> warnings = new ArrayList<>();

  WordSearch(Snapshot snapshot, String text) throws IOException {
    this.searcher = new IndexSearcher(snapshot.reader());
    searcher.setQueryCache(null);
    searcher.setSimilarity(similarity());
    this.query = query(snapshot, text);
  }

  /** What both the writer and the searcher of an index need to have. */
  static BM25Similarity similarity() {
    return new BM25Similarity(1.2f, 0.75f);
  }

  /** The fields that have words of texts, sorted. */
  static List<String> fields(Snapshot snapshot) {
    var fields = new TreeSet<String>();
    for (FieldInfo info : FieldInfos.getMergedFieldInfos(snapshot.reader())) {
      if (info.name.startsWith(TextAnalysis.FIELD) && info.getIndexOptions() != IndexOptions.NONE) {
        fields.add(info.name);
      }
    }
    return List.copyOf(fields);
  }

  /** What the person who asked should know. */
  List<String> warnings() {
    return warnings;
  }

  /** Whether no word of the question is in the index. */
  boolean isEmpty() {
    return query instanceof MatchNoDocsQuery;
  }

  private Query query(Snapshot snapshot, String text) throws IOException {
    Map<Term, Integer> terms = new LinkedHashMap<>();
    for (String field : fields(snapshot)) {
      for (Map.Entry<BytesRef, Integer> word : TextAnalysis.counts(field, text).entrySet()) {
        var term = new Term(field, word.getKey());
        if (snapshot.reader().docFreq(term) > 0) {
          terms.put(term, word.getValue());
        }
      }
    }
    List<Term> chosen = new ArrayList<>(terms.keySet());
    if (chosen.size() > MOST_TERMS) {
      warnings.add(
          "the question has %,d different words that the index knows; the %,d rarest are looked for by their letters"
              .formatted(chosen.size(), MOST_TERMS));
      Map<Term, Integer> frequencies = new LinkedHashMap<>();
      for (Term term : chosen) {
        frequencies.put(term, snapshot.reader().docFreq(term));
      }
      chosen.sort(Comparator.comparing(frequencies::get));
      chosen = chosen.subList(0, MOST_TERMS);
    }
    if (chosen.isEmpty()) {
      return new MatchNoDocsQuery("none of its words is there");
    }
    var any = new BooleanQuery.Builder();
    for (Term term : chosen) {
      int count = terms.get(term);
      Query one = new TermQuery(term);
      any.add(count == 1 ? one : new BoostQuery(one, count), BooleanClause.Occur.SHOULD);
    }
    return any.build();
  }

  /** The best k of what a filter lets through. */
  ScoreDoc[] search(int k, FilterBits accepted) throws IOException {
    Query filtered = query;
    if (!accepted.all()) {
      filtered =
          new BooleanQuery.Builder()
              .add(query, BooleanClause.Occur.MUST)
              .add(new BitsQuery(accepted), BooleanClause.Occur.FILTER)
              .build();
    }
    return searcher.search(filtered, k).scoreDocs;
  }
}
