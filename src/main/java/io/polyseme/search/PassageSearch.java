package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.index.Candidate;
import io.polyseme.index.Candidates;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.Passage.Highlight;
import io.polyseme.search.Ranking.Ranked;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Query;
import io.polyseme.vector.Term;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One search of an index of texts, in one thread. */
final class PassageSearch {
  /** So many of the best are encoded again to be ordered by their words. */
  private static final int RERANKED = 50;

  /** So many texts with a word are looked at for its meaning. */
  private static final int LOOKED_AT_FOR_SENSE = 300;

  /** So many of the best are compared with each other for variety. */
  private static final int VARIED = 200;

  private static final int LISTED = 5;

  private static final String DOCUMENT = "document";
  private static final String TEXT = "text";

  private final IndexSearch search;
  private final VectorIndex index;
  private final SearchRequest request;
  private final Cancel cancel;
  private final SearchMode mode;
  private final List<String> steps = new ArrayList<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Map<String, Map<String, String>> fields = new HashMap<>();

  /** The use of the word that was asked for, by label. */
  private final Map<String, SenseMatches.Use> senses = new HashMap<>();

  private boolean exact = true;

  PassageSearch(IndexSearch search, SearchRequest request, Cancel cancel) {
    this.search = search;
    this.index = search.index();
    this.request = request;
    this.cancel = cancel;
    this.mode = mode();
  }

  private SearchMode mode() {
    boolean hasWords = index.hasWords();
    SearchMode asked = request.mode();
    if (asked != null && asked != SearchMode.VECTOR && !hasWords) {
      throw new PolysemeException(
          "the index %s has no words to search for: it was not built of texts; search it by vectors"
              .formatted(index.info().name()));
    }
    if (asked != null) {
      return asked;
    }
    boolean plain = request.questions().stream().allMatch(Question::isPlain);
    return hasWords && plain ? SearchMode.HYBRID : SearchMode.VECTOR;
  }

  SearchAnswer run() {
    var fields = new FilterFields(index);
    fields.require(request.filter());
    if (!request.groupBy().isEmpty()) {
      fields.require(request.groupBy());
    }
    List<Ranked> ranked = request.word().isEmpty() ? ranked() : bySense();
    int candidates = ranked.size();
    if (request.rerank()) {
      ranked = reranked(ranked);
    }
    ranked = chosen(ranked);
    List<Passage> passages = passages(ranked);
    if (request.highlight() && request.word().isEmpty()) {
      passages = highlighted(passages);
    }
    return new SearchAnswer(passages, mode, candidates, exact, steps, List.copyOf(warnings));
  }

  /** The candidates of all questions in one ranking. */
  private List<Ranked> ranked() {
    var rankings = new ArrayList<List<Ranked>>();
    for (Question question : request.questions()) {
      cancel.check();
      rankings.add(ranked(question));
    }
    if (rankings.size() == 1) {
      return rankings.getFirst();
    }
    steps.add(
        "%d questions: each passage counts as for the one that it answers best"
            .formatted(rankings.size()));
    return Ranking.best(rankings);
  }

  private List<Ranked> ranked(Question question) {
    int pool = Math.max(request.pool(), request.offset() + request.k());
    Query vector = mode == SearchMode.WORDS && question.isPlain() ? null : query(question);
    Query near = mode == SearchMode.WORDS ? null : vector;
    String words = mode == SearchMode.VECTOR ? "" : words(question);
    if (mode == SearchMode.WORDS && words.isEmpty()) {
      throw new IllegalArgumentException("a search by words needs a text to take them from");
    }
    Candidates found = index.candidates(near, words, filter(question), pool);
    exact &= found.exact();
    warnings.addAll(found.warnings());
    List<Candidate> list = found.list();
    if (request.leastSimilarity() > Double.NEGATIVE_INFINITY) {
      if (near == null) {
        throw new IllegalArgumentException(
            "a least similarity needs a search by vectors, not one by words alone");
      }
      list = list.stream().filter(c -> c.similarity() >= request.leastSimilarity()).toList();
      if (list.size() >= pool) {
        warnings.add(
            "at least %,d passages are as near as was asked; the best %,d were looked at"
                .formatted(list.size(), pool));
      }
    }
    step(question, near != null, words, list);
    return Ranking.of(list, mode, request.fusion());
  }

  /** Which entries may answer: not what the question names itself. */
  private Filter filter(Question question) {
    Filter filter = request.filter();
    for (Question.Part part : question.parts()) {
      if (part instanceof Question.Like(String label, _)) {
        boolean entry = index.vector(label).isPresent();
        filter = filter.and(Filter.equal(entry ? Filter.LABEL : DOCUMENT, label).not());
      }
    }
    return filter;
  }

