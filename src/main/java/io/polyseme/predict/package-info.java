/** Language-model heads: words predicted from hidden states, and heads learned from raw text. */
@NullMarked
package io.polyseme.predict;

import org.jspecify.annotations.NullMarked;
