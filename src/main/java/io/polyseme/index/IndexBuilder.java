package io.polyseme.index;

import com.carrotsearch.hppc.LongHashSet;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.Vectors;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;

/**
 * Makes an index out of a stream of vectors, or changes one, in memory that does not grow with
 * their number (but for the graph, of about {@code 20 m} bytes a vector while it is linked).
 *
 * <p>Nothing is to be seen of what is added, taken over or removed before {@link #commit} returns:
 * until then the folder holds what it held, whatever happens to this process, and open indexes go
 * on showing that until they are refreshed; {@link #view} alone shows it at once. What was
 * committed is there, also after a power cut. {@link #close} without a commit takes back what came
 * after the last one. A builder can commit as often as it likes. Only one builder at a time, in all
 * processes, can work on a folder.
 *
 * <p>Where the folder already holds an index by the same maker, {@link #reuse} takes over the
 * vector of an entry whose content did not change, and saves making it again; where it is laid out
 * alike too, only what changed is written, and otherwise everything. With the first commit an entry
 * of the old index that was neither reused nor added again is gone, unless the options {@linkplain
 * BuildOptions#keep keep} it. Another maker's index is replaced as a whole, and answers until then.
 *
 * <p>The calls of several threads are taken one after the other.
 */
public final class IndexBuilder implements AutoCloseable {
  /**
   * What became of a build.
   *
   * @param size how many entries the index has
   * @param added how many vectors were given
   * @param reused how many were taken over from the index that was there before
   * @param replaced how many were given again with the same label; the last one counts
   * @param removed how many entries of the old index are gone
   */
  public record Summary(long size, long added, long reused, long replaced, long removed) {}

  private final Path folder;
  private final Recipe recipe;
  private final Maker maker;
  private final BuildOptions options;
  private final boolean madeFolder;
  private final Directory directory;
  private final IndexWriter writer;
  private final @Nullable ExecutorService executor;
  private final MergeWatch watch = new MergeWatch();
  private final Compaction compaction = new Compaction();

  /** What was there before, to be taken over; what a later commit made of it. */
  private final @Nullable VectorIndex old;

  /** Reads what was there before, entry after entry; null until that is needed. */
  private @Nullable Cursor oldCursor;

  /** Whether the old entries stay where they are, and only what changes is written. */
  private final boolean updating;

  /** What was given since the builder was opened. */
  private final LongHashSet labels = new LongHashSet();

  /** What was removed since the last commit. */
  private final LongHashSet gone = new LongHashSet();

  private final Map<String, byte[]> attachments = new TreeMap<>();
  private @Nullable FieldType vectorType;
  private int dimension;
  private long added;
  private long reused;
  private long replaced;
  private long removed;
  private boolean changed;
  private boolean committed;
  private boolean closed;

  IndexBuilder(Path folder, Recipe recipe, Maker maker, BuildOptions options) {
    this.folder = folder;
    this.recipe = recipe;
    this.maker = maker;
    this.options = options;
    TextAnalysis.require(recipe.texts().language());
    this.madeFolder = makeFolder(folder);
    ExecutorService workers = null;
    Directory opened = null;
    IndexWriter ready = null;
    VectorIndex before = null;
    boolean complete = false;
    try {
      opened = FSDirectory.open(folder);
      if (options.threads() > 1) {
        workers =
            Executors.newFixedThreadPool(
                options.threads(),
                Thread.ofPlatform().daemon().name("polyseme-index-", 0).factory());
      }
      before = options.fresh() ? null : previous();
      if (options.keep()
          && DirectoryReader.indexExists(opened)
          && (before == null || !isUpdatable(before))) {
        throw new PolysemeException(
            "the index %s cannot be added to: it was made otherwise (by another model, or laid out in another way), or is damaged, which a check tells; build it again as a whole"
                .formatted(folder));
      }
      ready = writer(opened, workers, before != null && isUpdatable(before));
      if (before != null && !before.snapshot().reader().isCurrent()) {
        throw new PolysemeException(
            "the index %s was changed by another process just now; begin again".formatted(folder));
      }
      complete = true;
    } catch (LockObtainFailedException e) {
      throw new PolysemeException(
          "the index %s is being built by another process; wait for it to end".formatted(folder),
          e);
    } catch (IOException e) {
      throw Trouble.writing(folder, e);
    } finally {
      if (!complete) {
        closeQuietly(ready);
        if (before != null) {
          before.close();
        }
        shutdown(workers);
        end(opened);
      }
    }
    this.executor = workers;
    this.directory = opened;
    this.writer = ready;
    this.old = before;
    this.updating = before != null && isUpdatable(before);
    if (before != null) {
      if (updating) {
        this.dimension = before.snapshot().metadata().dimension();
      }
      if (options.keep()) {
        attachments.putAll(before.snapshot().attachments());
      }
    }
    compaction.whole(!updating);
  }

