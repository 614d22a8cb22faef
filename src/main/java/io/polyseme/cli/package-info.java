/** The {@code polyseme} command: reads options, calls the library, writes answers. */
@NullMarked
package io.polyseme.cli;

import org.jspecify.annotations.NullMarked;
