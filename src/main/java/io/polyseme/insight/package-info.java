/**
 * What goes on inside an encoder: what its heads and feed-forward layers do, over a corpus and in
 * one text, and relations between words as arithmetic in its hidden states.
 */
@NullMarked
package io.polyseme.insight;

import org.jspecify.annotations.NullMarked;
