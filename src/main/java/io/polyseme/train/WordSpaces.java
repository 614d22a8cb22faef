package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import io.polyseme.words.ReadOptions;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The word spaces of the cache, by name. Two are made when they are first needed: {@code en} and
 * {@code zh}, distilled out of the default English and Chinese model. Thread-safe.
 */
public final class WordSpaces {
  /** How the file of a word space ends. */
  public static final String EXTENSION = ".words";

  /**
   * How a default space is made. Layers were chosen on a part of public analogy questions (every
   * twentieth of Google's, every second for Chinese), where layers 3 to 7 differ by less than two
   * points in English, and by the neighbours of a few common words, which are best at layers 5 and
   * 6: earlier ones have more neighbours that merely share word pieces.
   */
  private enum Default {
    EN("en", "bge-small-en-v1.5", 5) {
      @Override
      Collection<String> vocabulary(Encoder encoder) {
        return Vocabularies.english(encoder);
      }
    },
    ZH("zh", "bge-small-zh-v1.5", 3) {
      @Override
      Collection<String> vocabulary(Encoder encoder) {
        return Vocabularies.chinese();
      }
    };

    private final String space;
    private final String model;
    private final int layer;

    Default(String space, String model, int layer) {
      this.space = space;
      this.model = model;
      this.layer = layer;
    }

    abstract Collection<String> vocabulary(Encoder encoder);

    static Optional<Default> of(String name) {
      return Stream.of(values()).filter(d -> d.space.equals(name)).findFirst();
    }
  }

  private final ModelStore models;
  private final Path folder;
  private final EncoderOptions options;

  /**
   * @param models whose home the spaces lie in, and which has the models they are distilled from
   * @param options how those are run
   */
  public WordSpaces(ModelStore models, EncoderOptions options) {
    this.models = models;
    this.folder = models.home().resolve("spaces");
    this.options = options;
  }

  /**
   * Where the space of this name lies, or would lie; a name with a separator or ending is a path,
   * and so is that of a file, in any format, where no space is called so.
   */
  public Path file(String nameOrPath) {
    boolean path =
        nameOrPath.contains("/")
            || nameOrPath.contains(java.io.File.separator)
            || nameOrPath.endsWith(EXTENSION);
    Path cached = folder.resolve(nameOrPath + EXTENSION);
    boolean other =
        Default.of(nameOrPath).isEmpty()
            && !Files.exists(cached)
            && Files.isRegularFile(Path.of(nameOrPath));
    return path || other ? Path.of(nameOrPath) : cached;
  }

  /**
   * Where a space is to be written; as {@link #file}, and the folder of the cache is made.
   *
   * @throws IllegalArgumentException for an empty name
   * @throws PolysemeException for one of the two that are made here, whose vectors others rely on
   */
  public Path output(String nameOrPath) {
    if (nameOrPath.isBlank()) {
      throw new IllegalArgumentException("a word space needs a name, or the path of a file");
    }
    Path file = file(nameOrPath).toAbsolutePath().normalize();
    for (Default made : Default.values()) {
      if (file.equals(folder.resolve(made.space + EXTENSION).normalize())) {
        throw new PolysemeException(
            "%s is made by this program and not written over: choose another name"
                .formatted(made.space));
      }
    }
    if (folder.normalize().equals(file.getParent())) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new PolysemeException("cannot make the folder " + folder + ": " + e, e);
      }
    }
    return file;
  }

  /** The names that {@link #open} takes: those in the cache, and those it can make. */
  public List<String> list() {
    try {
      Stream<String> cached = Stream.empty();
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          cached =
              files
                  .map(file -> file.getFileName().toString())
                  .filter(file -> file.endsWith(EXTENSION))
                  .map(file -> file.substring(0, file.length() - EXTENSION.length()))
                  .toList()
                  .stream();
        }
      }
      return Stream.concat(cached, Stream.of(Default.values()).map(d -> d.space))
          .distinct()
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new PolysemeException("cannot read the folder of word spaces " + folder + ": " + e, e);
    }
  }

  /**
   * Opens a space, and makes it first where it is one of the two defaults and not there yet, or of
   * another version of this program (half a minute to a few minutes on two cores).
   *
   * @return the caller's to close
   * @throws PolysemeException if there is none of this name or path, or it cannot be made
   */
  public WordVectors open(String nameOrPath, Progress progress, Cancel cancel) {
    Path file = file(nameOrPath);
    Optional<Default> made = Default.of(nameOrPath);
    if (made.isPresent() && !WordVectors.isCurrent(file)) {
      make(made.get(), file, progress, cancel);
    } else if (!Files.exists(file)) {
      throw new PolysemeException(
          "there is no word space \"%s\"; there are %s (or give the path of a file)"
              .formatted(nameOrPath, String.join(", ", list())));
    }
    return WordVectors.open(file, ReadOptions.DEFAULT, progress, cancel);
  }

  private void make(Default space, Path file, Progress progress, Cancel cancel) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new PolysemeException("cannot make the folder " + folder + ": " + e, e);
    }
    try (Encoder encoder = Encoder.open(models.open(space.model, progress, cancel), options)) {
      new Distiller(encoder, DistilOptions.of(Layers.of(space.layer)))
          .distil(space.space, space.vocabulary(encoder), file, progress, cancel);
    }
  }
}
