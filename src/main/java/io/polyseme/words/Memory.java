package io.polyseme.words;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory off the heap there is. */
final class Memory {
  private static final Path LINUX = Path.of("/proc/meminfo");

  private Memory() {}

  /**
   * About how many bytes could still be had, within the limits of a container; what cannot be found
   * out counts as enough.
   */
  static long available() {
    long all = Long.MAX_VALUE;
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      all = system.getTotalMemorySize();
    }
    // Free memory as the bean tells it leaves out what the system would give back from its caches.
    try {
      for (String line : Files.readAllLines(LINUX)) {
        if (line.startsWith("MemAvailable:")) {
          return Math.min(all, 1024 * Long.parseLong(line.replaceAll("\\D", "")));
        }
      }
    } catch (IOException | NumberFormatException _) {
      return all;
    }
    return all;
  }
}
