/** Transformer encoders trained from raw text: their vocabulary, their network, their files. */
@NullMarked
package io.polyseme.train.transformer;

import org.jspecify.annotations.NullMarked;
