/**
 * The expression language ({@code king - man + woman}) and analogies over any vector space, its
 * terms resolved by any {@link io.polyseme.vector.TermResolver}; relations learned from pairs, and
 * many questions put to every word at once.
 */
@NullMarked
package io.polyseme.analogy;

import org.jspecify.annotations.NullMarked;
