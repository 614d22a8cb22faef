package io.polyseme.search;

import io.polyseme.document.DocumentOptions;
import java.util.Objects;

/**
 * How documents come into an index, beside what its recipe says. Immutable; start at {@link
 * #DEFAULT}.
 *
 * @param documents how files are read; which fields are the text and the id says the recipe, where
 *     it does
 * @param add whether documents that the index has and the source has not stay
 * @param skipDuplicates whether a chunk whose words stand in an earlier one is left out
 */
public record IndexingOptions(DocumentOptions documents, boolean add, boolean skipDuplicates) {
  /** Everything that is in the source, and nothing else. */
  public static final IndexingOptions DEFAULT =
      new IndexingOptions(DocumentOptions.DEFAULT, false, false);

  public IndexingOptions {
    Objects.requireNonNull(documents, "documents");
  }

  public IndexingOptions withDocuments(DocumentOptions documents) {
    return new IndexingOptions(documents, add, skipDuplicates);
  }

  public IndexingOptions withAdd(boolean add) {
    return new IndexingOptions(documents, add, skipDuplicates);
  }

  public IndexingOptions withSkipDuplicates(boolean skipDuplicates) {
    return new IndexingOptions(documents, add, skipDuplicates);
  }
}
