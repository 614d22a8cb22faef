/**
 * Text in, vectors out: a Transformer encoder run by ONNX Runtime, its tokens with offsets into the
 * original text, the hidden states of any layer, and the pooling that makes word and sentence
 * vectors of them. {@link io.polyseme.encoder.Encoder} is the door.
 */
@NullMarked
package io.polyseme.encoder;

import org.jspecify.annotations.NullMarked;