  private void step(Question question, boolean vectors, String words, List<Candidate> list) {
    long byVector = list.stream().filter(c -> c.similarityRank() > 0).count();
    long byWords = list.stream().filter(c -> c.wordsRank() > 0).count();
    var how = new ArrayList<String>();
    if (vectors) {
      how.add("%,d by their vectors".formatted(byVector));
    }
    if (!words.isEmpty()) {
      how.add("%,d by their words".formatted(byWords));
    }
    String joined =
        mode != SearchMode.HYBRID
            ? ""
            : switch (request.fusion()) {
              case Fusion.ReciprocalRank(double k) ->
                  "; joined by reciprocal ranks, k = " + number(k);
              case Fusion.Convex(double alpha) ->
                  "; joined by their scores, %s of it the vectors'".formatted(number(alpha));
            };
    steps.add("candidates: " + String.join(", ", how) + joined);
    if (!question.isPlain() && vectors) {
      steps.add("the vector is a sum of %d parts".formatted(question.parts().size()));
    }
  }

  private static String number(double x) {
    return x == Math.rint(x)
        ? Long.toString((long) x)
        : String.format(Locale.ROOT, "%.2f", x).replaceAll("0+$", "");
  }

  /** The sum of a question's parts. */
  private Query query(Question question) {
    var operands = new ArrayList<Query.Operand>();
    for (Question.Part part : question.parts()) {
      switch (part) {
        case Question.Text(String text, double weight) ->
            add(operands, search.resolve(new Term.Text(text)), weight);
        case Question.Meaning(Expression expression, double weight) -> {
          for (Expression.WeightedTerm term : expression.terms()) {
            add(operands, search.resolve(term.term()), weight * term.weight());
          }
        }
        case Question.Like(String label, double weight) -> like(label, weight, operands);
      }
    }
    return Query.of(operands, 1).withPrecision(request.precision());
  }

  private void add(List<Query.Operand> operands, float[] vector, double weight) {
    operands.add(new Query.Operand(vector, (float) weight));
  }

