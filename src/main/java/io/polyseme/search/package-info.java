/**
 * Indexes made of texts and asked by meaning: a recipe's source is read, encoded and indexed, and
 * questions are put with the model that the index records.
 */
@NullMarked
package io.polyseme.search;

import org.jspecify.annotations.NullMarked;
