/** The files of a model: where they come from, what is known of them, and where they are kept. */
@NullMarked
package io.polyseme.model;

import org.jspecify.annotations.NullMarked;
