package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FuzzyTermsEnum;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.jspecify.annotations.Nullable;

/**
 * A folder on disk with labelled vectors, their fields, and a Lucene HNSW graph over them.
 *
 * <p>A query that does not say how hard to look is answered by looking at every vector where there
 * are few (or few that the filter lets through), and otherwise through the graph. Scores are always
 * computed from the full vectors. Of two equal scores the smaller label comes first.
 *
 * <p>Thread-safe. It shows what the folder held when it was opened, whatever is built there
 * afterwards. Close it; {@link #close()} waits for calls that are in flight.
 */
public final class VectorIndex implements VectorSpace {
  /** So few vectors are compared within a millisecond or so, and then nothing is missed. */
  private static final int FEW = 10_000;

  /** How many candidates are re-ranked by 3CosMul: at least this many, or this times k. */
  private static final int MANY_CANDIDATES = 1_000;

  private static final int CANDIDATES_PER_HIT = 20;

  /** How many of the sample an exact search is timed on. */
  private static final int TIMED = 5;

  /** How many labels or entries are read at a time, so that closing never waits long. */
  private static final int BATCH = 256;

  /**
   * One vector of the index.
   *
   * @param vector a copy, float[dimension]; of unit length where the similarity is the cosine
   * @param fields in the order they were stored
   */
  public record Entry(String label, float[] vector, Map<String, String> fields) {}

  private interface Work<T> {
    T run(LeafReader leaf) throws IOException;
  }

  private final Path folder;
  private final String name;
  private final int efSearch;
  private final Metadata metadata;
  private final Map<String, byte[]> attachments;
  private final Directory directory;
  private final DirectoryReader reader;
  private final @Nullable LeafReader leaf;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private boolean closed;

  private VectorIndex(
      Path folder, String name, int efSearch, Directory directory, DirectoryReader reader)
      throws IOException {
    this.folder = folder;
    this.name = name;
    this.efSearch = efSearch;
    this.directory = directory;
    this.reader = reader;
    Map<String, String> data = reader.getIndexCommit().getUserData();
    this.metadata = Metadata.fromCommitData(name, data);
    this.attachments = Metadata.attachments(data);
    if (reader.leaves().size() > 1 || reader.hasDeletions() || reader.maxDoc() != metadata.size()) {
      throw new PolysemeException(
          "the index %s was changed by another program; build it again".formatted(name));
    }
    this.leaf = reader.leaves().isEmpty() ? null : reader.leaves().getFirst().reader();
    if (leaf != null) {
      FloatVectorValues vectors = leaf.getFloatVectorValues(Entries.VECTOR);
      if (vectors == null
          || vectors.size() != metadata.size()
          || vectors.dimension() != metadata.dimension()
          || leaf.terms(Entries.LABEL) == null) {
        throw new PolysemeException(
            "the index %s is damaged: it does not hold what it says; build it again"
                .formatted(name));
      }
    }
  }

  /**
   * Opens an index.
   *
   * @throws PolysemeException if there is none, or it cannot be read
   */
  public static VectorIndex open(Path folder) {
    return open(folder, OpenOptions.DEFAULT);
  }

