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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.InfoStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes an index out of a stream of vectors, in memory that does not grow with their number (but
 * for the graph, of about {@code 20 m} bytes a vector while it is linked).
 *
 * <p>Nothing is to be seen of the new index before {@link #commit} returns: until then the folder
 * holds what it held, whatever happens to this process, and open indexes go on showing that. {@link
 * #close} without a commit takes everything back. Only one builder at a time, in all processes, can
 * work on a folder.
 *
 * <p>Where the folder already holds an index by the same maker, {@link #reuse} takes over the
 * vector of an entry whose content did not change, and saves making it again. An entry of the old
 * index that is neither reused nor added again is gone.
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

  private static final String TASK = "linking the graph";

  private final Path folder;
  private final Recipe recipe;
  private final Maker maker;
  private final BuildOptions options;
  private final boolean madeFolder;
  private final Directory directory;
  private final IndexWriter writer;
  private final @Nullable ExecutorService executor;
  private final MergeWatch watch = new MergeWatch();
  private final @Nullable VectorIndex old;
  private final VectorIndex.@Nullable Column oldContents;
  private final LongHashSet labels = new LongHashSet();
  private final Map<String, byte[]> attachments = new TreeMap<>();
  private @Nullable FieldType vectorType;
  private int dimension;
  private long added;
  private long reused;
  private long identical;
  private boolean closed;

  IndexBuilder(Path folder, Recipe recipe, Maker maker, BuildOptions options) {
    this.folder = folder;
    this.recipe = recipe;
    this.maker = maker;
    this.options = options;
    this.madeFolder = makeFolder(folder);
    ExecutorService workers = null;
    Directory opened = null;
    IndexWriter ready = null;
    boolean complete = false;
    try {
      opened = FSDirectory.open(folder);
      if (options.threads() > 1) {
        workers =
            Executors.newFixedThreadPool(
                options.threads(),
                Thread.ofPlatform().daemon().name("polyseme-index-", 0).factory());
      }
      ready = writer(opened, workers);
      this.old = options.fresh() ? null : previous();
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
        shutdown(workers);
        end(opened);
      }
    }
    this.executor = workers;
    this.directory = opened;
    this.writer = ready;
    LeafReader leaf = old == null ? null : old.leaf();
    this.oldContents = leaf == null ? null : new VectorIndex.Column(leaf, Entries.CONTENT);
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
      return index.metadata().size() >= 0;
    } catch (PolysemeException e) {
      return false;
    }
  }

  private IndexWriter writer(Directory directory, @Nullable ExecutorService workers)
      throws IOException {
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
    return new IndexWriterConfig()
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
        .setCommitOnClose(false)
        .setUseCompoundFile(false)
        .setRAMBufferSizeMB(options.memoryMegabytes())
        .setMergeScheduler(new SerialMergeScheduler())
        .setMergePolicy(new OneSegment())
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
    Metadata metadata = index.metadata();
    if (metadata.maker().equals(maker)
        && metadata.similarity() == recipe.options().similarity()
        && metadata.recipe().role().equals(recipe.role())) {
      return index;
    }
    index.close();
    return null;
  }

  /** How many entries there are that {@link #reuse} can take from. */
  public long reusable() {
    return old == null ? 0 : old.metadata().size();
  }

  /**
   * Adds an entry. One that was added before under the same label is replaced.
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
   * @param content usually the text that was encoded; only a hash of it is stored
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
   * Takes an entry's vector over from the index that was there before, if it was made of the same
   * content under the same label.
   *
   * @param fields stored with it, whatever they were before
   * @return whether it was; otherwise the vector is to be made and added
   */
  public synchronized boolean reuse(String label, Map<String, String> fields, String content) {
    ensureOpen();
    VectorIndex before = old;
    LeafReader leaf = before == null ? null : before.leaf();
    if (before == null || leaf == null || oldContents == null) {
      return false;
    }
    check(label, fields);
    try {
      PostingsEnum postings = leaf.postings(new Term(Entries.LABEL, label), PostingsEnum.NONE);
      String hash = Entries.hash(content);
      if (postings == null || !hash.equals(oldContents.stringOrNull(postings.nextDoc()))) {
        return false;
      }
      int doc = postings.docID();
      FloatVectorValues vectors = leaf.getFloatVectorValues(Entries.VECTOR);
      float[] vector = vectors.vectorValue(doc).clone();
      if (dimension != 0 && vector.length != dimension) {
        return false;
      }
      if (write(label, vector, fields, hash)
          && Entries.decode(leaf.storedFields().document(doc).getBinaryValue(Entries.FIELDS))
              .equals(fields)) {
        identical++;
      }
      reused++;
      return true;
    } catch (IOException | IndexOutOfBoundsException | InternalError e) {
      throw Trouble.reading(folder.toString(), folder, e);
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

  /** Returns whether the label is new here. */
  private boolean write(
      String label, float[] vector, Map<String, String> fields, @Nullable String hash) {
    FieldType type = vectorType;
    if (type == null) {
      type = Entries.vectorType(vector.length, recipe.options().similarity());
      vectorType = type;
      dimension = vector.length;
    }
    boolean fresh = labels.add(key(label));
    try {
      var document = Entries.document(label, vector, type, fields, hash);
      if (fresh) {
        writer.addDocument(document);
      } else {
        writer.updateDocument(new Term(Entries.LABEL, label), document);
      }
      return fresh;
    } catch (IOException | AlreadyClosedException e) {
      throw Trouble.writing(folder, e);
    }
  }

  /**
   * Links the graph and puts the new index in the place of the old one. Where everything was taken
   * over and nothing changed, the old index stays as it is.
   *
   * @throws PolysemeException if it cannot be written; the old index is still there then
   */
  public synchronized Summary commit(Progress progress, Cancel cancel) {
    ensureOpen();
    VectorIndex before = old;
    long oldSize = before == null ? 0 : before.metadata().size();
    if (before != null
        && added == 0
        && identical == reused
        && identical == oldSize
        && oldSize > 0
        && before.metadata().recipe().equals(recipe)
        && before.hasAttachments(attachments)) {
      var summary = new Summary(oldSize, 0, reused, 0, 0);
      close();
      return summary;
    }
    try {
      cancel.check();
      watch.begin(progress, cancel, writer.getDocStats().numDocs);
      writer.forceMerge(1);
      cancel.check();
      long size = writer.getDocStats().numDocs;
      var metadata = new Metadata(maker, dimension, size, recipe, Metadata.runningVersion());
      writer.setLiveCommitData(metadata.toCommitData(attachments).entrySet());
      writer.commit();
      watch.end();
      long replaced = added + reused - size;
      var summary = new Summary(size, added, reused, replaced, removed(before));
      finish(true);
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

  /** How many labels of the old index are not in the new one. */
  private long removed(@Nullable VectorIndex before) {
    if (before == null) {
      return 0;
    }
    try (Stream<String> olds = before.labels()) {
      return olds.filter(label -> !labels.contains(key(label))).count();
    }
  }

  /** Two labels of one key make a needless look for an older entry, and no harm. */
  private static long key(String label) {
    return Long.parseUnsignedLong(Entries.hash(label), 0, 16, 16);
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("the builder of the index " + folder + " is closed");
    }
  }

  /** Ends the build; without a commit, everything that it wrote is taken back. */
  @Override
  public synchronized void close() {
    finish(false);
  }

  private void finish(boolean committed) {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (committed) {
        writer.close();
      } else {
        writer.rollback();
        sweep(directory);
      }
    } catch (IOException | RuntimeException e) {
      // The next build clears what could not be cleared here.
      System.getLogger(IndexBuilder.class.getName())
          .log(System.Logger.Level.DEBUG, "ending the build of " + folder, e);
    } finally {
      if (old != null) {
        old.close();
      }
      shutdown(executor);
      if (committed) {
        closeQuietly(directory);
      } else {
        end(directory);
      }
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

  /** Never merges but once at the end, and then everything, in the order it came. */
  private static final class OneSegment extends MergePolicy {
    @Override
    public @Nullable MergeSpecification findMerges(
        MergeTrigger trigger, SegmentInfos segments, MergeContext context) {
      return null;
    }

    @Override
    public @Nullable MergeSpecification findForcedMerges(
        SegmentInfos segments,
        int most,
        Map<SegmentCommitInfo, Boolean> toMerge,
        MergeContext context) {
      List<SegmentCommitInfo> all = segments.asList();
      boolean done =
          all.size() == 1
              && IndexWriter.SOURCE_MERGE.equals(
                  all.getFirst().info.getDiagnostics().get(IndexWriter.SOURCE));
      if (all.isEmpty() || done || !context.getMergingSegments().isEmpty()) {
        return null;
      }
      var specification = new MergeSpecification();
      specification.add(new OneMerge(all));
      return specification;
    }

    @Override
    public @Nullable MergeSpecification findForcedDeletesMerges(
        SegmentInfos segments, MergeContext context) {
      return null;
    }

    @Override
    public boolean useCompoundFile(
        SegmentInfos segments, SegmentCommitInfo merged, MergeContext context) {
      return false;
    }
  }

  /**
   * Hears from Lucene how far the graph has come, every few thousand vectors: the only place where
   * it can be asked to stop.
   */
  private static final class MergeWatch extends InfoStream {
    private static final String GRAPH = "HNSW";

    /** One thread says how many nodes it has linked; several, how many each linked in one go. */
    private static final Pattern SO_FAR = Pattern.compile("built (\\d{1,9}) in .*");

    private static final Pattern IN_ONE_GO =
        Pattern.compile("addVectors \\[\\d+ \\d+\\): (\\d{1,9}) vectors .*");

    private Progress progress = Progress.NONE;
    private @Nullable Cancel cancel;
    private long total;
    private long soFar;
    private long sum;

    synchronized void begin(Progress progress, Cancel cancel, long total) {
      this.progress = progress;
      this.cancel = cancel;
      this.total = total;
      progress.update(TASK, 0, total);
    }

    synchronized void end() {
      progress.update(TASK, total, total);
    }

    @Override
    public boolean isEnabled(String component) {
      return component.equals(GRAPH);
    }

    @Override
    public synchronized void message(String component, String message) {
      if (cancel == null) {
        return;
      }
      cancel.check();
      Matcher matcher = SO_FAR.matcher(message);
      if (matcher.matches()) {
        soFar = Math.max(soFar, Long.parseLong(matcher.group(1)));
      } else if (matcher.usePattern(IN_ONE_GO).matches()) {
        sum += Long.parseLong(matcher.group(1));
      }
      progress.update(TASK, Math.min(total, Math.max(soFar, sum)), total);
    }

    @Override
    public void close() {
      // Owns nothing.
    }
  }
}
