package io.polyseme.train.transformer;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

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
  private static final int ARENAS = -8;

  private FreedMemory() {}

  /** Keeps it for the process, where the C library can be told so; elsewhere nothing is done. */
  @SuppressWarnings("restricted") // PyTorch, which this is for, needs native access as well
  static void keep() {
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("mallopt")
        .map(
            address ->
                linker.downcallHandle(
                    address,
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
        .ifPresent(
            mallopt -> {
              set(mallopt, MMAP_THRESHOLD, 1 << 30);
              set(mallopt, TRIM_THRESHOLD, Integer.MAX_VALUE);
              set(mallopt, TOP_PAD, 256 << 20);
              set(mallopt, ARENAS, 1);
            });
  }

  private static void set(MethodHandle mallopt, int what, int value) {
    try {
      int _ = (int) mallopt.invokeExact(what, value); // 0 where it is not known: nothing is lost
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
