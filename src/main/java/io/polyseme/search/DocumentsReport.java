package io.polyseme.search;

import io.polyseme.document.DocumentResult;
import java.util.List;

/**
 * What became of the documents of a source.
 *
 * @param documents how many there are in the index's source, read now or unchanged since
 * @param unchanged how many files were not looked into, since they hold what they held
 * @param skipped what was left out and why; the first {@value #MOST}
 * @param skippedInAll how many were left out
 * @param notes how files were read, where that is worth knowing (another charset); the first few
 * @param duplicateChunks how many chunks have the same words as one before them
 * @param duplicates the first few of those
 * @param nearDuplicates documents read now that are nearly the same as another; the first few
 * @param nearDuplicatesInAll how many there are
 */
public record DocumentsReport(
    long documents,
    long unchanged,
    List<DocumentResult.Skipped> skipped,
    long skippedInAll,
    List<String> notes,
    long duplicateChunks,
    List<Duplicate> duplicates,
    List<Duplicate> nearDuplicates,
    long nearDuplicatesInAll) {
  /** How many that were left out are kept. */
  static final int MOST = 10_000;

  /**
   * What is there twice.
   *
   * @param name of the later one: a chunk's label, or a document
   * @param like the document that has the same
   * @param similarity the share of what both have, from 0 to 1
   */
  public record Duplicate(String name, String like, double similarity) {}

  public DocumentsReport {
    skipped = List.copyOf(skipped);
    notes = List.copyOf(notes);
    duplicates = List.copyOf(duplicates);
    nearDuplicates = List.copyOf(nearDuplicates);
  }
}
