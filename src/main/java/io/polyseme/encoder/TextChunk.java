package io.polyseme.encoder;

import io.polyseme.vector.Span;

/**
 * A part of a text that is to be encoded by itself.
 *
 * @param span in the text, without white space at its ends
 * @param tokens how many tokens of the text it has
 */
public record TextChunk(Span span, int tokens) {}
