/**
 * Static word vectors: one vector for each word, in a memory-mapped file of our own. Works without
 * ONNX Runtime, tokenizers and Lucene on the class path.
 */
@NullMarked
package io.polyseme.words;

import org.jspecify.annotations.NullMarked;
