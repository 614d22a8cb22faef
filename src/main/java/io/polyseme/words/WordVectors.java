package io.polyseme.words;

import com.carrotsearch.hppc.IntHashSet;
import io.polyseme.Cancel;
import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.ExactScan;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Resolution;
import io.polyseme.vector.Rows;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.TopK;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Static word vectors, in a memory-mapped file as {@link WordVectorsWriter} writes it, or in memory
 * off the heap. Opening a mapped file reads only its header. Searches are exact: they compare with
 * every vector. Thread-safe; {@link #close()} waits for calls in flight, and every call after it is
 * an {@link IllegalStateException}.
 */
public final class WordVectors implements VectorSpace, TermResolver, LabelledRows {
  /** The field with a word's place in the file, from 1: mostly by falling frequency. */
  public static final String RANK = "rank";

  /** The field with a word's frequency. */
  public static final String FREQUENCY = "frequency";

  private final Path file;
  private final SpaceInfo info;
  private final Parts parts;
  private final @Nullable SubwordRule rule;
  private final @Nullable Subwords subwords;
  private final @Nullable ReadReport report;
  private final Runnable release;
  private final @Nullable Mapping mapping;
  private final Rows rows;
  private final ExactScan scan;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** A file of our own, as it lies in memory. */
  private record Mapping(Layout layout, MemorySegment memory) {}

  private WordVectors(
      Path file,
      SpaceInfo info,
      Parts parts,
      @Nullable SubwordRule rule,
      @Nullable ReadReport report,
      Runnable release,
      @Nullable Mapping mapping) {
    this.file = file;
    this.info = info;
    this.parts = parts;
    this.rule = rule;
    this.report = report;
    this.subwords =
        rule == null || parts.buckets() == null ? null : new Subwords(rule, parts.buckets());
    this.release = release;
    this.mapping = mapping;
    this.rows = parts.rows();
    this.scan =
        new ExactScan(
            rows,
            parts.inverseNorms(),
            parts.quantised(),
            info.similarity(),
            (a, b) -> labelOf(a).compareTo(labelOf(b)));
  }

  /**
   * Opens a file of any format that is known (found out from its content), and reads a foreign one
   * with {@link ReadOptions#DEFAULT}.
   *
   * @return the caller's to close
   * @throws PolysemeException as {@link #open(Path, ReadOptions, Progress, Cancel)} does
   */
  public static WordVectors open(Path file) {
    return open(file, ReadOptions.DEFAULT, Progress.NONE, Cancel.create());
  }

  /**
   * Opens a file of any format that is known. One of our own is mapped, which takes no time and
   * shares its memory with other processes; a foreign one is read into memory off the heap, 4 bytes
   * a number and a quarter more for the int8 copy. {@link #convert} makes one of the other.
   *
   * @param options how a foreign file is read
   * @return the caller's to close
   * @throws PolysemeException if it is missing, in no format that is known, of another version, cut
   *     off or damaged (of our own file only in its header: {@link #verify} looks at the rest), or
   *     needs more memory than there is
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static WordVectors open(Path file, ReadOptions options, Progress progress, Cancel cancel) {
    check(file);
    return isOurs(file) ? map(file) : load(file, options, progress, cancel);
  }

  private static void check(Path file) {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(
          file + " is a folder, and a file of word vectors is needed; give the file's own path");
    }
    if (!Files.exists(file)) {
      throw new PolysemeException(
          "there is no file of word vectors " + file + "; check the path, or make the file first");
    }
    if (!Files.isRegularFile(file)) {
      throw new PolysemeException(
          file + " is no regular file; vectors are not read from a pipe or a device");
    }
  }

  private static boolean isOurs(Path file) {
    return Layout.isMagic(start(file));
  }

  /** The first 12 bytes, or as many as there are. */
  private static ByteBuffer start(Path file) {
    ByteBuffer start = ByteBuffer.allocate(12).order(Layout.ORDER);
    try (FileChannel channel = FileChannel.open(file)) {
      while (start.hasRemaining() && channel.read(start) > 0) {
        continue;
      }
      return start.flip();
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    }
  }

  private static WordVectors load(
      Path file, ReadOptions options, Progress progress, Cancel cancel) {
    var assembly = new MemoryAssembly(file, options.quantised());
    try {
      ReadReport report = VectorReader.read(file, options, assembly, progress, cancel);
      cancel.check();
      Parts parts = assembly.finish();
      report = report.withDuplicates(assembly.duplicates(), assembly.size());
      return new WordVectors(
          file, info(file, report), parts, assembly.rule(), report, assembly::close, null);
    } catch (IOException e) {
      assembly.close();
      throw new PolysemeException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      assembly.close();
      throw new PolysemeException(
          "there is not enough memory to read %s; words convert makes a file of it that is mapped and needs none"
              .formatted(file),
          e);
    } catch (RuntimeException | Error e) {
      assembly.close();
      throw e;
    }
  }

  private static SpaceInfo info(Path file, ReadReport report) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("source", file.getFileName().toString());
    properties.put("format", report.format().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    return new SpaceInfo(
        file.getFileName().toString(),
        report.words(),
        report.dimension(),
        Similarity.COSINE,
        Maker.UNKNOWN,
        properties);
  }

  /**
   * Makes a file of our own of a foreign one, word by word: the vectors do not pass through memory
   * all at once.
   *
   * @param out replaced where it is there; appears whole or not at all
   * @return what was found in the foreign file
   * @throws PolysemeException if it cannot be read, or the other not be written
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static ReadReport convert(
      Path in,
      Path out,
      ReadOptions options,
      WriteOptions writeOptions,
      Progress progress,
      Cancel cancel) {
    check(in);
    WordFiles.requireOther(in, out);
    try (WordVectorsWriter writer = WordVectorsWriter.begin(out, writeOptions)) {
      ReadReport report = VectorReader.read(in, options, writer.sink(), progress, cancel);
      cancel.check();
      report = report.withDuplicates(writer.sink().duplicates(), writer.sink().size());
      writer.commit(info(in, report));
      return report;
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot convert %s to %s: %s; is the disk full?".formatted(in, out, e.getMessage()), e);
    }
  }

  /**
   * Writes a space as a file of our own, its frequencies and n-grams with it.
   *
   * @param out replaced where it is there; appears whole or not at all
   * @throws PolysemeException if the space is damaged, which would not show any more in the copy;
   *     if both are one file; or it cannot be written
   * @throws io.polyseme.CancelledException if it was cancelled
   */
  public static void copy(
      WordVectors space, Path out, WriteOptions options, Progress progress, Cancel cancel) {
    WordFiles.requireOther(space.file, out);
    space.verify(progress, cancel);
    try (WordVectorsWriter writer = WordVectorsWriter.create(out, space.info(), options)) {
      space.call(
          () -> {
            var vector = new float[space.dimension()];
            for (int row = 0; row < space.rows.count(); row++) {
              if (row % 1024 == 0) {
                cancel.check();
                progress.update("writing", row, space.rows.count());
              }
              space.rows.get(row, vector);
              writer.add(
                  space.labelOf(row),
                  vector,
                  space.parts.frequencies() == null ? -1 : space.frequencyOf(row));
            }
            if (space.rule != null) {
              writer.addSubwords(space.rule, space.parts.buckets()::get);
            }
            return true;
          });
      writer.commit();
    }
  }

  private static WordVectors map(Path file) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file)) {
      long length = channel.size();
      ByteBuffer start = ByteBuffer.allocate(Layout.START);
      while (start.hasRemaining() && channel.read(start, start.position()) > 0) {
        continue;
      }
      Layout layout = Layout.read(start.flip(), length);
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, length, arena);
      Layout.Part part = layout.descriptionBytes();
      Layout.Description description =
          layout.describe(memory.asSlice(part.at(), part.length()).toArray(ValueLayout.JAVA_BYTE));
      return new WordVectors(
          file,
          description.info(),
          Parts.of(layout, memory),
          description.rule(),
          null,
          arena::close,
          new Mapping(layout, memory));
    } catch (Layout.Malformed e) {
      arena.close();
      throw new PolysemeException(
          file + " " + e.getMessage() + "; make or fetch the file again", e);
    } catch (IOException e) {
      arena.close();
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Whether there is a file of our own that this program can read: of its version, as far as the
   * first bytes say.
   */
  public static boolean isCurrent(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    ByteBuffer start = start(file);
    return start.remaining() == start.capacity()
        && Layout.isMagic(start)
        && start.getInt(8) == Layout.VERSION;
  }

  /** What was found when the vectors were read from a foreign file; otherwise empty. */
  public Optional<ReadReport> report() {
    return Optional.ofNullable(report);
  }

  /**
   * Reads the whole file and compares its checksums. Of vectors in memory there is nothing to
   * compare.
   *
   * @throws PolysemeException if it is damaged, with the place
   */
  public void verify(Progress progress, Cancel cancel) {
    Optional<String> damage = call(() -> damage(progress, cancel));
    if (damage.isPresent()) {
      throw new PolysemeException(
          file + " is damaged " + damage.get() + "; make or fetch the file again");
    }
  }

  private Optional<String> damage(Progress progress, Cancel cancel) {
    if (mapping == null) {
      return Optional.empty();
    }
    Layout layout = mapping.layout;
    MemorySegment sums = mapping.memory.asSlice(layout.sums().at(), layout.sums().length());
    byte[] summed = sums.toArray(ValueLayout.JAVA_BYTE);
    if (Layout.checksum(summed, summed.length) != layout.sumsChecksum()) {
      return Optional.of("in its checksums, at its end");
    }
    long first = -1;
    long bad = 0;
    for (int block = 0; block < layout.summedBlocks(); block++) {
      cancel.check();
      if (layout.sum(mapping.memory, block) != sums.get(Layout.INT, 4L * block)) {
        first = first < 0 ? block : first;
        bad++;
      }
      progress.update("verifying", block + 1L, layout.summedBlocks());
    }
    if (bad == 0) {
      return Optional.empty();
    }
    long from = Layout.START + first * Layout.SUMMED;
    long to = Math.min(from + Layout.SUMMED, layout.sums().at());
    String places =
        layout.parts().stream()
            .filter(part -> part.length() > 0 && part.at() < to && part.end() > from)
            .map(Layout.Part::name)
            .collect(Collectors.joining(", "));
    return Optional.of(
        "between the bytes %,d and %,d (%s)%s"
            .formatted(
                from, to, places, bad == 1 ? "" : ", and in %,d more places".formatted(bad - 1)));
  }

  /** The file that the vectors are in, or were read from. */
  Path file() {
    return file;
  }

  @Override
  public SpaceInfo info() {
    return call(() -> info);
  }

  /** How many words. */
  @Override
  public int size() {
    return call(rows::count);
  }

  @Override
  public int dimension() {
    return rows.dimension();
  }

  @Override
  public String label(int row) {
    Objects.checkIndex(row, rows.count());
    return call(() -> labelOf(row));
  }

  @Override
  public int row(String label) {
    return call(() -> find(label));
  }

  @Override
  public void copyRow(int row, float[] into) {
    Objects.checkIndex(row, rows.count());
    if (into.length != rows.dimension()) {
      throw new IllegalArgumentException(
          "room for %d numbers, and a vector has %d".formatted(into.length, rows.dimension()));
    }
    call(
        () -> {
          rows.get(row, into);
          return true;
        });
  }

  /** The words in the order in which they were written: a copy. */
  public List<String> labels() {
    return call(
        () -> {
          var labels = new ArrayList<String>(rows.count());
          for (int row = 0; row < rows.count(); row++) {
            labels.add(labelOf(row));
          }
          return List.copyOf(labels);
        });
  }

  /**
   * Hands over every word with its vector, a new float[dimension], in the order in which they were
   * written. The space cannot be closed from within.
   */
  public void forEach(BiConsumer<String, float[]> action) {
    lock.readLock().lock();
    try {
      int count = size();
      for (int row = 0; row < count; row++) {
        int it = row;
        action.accept(label(row), call(() -> vectorOf(it)));
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether exactly this word is there. */
  public boolean contains(String label) {
    return call(() -> find(label) >= 0);
  }

  @Override
  public Optional<float[]> vector(String label) {
    return call(
        () -> {
          int row = find(label);
          return row < 0 ? Optional.empty() : Optional.of(vectorOf(row));
        });
  }

  /**
   * The vector of exactly this word; {@link #resolver} has ways to deal with words that are not
   * there.
   *
   * @throws UnknownTermException if it is not there
   * @throws IllegalArgumentException for a text or a word in its context, which need an encoder
   */
  @Override
  public float[] resolve(Term term) {
    return resolution(term, UnknownWords.ERROR).vector();
  }

  /** Resolves words, and those that are not there by a policy. Lives as long as this space. */
  public TermResolver resolver(UnknownWords unknown) {
    return new TermResolver() {
      @Override
      public float[] resolve(Term term) {
        return WordVectors.this.resolution(term, unknown).vector();
      }

      @Override
      public Resolution resolution(Term term) {
        return WordVectors.this.resolution(term, unknown);
      }
    };
  }

  private Resolution resolution(Term term, UnknownWords unknown) {
    return switch (term) {
      case Term.Word(String word) -> call(() -> resolution(word, unknown));
      case Term.Literal literal -> new Resolution(literal.vector(), "", "");
      case Term.Usage usage ->
          throw new IllegalArgumentException(
              "%s holds one vector for each word: %s, a word in its context, needs an encoder"
                  .formatted(info.name(), usage));
      case Term.Text text ->
          throw new IllegalArgumentException(
              "%s holds one vector for each word: the text %s needs an encoder"
                  .formatted(info.name(), text));
    };
  }

  private Resolution resolution(String word, UnknownWords unknown) {
    int row = find(word);
    if (row >= 0) {
      return new Resolution(vectorOf(row), word, "");
    }
    for (UnknownWords.Step step : unknown.steps()) {
      switch (step) {
        case FOLD -> {
          row = findFolded(word);
          if (row >= 0) {
            return stoodIn(word, row);
          }
        }
        case SUBWORDS -> {
          Optional<float[]> vector = subwordVector(word);
          if (vector.isPresent()) {
            return new Resolution(
                vector.get(),
                "",
                "\"%s\" is not in %s: its vector is made of its n-grams"
                    .formatted(word, info.name()));
          }
        }
        case SPELLING -> {
          List<String> near = nearNames(word, 1);
          if (!near.isEmpty()) {
            return stoodIn(word, find(near.getFirst()));
          }
        }
      }
    }
    throw new UnknownTermException(word, info.name(), nearNames(word, 5));
  }

  /**
   * The row of a word as it is written, otherwise in lower case or with its spaces and underscores
   * exchanged; -1 where there is none.
   */
  int rowFolded(String word) {
    return call(() -> findFolded(word));
  }

  private int findFolded(String word) {
    for (String form : forms(word)) {
      int row = find(form);
      if (row >= 0) {
        return row;
      }
    }
    return -1;
  }

  private Resolution stoodIn(String word, int row) {
    String label = labelOf(row);
    return new Resolution(
        vectorOf(row),
        label,
        "\"%s\" is not in %s: read as \"%s\"".formatted(word, info.name(), label));
  }

  private Optional<float[]> subwordVector(String word) {
    return subwords == null ? Optional.empty() : subwords.vector(word);
  }

  /** How words are cut into n-grams, where the space has vectors for them; otherwise empty. */
  public Optional<SubwordRule> subwordRule() {
    return Optional.ofNullable(rule);
  }

  private static Set<String> forms(String word) {
    var forms = new LinkedHashSet<String>();
    for (String form : List.of(word, word.replace(' ', '_'), word.replace('_', ' '))) {
      forms.add(form);
      forms.add(form.toLowerCase(Locale.ROOT));
    }
    return forms;
  }

  /**
   * Words that look like this one: first those that differ in case only, then those at an edit
   * distance of 1 and 2, then those that begin with it; earlier rows first, which are the commoner
   * words where the file was made so.
   */
  @Override
  public List<String> nearNames(String label, int limit) {
    if (limit < 1 || label.isEmpty()) {
      return List.of();
    }
    return call(() -> new NearNames(label).best(rows.count(), this::labelOf, limit));
  }

  /**
   * {@inheritDoc} What can be filtered is the label, {@value #RANK} and, where it is known, {@value
   * #FREQUENCY}.
   *
   * @throws IllegalArgumentException for any other field too
   */
  @Override
  public Answer search(Query query) {
    return searchAll(List.of(query)).getFirst();
  }

  @Override
  public List<Answer> searchAll(List<Query> queries) {
    return call(
        () ->
            scan
                .search(
                    queries.stream()
                        .map(query -> new ExactScan.Question(query, accepted(query)))
                        .toList())
                .stream()
                .map(this::answer)
                .toList());
  }

  private IntPredicate accepted(Query query) {
    if (query.precision().mode() == Precision.Mode.APPROXIMATE) {
      throw new IllegalArgumentException(
          info.name() + " has no graph to search approximately; ask for an exact search");
    }
    var excluded = new IntHashSet();
    for (String label : query.excluded()) {
      int row = find(label);
      if (row >= 0) {
        excluded.add(row);
      }
    }
    Filter filter = query.filter();
    requireFields(filter);
    return row ->
        !excluded.contains(row) && (filter instanceof Filter.All || filter.accepts(fields(row)));
  }

  /** A field that is not there would match nothing, and a misspelt one so too. */
  private void requireFields(Filter filter) {
    switch (filter) {
      case Filter.All _ -> {}
      case Filter.In in -> requireField(in.field());
      case Filter.Matches matches -> requireField(matches.field());
      case Filter.Range range -> requireField(range.field());
      case Filter.Period period -> requireField(period.field());
      case Filter.Present present -> requireField(present.field());
      case Filter.Not not -> requireFields(not.filter());
      case Filter.And and -> and.filters().forEach(this::requireFields);
      case Filter.Or or -> or.filters().forEach(this::requireFields);
    }
  }

  private void requireField(String field) {
    List<String> there =
        parts.frequencies() == null
            ? List.of(Filter.LABEL, RANK)
            : List.of(Filter.LABEL, RANK, FREQUENCY);
    if (!there.contains(field)) {
      throw new IllegalArgumentException(
          "%s has no field \"%s\" to filter by; there are %s"
              .formatted(info.name(), field, String.join(", ", there)));
    }
  }

  private Map<String, String> fields(int row) {
    String label = labelOf(row);
    String rank = Integer.toString(row + 1);
    return parts.frequencies() == null
        ? Map.of(Filter.LABEL, label, RANK, rank)
        : Map.of(Filter.LABEL, label, RANK, rank, FREQUENCY, Long.toString(frequencyOf(row)));
  }

  private long frequencyOf(int row) {
    return parts.frequencies().get(Layout.LONG, 8L * row);
  }

  @Override
  public OptionalLong frequency(int row) {
    Objects.checkIndex(row, rows.count());
    return call(
        () ->
            parts.frequencies() == null ? OptionalLong.empty() : OptionalLong.of(frequencyOf(row)));
  }

  private Answer answer(TopK.Best best) {
    var hits = new ArrayList<Hit>();
    for (int i = 0; i < best.rows().length; i++) {
      hits.add(new Hit(i + 1, labelOf(best.rows()[i]), best.scores()[i], Map.of()));
    }
    return new Answer(hits, true, rows.count(), List.of());
  }

  /** This space, whose searches are exact; closing the twin does nothing. */
  @Override
  public VectorSpace exact() {
    return new Twin();
  }

  private final class Twin implements VectorSpace {
    @Override
    public SpaceInfo info() {
      return WordVectors.this.info();
    }

    @Override
    public Optional<float[]> vector(String label) {
      return WordVectors.this.vector(label);
    }

    @Override
    public List<String> nearNames(String label, int limit) {
      return WordVectors.this.nearNames(label, limit);
    }

    @Override
    public Answer search(Query query) {
      return WordVectors.this.search(query);
    }

    @Override
    public VectorSpace exact() {
      return this;
    }

    @Override
    public void close() {
      // The file is its owner's.
    }
  }

  /**
   * Unmaps the file, once calls in flight have ended. A second call does nothing.
   *
   * @throws IllegalStateException if called from within {@link #forEach}
   */
  @Override
  public void close() {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException("cannot close " + info.name() + " from within a call to it");
    }
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private <T> T call(Supplier<T> work) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the word vectors " + info.name() + " are closed");
      }
      return work.get();
    } catch (IndexOutOfBoundsException | InternalError e) {
      throw new PolysemeException(
          file + " is damaged or was changed while it was open; make or fetch the file again", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private float[] vectorOf(int row) {
    var vector = new float[rows.dimension()];
    rows.get(row, vector);
    return vector;
  }

  private String labelOf(int row) {
    long at = labelAt(row);
    long length = labelAt(row + 1) - at;
    if (at < 0 || length < 0 || length > parts.labels().byteSize() - at) {
      throw new IndexOutOfBoundsException("the label of row " + row);
    }
    var bytes = new byte[(int) length];
    MemorySegment.copy(parts.labels(), ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long labelAt(int row) {
    return parts.offsets().get(Layout.LONG, 8L * row);
  }

  /** The row of a word, or -1. */
  private int find(String label) {
    byte[] key = label.getBytes(StandardCharsets.UTF_8);
    int slots = Layout.slots(rows.count());
    int slot = Labels.hash(key, 0, key.length) & slots - 1;
    // Bounded, since a damaged table may have no empty slot.
    for (int probe = 0; probe < slots; probe++) {
      int row = parts.slots().get(Layout.INT, 4L * slot) - 1;
      if (row < 0) {
        return -1;
      }
      if (is(row, key)) {
        // An unpaired surrogate is written as "?", which must not be found as one.
        return labelOf(row).equals(label) ? row : -1;
      }
      slot = slot + 1 & slots - 1;
    }
    return -1;
  }

  private boolean is(int row, byte[] key) {
    long at = labelAt(row);
    return labelAt(row + 1) - at == key.length
        && MemorySegment.mismatch(
                parts.labels(), at, at + key.length, MemorySegment.ofArray(key), 0, key.length)
            < 0;
  }
}
