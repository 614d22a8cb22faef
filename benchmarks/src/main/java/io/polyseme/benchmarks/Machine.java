package io.polyseme.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a figure depends on: the processor and how busy it is. */
final class Machine {
  /** The flags of Linux for what matters to matrix kernels, and their usual names. */
  private static final List<Map.Entry<String, String>> INSTRUCTIONS =
      List.of(
          Map.entry("avx2", "AVX2"),
          Map.entry("avx512f", "AVX-512"),
          Map.entry("avx_vnni", "AVX-VNNI"),
          Map.entry("avx512_vnni", "AVX-512 VNNI"),
          Map.entry("amx_int8", "AMX int8"),
          Map.entry("asimd", "NEON"),
          Map.entry("asimddp", "dot products"),
          Map.entry("i8mm", "I8MM"),
          Map.entry("sve", "SVE"));

  private Machine() {}

  /** Processor, how many of them this process may use, instruction sets, system. */
  static String describe() {
    Set<String> flags = new LinkedHashSet<>(List.of(info("flags", "Features").split("\\s+")));
    var instructions = new ArrayList<String>();
    for (Map.Entry<String, String> instruction : INSTRUCTIONS) {
      if (flags.contains(instruction.getKey())) {
        instructions.add(instruction.getValue());
      }
    }
    String name = info("model name", "CPU part");
    String family = info("cpu family");
    return String.format(
        Locale.ROOT,
        "%s%s, %d processors, %s; %s %s",
        name.isEmpty() ? System.getProperty("os.arch") : name,
        family.isEmpty() ? "" : " (family " + family + ", model " + info("model") + ")",
        Runtime.getRuntime().availableProcessors(),
        instructions.isEmpty() ? "instruction sets unknown" : String.join(", ", instructions),
        System.getProperty("os.name"),
        System.getProperty("os.version"));
  }

  /** The system's load over the last minute; negative where it is not known. */
  static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** The first of these that Linux tells of the first processor; empty if none. */
  private static String info(String... names) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        String[] parts = line.split(":", 2);
        if (parts.length == 2 && Arrays.asList(names).contains(parts[0].strip())) {
          return parts[1].strip();
        }
      }
    } catch (IOException e) {
      // Another system than Linux.
    }
    return "";
  }
}
