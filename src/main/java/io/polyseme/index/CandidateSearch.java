package io.polyseme.index;

import io.polyseme.vector.Filter;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.search.ScoreDoc;
import org.jspecify.annotations.Nullable;

/** Finds candidates by vector and by words, and gives each the score of the other side too. */
final class CandidateSearch {
  private final Snapshot snapshot;
  private final Cursor cursor;
  private final int efSearch;
  private final List<String> warnings = new ArrayList<>();

  private static final class Found {
    double similarity = Double.NaN;
    int similarityRank;
    double words;
    int wordsRank;
  }

  CandidateSearch(Snapshot snapshot, int efSearch) {
    this.snapshot = snapshot;
    this.cursor = new Cursor(snapshot);
    this.efSearch = efSearch;
  }

  Candidates run(@Nullable Query near, String words, Filter filter, int pool) throws IOException {
    FilterBits accepted = FilterBits.of(snapshot, filter);
    Map<Integer, Found> found = new LinkedHashMap<>();
    NearestSearch nearest =
        near == null
            ? null
            : new NearestSearch(snapshot, near, near.precision(), efSearch, accepted);
    if (nearest != null) {
      for (Best.Scored scored : nearest.best()) {
        var one = new Found();
        one.similarity = scored.score();
        one.similarityRank = found.size() + 1;
        found.put(scored.doc(), one);
      }
      warnings.addAll(nearest.warnings());
    }
    if (!words.isEmpty()) {
      addWords(words, pool, accepted, nearest == null ? Set.of() : nearest.excluded(), found);
    }
    if (nearest != null) {
      for (Map.Entry<Integer, Found> one : found.entrySet()) {
        if (one.getValue().similarityRank == 0) {
          one.getValue().similarity = nearest.score(one.getKey());
        }
      }
    }
    var list = new ArrayList<Candidate>(found.size());
    for (Map.Entry<Integer, Found> one : found.entrySet()) {
      Found f = one.getValue();
      list.add(
          new Candidate(
              cursor.of(one.getKey()), f.similarity, f.similarityRank, f.words, f.wordsRank));
    }
    return new Candidates(list, nearest == null || nearest.exact(), warnings);
  }

  private void addWords(
      String words, int pool, FilterBits accepted, Set<Integer> excluded, Map<Integer, Found> found)
      throws IOException {
    var search = new WordSearch(snapshot, words);
    warnings.addAll(search.warnings());
    if (search.isEmpty()) {
      return;
    }
    int[] byVector = found.keySet().stream().mapToInt(Integer::intValue).toArray();
    // By score, and by label where that is equal, as vectors are.
    var ranked = new ArrayList<Best.Scored>();
    for (ScoreDoc hit :
        search.search((int) Math.min(Integer.MAX_VALUE, (long) pool + excluded.size()), accepted)) {
      if (!excluded.contains(hit.doc)) {
        ranked.add(new Best.Scored(hit.doc, hit.score, cursor.of(hit.doc)));
      }
    }
    ranked.sort(Best.Scored.BEST_FIRST);
    for (int i = 0; i < Math.min(pool, ranked.size()); i++) {
      Found one = found.computeIfAbsent(ranked.get(i).doc(), _ -> new Found());
      one.words = ranked.get(i).score();
      one.wordsRank = i + 1;
    }
    if (byVector.length > 0) {
      for (ScoreDoc hit : search.search(byVector.length, FilterBits.of(snapshot, byVector))) {
        Found one = found.get(hit.doc);
        if (one != null) {
          one.words = hit.score;
        }
      }
    }
  }
}
