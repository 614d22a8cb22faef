package io.polyseme.model;

import io.polyseme.PolysemeException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a model that is made here goes. Immutable.
 *
 * @param name by which the model is called
 * @param folder of the model; null for one in the cache, where its name finds it
 * @param replace whether a model that is there already gives way; otherwise it is an error
 */
public record ModelTarget(String name, @Nullable Path folder, boolean replace) {
  public ModelTarget {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the name of a model is empty");
    }
  }

  /** In the cache, where nothing of this name may be yet. */
  public static ModelTarget named(String name) {
    return new ModelTarget(name, null, false);
  }

  /** In a folder, which is made, and in which nothing may be yet. */
  public static ModelTarget in(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    if (name == null) {
      throw new IllegalArgumentException(folder + " cannot be the folder of a model");
    }
    return new ModelTarget(name.toString(), folder, false);
  }

  /**
   * In the cache if this is a plain name, and otherwise in the folder of this path.
   *
   * @throws PolysemeException if it can be neither
   */
  public static ModelTarget of(String nameOrPath) {
    try {
      Path path = Path.of(nameOrPath);
      boolean plain =
          path.getNameCount() == 1
              && !path.isAbsolute()
              && !nameOrPath.endsWith("/")
              && !nameOrPath.endsWith(path.getFileSystem().getSeparator())
              && !nameOrPath.equals(".")
              && !nameOrPath.equals("..");
      return plain ? named(nameOrPath) : in(path);
    } catch (InvalidPathException e) {
      throw new PolysemeException(
          "\"%s\" cannot be the name or the path of a model: %s"
              .formatted(nameOrPath, e.getReason()),
          e);
    } catch (IllegalArgumentException e) {
      throw new PolysemeException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The same, in the place of what is there. */
  public ModelTarget replacing() {
    return new ModelTarget(name, folder, true);
  }
}
