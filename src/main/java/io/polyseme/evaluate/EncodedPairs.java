package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Progress;
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
    EncodedUsages usages =
        EncodedUsages.some(
            ContextVectors.of(encoder, UsageStates.request()),
            numbers.keySet().stream().map(u -> TextInput.of(u.text(), u.span())).toList(),
            name,
            progress,
            cancel);
    var rows = new ArrayList<Row<P>>();
    for (P pair : pairs) {
      int a = numbers.get(first.apply(pair));
      int b = numbers.get(second.apply(pair));
      if (usages.has(a) && usages.has(b)) {
        rows.add(new Row<>(pair, usages.row(a), usages.row(b)));
      }
    }
    List<String> failures = usages.failures();
    List<String> warnings =
        failures.isEmpty()
            ? List.of()
            : List.of(
                "%s: %d of %d usages could not be encoded, and their pairs are left out; the first: %s"
                    .formatted(name, failures.size(), numbers.size(), failures.getFirst()));
    return new EncodedPairs<>(usages.states(), rows, pairs.size(), warnings);
  }
}
