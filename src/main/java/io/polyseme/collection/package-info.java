/**
 * Questions to all the texts of an index at once: {@link io.polyseme.collection.ParaphraseMining
 * which say the same}, {@link io.polyseme.collection.Deduplication which can go}, {@link
 * io.polyseme.collection.Clustering which groups there are}. Whatever an index is of, texts or
 * words or usages, a member is an entry's text, or its label where it has none.
 */
@NullMarked
package io.polyseme.collection;

import org.jspecify.annotations.NullMarked;
