package io.polyseme.insight;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A fact of one kind: of a country its capital, say.
 *
 * @param subject the country
 * @param object the capital
 */
public record FactPair(String subject, String object) {
  private static final int SAME_START = 3;

  /** Whether one could be told from the other by its spelling: Tunis from Tunisia. */
  public boolean overlaps() {
    String one = subject.toLowerCase(Locale.ROOT);
    String other = object.toLowerCase(Locale.ROOT);
    int same = Math.min(SAME_START, Math.min(one.length(), other.length()));
    return one.contains(other)
        || other.contains(one)
        || one.substring(0, same).equals(other.substring(0, same));
  }

  /** Those whose spelling does not tell one from the other, each subject and object once. */
  public static List<FactPair> distinct(List<FactPair> pairs) {
    Set<String> subjects = new HashSet<>();
    Set<String> objects = new HashSet<>();
    var distinct = new ArrayList<FactPair>();
    for (FactPair pair : pairs) {
      if (pair.overlaps() || subjects.contains(pair.subject) || objects.contains(pair.object)) {
        continue;
      }
      subjects.add(pair.subject);
      objects.add(pair.object);
      distinct.add(pair);
    }
    return distinct;
  }
}
