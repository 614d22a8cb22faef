package io.polyseme.train.transformer;

import ai.djl.engine.Engine;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.DjlLibraries;
import java.util.Locale;

/** PyTorch through DJL. Its number of threads is set once in a process. */
final class Pytorch {
  private static final String THREADS = "ai.djl.pytorch.num_threads";

  private Pytorch() {}

  /**
   * Opens the engine.
   *
   * @throws PolysemeException if it is not on the class path, or not for this platform
   */
  static Engine open(int threads) {
    DjlLibraries.prepare();
    if (System.getProperty(THREADS) == null) {
      System.setProperty(THREADS, Integer.toString(threads));
      System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    }
    try {
      FreedMemory.keep();
      Engine engine = Engine.getEngine("PyTorch");
      // The native library is loaded with the first array.
      engine.newBaseManager().close();
      return engine;
    } catch (RuntimeException | LinkageError e) {
      throw new PolysemeException(
          ("training a Transformer needs PyTorch's native library for this platform (%s), which"
                  + " cannot be loaded: add ai.djl.pytorch:pytorch-engine:0.36.0,"
                  + " ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0 and"
                  + " ai.djl.pytorch:pytorch-native-cpu:2.7.1 with the classifier %s (%s)")
              .formatted(
                  System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                  classifier(),
                  reason(e)),
          e);
    }
  }

  private static String classifier() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return (os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux")
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch);
  }

  private static String reason(Throwable e) {
    Throwable first = e;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first.toString();
  }
}
