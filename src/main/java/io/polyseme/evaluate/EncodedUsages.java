package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.sense.StandardSpace;
import io.polyseme.sense.UsageMix;
import io.polyseme.sense.UsageStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

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
    EncodedUsages encoded = some(vectors, inputs, what, progress, cancel);
    if (encoded.states.size() == 0) {
      throw new PolysemeException(
          "no text could be encoded"
              + (encoded.failures.isEmpty() ? "" : "; the first: " + encoded.failures.getFirst()));
    }
    return encoded;
  }

  /** Likewise, of which there may be none. */
  static EncodedUsages some(
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
    return new EncodedUsages(states, rows, failures);
  }

  /** Whether the usage could be encoded. */
  boolean has(int usage) {
    return rows[usage] != FAILED;
  }

  UsageStates states() {
    return states;
  }

  /**
   * @param usage one that there is
   */
  int row(int usage) {
    return rows[usage];
  }

  /** Why usages could not be encoded. */
  List<String> failures() {
    return Collections.unmodifiableList(failures);
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
   * A word's usages with their vectors, those that could be encoded.
   *
   * @param examples the usages
   * @param at for each its number among all that were encoded
   */
  PlacedWord placed(
      Word word, List<Example> examples, int[] at, StandardSpace space, UsageMix mix) {
    int[] there = IntStream.range(0, at.length).filter(i -> has(at[i])).toArray();
    return PlacedWord.of(
        word,
        IntStream.of(there).mapToObj(examples::get).toList(),
        IntStream.of(there).mapToObj(i -> space.place(states, rows[at[i]], mix)).toList());
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
