/** Files of texts, read one text after the other in constant memory. */
@NullMarked
package io.polyseme.corpus;

import org.jspecify.annotations.NullMarked;
