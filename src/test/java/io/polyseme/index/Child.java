package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What tests run in a Java process of its own: to be killed, to fail, or to start afresh. */
final class Child {
  record Result(int status, String out, String err) {}

  private Child() {}

  static Process start(String... arguments) throws IOException {
    return builder(List.of(), arguments).start();
  }

  static Result run(String... arguments) throws Exception {
    return run(builder(List.of(), arguments));
  }

  /** As {@link #run}, where no file may be larger than half a megabyte. */
  static Result runWithSmallFiles(String... arguments) throws Exception {
    return run(builder(List.of("bash", "-c", "ulimit -f 512 && exec \"$@\"", "--"), arguments));
  }

  private static Result run(ProcessBuilder builder) throws Exception {
    Process process = builder.start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), out, err);
    } finally {
      process.destroyForcibly();
    }
  }

  private static ProcessBuilder builder(List<String> before, String... arguments) {
    var command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:-UsePerfData",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "nearest" -> {
        int dimension = Integer.parseInt(arguments[2]);
        Data data =
            Data.random(Long.parseLong(arguments[4]), Integer.parseInt(arguments[3]), dimension);
        try (VectorIndex index = VectorIndex.open(folder)) {
          float[] vector = data.vectors().get(Integer.parseInt(arguments[5]));
          Query query = Query.near(vector, 1).withPrecision(Precision.approximate(100));
          System.out.println(index.search(query).hits().getFirst().label());
        }
      }
      case "build" -> build(folder, arguments[2]);
      case "fill" -> {
        try {
          BuildOptions options =
              BuildOptions.DEFAULT.withMemoryMegabytes(Integer.parseInt(arguments[2]));
          try (IndexBuilder builder =
              VectorIndex.builder(folder, Recipe.of("test"), Data.MAKER, options)) {
            Data.random(5, 30_000, 32).addTo(builder);
            builder.commit(Progress.NONE, Cancel.create());
          }
        } catch (PolysemeException e) {
          System.out.println(e.getMessage());
          System.exit(1);
        }
      }
      case "grow" -> grow(folder, Integer.parseInt(arguments[2]));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** How many entries come with each commit of {@code grow}. */
  static final int GROWN_BY = 150;

  /** Adds and commits until it is killed, and says after each commit up to where. */
  private static void grow(Path folder, int from) {
    BuildOptions options = BuildOptions.DEFAULT.withKeep(true).withFullText(List.of("text"));
    try (IndexBuilder builder =
        VectorIndex.builder(folder, Recipe.of("test"), Data.MAKER, options)) {
      for (int i = from; ; ) {
        for (int end = i + GROWN_BY; i < end; i++) {
          builder.add(
              "entry" + i,
              Data.gaussian(new Random(i), 32),
              Map.of("text", "entry number " + i, "n", "" + i));
        }
        builder.commit(Progress.NONE, Cancel.create());
        System.out.println(i);
      }
    }
  }

  /** Goes on until it is killed. */
  private static void build(Path folder, String until) throws InterruptedException {
    var random = new Random(1);
    BuildOptions options = BuildOptions.DEFAULT.withMemoryMegabytes(1);
    IndexBuilder builder = VectorIndex.builder(folder, Recipe.of("test"), Data.MAKER, options);
    for (int i = 0; i < 25_000; i++) {
      builder.add("other" + i, Data.gaussian(random, 32), Map.of("n", "" + i));
    }
    if (until.equals("linking")) {
      builder.commit(
          (task, done, total) -> {
            if (done > 0) {
              ready();
            }
          },
          Cancel.create());
    }
    ready();
  }

  private static void ready() {
    System.out.println("ready");
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
