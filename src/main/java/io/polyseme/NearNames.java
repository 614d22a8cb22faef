package io.polyseme;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Finds names that look like one that is not there: the same but for case, then by the edit
 * distance of Damerau and Levenshtein with neighbours swapped (optimal string alignment), then what
 * begins with it. Not thread-safe.
 */
public final class NearNames {
  private static final int FAR = 2;

  /** Same but for case; distance 1; distance 2; begins with it. */
  private static final int GROUPS = 4;

  private final String wanted;
  private int[] before = new int[0];
  private int[] above = new int[0];
  private int[] current = new int[0];

  public NearNames(String wanted) {
    this.wanted = wanted.toLowerCase(Locale.ROOT);
  }

  /** Those of {@code names} that look like {@code wanted}, likeliest first. */
  public static List<String> among(Collection<String> names, String wanted, int limit) {
    List<String> all = List.copyOf(names);
    return new NearNames(wanted).best(all.size(), all::get, limit);
  }

  /**
   * The likeliest names, at most {@code limit}.
   *
   * @param names those that there are, from 0 to {@code count}
   */
  public List<String> best(int count, IntFunction<String> names, int limit) {
    var groups = new ArrayList<List<String>>();
    for (int g = 0; g < GROUPS; g++) {
      groups.add(new ArrayList<>());
    }
    for (int i = 0; i < count; i++) {
      String name = names.apply(i);
      int group = group(name.toLowerCase(Locale.ROOT));
      if (group < GROUPS && groups.get(group).size() < limit) {
        groups.get(group).add(name);
      }
    }
    return groups.stream().flatMap(List::stream).limit(limit).toList();
  }

  private int group(String name) {
    if (name.equals(wanted)) {
      return 0;
    }
    // A word of two letters is at a distance of 2 from every other, and at 1 from many: there, only
    // what has one of them is alike (最大 and 最小).
    int allowed = wanted.length() == 2 ? 1 : Math.min(FAR, (wanted.length() - 1) / 2);
    int distance = allowed == 0 ? 1 : distance(name, allowed);
    if (distance <= allowed && (wanted.length() > 2 || sharesOne(name))) {
      return distance;
    }
    return name.startsWith(wanted) ? GROUPS - 1 : GROUPS;
  }

  private boolean sharesOne(String name) {
    return wanted.chars().anyMatch(c -> !Character.isSurrogate((char) c) && name.indexOf(c) >= 0);
  }

  /** The edit distance, neighbours swapped counting 1, or more than {@code most}. */
  private int distance(String name, int most) {
    int n = wanted.length();
    if (Math.abs(n - name.length()) > most) {
      return most + 1;
    }
    if (current.length <= n) {
      before = new int[n + 1];
      above = new int[n + 1];
      current = new int[n + 1];
    }
    for (int j = 0; j <= n; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= name.length(); i++) {
      current[0] = i;
      int least = i;
      for (int j = 1; j <= n; j++) {
        boolean same = name.charAt(i - 1) == wanted.charAt(j - 1);
        int d = Math.min(Math.min(above[j], current[j - 1]) + 1, above[j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && name.charAt(i - 1) == wanted.charAt(j - 2)
            && name.charAt(i - 2) == wanted.charAt(j - 1)) {
          d = Math.min(d, before[j - 2] + 1);
        }
        current[j] = d;
        least = Math.min(least, d);
      }
      if (least > most) {
        return most + 1;
      }
      int[] spare = before;
      before = above;
      above = current;
      current = spare;
    }
    return above[n];
  }
}
