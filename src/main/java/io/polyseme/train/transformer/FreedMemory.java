package io.polyseme.train.transformer;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.IntStream;

/**
 * What becomes of memory that PyTorch frees. Every step takes the same large arrays and frees them;
 * the C library of Linux gives each back to the system at once and gets it as new pages, each
 * filled with zeros at its first touch, which took a third of a step's time. Told to keep it, it
 * needs as much as at the peak of a step, and no more however long the training goes.
 */
final class FreedMemory {
  private static final int TRIM_THRESHOLD = -1;
  private static final int TOP_PAD = -2;
  private static final int MMAP_THRESHOLD = -3;

  /**
   * The largest arrays that come out of what is kept; older C libraries take no more than 32 MB.
   */
  private static final int[] LARGEST = {1 << 30, 32 << 20};

  private FreedMemory() {}

  /** Keeps it for the process, where the C library can be told so; elsewhere nothing is done. */
  @SuppressWarnings("restricted") // PyTorch, which this is for, needs native access as well
  static void keep() {
    Linker linker = Linker.nativeLinker();
    MemorySegment address = linker.defaultLookup().find("mallopt").orElse(null);
    if (address == null) {
      return;
    }
    MethodHandle mallopt =
        linker.downcallHandle(
            address,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    // First the one that may be refused: with the others set, the library no longer finds its own.
    if (IntStream.of(LARGEST).anyMatch(largest -> isSet(mallopt, MMAP_THRESHOLD, largest))) {
      isSet(mallopt, TRIM_THRESHOLD, Integer.MAX_VALUE);
      isSet(mallopt, TOP_PAD, 256 << 20);
    }
  }

  private static boolean isSet(MethodHandle mallopt, int what, int value) {
    try {
      return (int) mallopt.invokeExact(what, value) == 1;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
