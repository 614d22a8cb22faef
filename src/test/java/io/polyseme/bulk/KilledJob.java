package io.polyseme.bulk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.cli.Main;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code polyseme encode --in --out} in a process of its own, and kills it. */
final class KilledJob {
  record Ended(int status, String said) {}

  private KilledJob() {}

  private static Process start(List<String> before, Path in, Path out, int part)
      throws IOException {
    var command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "encode",
            "--in",
            in.toString(),
            "--out",
            out.toString(),
            "--model",
            "bge-small-en-v1.5",
            "--layer",
            "1",
            "--threads",
            "2",
            "--part",
            Integer.toString(part)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(said(out).toFile())
        .start();
  }

  private static Path said(Path out) {
    return out.resolveSibling(out.getFileName() + ".said");
  }

  /** Lets it run to its end, and returns the seconds that the encoding took. */
  static double run(Path in, Path out, int part) throws Exception {
    Process process = start(List.of(), in, out, part);
    try {
      long begun = awaitBeginning(process, out);
      assertTrue(process.waitFor(120, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), Files.readString(said(out)));
      return (System.nanoTime() - begun) / 1e9;
    } finally {
      process.destroyForcibly();
    }
  }

  /** As {@link #run}, where no file may be larger than half a megabyte. */
  static Ended runWithSmallFiles(Path in, Path out, int part) throws Exception {
    Process process =
        start(List.of("bash", "-c", "ulimit -f 512 && exec \"$@\"", "--"), in, out, part);
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS));
      return new Ended(process.exitValue(), Files.readString(said(out), StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Kills it (SIGKILL) so long after it has begun to encode.
   *
   * @return whether it had not ended by itself
   */
  static boolean kill(Path in, Path out, int part, Duration after) throws Exception {
    Process process = start(List.of(), in, out, part);
    try {
      long begun = awaitBeginning(process, out);
      long left = begun + after.toNanos() - System.nanoTime();
      if (process.waitFor(Math.max(0, left), TimeUnit.NANOSECONDS)) {
        assertEquals(0, process.exitValue(), Files.readString(said(out)));
        return false;
      }
    } finally {
      process.destroyForcibly();
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return true;
  }

  /** Waits until the job's journal was opened, by this process and not one before it. */
  private static long awaitBeginning(Process process, Path out) throws Exception {
    Path lock = JobFolder.of(out).resolve("lock");
    long before = Files.exists(lock) ? Files.getLastModifiedTime(lock).toMillis() : -1;
    while (process.isAlive()) {
      if (Files.exists(lock) && Files.getLastModifiedTime(lock).toMillis() != before) {
        break;
      }
      Thread.sleep(5);
    }
    return System.nanoTime();
  }

  /** How many texts are in whole parts, after a kill. */
  static long done(Path out) throws IOException {
    Path journal = JobFolder.of(out).resolve("journal");
    if (!Files.exists(journal)) {
      return 0;
    }
    List<String> lines = Files.readAllLines(journal);
    JobState last = lines.isEmpty() ? null : JobState.parse(lines.getLast());
    return last == null ? 0 : last.texts();
  }
}
