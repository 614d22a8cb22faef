/** Making static word vectors: trained from raw text, or distilled out of an encoder. */
@NullMarked
package io.polyseme.train;

import org.jspecify.annotations.NullMarked;
