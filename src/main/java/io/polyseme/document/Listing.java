package io.polyseme.document;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What there is to read below files, folders and globs, in the order of their names. Names that
 * begin with a dot and the lock files of office programs are passed over in silence; links to files
 * are followed, links to folders are not, so that there are no loops.
 */
final class Listing {
  /** Stands for the standard input. */
  static final String STANDARD_INPUT = "-";

  private static final int MOST_GLOBS = 1 << 6;

  /**
   * A file, or why it is none.
   *
   * @param path null for the standard input
   * @param size in bytes
   * @param problem null where it may be read
   * @param asked whether it was named, and not found in a folder
   */
  record Found(
      @Nullable Path path, String name, long size, @Nullable String problem, boolean asked) {}

  private final List<Found> found = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Set<Path> folders = new LinkedHashSet<>();
  private final @Nullable Path without;

  /**
   * @throws PolysemeException if something that was named is not there, or a glob finds nothing
   */
  Listing(List<String> from, @Nullable Path without) {
    this.without = without == null ? null : without.toAbsolutePath().normalize();
    for (String place : from) {
      add(place);
    }
  }

  List<Found> found() {
    return found;
  }

  /** Whether a file has this name. */
  boolean hasName(String name) {
    return names.contains(name);
  }

  /** The folders that were looked into. */
  Set<Path> folders() {
    return folders;
  }

  private void add(String place) {
    if (place.equals(STANDARD_INPUT)) {
      add(new Found(null, STANDARD_INPUT, 0, null, true), "");
      return;
    }
    Path path = path(place);
    if (path != null && Files.isDirectory(path)) {
      walk(path, path, place, null);
    } else if (path != null && Files.exists(path)) {
      add(new Found(path, String.valueOf(path.getFileName()), size(path), null, true), place);
    } else if (place.matches(".*[*?\\[{].*")) {
      glob(place);
    } else {
      throw new PolysemeException("there is no file or folder " + place);
    }
  }

  private static @Nullable Path path(String place) {
    try {
      return Path.of(place);
    } catch (InvalidPathException e) {
      return null; // on Windows, a glob is no path
    }
  }

  private void glob(String place) {
    String pattern = place.replace('\\', '/');
    int fixed = 0;
    for (int i = 0; i < pattern.length() && "*?[{".indexOf(pattern.charAt(i)) < 0; i++) {
      fixed = pattern.charAt(i) == '/' ? i + 1 : fixed;
    }
    Path root = Path.of(fixed == 0 ? "" : pattern.substring(0, fixed));
    if (!Files.isDirectory(root)) {
      throw new PolysemeException(
          "there is no folder %s to look into for %s".formatted(root, place));
    }
    int before = found.size();
    try {
      walk(root, root, place, matchers(pattern.substring(fixed)));
    } catch (PatternSyntaxException e) {
      throw new PolysemeException(
          "\"%s\" is no pattern of files: %s".formatted(place, e.getDescription()), e);
    }
    if (found.size() == before) {
      throw new PolysemeException("no file is called like " + place);
    }
  }

  /** A folder's pattern ("**&#47;") stands for any number of folders, none of them included. */
  private static List<PathMatcher> matchers(String pattern) {
    var patterns = new LinkedHashSet<String>(List.of(pattern));
    for (var more = new ArrayList<>(patterns); !more.isEmpty() && patterns.size() < MOST_GLOBS; ) {
      String next = more.removeFirst();
      for (int at = next.indexOf("**/"); at >= 0; at = next.indexOf("**/", at + 1)) {
        String without = next.substring(0, at) + next.substring(at + 3);
        if ((at == 0 || next.charAt(at - 1) == '/') && patterns.add(without)) {
          more.add(without);
        }
      }
    }
    return patterns.stream()
        .map(p -> FileSystems.getDefault().getPathMatcher("glob:" + p))
        .toList();
  }

  private void walk(Path root, Path folder, String place, @Nullable List<PathMatcher> matchers) {
    var files = new ArrayList<Found>();
    try {
      Files.walkFileTree(
          folder,
          Set.of(),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              if (!dir.equals(root) && (isHidden(dir) || isWithout(dir))) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              folders.add(dir);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!isHidden(file) && wanted(file)) {
                String problem = problem(file, attributes);
                files.add(new Found(file, below(root, file), attributes.size(), problem, false));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (file.equals(root)) {
                throw e;
              }
              if (!isHidden(file)) {
                files.add(new Found(file, below(root, file), 0, reason(e), false));
              }
              return FileVisitResult.CONTINUE;
            }

            private boolean wanted(Path file) {
              return matchers == null
                  || matchers.stream().anyMatch(m -> m.matches(root.relativize(file)));
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) {
              if (e != null) {
                files.add(new Found(dir, below(root, dir), 0, reason(e), false));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new PolysemeException("cannot read the folder %s: %s".formatted(root, reason(e)), e);
    }
    files.sort(Comparator.comparing(Found::name));
    files.forEach(f -> add(f, place));
  }

  private boolean isWithout(Path folder) {
    return without != null && folder.toAbsolutePath().normalize().equals(without);
  }

  static boolean isHidden(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(".") || name.startsWith("~$");
  }

  private static String below(Path root, Path file) {
    return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  private static @Nullable String problem(Path file, BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      if (Files.isDirectory(file)) {
        return "it is a link to a folder, which is not followed";
      }
      if (!Files.exists(file)) {
        return "it is a link to nothing";
      }
    }
    return Files.isRegularFile(file) ? null : "it is no regular file";
  }

  /** Why a file cannot be read, for a person. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it is not there any more";
      case AccessDeniedException _ -> "it may not be read (permission denied)";
      default -> "it cannot be read: " + e.getMessage();
    };
  }

  /** Adds a file under a name that no other has. */
  private void add(Found one, String place) {
    String plain = one.name.replaceAll("\\p{Cntrl}", "?");
    String free = plain;
    if (names.contains(free)) {
      free = one.asked ? place : Path.of(place).getFileName() + "/" + plain;
    }
    for (int i = 2; !names.add(free); i++) {
      free = plain + " (" + i + ")";
    }
    found.add(new Found(one.path, free, one.size, one.problem, one.asked));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // reading it will tell
    }
  }
}
