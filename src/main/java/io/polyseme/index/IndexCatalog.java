package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.SpaceInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The indexes and recipes of a folder, by name: index {@code NAME} is the folder {@code NAME} in
 * it, and its recipe the file {@code NAME.recipe}. Wherever a name is asked for, a path will do.
 * Thread-safe.
 *
 * @param root the folder; need not be there
 */
public record IndexCatalog(Path root) {
  /**
   * An index of the catalogue.
   *
   * @param bytes what it takes on disk
   * @param info what it says of itself; null where it cannot be opened
   * @param problem why it cannot be opened; empty where it can
   */
  public record Listing(
      String name, Path folder, long bytes, @Nullable SpaceInfo info, String problem) {}

  /**
   * Where an index lies, or would lie: in the catalogue if this is a plain name, and otherwise at
   * this path.
   *
   * @throws IllegalArgumentException if this can be neither
   */
  public Path folder(String nameOrPath) {
    try {
      if (nameOrPath.isBlank()) {
        throw new IllegalArgumentException("the name of an index is empty");
      }
      Path path = Path.of(nameOrPath);
      boolean plain =
          path.getNameCount() == 1
              && !path.isAbsolute()
              && !nameOrPath.endsWith("/")
              && !nameOrPath.equals(".")
              && !nameOrPath.equals("..");
      return plain ? root.resolve(path) : path;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "\"%s\" cannot be the name or path of an index: %s".formatted(nameOrPath, e.getReason()),
          e);
    }
  }

  /** Every index of the catalogue, by name, also those that are damaged. */
  public List<Listing> list() {
    var listings = new ArrayList<Listing>();
    for (String name : names()) {
      listings.add(listing(name));
    }
    return listings;
  }

  /**
   * What is known of one index.
   *
   * @throws PolysemeException if there is none
   */
  public Listing info(String nameOrPath) {
    require(nameOrPath);
    return listing(nameOrPath);
  }

  private Listing listing(String nameOrPath) {
    Path folder = folder(nameOrPath);
    long bytes = IndexFiles.bytes(folder);
    try (VectorIndex index = open(nameOrPath, OpenOptions.DEFAULT)) {
      return new Listing(nameOrPath, folder, bytes, index.info(), "");
    } catch (PolysemeException e) {
      return new Listing(nameOrPath, folder, bytes, null, String.valueOf(e.getMessage()));
    }
  }

  private List<String> names() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(Marker::isIn)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw Trouble.io("cannot read the folder " + root, e);
    }
  }

  /**
   * Opens an index.
   *
   * @throws PolysemeException if there is none (with names that are like it), it cannot be read, or
   *     something else made it than is expected
   */
  public VectorIndex open(String nameOrPath, OpenOptions options) {
    require(nameOrPath);
    return VectorIndex.open(
        folder(nameOrPath), options.name().isEmpty() ? options.withName(nameOrPath) : options);
  }

  private void require(String nameOrPath) {
    Path folder = folder(nameOrPath);
    if (!Files.isDirectory(folder)) {
      List<String> near = NearNames.among(names(), nameOrPath, 5);
      throw new PolysemeException(
          "there is no index %s (%s)%s"
              .formatted(
                  nameOrPath,
                  folder,
                  near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
    }
  }

  /** The recipe of this name in the catalogue, or at this path; empty where there is none. */
  public Optional<Recipe> recipe(String nameOrPath) {
    Path plain = folder(nameOrPath);
    Path withExtension = plain.resolveSibling(plain.getFileName() + Recipe.EXTENSION);
    for (Path file : List.of(withExtension, plain)) {
      if (Files.isRegularFile(file)) {
        return Optional.of(Recipe.read(file));
      }
    }
    return Optional.empty();
  }

  /** The names of the recipes in the catalogue. */
  public List<String> recipes() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(root)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(Recipe.EXTENSION))
          .map(file -> file.substring(0, file.length() - Recipe.EXTENSION.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw Trouble.io("cannot read the folder " + root, e);
    }
  }

  /**
   * Deletes an index, also a damaged one, and nothing else that may lie in its folder.
   *
   * @throws PolysemeException if there is none, it is no Polyseme index, or it is being built
   */
  public void delete(String nameOrPath) {
    require(nameOrPath);
    Path folder = folder(nameOrPath);
    if (!Marker.isIn(folder)) {
      // Without the mark it must be one by its content.
      open(nameOrPath, OpenOptions.DEFAULT).close();
    }
    try {
      try (Directory directory = FSDirectory.open(folder);
          Lock _ = lock(nameOrPath, directory)) {
        // Held for a moment: nobody is building it.
        directory.getPendingDeletions();
      }
      if (!IndexFiles.delete(folder)) {
        throw new PolysemeException(
            "the index %s is deleted, but %s holds other files and was left"
                .formatted(nameOrPath, folder));
      }
    } catch (IOException e) {
      throw Trouble.io("cannot delete the index " + nameOrPath, e);
    }
  }

  private static Lock lock(String name, Directory directory) throws IOException {
    try {
      return directory.obtainLock(IndexWriter.WRITE_LOCK_NAME);
    } catch (LockObtainFailedException e) {
      throw new PolysemeException(
          "the index %s is being built by another process; wait for it to end".formatted(name), e);
    }
  }

  /**
   * Looks at every part of an index: checksums, the graph, vectors, labels, and what it says of
   * itself.
   *
   * @throws PolysemeException if there is no index, or it is being built
   */
  public IndexCheck check(String nameOrPath, Progress progress, Cancel cancel) {
    require(nameOrPath);
    Path folder = folder(nameOrPath);
    var problems = new ArrayList<String>();
    long vectors = 0;
    cancel.check();
    try (Directory directory = FSDirectory.open(folder);
        Lock lock = lock(nameOrPath, directory)) {
      try (VectorIndex index = open(nameOrPath, OpenOptions.DEFAULT)) {
        vectors = index.info().size();
        checkFiles(nameOrPath, folder, directory, lock, problems, progress);
        cancel.check();
        if (problems.isEmpty()) {
          index.check(problems, progress, cancel);
        }
      } catch (CancelledException e) {
        throw e;
      } catch (PolysemeException e) {
        if (!Marker.isIn(folder)) {
          throw e;
        }
        problems.add(String.valueOf(e.getMessage()));
      }
    } catch (IOException e) {
      throw Trouble.io("cannot check the index " + nameOrPath, e);
    }
    return new IndexCheck(vectors, IndexFiles.bytes(folder), problems);
  }

  private static void checkFiles(
      String name,
      Path folder,
      Directory directory,
      Lock lock,
      List<String> problems,
      Progress progress) {
    progress.update("checking files", 0, 1);
    var report = new ByteArrayOutputStream();
    try (var check = new CheckIndex(directory, lock);
        var out = new PrintStream(report, false, StandardCharsets.UTF_8)) {
      check.setLevel(CheckIndex.Level.MIN_LEVEL_FOR_INTEGRITY_CHECKS);
      check.setInfoStream(out);
      CheckIndex.Status status = check.checkIndex();
      if (!status.clean) {
        problems.add("its files are damaged: " + firstFailure(report));
      }
    } catch (IOException e) {
      problems.add(String.valueOf(Trouble.reading(name, folder, e).getMessage()));
    } catch (IllegalStateException | IndexOutOfBoundsException | IllegalArgumentException e) {
      problems.add("its files are damaged: " + e.getMessage());
    }
    progress.update("checking files", 1, 1);
  }

  /**
   * Takes out of a damaged index the parts that cannot be read; the others stay, and building it
   * again from its source makes what is missing anew, and only that.
   *
   * @return how many entries were lost; 0 where the index was sound
   * @throws PolysemeException if not even the list of its parts can be read, or it is being built
   */
  public long repair(String nameOrPath, Progress progress, Cancel cancel) {
    require(nameOrPath);
    Path folder = folder(nameOrPath);
    cancel.check();
    try (Directory directory = FSDirectory.open(folder);
        Lock lock = lock(nameOrPath, directory)) {
      return Repair.run(nameOrPath, directory, lock, progress);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new PolysemeException(
          "the index %s cannot be repaired, build it again: %s"
              .formatted(nameOrPath, Trouble.reading(nameOrPath, folder, e).getMessage()),
          e);
    }
  }

  /**
   * Copies what was last committed to an index, also while it is being built, to a folder that is
   * not there yet. The copy is read whole before it is called by its name.
   *
   * @throws PolysemeException if the index cannot be read, or the copy cannot be written
   */
  public void backup(String nameOrPath, Path target, Progress progress, Cancel cancel) {
    require(nameOrPath);
    if (Files.exists(target)) {
      throw new PolysemeException(target + " is there already; choose another place");
    }
    Backup.run(nameOrPath, folder(nameOrPath), target, progress, cancel);
  }

  private static String firstFailure(ByteArrayOutputStream report) {
    return report
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("Exception") || line.startsWith("ERROR"))
        .findFirst()
        .orElse("see what Lucene's CheckIndex says");
  }
}
