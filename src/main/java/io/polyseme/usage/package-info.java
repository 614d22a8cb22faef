/**
 * The usages of words in a corpus: found by meaning, clustered into senses, compared between parts
 * of the corpus. An index of usages is built by {@code io.polyseme.search.Indexing}.
 */
@NullMarked
package io.polyseme.usage;

import org.jspecify.annotations.NullMarked;
