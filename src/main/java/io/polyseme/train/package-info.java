/** Making vectors: static word vectors distilled out of an encoder. */
@NullMarked
package io.polyseme.train;

import org.jspecify.annotations.NullMarked;
