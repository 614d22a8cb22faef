/** Word meaning in context, for the JVM. */
@NullMarked
package io.polyseme;

import org.jspecify.annotations.NullMarked;
