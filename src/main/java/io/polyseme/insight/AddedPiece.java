package io.polyseme.insight;

/**
 * A word piece that something added to the hidden state points to.
 *
 * @param piece as the vocabulary writes it
 * @param score the cosine between what is added and the piece's embedding, from -1 to 1
 */
public record AddedPiece(String piece, double score) {}
