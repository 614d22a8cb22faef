/**
 * Which meaning a word has where it stands: sense inventories, the lemmas of a text, corpora with
 * labelled senses, and word sense disambiguation (WSD).
 */
@NullMarked
package io.polyseme.sense;

import org.jspecify.annotations.NullMarked;