  /**
   * Opens an index.
   *
   * @throws PolysemeException if there is none, it cannot be read, or something else made it than
   *     is expected; the message names what differs
   */
  public static VectorIndex open(Path folder, OpenOptions options) {
    String name = options.name().isEmpty() ? folder.toString() : options.name();
    if (!java.nio.file.Files.isDirectory(folder)) {
      throw new PolysemeException(
          "there is no index %s: %s is not a folder".formatted(name, folder));
    }
    Directory directory = null;
    DirectoryReader reader = null;
    VectorIndex index = null;
    try {
      directory = FSDirectory.open(folder);
      reader = DirectoryReader.open(directory);
      var opened = new VectorIndex(folder, name, options.efSearch(), directory, reader);
      if (options.expected() != null) {
        opened.metadata.require(name, options.expected());
      }
      index = opened;
      return opened;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      // Lucene reports some damage, such as an unknown codec, by unchecked exceptions.
      throw Trouble.reading(name, folder, e);
    } catch (IndexOutOfBoundsException | NegativeArraySizeException | InternalError e) {
      throw Trouble.reading(name, folder, e);
    } finally {
      if (index == null) {
        closeQuietly(reader);
        closeQuietly(directory);
      }
    }
  }

  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (Exception e) {
        System.getLogger(VectorIndex.class.getName())
            .log(System.Logger.Level.DEBUG, "closing what could not be opened", e);
      }
    }
  }

  /** Starts a new index in a folder, or one in the place of another; see {@link IndexBuilder}. */
  public static IndexBuilder builder(Path folder, Recipe recipe, Maker maker) {
    return new IndexBuilder(folder, recipe, maker, BuildOptions.DEFAULT);
  }

  /** Starts a new index in a folder, or one in the place of another; see {@link IndexBuilder}. */
  public static IndexBuilder builder(
      Path folder, Recipe recipe, Maker maker, BuildOptions options) {
    return new IndexBuilder(folder, recipe, maker, options);
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** How it was made. */
  public Recipe recipe() {
    return metadata.recipe();
  }

  /** What was kept with the index under a name by {@link IndexBuilder#attach}; a copy. */
  public Optional<byte[]> attachment(String name) {
    return Optional.ofNullable(attachments.get(name)).map(byte[]::clone);
  }

  boolean hasAttachments(Map<String, byte[]> others) {
    return attachments.keySet().equals(others.keySet())
        && others.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), attachments.get(e.getKey())));
  }

  @Override
  public SpaceInfo info() {
    call(false, leaf -> true);
    var properties = new LinkedHashMap<String, String>();
    properties.put("encoding", metadata.options().encoding().name().toLowerCase(Locale.ROOT));
    properties.put("m", Integer.toString(metadata.options().m()));
    properties.put("efConstruction", Integer.toString(metadata.options().efConstruction()));
    properties.put("source", metadata.recipe().source());
    properties.put("version", metadata.version());
    return new SpaceInfo(
        name,
        metadata.size(),
        metadata.dimension(),
        metadata.similarity(),
        metadata.maker(),
        properties);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of unit length where the similarity is the cosine.
   */
  @Override
  public Optional<float[]> vector(String label) {
    return call(
        Optional.empty(),
        leaf -> {
          int doc = document(leaf, label);
          return doc < 0 ? Optional.empty() : Optional.of(vectors(leaf).vectorValue(doc).clone());
        });
  }

  /** The stored fields of a label; empty where the label is not there. */
  public Optional<Map<String, String>> fields(String label) {
    return call(
        Optional.empty(),
        leaf -> {
          int doc = document(leaf, label);
          return doc < 0 ? Optional.empty() : Optional.of(fields(leaf.storedFields(), doc));
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>The same but for upper and lower case first, then labels that begin with it, then those at
   * most two edits away.
   */
  @Override
  public List<String> nearNames(String label, int limit) {
    if (limit < 1 || label.isEmpty()) {
      return List.of();
    }
    return call(List.of(), leaf -> nearNames(leaf, label, limit));
  }

  private static List<String> nearNames(LeafReader leaf, String label, int limit)
      throws IOException {
    var names = new LinkedHashSet<String>();
    Terms terms = leaf.terms(Entries.LABEL);
    TermsEnum all = terms.iterator();
    String lower = label.toLowerCase(Locale.ROOT);
    String title = label.substring(0, 1).toUpperCase(Locale.ROOT) + lower.substring(1);
    for (String other : List.of(lower, title, label.toUpperCase(Locale.ROOT))) {
      if (!other.equals(label) && all.seekExact(new BytesRef(other))) {
        names.add(other);
      }
    }
    var near = new HashSet<String>();
    int length = label.codePointCount(0, label.length());
    int edits = length <= 2 ? 1 : 2;
    if (length <= 100) {
      TermsEnum fuzzy = new FuzzyTermsEnum(terms, new Term(Entries.LABEL, label), edits, 0, true);
      for (BytesRef term = fuzzy.next();
          term != null && near.size() < 10_000;
          term = fuzzy.next()) {
        near.add(term.utf8ToString());
      }
    }
    var prefix = new BytesRef(label);
    if (length >= 2 && all.seekCeil(prefix) != TermsEnum.SeekStatus.END) {
      for (BytesRef term = all.term(); term != null && near.size() < 10_000; term = all.next()) {
        if (!org.apache.lucene.util.StringHelper.startsWith(term, prefix)) {
          break;
        }
        near.add(term.utf8ToString());
        if (near.size() > 20 * limit) {
          break;
        }
      }
    }
    near.remove(label);
    names.addAll(NearNames.among(near.stream().sorted().toList(), label, limit));
    return names.stream().limit(limit).toList();
  }

  /** Every label, in the order the entries were added. Not to be used after the index is closed. */
  public Stream<String> labels() {
    var iterator =
        new Batches<String>() {
          @Override
          List<String> read(LeafReader leaf, int from, int to) throws IOException {
            var labels = new ArrayList<String>(to - from);
            Best.Labels source = labels(leaf);
            for (int doc = from; doc < to; doc++) {
              labels.add(source.of(doc));
            }
            return labels;
          }
        };
    return StreamSupport.stream(
        Spliterators.spliterator(
            iterator, metadata.size(), Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /** Every entry, in the order they were added. Not to be used after the index is closed. */
  public Stream<Entry> entries() {
    var iterator =
        new Batches<Entry>() {
          @Override
          List<Entry> read(LeafReader leaf, int from, int to) throws IOException {
            var entries = new ArrayList<Entry>(to - from);
            Best.Labels labels = labels(leaf);
            FloatVectorValues vectors = vectors(leaf);
            StoredFields stored = leaf.storedFields();
            for (int doc = from; doc < to; doc++) {
              entries.add(
                  new Entry(labels.of(doc), vectors.vectorValue(doc).clone(), fields(stored, doc)));
            }
            return entries;
          }
        };
    return StreamSupport.stream(
        Spliterators.spliterator(
            iterator, metadata.size(), Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /**
   * The entries that pass a filter, in the order they were added.
   *
   * @param most at most so many
   */
  public List<Entry> entries(Filter filter, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1: " + most);
    }
    return call(
        List.of(),
        leaf -> {
          var entries = new ArrayList<Entry>();
          FixedBitSet bits = passing(leaf, filter);
          Best.Labels labels = labels(leaf);
          FloatVectorValues vectors = vectors(leaf);
          StoredFields stored = leaf.storedFields();
          for (int doc = first(bits);
              doc < leaf.maxDoc() && entries.size() < most;
              doc = next(bits, doc)) {
            entries.add(
                new Entry(labels.of(doc), vectors.vectorValue(doc).clone(), fields(stored, doc)));
          }
          return entries;
        });
  }

  private static int first(FixedBitSet bits) {
    return bits.length() == 0 ? DocIdSetIterator.NO_MORE_DOCS : bits.nextSetBit(0);
  }

  private static int next(FixedBitSet bits, int doc) {
    return doc + 1 >= bits.length() ? DocIdSetIterator.NO_MORE_DOCS : bits.nextSetBit(doc + 1);
  }

  /**
   * Vectors of entries that are chosen at random, those of the same entries for the same seed.
   *
   * @param count how many, at most all
   * @return copies, in the order they were added
   */
  public List<float[]> sample(int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1: " + count);
    }
    return call(
        List.of(),
        leaf -> {
          FloatVectorValues vectors = vectors(leaf);
          var sample = new ArrayList<float[]>();
          for (int doc : sampled(leaf.maxDoc(), count, seed)) {
            sample.add(vectors.vectorValue(doc).clone());
          }
          return sample;
        });
  }

  /** The names of the stored fields, sorted; without the label and names over 64 UTF-16 units. */
  public List<String> fieldNames() {
    return call(
        List.of(),
        leaf -> {
          var names = new ArrayList<String>();
          Terms terms = leaf.terms(Entries.KEYWORDS);
          TermsEnum all = terms == null ? TermsEnum.EMPTY : terms.iterator();
          BytesRef term = all.next();
          while (term != null) {
            String name = Entries.name(term.utf8ToString());
            if (!Entries.isHashed(name)) {
              names.add(name);
            }
            TermsEnum.SeekStatus status = all.seekCeil(new BytesRef(Entries.behind(name)));
            term = status == TermsEnum.SeekStatus.END ? null : all.term();
          }
          return names;
        });
  }

  /**
   * The values that a field has, sorted, each with the number of entries that have it. Read from a
   * list that the index keeps, whatever its size.
   *
   * @return empty where no entry has the field; without values of more than 64 UTF-16 units, of
   *     which the list has only a hash
   */
  public Map<String, Integer> values(String field) {
    return call(
        Map.of(),
        leaf -> {
          var values = new LinkedHashMap<String, Integer>();
          Terms terms = leaf.terms(Entries.KEYWORDS);
          TermsEnum all = terms == null ? TermsEnum.EMPTY : terms.iterator();
          String start = Entries.start(field);
          if (all.seekCeil(new BytesRef(start)) == TermsEnum.SeekStatus.END) {
            return values;
          }
          for (BytesRef term = all.term(); term != null; term = all.next()) {
            String keyword = term.utf8ToString();
            if (!keyword.startsWith(start)) {
              break;
            }
            String value = keyword.substring(start.length());
            if (!Entries.isHashed(value)) {
              values.put(value, all.docFreq());
            }
          }
          return values;
        });
  }

  private abstract class Batches<T> implements Iterator<T> {
    private int next;
    private Iterator<T> batch = java.util.Collections.emptyIterator();

    abstract List<T> read(LeafReader leaf, int from, int to) throws IOException;

    @Override
    public boolean hasNext() {
      return batch.hasNext() || next < metadata.size();
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (!batch.hasNext()) {
        int from = next;
        int to = (int) Math.min(metadata.size(), from + (long) BATCH);
        batch = call(List.<T>of(), leaf -> read(leaf, from, to)).iterator();
        next = to;
      }
      return batch.next();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A filter is applied while searching, not after: where it lets few entries through, those are
   * compared one by one, and the answer is exact. {@link Method#COS_MUL} through the graph re-ranks
   * what the graph finds for the sum and for each term that adds to it, and warns of that.
   */
  @Override
  public Answer search(Query query) {
    return search(query, query.precision());
  }

  private Answer search(Query query, Precision precision) {
    check(query);
    Scorer scorer = Scorer.of(query, metadata.similarity());
    return call(
        new Answer(List.of(), true, 0, List.of()),
        leaf -> new Search(leaf, query, precision, scorer).run());
  }

  private void check(Query query) {
    if (metadata.size() > 0 && query.dimension() != metadata.dimension()) {
      throw new IllegalArgumentException(
          "the query has %d dimensions, and the index %s has %d; they must come from the same model"
              .formatted(query.dimension(), name, metadata.dimension()));
    }
    if (query.method() == Method.COS_MUL && metadata.similarity() != Similarity.COSINE) {
      throw new IllegalArgumentException(
          "3CosMul needs the cosine, and the index %s is built for %s"
              .formatted(name, metadata.similarity()));
    }
  }

  /** One search, in one thread. */
  private final class Search {
    private final LeafReader leaf;
    private final Query query;
    private final Precision precision;
    private final Scorer scorer;
    private final FloatVectorValues vectors;
    private final Best.Labels labels;
    private final Set<Integer> excluded = new HashSet<>();
    private final @Nullable FixedBitSet accepted;
    private final int admissible;
    private long visited;

    Search(LeafReader leaf, Query query, Precision precision, Scorer scorer) throws IOException {
      this.leaf = leaf;
      this.query = query;
      this.precision = precision;
      this.scorer = scorer;
      this.vectors = vectors(leaf);
      this.labels = labels(leaf);
      for (String label : query.excluded()) {
        int doc = document(leaf, label);
        if (doc >= 0) {
          excluded.add(doc);
        }
      }
      this.accepted = accepted(leaf, query.filter());
      this.admissible = accepted == null ? leaf.maxDoc() : accepted.cardinality();
    }

    Answer run() throws IOException {
      if (precision.mode() == Precision.Mode.EXACT
          || precision.mode() == Precision.Mode.AUTO && admissible <= FEW
          || admissible <= Math.max(wanted(), efSearch())) {
        return answer(scan(), true, List.of());
      }
      var targets = new ArrayList<float[]>();
      var warnings = new ArrayList<String>();
      int candidates = Math.max(wanted(), efSearch());
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
        targets.add(Scorer.target(query, metadata.similarity()));
      }
      candidates = Math.min(candidates, admissible);
      var found = new LinkedHashSet<Integer>();
      for (float[] target : targets) {
        if (!throughGraph(target, candidates, found)) {
          return answer(scan(), true, List.of());
        }
      }
      var best = new Best(query.k(), labels);
      for (int doc : found) {
        if (!excluded.contains(doc)) {
          best.offer(doc, scorer.score(vectors.vectorValue(doc)));
        }
      }
      return answer(best.sorted(), false, warnings);
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

    private int efSearch() {
      if (precision.efSearch() > 0) {
        return precision.efSearch();
      }
      return efSearch > 0 ? efSearch : standardEfSearch(query.k());
    }

    /** Adds what the graph finds; false where a look at all that may be found is cheaper. */
    private boolean throughGraph(float[] target, int candidates, Set<Integer> found)
        throws IOException {
      FixedBitSet bits = accepted;
      AcceptDocs accept =
          bits == null
              ? AcceptDocs.fromLiveDocs(null, leaf.maxDoc())
              : AcceptDocs.fromIteratorSupplier(
                  () -> new BitSetIterator(bits, admissible), null, leaf.maxDoc());
      int limit = bits == null ? Integer.MAX_VALUE : admissible;
      var collector = new TopKnnCollector(candidates, limit);
      leaf.searchNearestVectors(Entries.VECTOR, target, collector, accept);
      visited += collector.visitedCount();
      if (collector.earlyTerminated()) {
        return false;
      }
      for (ScoreDoc hit : collector.topDocs().scoreDocs) {
        found.add(hit.doc);
      }
      return true;
    }

    private List<Best.Scored> scan() throws IOException {
      var best = new Best(Math.min(query.k(), Math.max(1, admissible)), labels);
      FixedBitSet bits = accepted;
      for (int doc = first(bits); doc != DocIdSetIterator.NO_MORE_DOCS; doc = next(bits, doc)) {
        if (!excluded.contains(doc)) {
          best.offer(doc, scorer.score(vectors.vectorValue(doc)));
        }
      }
      visited += admissible;
      return best.sorted();
    }

    private int first(@Nullable FixedBitSet bits) {
      return next(bits, -1);
    }

    private int next(@Nullable FixedBitSet bits, int doc) {
      if (doc + 1 >= leaf.maxDoc()) {
        return DocIdSetIterator.NO_MORE_DOCS;
      }
      return bits == null ? doc + 1 : bits.nextSetBit(doc + 1);
    }

    private Answer answer(List<Best.Scored> best, boolean exact, List<String> warnings)
        throws IOException {
      var hits = new ArrayList<Hit>(best.size());
      StoredFields stored = leaf.storedFields();
      for (Best.Scored scored : best) {
        hits.add(
            new Hit(hits.size() + 1, scored.label(), scored.score(), fields(stored, scored.doc())));
      }
      return new Answer(hits, exact, visited, warnings);
    }
  }

  /** How many candidates are kept if nobody says. */
  private int standardEfSearch(int k) {
    // One bit a dimension ranks coarsely: more candidates are compared by their full vectors.
    int factor = metadata.options().encoding() == Encoding.INT1 ? 2 : 1;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(200L, 2L * k) * factor);
  }

  /** Which documents pass; null for all. */
  private static @Nullable FixedBitSet accepted(LeafReader leaf, Filter filter) throws IOException {
    return filter instanceof Filter.All ? null : passing(leaf, filter);
  }

  private static FixedBitSet passing(LeafReader leaf, Filter filter) throws IOException {
    var bits = new FixedBitSet(leaf.maxDoc());
    switch (filter) {
      case Filter.All _ -> bits.set(0, leaf.maxDoc());
      case Filter.In in -> {
        for (String value : in.values()) {
          PostingsEnum postings = leaf.postings(Entries.term(in.field(), value), PostingsEnum.NONE);
          if (postings != null) {
            bits.or(postings);
          }
        }
      }
      case Filter.Matches(String field, _) when field.equals(Filter.LABEL) ->
          labels(leaf, filter, bits);
      case Filter.Matches _, Filter.Range _ -> {
        StoredFields stored = leaf.storedFields();
        for (int doc = 0; doc < leaf.maxDoc(); doc++) {
          if (filter.accepts(fields(stored, doc))) {
            bits.set(doc);
          }
        }
      }
      case Filter.Not not -> {
        bits.set(0, leaf.maxDoc());
        bits.andNot(passing(leaf, not.filter()));
      }
      case Filter.And and -> {
        bits.set(0, leaf.maxDoc());
        for (Filter part : and.filters()) {
          bits.and(passing(leaf, part));
        }
      }
      case Filter.Or or -> {
        for (Filter part : or.filters()) {
          bits.or(passing(leaf, part));
        }
      }
    }
    return bits;
  }

  private static void labels(LeafReader leaf, Filter filter, FixedBitSet into) throws IOException {
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

  private static int document(LeafReader leaf, String label) throws IOException {
    if (label.length() > Entries.LONGEST_LABEL) {
      return -1;
    }
    PostingsEnum postings = leaf.postings(new Term(Entries.LABEL, label), PostingsEnum.NONE);
    return postings == null ? -1 : postings.nextDoc();
  }

  private static FloatVectorValues vectors(LeafReader leaf) throws IOException {
    FloatVectorValues vectors = leaf.getFloatVectorValues(Entries.VECTOR);
    if (vectors == null) {
      throw new IOException("its vectors are missing");
    }
    return vectors;
  }

  /** Labels by document; not thread-safe. Documents may be asked for in any order. */
  private static Best.Labels labels(LeafReader leaf) {
    return new Column(leaf, Entries.LABEL)::string;
  }

  private static Map<String, String> fields(StoredFields stored, int doc) throws IOException {
    Document document = stored.document(doc);
    return Entries.decode(document.getBinaryValue(Entries.FIELDS));
  }

  @Override
  public VectorSpace exact() {
    return new Exact();
  }

  private final class Exact implements VectorSpace {
    @Override
    public SpaceInfo info() {
      return VectorIndex.this.info();
    }

    @Override
    public Optional<float[]> vector(String label) {
      return VectorIndex.this.vector(label);
    }

    @Override
    public List<String> nearNames(String label, int limit) {
      return VectorIndex.this.nearNames(label, limit);
    }

    @Override
    public Answer search(Query query) {
      if (query.precision().mode() == Precision.Mode.APPROXIMATE) {
        throw new IllegalArgumentException("this twin of the index only searches exactly");
      }
      return VectorIndex.this.search(query, Precision.EXACT);
    }

    @Override
    public VectorSpace exact() {
      return this;
    }

    @Override
    public void close() {
      // The index is its owner's.
    }
  }

  /**
   * Measures how much of what an exact search finds the graph search finds too, for vectors of the
   * index itself, each without itself.
   *
   * @param sample how many vectors are asked for their neighbours, at most all
   * @param k how many neighbours
   * @param efSearch how many candidates the graph search keeps; 0 for what it keeps by default
   * @param seed chooses the sample
   */
  public Recall measureRecall(
      int sample, int k, int efSearch, long seed, Progress progress, Cancel cancel) {
    if (sample < 1 || k < 1 || efSearch < 0) {
      throw new IllegalArgumentException(
          "sample and k must be at least 1, and efSearch at least 0: %d, %d, %d"
              .formatted(sample, k, efSearch));
    }
    int ef = efSearch > 0 ? efSearch : this.efSearch > 0 ? this.efSearch : standardEfSearch(k);
    return call(
        new Recall(1, 0, k, ef, 0, 0, 0),
        leaf -> measureRecall(leaf, sample, k, Math.max(ef, k + 1), seed, progress, cancel));
  }

  private Recall measureRecall(
      LeafReader leaf, int sample, int k, int ef, long seed, Progress progress, Cancel cancel)
      throws IOException {
    int[] docs = sampled(leaf.maxDoc(), sample, seed);
    Best.Labels labels = labels(leaf);
    FloatVectorValues vectors = vectors(leaf);
    var scorers = new ArrayList<Scorer>();
    var exact = new ArrayList<Best>();
    var queries = new ArrayList<float[]>();
    for (int doc : docs) {
      float[] query = vectors.vectorValue(doc).clone();
      queries.add(query);
      scorers.add(Scorer.similarity(query, metadata.similarity()));
      exact.add(new Best(k, labels));
    }
    // One pass over all vectors for the whole sample: each is read from memory once.
    for (int doc = 0; doc < leaf.maxDoc(); doc++) {
      if (doc % 256 == 0) {
        cancel.check();
        progress.update("comparing with all", doc, leaf.maxDoc());
      }
      float[] vector = vectors.vectorValue(doc);
      for (int i = 0; i < docs.length; i++) {
        if (docs[i] != doc) {
          exact.get(i).offer(doc, scorers.get(i).score(vector));
        }
      }
    }
    progress.update("comparing with all", leaf.maxDoc(), leaf.maxDoc());
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
              Set.of(labels.of(docs[i])),
              Filter.ALL,
              Precision.approximate(ef));
      long start = System.nanoTime();
      Answer answer = search(query, query.precision());
      approximateNanos += System.nanoTime() - start;
      visited += answer.visited();
      List<Best.Scored> right = exact.get(i).sorted();
      // By score, not by label: of several equally near ones any is right.
      double worst = right.isEmpty() ? Double.POSITIVE_INFINITY : right.getLast().score();
      long good = answer.hits().stream().filter(hit -> hit.score() >= worst).count();
      found += right.isEmpty() ? 1 : (double) good / right.size();
      if (i < timed) {
        start = System.nanoTime();
        search(query, Precision.EXACT);
        exactNanos += System.nanoTime() - start;
      }
    }
    progress.update("searching the graph", docs.length, docs.length);
    return new Recall(
        found / docs.length,
        docs.length,
        k,
        ef,
        visited / docs.length,
        approximateNanos / 1e6 / docs.length,
        exactNanos / 1e6 / timed);
  }

  /** Distinct documents, in ascending order. */
  private static int[] sampled(int size, int sample, long seed) {
    if (sample >= size) {
      int[] all = new int[size];
      Arrays.setAll(all, i -> i);
      return all;
    }
    return new Random(seed).ints(0, size).distinct().limit(sample).sorted().toArray();
  }

  /** For the builder that goes on from this index. */
  Metadata metadata() {
    return metadata;
  }

  /** For the builder that goes on from this index; null where that is empty. */
  @Nullable LeafReader leaf() {
    return leaf;
  }

  /** Looks at every vector and label; what is wrong goes into {@code problems}. */
  void check(List<String> problems, Progress progress, Cancel cancel) {
    call(
        problems,
        leaf -> {
          Best.Labels labels = labels(leaf);
          FloatVectorValues vectors = vectors(leaf);
          boolean unit = metadata.similarity() == Similarity.COSINE;
          for (int doc = 0; doc < leaf.maxDoc() && problems.size() < 20; doc++) {
            if (doc % 1024 == 0) {
              cancel.check();
              progress.update("checking vectors", doc, leaf.maxDoc());
            }
            String label = labels.of(doc);
            double squares = 0;
            for (float x : vectors.vectorValue(doc)) {
              squares += (double) x * x;
            }
            if (!Double.isFinite(squares)) {
              problems.add("the vector of \"%s\" is not finite".formatted(label));
            } else if (unit && Math.abs(squares - 1) > 1e-3) {
              problems.add("the vector of \"%s\" is not of unit length".formatted(label));
            }
            PostingsEnum postings =
                leaf.postings(new Term(Entries.LABEL, label), PostingsEnum.NONE);
            if (postings == null || postings.nextDoc() != doc) {
              problems.add("the label \"%s\" cannot be found, or is there twice".formatted(label));
            }
          }
          progress.update("checking vectors", leaf.maxDoc(), leaf.maxDoc());
          return problems;
        });
  }

  /** Runs what needs the index to stay open; {@code empty} is the answer of an empty index. */
  private <T> T call(T empty, Work<T> work) {
    gate.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the index " + name + " is closed");
      }
      return leaf == null ? empty : work.run(leaf);
    } catch (IOException | IndexOutOfBoundsException | InternalError e) {
      throw Trouble.reading(name, folder, e);
    } catch (UncheckedIOException e) {
      throw Trouble.reading(name, folder, e.getCause());
    } finally {
      gate.readLock().unlock();
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if called from within a call to this index
   */
  @Override
  public void close() {
    if (gate.getReadHoldCount() > 0) {
      throw new IllegalStateException("an index cannot be closed from within one of its own calls");
    }
    gate.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        try (directory;
            reader) {
          // Closed in this order: the reader, then its folder.
        }
      }
    } catch (IOException e) {
      throw Trouble.io("closing the index " + name, e);
    } finally {
      gate.writeLock().unlock();
    }
  }

  /** The values of a binary column in any order; Lucene's iterators only go forward. */
  static final class Column {
    private final LeafReader leaf;
    private final String field;
    private @Nullable BinaryDocValues values;

    Column(LeafReader leaf, String field) {
      this.leaf = leaf;
      this.field = field;
    }

    String string(int doc) throws IOException {
      String value = stringOrNull(doc);
      if (value == null) {
        throw new IOException("its entry %d has no %s".formatted(doc, field));
      }
      return value;
    }

    @Nullable String stringOrNull(int doc) throws IOException {
      BinaryDocValues current = values;
      if (current == null || current.docID() > doc) {
        current = leaf.getBinaryDocValues(field);
        values = current;
      }
      if (current == null || !current.advanceExact(doc)) {
        return null;
      }
      return current.binaryValue().utf8ToString();
    }
  }
}
