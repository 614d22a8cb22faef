package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A test collection for search, of the kind that Cranfield began (Cleverdon 1967): documents,
 * queries, and judgements of which documents are relevant to which query. Immutable.
 *
 * @param name what its figures are called by
 * @param documents each with a different id, in the order of the files
 * @param queries those with a relevant document, each with a different id, in the order of the
 *     files
 * @param judgements for each query's id the grades of the documents that were judged: 0 and less
 *     for not relevant, greater for more relevant; for every query at least one that is greater
 *     than 0. Documents that are not named count as not relevant
 * @param notes what the reader of the figures should know of the files: what was left out, and why
 */
public record RetrievalSet(
    String name,
    List<Document> documents,
    List<Query> queries,
    Map<String, Map<String, Integer>> judgements,
    List<String> notes) {

  /**
   * What is searched.
   *
   * @param text with its title at the beginning, where it has one; never blank
   */
  public record Document(String id, String text) {
    public Document {
      Objects.requireNonNull(id, "id");
      if (text.isBlank()) {
        throw new IllegalArgumentException("the document %s has no text".formatted(id));
      }
    }
  }

  /**
   * What is asked.
   *
   * @param text never blank
   */
  public record Query(String id, String text) {
    public Query {
      Objects.requireNonNull(id, "id");
      if (text.isBlank()) {
        throw new IllegalArgumentException("the query %s has no text".formatted(id));
      }
    }
  }

  /** Some of a set's queries, by their place in it, as parameters are chosen on one half. */
  public enum Part {
    /** Every query. */
    ALL(_ -> true),
    /** The first query, the third ... */
    ODD(i -> i % 2 == 0),
    /** The second query, the fourth ... */
    EVEN(i -> i % 2 == 1);

    private final IntPredicate has;

    Part(IntPredicate has) {
      this.has = has;
    }

    boolean has(int index) {
      return has.test(index);
    }
  }

  public RetrievalSet {
    Objects.requireNonNull(name, "name");
    documents = List.copyOf(documents);
    queries = List.copyOf(queries);
    notes = List.copyOf(notes);
    var copies = new LinkedHashMap<String, Map<String, Integer>>();
    judgements.forEach((query, judged) -> copies.put(query, Map.copyOf(judged)));
    judgements = Collections.unmodifiableMap(copies);
    requireDifferent("document", documents.stream().map(Document::id).toList());
    requireDifferent("query", queries.stream().map(Query::id).toList());
    for (Query query : queries) {
      if (judgements.getOrDefault(query.id(), Map.of()).values().stream().noneMatch(g -> g > 0)) {
        throw new IllegalArgumentException(
            "the query %s has no relevant document".formatted(query.id()));
      }
    }
  }

  private static void requireDifferent(String what, List<String> ids) {
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw new IllegalArgumentException("two of the %s ids are %s".formatted(what, id));
      }
    }
  }

  /**
   * Reads a collection. Its layout is known by what is at the path:
   *
   * <ul>
   *   <li>Cranfield as it is given out: a folder with {@code cran.all.1400}, {@code cran.qry} and
   *       {@code QRelsCorrectedforTRECeval}, whose grades are greater for more relevant (those of
   *       {@code cranqrel} run the other way, and are not read). Judgements name a query by its
   *       ordinal and not by the number behind its {@code .I};
   *   <li>questions on paragraphs in the layout of SQuAD (Rajpurkar et al. 2016), as XQuAD (Artetxe
   *       et al. 2020) and the trial part of CMRC 2018 (Cui et al. 2019) have it: a file of JSON. A
   *       question's one relevant document is its paragraph, which is taken without the title of
   *       its article; questions without an answer are left out;
   *   <li>the layout of BEIR (Thakur et al. 2021), for sets of one's own: a folder with {@code
   *       corpus.jsonl} ({@code _id}, {@code title}, {@code text}), {@code queries.jsonl} ({@code
   *       _id}, {@code text}) and {@code qrels/test.tsv}, or one other file there, with the columns
   *       {@code query-id}, {@code corpus-id} and {@code score}.
   * </ul>
   *
   * @throws PolysemeException if there is no such set, or it is malformed
   */
  public static RetrievalSet read(Path path) {
    if (Files.isDirectory(path)) {
      if (Files.exists(path.resolve(CranfieldReader.DOCUMENTS))) {
        return new CranfieldReader(path).read();
      }
      if (Files.exists(path.resolve(BeirReader.DOCUMENTS))) {
        return new BeirReader(path).read();
      }
      throw new PolysemeException(
          "the folder %s is no test collection: %s (Cranfield) or %s (BEIR) is expected in it"
              .formatted(path, CranfieldReader.DOCUMENTS, BeirReader.DOCUMENTS));
    }
    return new SquadReader(path).read();
  }

  /**
   * This set with its name and a colon before every document's id, so that several can be searched
   * together.
   */
  public RetrievalSet scoped() {
    Map<String, Map<String, Integer>> scoped = new LinkedHashMap<>();
    judgements.forEach(
        (query, judged) -> {
          Map<String, Integer> grades = new LinkedHashMap<>();
          judged.forEach((id, grade) -> grades.put(scoped(id), grade));
          scoped.put(query, grades);
        });
    return new RetrievalSet(
        name,
        documents.stream().map(d -> new Document(scoped(d.id()), d.text())).toList(),
        queries,
        scoped,
        notes);
  }

  private String scoped(String id) {
    return name + ":" + id;
  }

  /** Whether every query has one relevant document, as the paragraph that a question is about. */
  public boolean isKnownItem() {
    return queries.stream()
        .allMatch(q -> judgements.get(q.id()).values().stream().filter(g -> g > 0).count() == 1);
  }

  /** The queries of a part, in their order. */
  public List<Query> queries(Part part) {
    return IntStream.range(0, queries.size()).filter(part::has).mapToObj(queries::get).toList();
  }

  /**
   * Collects a set while its files are read: what cannot be asked or found is left out, and told.
   */
  static final class Builder {
    private final String name;
    private final List<Document> documents = new ArrayList<>();
    private final Set<String> known = new HashSet<>();
    private final List<Query> queries = new ArrayList<>();
    private final Map<String, Map<String, Integer>> judgements = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private int blankDocuments;
    private int blankQueries;

    Builder(String name) {
      this.name = name;
    }

    /** False if there is one of this id already. */
    boolean document(String id, String title, String text) {
      if (!known.add(id)) {
        return false;
      }
      String whole =
          title.isBlank() || text.startsWith(title) ? text : (title + "\n" + text).strip();
      if (whole.isBlank()) {
        blankDocuments++;
      } else {
        documents.add(new Document(id, whole));
      }
      return true;
    }

    void query(String id, String text) {
      if (text.isBlank()) {
        blankQueries++;
      } else {
        queries.add(new Query(id, text));
      }
    }

    void judge(String query, String document, int grade) {
      judgements
          .computeIfAbsent(query, _ -> new LinkedHashMap<>())
          .merge(document, grade, Math::max);
    }

    void note(String note) {
      notes.add(note);
    }

    /**
     * @param where the file or folder, for messages
     * @throws PolysemeException if no query has a relevant document
     */
    RetrievalSet build(Path where) {
      count(blankDocuments, "documents have no text, and cannot be found");
      count(blankQueries, "queries have no text, and are left out");
      List<Query> answered =
          queries.stream()
              .filter(
                  q ->
                      judgements.getOrDefault(q.id(), Map.of()).values().stream()
                          .anyMatch(grade -> grade > 0))
              .toList();
      count(
          queries.size() - answered.size(),
          "queries have no document that was judged relevant, and are left out");
      long missing =
          answered.stream()
              .flatMap(q -> judgements.get(q.id()).entrySet().stream())
              .filter(judged -> judged.getValue() > 0 && !known.contains(judged.getKey()))
              .count();
      count(
          (int) missing, "judgements are of documents that are not there, and count as not found");
      if (answered.isEmpty()) {
        throw new PolysemeException(
            "%s has no query with a relevant document%s"
                .formatted(where, notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
      }
      return new RetrievalSet(name, documents, answered, judgements, notes);
    }

    private void count(int count, String what) {
      if (count > 0) {
        note("%s: %,d %s".formatted(name, count, what));
      }
    }
  }
}
