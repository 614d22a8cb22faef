package io.polyseme.usage;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The senses that were found in the usages of a word.
 *
 * @param usages how many there are
 * @param clustered how many of them were clustered; the others were given to the nearest mean
 * @param silhouette how well the senses are parted, see {@link Clusters#silhouette()}
 * @param senses the most frequent first
 * @param assignment the number of the sense of each usage, by the usage's label
 * @param warnings what the person who asked should know
 */
public record InducedSenses(
    String lemma,
    int usages,
    int clustered,
    double silhouette,
    List<InducedSense> senses,
    Map<String, Integer> assignment,
    List<String> warnings) {
  public InducedSenses {
    senses = List.copyOf(senses);
    assignment = Collections.unmodifiableMap(new LinkedHashMap<>(assignment));
    warnings = List.copyOf(warnings);
  }
}
