package io.polyseme.evaluate;

import io.polyseme.sense.SameSense;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How often a set's pairs were rightly told.
 *
 * @param accuracy by each method, the share that is right; the layer is what the method looks at
 * @param commoner the share that is right if every pair is given the answer that more of the pairs
 *     have
 * @param warnings what the reader of the figures should know; often empty
 */
public record SameSenseScores(
    Map<SameSense.Method, Score> accuracy, Score commoner, List<String> warnings) {
  public SameSenseScores {
    var copy = new EnumMap<SameSense.Method, Score>(SameSense.Method.class);
    copy.putAll(accuracy);
    accuracy = Collections.unmodifiableMap(copy);
    warnings = List.copyOf(warnings);
  }
}
