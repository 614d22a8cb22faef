package io.polyseme.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The best k of what is offered: by score, and by label where scores are equal. */
final class Best {
  /** Where a label is looked up; only done for ties and at the end. */
  interface Labels {
    String of(int doc) throws IOException;
  }

  /** A document of the index with its score. */
  record Scored(int doc, double score, String label) {
    static final Comparator<Scored> BEST_FIRST =
        Comparator.comparingDouble(Scored::score).reversed().thenComparing(Scored::label);
  }

  private static final class Candidate {
    final int doc;
    final double score;
    String label = "";

    Candidate(int doc, double score) {
      this.doc = doc;
      this.score = score;
    }
  }

  private final int k;
  private final Labels labels;
  private final PriorityQueue<Candidate> worstFirst;

  Best(int k, Labels labels) {
    this.k = k;
    this.labels = labels;
    this.worstFirst =
        new PriorityQueue<>(
            (a, b) ->
                a.score != b.score
                    ? Double.compare(a.score, b.score)
                    : label(b).compareTo(label(a)));
  }

  void offer(int doc, double score) {
    Candidate worst = worstFirst.peek();
    if (worstFirst.size() < k) {
      worstFirst.add(new Candidate(doc, score));
    } else if (worst != null && score >= worst.score) {
      var candidate = new Candidate(doc, score);
      if (score > worst.score || label(candidate).compareTo(label(worst)) < 0) {
        worstFirst.poll();
        worstFirst.add(candidate);
      }
    }
  }

  /** What was kept, best first. */
  List<Scored> sorted() {
    var all = new ArrayList<Scored>();
    for (Candidate c : worstFirst) {
      all.add(new Scored(c.doc, c.score, label(c)));
    }
    all.sort(Scored.BEST_FIRST);
    return all;
  }

  private String label(Candidate candidate) {
    if (candidate.label.isEmpty()) {
      try {
        candidate.label = labels.of(candidate.doc);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return candidate.label;
  }
}