  private void like(String label, double weight, List<Query.Operand> operands) {
    Optional<float[]> vector = index.vector(label);
    if (vector.isPresent()) {
      add(operands, vector.get(), weight);
      return;
    }
    List<VectorIndex.Entry> parts = index.entries(Filter.equal(DOCUMENT, label), RERANKED);
    if (parts.isEmpty()) {
      List<String> near = index.nearNames(label, LISTED);
      throw new PolysemeException(
          "there is no entry or document \"%s\" in the index %s%s"
              .formatted(
                  label,
                  index.info().name(),
                  near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
    }
    for (VectorIndex.Entry entry : parts) {
      add(operands, entry.vector(), weight / parts.size());
    }
  }

  /** The texts that speak for a question. */
  private String words(Question question) {
    var words = new StringBuilder(question.words());
    for (Question.Part part : question.parts()) {
      if (part instanceof Question.Like(String label, double weight) && weight > 0) {
        index
            .fields(label)
            .map(f -> f.getOrDefault(TEXT, ""))
            .ifPresent(text -> words.append('\n').append(text));
      }
      if (part instanceof Question.Meaning(Expression expression, double weight)) {
        for (Expression.WeightedTerm term : expression.terms()) {
          String text =
              switch (term.term()) {
                case Term.Word(String word) -> word;
                case Term.Text(String own) -> own;
                case Term.Usage usage -> usage.word();
                case Term.Literal _ -> "";
              };
          if (weight * term.weight() > 0) {
            words.append('\n').append(text);
          }
        }
      }
    }
    return words.toString().strip();
  }

  /** Those that use a word of the question, the nearest meaning of it first. */
  private List<Ranked> bySense() {
    Question question = request.questions().getFirst();
    String context = question.words();
    String word = request.word().strip();
    if (!index.hasWords()) {
      throw new PolysemeException(
          "the index %s has no words to look for: a word's meaning is asked of an index of texts"
              .formatted(index.info().name()));
    }
    int looked = Math.max(LOOKED_AT_FOR_SENSE, request.offset() + request.k());
    Candidates found = index.candidates(query(question), word, filter(question), looked);
    List<Candidate> with =
        found.list().stream()
            .filter(candidate -> candidate.wordsRank() > 0)
            .filter(candidate -> candidate.similarity() >= request.leastSimilarity())
            .toList();
    List<String> texts = with.stream().map(c -> fields(c.label()).getOrDefault(TEXT, "")).toList();
    SenseMatches matches = search.senses(word, context, texts, cancel);
    var ranked = new ArrayList<Ranked>();
    for (int i = 0; i < with.size(); i++) {
      SenseMatches.Use best = matches.best(i);
      if (best != null) {
        ranked.add(new Ranked(with.get(i), best.score()));
        senses.put(with.get(i).label(), best);
      }
    }
    ranked.sort(Ranked.BEST_FIRST);
    long alike = ranked.stream().filter(r -> r.score() > 0).count();
    steps.add(
        "\"%s\": %,d passages have the word (%,d uses), each compared in its sentence with \"%s\"; of these %,d use it more as there than not"
            .formatted(word, ranked.size(), matches.uses().size(), context, alike));
    if (found.list().stream().filter(c -> c.wordsRank() > 0).count() == looked) {
      warnings.add(
          "%,d passages with the word were looked at, those with most of it; there may be more"
              .formatted(looked));
    }
    exact = false;
    return ranked;
  }

  /** The first few ordered by their words' vectors. */
  private List<Ranked> reranked(List<Ranked> ranked) {
    int first = Math.min(ranked.size(), RERANKED);
    List<String> texts =
        ranked.subList(0, first).stream()
            .map(r -> fields(r.candidate().label()).getOrDefault(TEXT, ""))
            .toList();
    WordMatches matches = search.wordMatches(request.questions().getFirst().words(), texts, cancel);
    var again = new ArrayList<Ranked>();
    for (int i = 0; i < first; i++) {
      again.add(ranked.get(i).withScore(matches.score(i)));
    }
    again.sort(Ranked.BEST_FIRST);
    again.addAll(ranked.subList(first, ranked.size()));
    steps.add("the best %d ordered again by the nearest words (MaxSim)".formatted(first));
    return again;
  }

  /** A page of them: one of each group, and varied, where that was asked. */
  private List<Ranked> chosen(List<Ranked> ranked) {
    int wanted = request.offset() + request.k();
    List<Ranked> chosen = ranked;
    if (!request.groupBy().isEmpty()) {
      Set<String> seen = new HashSet<>();
      int needed = request.diversity() > 0 ? ranked.size() : wanted;
      chosen = new ArrayList<>();
      for (Ranked one : ranked) {
        if (chosen.size() == needed) {
          break;
        }
        String group = fields(one.candidate().label()).get(request.groupBy());
        if (group == null || seen.add(group)) {
          chosen.add(one);
        }
      }
      steps.add("one passage for each value of " + request.groupBy());
    }
    if (request.diversity() > 0) {
      chosen = varied(chosen);
    }
    return chosen.subList(
        Math.min(request.offset(), chosen.size()), Math.min(wanted, chosen.size()));
  }

  /** The first of them, as many on every page, ordered for variety; then the others. */
  private List<Ranked> varied(List<Ranked> ranked) {
    int first = Math.min(ranked.size(), VARIED);
    List<Ranked> left = ranked.subList(0, first);
    steps.add(
        "of the best %d, those that are like a better one put off (diversity %s)"
            .formatted(left.size(), number(request.diversity())));
    if (left.isEmpty()) {
      return left;
    }
    double greatest = left.getFirst().score();
    double least = left.getLast().score();
    var vectors = new ArrayList<float[]>();
    for (Ranked one : left) {
      vectors.add(index.vector(one.candidate().label()).map(Vectors::unitOrZero).orElseThrow());
    }
    // The greatest similarity of each to one that is chosen already.
    double[] alike = new double[left.size()];
    var chosen = new ArrayList<Ranked>();
    boolean[] taken = new boolean[left.size()];
    while (chosen.size() < left.size()) {
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < left.size(); i++) {
        if (!taken[i]) {
          double relevance =
              greatest > least ? (left.get(i).score() - least) / (greatest - least) : 1;
          double marginal = (1 - request.diversity()) * relevance - request.diversity() * alike[i];
          if (marginal > most) {
            most = marginal;
            best = i;
          }
        }
      }
      taken[best] = true;
      chosen.add(left.get(best));
      for (int i = 0; i < left.size(); i++) {
        alike[i] = Math.max(alike[i], Vectors.dot(vectors.get(i), vectors.get(best)));
      }
    }
    chosen.addAll(ranked.subList(first, ranked.size()));
    return chosen;
  }

  private List<Passage> passages(List<Ranked> ranked) {
    var passages = new ArrayList<Passage>();
    for (Ranked one : ranked) {
      Candidate c = one.candidate();
      SenseMatches.Use use = senses.get(c.label());
      Passage passage =
          new Passage(
              request.offset() + passages.size() + 1,
              c.label(),
              one.score(),
              c.similarity(),
              c.similarityRank(),
              c.words(),
              c.wordsRank(),
              fields(c.label()),
              null,
              List.of());
      passages.add(
          use == null
              ? passage
              : passage.withHighlights(
                  null, List.of(new Highlight(use.span(), use.score(), request.word()))));
    }
    return passages;
  }

  private List<Passage> highlighted(List<Passage> passages) {
    String question = request.questions().getFirst().words();
    if (question.isEmpty() || passages.stream().allMatch(p -> p.text().isEmpty())) {
      return passages;
    }
    WordMatches matches =
        search.wordMatches(question, passages.stream().map(Passage::text).toList(), cancel);
    var told = new ArrayList<Passage>();
    for (int i = 0; i < passages.size(); i++) {
      told.add(matches.told(i, passages.get(i)));
    }
    return told;
  }

  private Map<String, String> fields(String label) {
    return fields.computeIfAbsent(label, l -> index.fields(l).orElse(Map.of()));
  }
}
