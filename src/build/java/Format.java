import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks that every Java file of the project is as google-java-format writes it, or writes it so.
 *
 * <p>Run by the build on the toolchain's JDK as {@code java Format.java check|write FOLDER}: the
 * formatter uses the compiler of the JVM that it runs in, which has to know the newest syntax.
 */
final class Format {
  private static final List<String> FOLDERS = List.of("src", "examples", "benchmarks");

  public static void main(String[] arguments) throws Exception {
    boolean write = arguments[0].equals("write");
    Path root = Path.of(arguments[1]);
    var unformatted = new ArrayList<Path>();
    for (Path file : javaFiles(root)) {
      String source = Files.readString(file);
      String formatted = format(source, file);
      if (!formatted.equals(source)) {
        unformatted.add(root.relativize(file));
        if (write) {
          Files.writeString(file, formatted);
        }
      }
    }
    if (!unformatted.isEmpty()) {
      unformatted.forEach(f -> System.err.println((write ? "formatted " : "not formatted: ") + f));
      if (!write) {
        System.err.println("Mend it with: mvn process-sources -Dformat=write");
        System.exit(1);
      }
    }
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    var files = new ArrayList<Path>();
    for (String folder : FOLDERS) {
      Path start = root.resolve(folder);
      if (Files.isDirectory(start)) {
        try (Stream<Path> walk = Files.walk(start)) {
          walk.filter(p -> p.toString().endsWith(".java"))
              .filter(p -> !root.relativize(p).toString().contains("target"))
              .sorted()
              .forEach(files::add);
        }
      }
    }
    return files;
  }

  private static String format(String source, Path file) throws Exception {
    try {
      String ordered = ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE);
      return new Formatter().formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
    } catch (Exception e) {
      throw new IllegalStateException("cannot format " + file + ": " + e.getMessage(), e);
    }
  }
}
