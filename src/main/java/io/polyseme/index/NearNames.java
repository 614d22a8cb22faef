package io.polyseme.index;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names that look like one that is not there. */
final class NearNames {
  private NearNames() {}

  /** Those of {@code names} that look like {@code name}, likeliest first. */
  static List<String> among(Collection<String> names, String name, int limit) {
    String lower = name.toLowerCase(Locale.ROOT);
    int most = Math.max(2, name.length() / 3);
    return names.stream()
        .filter(n -> likely(n.toLowerCase(Locale.ROOT), lower, most))
        .sorted(
            Comparator.comparingInt((String n) -> distance(n.toLowerCase(Locale.ROOT), lower))
                .thenComparing(Comparator.naturalOrder()))
        .limit(limit)
        .toList();
  }

  private static boolean likely(String name, String wanted, int most) {
    return distance(name, wanted) <= most
        || wanted.length() >= 3 && name.startsWith(wanted)
        || name.length() >= 3 && wanted.startsWith(name);
  }

  /** The edit distance of Levenshtein, in UTF-16 units. */
  static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
