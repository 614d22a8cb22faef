package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.TextInput;
import io.polyseme.sense.StandardSpace;
import io.polyseme.sense.UsageMix;
import io.polyseme.sense.UsageStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Usages that were encoded at every layer, each with the row that it has; those that failed none.
 */
final class EncodedUsages {
  private static final int FAILED = -1;

  private final UsageStates states;
  private final int[] rows;
  private final List<String> failures;

  private EncodedUsages(UsageStates states, int[] rows, List<String> failures) {
    this.states = states;
    this.rows = rows;
    this.failures = failures;
  }

  /**
   * @param vectors as {@link UsageStates#request()} asks for them
   * @param what is encoded, for the progress
   * @throws PolysemeException if none could be encoded
   */
  static EncodedUsages of(
      ContextVectors vectors,
      List<TextInput> inputs,
      String what,
      Progress progress,
      Cancel cancel) {
    var states = new UsageStates();
    var rows = new int[inputs.size()];
    var failures = new ArrayList<String>();
    vectors.encodeAll(
        inputs.iterator(),
        result -> {
          int at = (int) result.index();
          switch (result) {
            case EncodeResult.Done done -> rows[at] = states.add(done.encoded());
            case EncodeResult.Failed failed -> {
              rows[at] = FAILED;
              failures.add(failed.error().getMessage());
            }
          }
          progress.update("encoding " + what, at + 1L, rows.length);
        },
        cancel);
    if (states.size() == 0) {
      throw new PolysemeException(
          "no text could be encoded"
              + (failures.isEmpty() ? "" : "; the first: " + failures.getFirst()));
    }
    return new EncodedUsages(states, rows, failures);
  }

  /** Whether the usage could be encoded. */
  boolean has(int usage) {
    return rows[usage] != FAILED;
  }

  /** How many layers the model has. */
  int layers() {
    return states.layers() - 1;
  }

  /** Standardised by some of the usages. */
  StandardSpace space(int[] usages) {
    return StandardSpace.of(
        states, Arrays.stream(usages).map(u -> rows[u]).filter(row -> row != FAILED).toArray());
  }

  /**
   * @param usage one that there is
   */
  float[] vector(StandardSpace space, int usage, UsageMix mix) {
    return space.place(states, rows[usage], mix);
  }

  /** What the reader of the figures should know. */
  List<String> warnings() {
    return failures.isEmpty()
        ? List.of()
        : List.of(
            "%d of %d texts could not be encoded and are left out; the first: %s"
                .formatted(failures.size(), rows.length, failures.getFirst()));
  }
}
