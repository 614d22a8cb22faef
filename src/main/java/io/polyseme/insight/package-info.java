/**
 * What happens inside a Transformer encoder: who looks at whom, what feed-forward layers add, how a
 * word changes from layer to layer, and which parts matter for what.
 */
@NullMarked
package io.polyseme.insight;

import org.jspecify.annotations.NullMarked;
