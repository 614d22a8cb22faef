/** Relations between words, learned from pairs of them in the hidden states of any layer. */
@NullMarked
package io.polyseme.relation;

import org.jspecify.annotations.NullMarked;
