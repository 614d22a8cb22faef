/**
 * The ONNX graph of a Transformer encoder: read without its weights, understood by its structure,
 * and cut so that it gives inner values. Names of nodes are never relied on.
 */
@NullMarked
package io.polyseme.encoder.graph;

import org.jspecify.annotations.NullMarked;
