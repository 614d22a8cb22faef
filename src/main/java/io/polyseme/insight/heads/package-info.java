/**
 * The jobs of attention heads, measured on corpora, sentences with their syntax and pronouns; and
 * what changes when heads and layers are taken out.
 */
@NullMarked
package io.polyseme.insight.heads;

import org.jspecify.annotations.NullMarked;
