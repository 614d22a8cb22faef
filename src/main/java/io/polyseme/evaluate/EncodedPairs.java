package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.sense.UsageStates;
import io.polyseme.vector.Term;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Pairs of usages with their hidden states. Equal usages are encoded once.
 *
 * @param rows of the pairs of which both usages could be encoded
 * @param total how many pairs there are with the others
 * @param warnings about those
 */
record EncodedPairs<P>(UsageStates states, List<Row<P>> rows, int total, List<String> warnings) {
  /**
   * A pair.
   *
   * @param first its usage's row among the states
   * @param second likewise
   */
  record Row<P>(P pair, int first, int second) {}

  static <P> EncodedPairs<P> of(
      Encoder encoder,
      String name,
      List<P> pairs,
      Function<P, Term.Usage> first,
      Function<P, Term.Usage> second,
      Progress progress,
      Cancel cancel) {
    Map<Term.Usage, Integer> numbers = new LinkedHashMap<>();
    for (P pair : pairs) {
      numbers.putIfAbsent(first.apply(pair), numbers.size());
      numbers.putIfAbsent(second.apply(pair), numbers.size());
    }
    var states = new UsageStates();
    var at = new int[numbers.size()];
    var failures = new ArrayList<String>();
    encoder.encodeAll(
        numbers.keySet().stream().map(u -> TextInput.of(u.text(), u.span())).iterator(),
        UsageStates.request(),
        result -> {
          int number = (int) result.index();
          switch (result) {
            case EncodeResult.Done done -> at[number] = states.add(done.encoded());
            case EncodeResult.Failed failed -> {
              at[number] = -1;
              failures.add(failed.error().getMessage());
            }
          }
          progress.update("encoding " + name, number + 1L, at.length);
        },
        cancel);
    var rows = new ArrayList<Row<P>>();
    for (P pair : pairs) {
      int a = at[numbers.get(first.apply(pair))];
      int b = at[numbers.get(second.apply(pair))];
      if (a >= 0 && b >= 0) {
        rows.add(new Row<>(pair, a, b));
      }
    }
    List<String> warnings =
        failures.isEmpty()
            ? List.of()
            : List.of(
                "%s: %d of %d usages could not be encoded, and their pairs are left out; the first: %s"
                    .formatted(name, failures.size(), at.length, failures.getFirst()));
    return new EncodedPairs<>(states, rows, pairs.size(), warnings);
  }
}
