package io.polyseme.index;

import java.util.List;

/**
 * How an index is built. The same input makes the same index, whatever the number of threads.
 *
 * @param threads how many link the graph
 * @param memoryMegabytes how much of the vectors is kept in the heap before it is written
 * @param fresh whether everything is made anew, though the folder holds an index that could be
 *     taken over in part
 * @param keep whether entries that are there already stay though they are not given again
 * @param fullText the stored fields whose words can be searched for (BM25), in this order; empty
 *     for none
 */
public record BuildOptions(
    int threads, int memoryMegabytes, boolean fresh, boolean keep, List<String> fullText) {
  /**
   * As many threads as there are processors, 64 MB, taking over what did not change, the index
   * holding what is given, no words.
   */
  public static final BuildOptions DEFAULT =
      new BuildOptions(Runtime.getRuntime().availableProcessors(), 64, false, false, List.of());

  public BuildOptions {
    fullText = List.copyOf(fullText);
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    if (memoryMegabytes < 1 || memoryMegabytes > 1900) {
      throw new IllegalArgumentException(
          "memoryMegabytes must be from 1 to 1900: " + memoryMegabytes);
    }
    if (fresh && keep) {
      throw new IllegalArgumentException("an index that is made anew keeps nothing");
    }
  }

  public BuildOptions withThreads(int threads) {
    return new BuildOptions(threads, memoryMegabytes, fresh, keep, fullText);
  }

  public BuildOptions withMemoryMegabytes(int memoryMegabytes) {
    return new BuildOptions(threads, memoryMegabytes, fresh, keep, fullText);
  }

  public BuildOptions withFresh(boolean fresh) {
    return new BuildOptions(threads, memoryMegabytes, fresh, keep, fullText);
  }

  public BuildOptions withKeep(boolean keep) {
    return new BuildOptions(threads, memoryMegabytes, fresh, keep, fullText);
  }

  public BuildOptions withFullText(List<String> fields) {
    return new BuildOptions(threads, memoryMegabytes, fresh, keep, fields);
  }
}
