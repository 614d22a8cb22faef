/**
 * The expression language ({@code king - man + woman}) and analogies over any vector space, its
 * terms resolved by any {@link io.polyseme.vector.TermResolver}.
 */
@NullMarked
package io.polyseme.analogy;

import org.jspecify.annotations.NullMarked;
