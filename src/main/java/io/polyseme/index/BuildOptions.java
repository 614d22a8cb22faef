package io.polyseme.index;

/**
 * How an index is built; what comes out is the same but for the graph, which several threads link
 * in an order that is not always the same: with one thread the same input makes the same index.
 *
 * @param threads how many link the graph
 * @param memoryMegabytes how much of the vectors is kept in the heap before it is written
 * @param fresh whether everything is made anew, though the folder holds an index that could be
 *     taken over in part
 */
public record BuildOptions(int threads, int memoryMegabytes, boolean fresh) {
  /** As many threads as there are processors, 64 MB, taking over what did not change. */
  public static final BuildOptions DEFAULT =
      new BuildOptions(Runtime.getRuntime().availableProcessors(), 64, false);

  public BuildOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    if (memoryMegabytes < 1 || memoryMegabytes > 1900) {
      throw new IllegalArgumentException(
          "memoryMegabytes must be from 1 to 1900: " + memoryMegabytes);
    }
  }

  public BuildOptions withThreads(int threads) {
    return new BuildOptions(threads, memoryMegabytes, fresh);
  }

  public BuildOptions withMemoryMegabytes(int memoryMegabytes) {
    return new BuildOptions(threads, memoryMegabytes, fresh);
  }

  public BuildOptions withFresh(boolean fresh) {
    return new BuildOptions(threads, memoryMegabytes, fresh);
  }
}
