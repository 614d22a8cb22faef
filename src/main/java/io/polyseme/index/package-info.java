/**
 * Labelled vectors on disk, in Lucene's segments, with an HNSW graph over them: {@link
 * io.polyseme.index.VectorIndex} answers questions, {@link io.polyseme.index.IndexBuilder} makes
 * one, a {@link io.polyseme.index.Recipe} says how, and an {@link io.polyseme.index.IndexCatalog}
 * knows them by name. Lucene stays inside.
 */
@NullMarked
package io.polyseme.index;

import org.jspecify.annotations.NullMarked;
