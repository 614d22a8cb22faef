/**
 * The contracts that everything else speaks: a {@link io.polyseme.vector.VectorSpace} of labelled
 * vectors, a {@link io.polyseme.vector.Query} put to it, an {@link io.polyseme.vector.Expression}
 * that becomes a query, and the arithmetic beneath them. Uses nothing else of ours.
 */
@NullMarked
package io.polyseme.vector;

import org.jspecify.annotations.NullMarked;