  /** Whether what an index holds is written just as it would be now. */
  private boolean isUpdatable(VectorIndex index) {
    Metadata metadata = index.snapshot().metadata();
    return metadata.options().equals(recipe.options())
        && metadata.recipe().texts().language().equals(recipe.texts().language())
        && metadata.fullText().equals(options.fullText());
  }

  /** Whether the folder was made here; it is marked as an index either way. */
  private static boolean makeFolder(Path folder) {
    try {
      boolean there = Files.isDirectory(folder);
      if (there && !Marker.isIn(folder) && !isEmpty(folder) && !isOurs(folder)) {
        throw new PolysemeException(
            "%s holds other things than a Polyseme index; choose another folder".formatted(folder));
      }
      Files.createDirectories(folder);
      Marker.put(folder);
      return !there;
    } catch (FileAlreadyExistsException e) {
      throw new PolysemeException(
          "%s is a file; the folder of an index cannot be there".formatted(folder), e);
    } catch (IOException e) {
      throw Trouble.writing(folder, e);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static boolean isOurs(Path folder) {
    try (VectorIndex index = VectorIndex.open(folder)) {
      return index.snapshot().size() >= 0;
    } catch (PolysemeException e) {
      return false;
    }
  }

  private IndexWriter writer(Directory directory, @Nullable ExecutorService workers, boolean update)
      throws IOException {
    if (update) {
      return new IndexWriter(
          directory, configuration(workers).setOpenMode(IndexWriterConfig.OpenMode.APPEND));
    }
    try {
      clearIfIncomplete(directory);
      return new IndexWriter(directory, configuration(workers));
    } catch (CorruptIndexException
        | IndexFormatTooOldException
        | IndexFormatTooNewException
        | NoSuchFileException
        | IllegalArgumentException e) {
      // What is there is broken in its very list of files, or written by another version of Lucene,
      // and cannot even be replaced.
      clear(directory);
      return new IndexWriter(directory, configuration(workers));
    }
  }

  /**
   * An index that lacks a file goes at once: Lucene would miss the file when it deletes the old
   * ones after a commit.
   */
  private static void clearIfIncomplete(Directory directory) throws IOException {
    try (var _ = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
      if (DirectoryReader.indexExists(directory)
          && !List.of(directory.listAll())
              .containsAll(SegmentInfos.readLatestCommit(directory).files(true))) {
        clearLocked(directory);
      }
    }
  }

  /** Deletes every file of Lucene's, while nobody else builds here. */
  private static void clear(Directory directory) throws IOException {
    try (var _ = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
      clearLocked(directory);
    }
  }

  private static void clearLocked(Directory directory) throws IOException {
    for (String file : directory.listAll()) {
      if (IndexFiles.isPartOfIndex(file) && !file.equals(IndexWriter.WRITE_LOCK_NAME)) {
        directory.deleteFile(file);
      }
    }
  }

  /** Deletes what a writer that failed left behind; the last commit stays. */
  private static void sweep(Directory directory) throws IOException {
    IndexWriterConfig asItIs =
        new IndexWriterConfig()
            .setOpenMode(IndexWriterConfig.OpenMode.APPEND)
            .setCommitOnClose(false);
    try {
      // On opening, Lucene deletes every file that the last commit does not name.
      new IndexWriter(directory, asItIs).rollback();
    } catch (IndexNotFoundException e) {
      clear(directory);
    }
  }

  private IndexWriterConfig configuration(@Nullable ExecutorService workers) {
    KnnVectorsFormat format = VectorFormats.writing(recipe.options(), options.threads(), workers);
    return new IndexWriterConfig(TextAnalysis.analyzer())
        .setSimilarity(WordSearch.similarity())
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
        .setCommitOnClose(false)
        .setUseCompoundFile(false)
        .setRAMBufferSizeMB(options.memoryMegabytes())
        .setMergeScheduler(new SerialMergeScheduler())
        .setMergePolicy(compaction)
        .setInfoStream(watch)
        .setCodec(
            new Lucene104Codec() {
              @Override
              public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return format;
              }
            });
  }

  /** The index that is there, if its vectors can be taken over. */
  private @Nullable VectorIndex previous() {
    VectorIndex index;
    try {
      index = VectorIndex.open(folder);
    } catch (CancelledException e) {
      throw e;
    } catch (PolysemeException e) {
      return null;
    }
    boolean usable = false;
    try {
      Metadata metadata = index.snapshot().metadata();
      usable =
          metadata.maker().equals(maker)
              && metadata.similarity() == recipe.options().similarity()
              && metadata.recipe().role().equals(recipe.role());
      if (usable) {
        // Damage would be taken over with the rest, and a part that stays is never read whole
        // again.
        Sound.check(index.snapshot());
      }
    } catch (IOException | RuntimeException | InternalError e) {
      usable = false;
      System.getLogger(IndexBuilder.class.getName())
          .log(System.Logger.Level.DEBUG, "nothing is taken over from " + folder, e);
    } finally {
      if (!usable) {
        index.close();
      }
    }
    return usable ? index : null;
  }

  /** How many entries there are that {@link #reuse} can take from. */
  public long reusable() {
    return old == null ? 0 : old.snapshot().size();
  }

  /**
   * Adds an entry. One that has the same label is replaced.
   *
   * @param label not empty, at most 32,000 bytes in UTF-8
   * @param vector all finite, of the dimension of those before it; not zero where the similarity is
   *     the cosine, and stored with unit length then
   * @param fields stored with it, and to be filtered by; none of them called {@value Filter#LABEL}
   * @throws PolysemeException if the vector is not as it must be, with the label; or it cannot be
   *     written
   */
  public void add(String label, float[] vector, Map<String, String> fields) {
    add(label, vector, fields, null);
  }

  /**
   * As {@link #add(String, float[], Map)}, and remembers what the vector was made of, for {@link
   * #reuse} in a later build.
   *
   * @param content everything that the vector was made of, usually the text that was encoded; only
   *     a hash of it is stored
   */
  public synchronized void add(
      String label, float[] vector, Map<String, String> fields, @Nullable String content) {
    ensureOpen();
    check(label, fields);
    check(label, vector);
    float[] stored =
        recipe.options().similarity() == Similarity.COSINE ? Vectors.unit(vector) : vector.clone();
    write(label, stored, fields, content == null ? null : Entries.hash(content));
    added++;
  }

  /**
   * Keeps something of the maker's own with the index: it appears and goes with the commit, and is
   * held in memory while the index is open, so that it should have few megabytes at most.
   *
   * @param name of the attachment; one of the same name is replaced
   */
  public synchronized void attach(String name, byte[] content) {
    ensureOpen();
    attachments.put(name, content.clone());
  }

  /**
   * Takes a vector over from the index that was there before, if it was made of the same content
   * under the same label, or else under any other.
   *
   * @param fields stored with it, whatever they were before
   * @return whether it was; otherwise the vector is to be made and added
   */
  public synchronized boolean reuse(String label, Map<String, String> fields, String content) {
    ensureOpen();
    VectorIndex before = old;
    if (before == null || before.snapshot().isEmpty()) {
      return false;
    }
    check(label, fields);
    String hash = Entries.hash(content);
    try {
      Snapshot snapshot = before.snapshot();
      Cursor cursor = oldCursor == null ? new Cursor(snapshot) : oldCursor;
      oldCursor = cursor;
      int same = snapshot.document(label);
      boolean unmoved = same >= 0 && hash.equals(cursor.content(same));
      int doc = unmoved ? same : snapshot.document(new Term(Entries.CONTENT, hash));
      if (doc < 0 || dimension != 0 && cursor.vector(doc).length != dimension) {
        return false;
      }
      boolean identical = unmoved && cursor.fields(doc).equals(fields);
      long key = Entries.key(label);
      if (identical && updating && !gone.contains(key) && labels.add(key)) {
        reused++; // it stays where it is
        return true;
      }
      write(label, cursor.vector(doc).clone(), fields, hash);
      changed |= !identical;
      reused++;
      return true;
    } catch (IOException | IndexOutOfBoundsException | InternalError e) {
      throw Trouble.reading(folder.toString(), folder, e);
    }
  }

  /**
   * Removes an entry.
   *
   * @return whether it was there
   */
  public synchronized boolean remove(String label) {
    ensureOpen();
    long key = Entries.key(label);
    boolean there = !gone.contains(key) && (labels.contains(key) || isInOld(label));
    if (there) {
      delete(label);
      removed++;
    }
    return there;
  }

  /**
   * Removes the entries that a filter lets through, committed or not.
   *
   * @return how many there were
   */
  public synchronized long removeAll(Filter filter) {
    ensureOpen();
    try (VectorIndex view = view()) {
      Snapshot snapshot = view.snapshot();
      FilterBits bits = FilterBits.of(snapshot, filter);
      var cursor = new Cursor(snapshot);
      for (int doc = bits.next(0); doc != DocIdSetIterator.NO_MORE_DOCS; doc = bits.next(doc + 1)) {
        delete(cursor.of(doc));
      }
      removed += bits.count();
      return bits.count();
    } catch (IOException | IndexOutOfBoundsException | InternalError e) {
      throw Trouble.reading(folder.toString(), folder, e);
    }
  }

  private boolean isInOld(String label) {
    VectorIndex before = old;
    try {
      return updating && before != null && before.snapshot().document(label) >= 0;
    } catch (IOException | IndexOutOfBoundsException | InternalError e) {
      throw Trouble.reading(folder.toString(), folder, e);
    }
  }

  private void delete(String label) {
    try {
      writer.deleteDocuments(new Term(Entries.LABEL, label));
      long key = Entries.key(label);
      labels.remove(key);
      gone.add(key);
      changed = true;
    } catch (IOException | AlreadyClosedException e) {
      throw Trouble.writing(folder, e);
    }
  }

  private static void check(String label, Map<String, String> fields) {
    if (label.isEmpty()) {
      throw new PolysemeException("an entry of an index needs a label, and one has none");
    }
    if (label.length() > Entries.LONGEST_LABEL
        || label.length() > Entries.LONGEST_LABEL / 4
            && label.getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                > Entries.LONGEST_LABEL) {
      throw new PolysemeException(
          "a label may have %,d bytes, and \"%s…\" has more"
              .formatted(Entries.LONGEST_LABEL, label.substring(0, 40)));
    }
    if (fields.containsKey(Filter.LABEL)) {
      throw new IllegalArgumentException(
          "no field can be called \"%s\": that is the label itself".formatted(Filter.LABEL));
    }
  }

  private void check(String label, float[] vector) {
    if (vector.length == 0 || vector.length > VectorFormats.MAX_DIMENSIONS) {
      throw new PolysemeException(
          "a vector may have 1 to %,d dimensions, and that of \"%s\" has %,d"
              .formatted(VectorFormats.MAX_DIMENSIONS, label, vector.length));
    }
    if (dimension != 0 && vector.length != dimension) {
      throw new PolysemeException(
          "the vector of \"%s\" has %d dimensions, and those before it have %d"
              .formatted(label, vector.length, dimension));
    }
    boolean zero = true;
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        throw new PolysemeException("the vector of \"%s\" has %s in it".formatted(label, x));
      }
      zero &= x == 0;
    }
    if (zero && recipe.options().similarity() == Similarity.COSINE) {
      throw new PolysemeException(
          "the vector of \"%s\" is zero, which has no direction and so no cosine".formatted(label));
    }
  }

  private void write(
      String label, float[] vector, Map<String, String> fields, @Nullable String hash) {
    FieldType type = vectorType;
    if (type == null) {
      type = Entries.vectorType(vector.length, recipe.options().similarity());
      vectorType = type;
      dimension = vector.length;
    }
    long key = Entries.key(label);
    boolean fresh = labels.add(key);
    gone.remove(key);
    if (!fresh) {
      replaced++;
    }
    try {
      var document = Entries.document(label, vector, type, fields, hash);
      Entries.addWords(document, fields, options.fullText(), recipe.texts().language());
      if (fresh && !isInOld(label)) {
        writer.addDocument(document);
      } else {
        writer.updateDocument(new Term(Entries.LABEL, label), document);
      }
    } catch (IOException | AlreadyClosedException e) {
      throw Trouble.writing(folder, e);
    }
  }

  /**
   * Makes what was added, taken over and removed be there for good, and links the graph: of a new
   * index as a whole, before it takes the place of what was there; of one that is changed after
   * that, as far as it pays. Where nothing changed, the index stays as it is. The builder can go
   * on.
   *
   * @return of this commit
   * @throws PolysemeException if it cannot be written; the last commit is still there then
   */
  public synchronized Summary commit(Progress progress, Cancel cancel) {
    ensureOpen();
    try {
      cancel.check();
      if (updating && !committed && !options.keep()) {
        removeUnmentioned();
      }
      Summary summary;
      if (!changed && added == 0 && old != null && isWhatIsThere(old)) {
        summary = new Summary(old.snapshot().size(), 0, reused, replaced, 0);
      } else if (updating || committed) {
        summary = update(progress, cancel);
      } else {
        summary = replace(progress, cancel);
      }
      begin();
      return summary;
    } catch (CancelledException e) {
      close();
      throw e;
    } catch (IOException | RuntimeException | InternalError e) {
      close();
      for (Throwable t = e; t != null; t = t.getCause()) {
        if (t instanceof CancelledException cancelled) {
          throw cancelled;
        }
      }
      throw e instanceof PolysemeException known ? known : Trouble.writing(folder, e);
    }
  }

  /** Whether an index says of itself what would be said now, and nothing of it is missing. */
  private boolean isWhatIsThere(VectorIndex index) {
    Snapshot snapshot = index.snapshot();
    return updating
        && !snapshot.isEmpty()
        && snapshot.metadata().recipe().equals(recipe)
        && snapshot.hasAttachments(attachments);
  }

  private void removeUnmentioned() throws IOException {
    VectorIndex before = old;
    if (before == null) {
      return;
    }
    Snapshot snapshot = before.snapshot();
    FilterBits all = FilterBits.of(snapshot, Filter.ALL);
    var cursor = new Cursor(snapshot);
    for (int doc = all.next(0); doc != DocIdSetIterator.NO_MORE_DOCS; doc = all.next(doc + 1)) {
      String label = cursor.of(doc);
      if (!labels.contains(Entries.key(label))) {
        delete(label);
        removed++;
      }
    }
  }

  /** The first commit of what is written as a whole. */
  private Summary replace(Progress progress, Cancel cancel) throws IOException {
    watch.begin(progress, cancel, writer.getDocStats().numDocs);
    writer.forceMerge(1);
    cancel.check();
    long size = commitAll();
    watch.end();
    compaction.whole(false);
    return new Summary(size, added, reused, replaced, removed + goneFrom(old));
  }

  /** A commit of what changed, and then some order among the parts where there are too many. */
  private Summary update(Progress progress, Cancel cancel) throws IOException {
    long size = commitAll();
    var summary = new Summary(size, added, reused, replaced, removed);
    try {
      watch.begin(progress, cancel, size);
      if (compaction.pays(writer)) {
        compaction.whole(true);
        writer.forceMerge(1);
        compaction.whole(false);
      } else {
        writer.maybeMerge();
      }
      if (writer.hasUncommittedChanges()) {
        commitAll();
      }
      watch.end();
    } catch (IOException | RuntimeException e) {
      if (e instanceof CancelledException) {
        throw e;
      }
      throw Trouble.merging(folder, e);
    }
    return summary;
  }

  /** Returns how many entries there are. */
  private long commitAll() throws IOException {
    int size;
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      size = reader.numDocs();
    }
    writer.setLiveCommitData(metadata(size).toCommitData(attachments).entrySet());
    writer.commit();
    return size;
  }

  private Metadata metadata(long size) {
    return new Metadata(
        maker, dimension, size, recipe, options.fullText(), Metadata.runningVersion());
  }

  /** Forgets what was committed. */
  private void begin() {
    if (old != null && (updating || committed)) {
      old.refresh();
      oldCursor = null;
    }
    committed = true;
    gone.clear();
    changed = false;
    added = 0;
    reused = 0;
    replaced = 0;
    removed = 0;
  }

  /** How many labels of the old index are not in the new one. */
  private long goneFrom(@Nullable VectorIndex before) {
    if (before == null) {
      return 0;
    }
    try (Stream<String> olds = before.labels()) {
      return olds.filter(label -> !labels.contains(Entries.key(label))).count();
    }
  }

  /**
   * An index of what this builder holds at this moment, committed or not. The caller's to close,
   * before the builder is.
   *
   * @throws PolysemeException if there is not enough memory or disk to make it
   */
  public synchronized VectorIndex view() {
    ensureOpen();
    DirectoryReader reader = null;
    VectorIndex view = null;
    try {
      reader = DirectoryReader.open(writer);
      view =
          VectorIndex.live(
              folder,
              Snapshot.live(
                  folder.toString(), reader, metadata(reader.numDocs()), Map.copyOf(attachments)));
      return view;
    } catch (IOException | AlreadyClosedException e) {
      throw Trouble.writing(folder, e);
    } finally {
      if (view == null) {
        closeQuietly(reader);
      }
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("the builder of the index " + folder + " is closed");
    }
  }

  /** Ends the build; what was written after the last commit is taken back. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      writer.rollback();
      sweep(directory);
    } catch (IOException | RuntimeException e) {
      // The next build clears what could not be cleared here.
      System.getLogger(IndexBuilder.class.getName())
          .log(System.Logger.Level.DEBUG, "ending the build of " + folder, e);
    } finally {
      if (old != null) {
        old.close();
      }
      shutdown(executor);
      end(directory);
    }
  }

  /** Closes the folder after a build that came to nothing; if it was made here, it goes again. */
  private void end(@Nullable Directory directory) {
    if (directory == null) {
      return;
    }
    boolean empty = false;
    try {
      if (madeFolder && !DirectoryReader.indexExists(directory)) {
        clear(directory);
        empty = true;
      }
    } catch (IOException e) {
      // Another process builds here by now, or the disk does not even let files be deleted.
      System.getLogger(IndexBuilder.class.getName())
          .log(System.Logger.Level.DEBUG, "clearing " + folder, e);
    } finally {
      closeQuietly(directory);
    }
    if (empty) {
      IndexFiles.deleteFolder(folder);
    }
  }

  private static void shutdown(@Nullable ExecutorService executor) {
    if (executor != null) {
      executor.shutdownNow();
    }
  }

  private static void closeQuietly(@Nullable Closeable closeable) {
    try {
      IOUtils.close(closeable);
    } catch (IOException e) {
      System.getLogger(IndexBuilder.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a part of the build", e);
    }
  }
}
