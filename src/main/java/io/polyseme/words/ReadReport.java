package io.polyseme.words;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What was found in a file of word vectors.
 *
 * @param format what the file is
 * @param compression {@code gzip}, {@code zstd} or empty
 * @param words how many were taken
 * @param dimension of each vector
 * @param declaredWords how many the file says it has; -1 where it does not say, or where the limit
 *     ended the reading
 * @param duplicates words that had come before; the first vector stays
 * @param withSpaces words with a space or tab in them, which were taken
 * @param invalidUtf8 words that were no valid UTF-8, and were taken as the options say
 * @param malformed entries that were left out, for too few or too many numbers or no word, or
 *     because the file is cut off
 * @param notFinite entries that were left out for a NaN or an infinity
 * @param examples where such entries are, at most {@link #MOST_EXAMPLES}, in the order of the file:
 *     "line 17: 99 numbers instead of 100"
 */
public record ReadReport(
    VectorFormat format,
    String compression,
    long words,
    int dimension,
    long declaredWords,
    long duplicates,
    long withSpaces,
    long invalidUtf8,
    long malformed,
    long notFinite,
    List<String> examples) {
  /** How many examples are kept. */
  public static final int MOST_EXAMPLES = 10;

  public ReadReport {
    examples = List.copyOf(examples);
  }

  /** As this, with what only the receiver of the words can count. */
  ReadReport withDuplicates(long duplicates, long words) {
    return new ReadReport(
        format,
        compression,
        words,
        dimension,
        declaredWords,
        duplicates,
        withSpaces,
        invalidUtf8,
        malformed,
        notFinite,
        examples);
  }

  /** What a user should know, a sentence each; empty where all was as it should be. */
  public List<String> warnings() {
    var warnings = new ArrayList<String>();
    long found = words + duplicates + malformed + notFinite;
    if (declaredWords >= 0 && declaredWords != found) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "The file says it has %,d words, and %,d entries were found.",
              declaredWords,
              found));
    }
    add(warnings, duplicates, "came again and was left out", "came again and were left out");
    add(warnings, withSpaces, "has a space in it", "have a space in them");
    add(warnings, invalidUtf8, "was no valid UTF-8", "were no valid UTF-8");
    add(warnings, malformed, "was malformed and left out", "were malformed and left out");
    add(
        warnings,
        notFinite,
        "had a NaN or an infinity and was left out",
        "had a NaN or an infinity and were left out");
    return List.copyOf(warnings);
  }

  private static void add(List<String> warnings, long count, String one, String many) {
    if (count > 0) {
      warnings.add(
          count == 1
              ? "1 word " + one + "."
              : String.format(Locale.ROOT, "%,d words %s.", count, many));
    }
  }
}
