/**
 * Bulk jobs: the vectors of a whole file of texts in a file of vectors. A job that was ended, in
 * whatever way, goes on where it was.
 */
@NullMarked
package io.polyseme.bulk;

import org.jspecify.annotations.NullMarked;
