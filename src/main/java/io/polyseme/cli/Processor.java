package io.polyseme.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the processor is, for a person who compares figures. */
final class Processor {
  /** The instructions that decide how fast matrices are multiplied. */
  private static final List<String> TELLING =
      List.of("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimddp");

  private Processor() {}

  static String name() {
    int cores = Runtime.getRuntime().availableProcessors();
    String name = System.getProperty("os.arch");
    Set<String> instructions = new LinkedHashSet<>();
    Path file = Path.of("/proc/cpuinfo");
    if (Files.isReadable(file)) {
      try {
        Map<String, String> first = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
          int colon = line.indexOf(':');
          if (colon > 0) {
            first.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
          }
        }
        name = first.getOrDefault("model name", name);
        List<String> flags =
            Arrays.asList(
                first.getOrDefault("flags", first.getOrDefault("Features", "")).split(" "));
        TELLING.stream().filter(flags::contains).forEach(instructions::add);
      } catch (IOException e) {
        // Then the architecture must do.
      }
    }
    return "%s, %d cores%s"
        .formatted(
            name,
            cores,
            instructions.isEmpty() ? "" : " (" + String.join(", ", instructions) + ")");
  }

  /** What this process holds of the machine's memory; 0 where the system does not say. */
  static long residentBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux.
    }
    return 0;
  }
}
