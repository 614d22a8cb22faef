package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.VectorSpace;
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
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FuzzyTermsEnum;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;

/**
 * A folder on disk with labelled vectors, their fields, and an HNSW graph of one level over them.
 *
 * <p>A query that does not say how hard to look is answered by looking at every vector where there
 * are few (or few that the filter lets through), and otherwise through the graph. Scores are always
 * computed from the full vectors. Of two equal scores the smaller label comes first.
 *
 * <p>Thread-safe. It shows what the folder held when it was opened or last refreshed, whatever is
 * built there afterwards. Close it; {@link #close()} waits for calls that are in flight.
 */
public final class VectorIndex implements VectorSpace {
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
    T run(Snapshot snapshot) throws IOException;
  }

  private final Path folder;
  private final String name;
  private final int efSearch;
  private final @Nullable Directory directory;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private Snapshot snapshot;
  private boolean closed;

  private VectorIndex(
      Path folder, String name, int efSearch, @Nullable Directory directory, Snapshot snapshot) {
    this.folder = folder;
    this.name = name;
    this.efSearch = efSearch;
    this.directory = directory;
    this.snapshot = snapshot;
  }

  /** A view of what a builder holds. */
  static VectorIndex live(Path folder, Snapshot snapshot) {
    return new VectorIndex(folder, folder.toString(), 0, null, snapshot);
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
      // Another version's index is told by what it says of itself: its parts may not even open.
      Metadata.fromCommitData(name, SegmentInfos.readLatestCommit(directory).getUserData());
      reader = DirectoryReader.open(directory);
      Snapshot snapshot = Snapshot.committed(name, reader);
      if (options.expected() != null) {
        snapshot.metadata().require(name, options.expected());
      }
      index = new VectorIndex(folder, name, options.efSearch(), directory, snapshot);
      return index;
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
    return read(Snapshot::metadata).recipe();
  }

  /** What was kept with the index under a name by {@link IndexBuilder#attach}; a copy. */
  public Optional<byte[]> attachment(String name) {
    return Optional.ofNullable(read(Snapshot::attachments).get(name)).map(byte[]::clone);
  }

  /**
   * Goes on to what was last committed in the folder, by whichever process. Streams of labels and
   * entries that were begun before cannot be read on.
   *
   * @return whether anything changed
   * @throws PolysemeException if it cannot be read, or another model made it by now, and the index
   *     goes on as it is
   */
  public boolean refresh() {
    gate.writeLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the index " + name + " is closed");
      }
      if (directory == null) {
        throw new IllegalStateException("a view of a builder shows one moment; open another");
      }
      DirectoryReader newer = DirectoryReader.openIfChanged(snapshot.reader());
      if (newer == null) {
        return false;
      }
      Snapshot next = null;
      try {
        Snapshot opened = Snapshot.committed(name, newer);
        opened.metadata().require(name, snapshot.metadata().maker());
        next = opened;
      } finally {
        if (next == null) {
          newer.close();
        }
      }
      snapshot.close();
      snapshot = next;
      return true;
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw Trouble.reading(name, folder, e);
    } finally {
      gate.writeLock().unlock();
    }
  }

  /**
   * Runs what asks the index several times and has to see the same entries each time: it is neither
   * refreshed nor closed meanwhile.
   */
  public <T> T unchanged(Supplier<T> work) {
    gate.readLock().lock();
    try {
      return work.get();
    } finally {
      gate.readLock().unlock();
    }
  }

  @Override
  public SpaceInfo info() {
    Metadata metadata = read(Snapshot::metadata);
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
        snapshot -> {
          int doc = snapshot.document(label);
          return doc < 0 ? Optional.empty() : Optional.of(new Cursor(snapshot).vector(doc).clone());
        });
  }

  /** The stored fields of a label; empty where the label is not there. */
  public Optional<Map<String, String>> fields(String label) {
    return call(
        Optional.empty(),
        snapshot -> {
          int doc = snapshot.document(label);
          return doc < 0 ? Optional.empty() : Optional.of(new Cursor(snapshot).fields(doc));
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
    return call(List.of(), snapshot -> nearNames(snapshot, label, limit));
  }

  private static List<String> nearNames(Snapshot snapshot, String label, int limit)
      throws IOException {
    var names = new LinkedHashSet<String>();
    Terms terms = MultiTerms.getTerms(snapshot.reader(), Entries.LABEL);
    if (terms == null) {
      return List.of();
    }
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
    var there = new ArrayList<String>();
    for (String name : names) {
      if (there.size() < limit && snapshot.document(name) >= 0) { // and not deleted
        there.add(name);
      }
    }
    return there;
  }

  /** Every label, in the order of the index. Not to be used after the index is closed. */
  public Stream<String> labels() {
    return stream(Filter.ALL, Cursor::of);
  }

  /** Every entry, in the order of the index. Not to be used after the index is closed. */
  public Stream<Entry> entries() {
    return entries(Filter.ALL);
  }

  /**
   * The entries that pass a filter, in the order of the index. Not to be used after the index is
   * closed.
   */
  public Stream<Entry> entries(Filter filter) {
    return stream(filter, VectorIndex::entry);
  }

  private interface Part<T> {
    T read(Cursor cursor, int doc) throws IOException;
  }

  private static Entry entry(Cursor cursor, int doc) throws IOException {
    return new Entry(cursor.of(doc), cursor.vector(doc).clone(), cursor.fields(doc));
  }

  private <T> Stream<T> stream(Filter filter, Part<T> part) {
    Batches<T> batches = read(snapshot -> new Batches<>(snapshot, filter, part));
    return StreamSupport.stream(
        Spliterators.spliterator(
            batches, batches.bits.count(), Spliterator.ORDERED | Spliterator.NONNULL),
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
        snapshot -> {
          var entries = new ArrayList<Entry>();
          FilterBits bits = FilterBits.of(snapshot, filter);
          var cursor = new Cursor(snapshot);
          for (int doc = bits.next(0);
              doc != DocIdSetIterator.NO_MORE_DOCS && entries.size() < most;
              doc = bits.next(doc + 1)) {
            entries.add(entry(cursor, doc));
          }
          return entries;
        });
  }

  /** How many entries pass a filter. */
  public long count(Filter filter) {
    return call(0L, snapshot -> (long) FilterBits.of(snapshot, filter).count());
  }

  /**
   * Vectors of entries that are chosen at random, those of the same entries for the same seed.
   *
   * @param count how many, at most all
   * @return copies, in the order of the index
   */
  public List<float[]> sample(int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1: " + count);
    }
    return call(
        List.of(),
        snapshot -> {
          var cursor = new Cursor(snapshot);
          var sample = new ArrayList<float[]>();
          for (int doc : sampled(snapshot, count, seed)) {
            sample.add(cursor.vector(doc).clone());
          }
          return sample;
        });
  }

  /** The names of the stored fields, sorted; without the label and names over 64 UTF-16 units. */
  public List<String> fieldNames() {
    return call(
        List.of(),
        snapshot -> {
          var names = new ArrayList<String>();
          Terms terms = MultiTerms.getTerms(snapshot.reader(), Entries.KEYWORDS);
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
   * list that the index keeps, whatever its size; deleted entries count until they are merged away.
   *
   * @return empty where no entry has the field; without values of more than 64 UTF-16 units, of
   *     which the list has only a hash
   */
  public Map<String, Integer> values(String field) {
    return call(
        Map.of(),
        snapshot -> {
          var values = new LinkedHashMap<String, Integer>();
          Terms terms = MultiTerms.getTerms(snapshot.reader(), Entries.KEYWORDS);
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

  private final class Batches<T> implements Iterator<T> {
    private final Snapshot begun;
    private final FilterBits bits;
    private final Part<T> part;
    private int next;
    private Iterator<T> batch = java.util.Collections.emptyIterator();

    Batches(Snapshot begun, Filter filter, Part<T> part) throws IOException {
      this.begun = begun;
      this.bits = FilterBits.of(begun, filter);
      this.part = part;
      this.next = bits.next(0);
    }

    @Override
    public boolean hasNext() {
      if (!batch.hasNext() && next != DocIdSetIterator.NO_MORE_DOCS) {
        batch = call(List.<T>of(), this::read).iterator();
      }
      return batch.hasNext();
    }

    private List<T> read(Snapshot snapshot) throws IOException {
      if (snapshot != begun) {
        throw new IllegalStateException(
            "the index %s was refreshed; what was begun before cannot be read on".formatted(name));
      }
      var parts = new ArrayList<T>(BATCH);
      var cursor = new Cursor(snapshot);
      for (;
          next != DocIdSetIterator.NO_MORE_DOCS && parts.size() < BATCH;
          next = bits.next(next + 1)) {
        parts.add(part.read(cursor, next));
      }
      return parts;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
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
    return call(
        new Answer(List.of(), true, 0, List.of()),
        snapshot -> {
          check(query, snapshot.metadata());
          return new NearestSearch(
                  snapshot,
                  query,
                  precision,
                  efSearch(snapshot, query.k()),
                  FilterBits.of(snapshot, query.filter()))
              .answer();
        });
  }

  private int efSearch(Snapshot snapshot, int k) {
    return efSearch > 0 ? efSearch : NearestSearch.standardEfSearch(snapshot.metadata(), k);
  }

  private void check(Query query, Metadata metadata) {
    if (query.dimension() != metadata.dimension()) {
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

  /** The stored fields whose words can be searched for: see {@link BuildOptions#fullText}. */
  public List<String> fullText() {
    return read(Snapshot::metadata).fullText();
  }

  /** Whether texts can be searched by their words: see {@link BuildOptions#fullText}. */
  public boolean hasWords() {
    return call(false, snapshot -> !WordSearch.fields(snapshot).isEmpty());
  }

  /**
   * What is near a question by its vector, and what by its words: at most {@code pool} of each, all
   * with both scores.
   *
   * @param near the vector; its k and filter are not looked at. Null to search by words alone
   * @param words the text; empty to search by the vector alone
   * @param filter which entries may be found
   * @param pool from 1
   */
  public Candidates candidates(@Nullable Query near, String words, Filter filter, int pool) {
    if (pool < 1) {
      throw new IllegalArgumentException("pool must be at least 1: " + pool);
    }
    return call(
        new Candidates(List.of(), true, List.of()),
        snapshot -> {
          if (near != null) {
            check(near, snapshot.metadata());
          }
          return new CandidateSearch(snapshot, efSearch(snapshot, pool))
              .run(near == null ? null : near.withK(pool), words, filter, pool);
        });
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
    return call(
        new Recall(1, 0, k, efSearch, 0, 0, 0),
        snapshot -> {
          int ef = Math.max(k + 1, efSearch > 0 ? efSearch : efSearch(snapshot, k));
          int[] docs = sampled(snapshot, sample, seed);
          var trial = new RecallTrial(snapshot, k, docs, progress, cancel);
          RecallTrial.Pass pass = trial.pass(ef, progress, cancel);
          return new Recall(
              pass.recall(),
              docs.length,
              k,
              ef,
              pass.meanVisited(),
              Arrays.stream(pass.nanos()).average().orElse(0) / 1e6,
              trial.exactMillis(cancel));
        });
  }

  /**
   * Measures what searches cost and find by how many candidates they keep, for vectors of the index
   * itself, each without itself, in this thread. Vectors that are not in the index may be found a
   * little worse. Nothing else should run on the machine meanwhile.
   *
   * @throws PolysemeException if the index is empty
   */
  public SearchTuning measureSearch(TuningOptions options, Progress progress, Cancel cancel) {
    return call(
            Optional.<SearchTuning>empty(),
            snapshot ->
                Optional.of(
                    new TuningTrial(snapshot, options)
                        .run(
                            sampled(snapshot, options.sample(), options.seed()), progress, cancel)))
        .orElseThrow(
            () ->
                new PolysemeException(
                    "the index %s is empty: there is nothing to measure".formatted(name)));
  }

  /** Distinct documents, in ascending order. */
  private static int[] sampled(Snapshot snapshot, int sample, long seed) throws IOException {
    FilterBits all = FilterBits.of(snapshot, Filter.ALL);
    int[] chosen =
        sample >= all.count()
            ? null
            : new Random(seed).ints(0, all.count()).distinct().limit(sample).sorted().toArray();
    int[] docs = new int[chosen == null ? all.count() : chosen.length];
    int doc = -1;
    int at = -1;
    for (int i = 0; i < docs.length; i++) {
      for (int wanted = chosen == null ? i : chosen[i]; at < wanted; at++) {
        doc = all.next(doc + 1);
      }
      docs[i] = doc;
    }
    return docs;
  }

  /** For the builder that goes on from this index. */
  Snapshot snapshot() {
    return read(snapshot -> snapshot);
  }

  /** Looks at every vector and label; what is wrong goes into {@code problems}. */
  void check(List<String> problems, Progress progress, Cancel cancel) {
    call(
        problems,
        snapshot -> {
          FilterBits all = FilterBits.of(snapshot, Filter.ALL);
          var cursor = new Cursor(snapshot);
          boolean unit = snapshot.metadata().similarity() == Similarity.COSINE;
          long done = 0;
          for (int doc = all.next(0);
              doc != DocIdSetIterator.NO_MORE_DOCS && problems.size() < 20;
              doc = all.next(doc + 1)) {
            if (done++ % 1024 == 0) {
              cancel.check();
              progress.update("checking vectors", done, all.count());
            }
            String label = cursor.of(doc);
            double squares = 0;
            for (float x : cursor.vector(doc)) {
              squares += (double) x * x;
            }
            if (!Double.isFinite(squares)) {
              problems.add("the vector of \"%s\" is not finite".formatted(label));
            } else if (unit && Math.abs(squares - 1) > 1e-3) {
              problems.add("the vector of \"%s\" is not of unit length".formatted(label));
            }
            if (snapshot.document(label) != doc) {
              problems.add("the label \"%s\" cannot be found, or is there twice".formatted(label));
            }
          }
          progress.update("checking vectors", all.count(), all.count());
          return problems;
        });
  }

  /** Runs what needs the index to stay open; {@code empty} is the answer of an empty index. */
  private <T> T call(T empty, Work<T> work) {
    return read(snapshot -> snapshot.isEmpty() ? empty : work.run(snapshot));
  }

  private <T> T read(Work<T> work) {
    gate.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the index " + name + " is closed");
      }
      return work.run(snapshot);
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
        IOUtils.close(snapshot, directory);
      }
    } catch (IOException e) {
      throw Trouble.io("closing the index " + name, e);
    } finally {
      gate.writeLock().unlock();
    }
  }
}
