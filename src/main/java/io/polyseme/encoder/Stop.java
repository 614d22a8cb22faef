package io.polyseme.encoder;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import io.polyseme.CancelledException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Ends work that several threads do: no further part begins, and runs of the model are broken off.
 */
final class Stop {
  private final Set<RunOptions> running = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile boolean set;

  boolean isSet() {
    return set;
  }

  void set() {
    synchronized (running) {
      set = true;
      running.forEach(Stop::terminate);
    }
  }

  private static void terminate(RunOptions run) {
    try {
      run.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot end a run", e);
    }
  }

  /** To be called before a run, and {@link #left} after it on every path. */
  void entered(RunOptions run) {
    synchronized (running) {
      if (set) {
        throw new CancelledException("cancelled");
      }
      running.add(run);
    }
  }

  void left(RunOptions run) {
    synchronized (running) {
      running.remove(run);
    }
  }
}
