package io.polyseme.insight;

/**
 * How alike the examples of a layer's neurons are, by what is written and by what is meant. Each
 * figure is the mean, over neurons, of the mean over pairs of a neuron's examples; the floor beside
 * it is of pairs of examples of different neurons of the layer, drawn at random.
 *
 * @param layer from 1
 * @param neurons how many were looked at
 * @param samePiece the share of pairs that fire at the same token
 * @param samePieceFloor of random pairs
 * @param sameWord the share of pairs that fire at the same word
 * @param sameWordFloor of random pairs
 * @param oneWord the share of neurons whose examples all fire at one word
 * @param sharedContext the share of pairs that have a content word in common close to where they
 *     fire
 * @param sharedContextFloor of random pairs
 * @param sentence the cosine of the sentences' vectors
 * @param sentenceFloor of random pairs
 * @param word the cosine of the last layer's vectors of the words at which they fire
 * @param wordFloor of random pairs
 * @param otherWord the same of pairs that fire at different words: a kind, and not one word
 * @param otherWordFloor of random pairs that are of different words
 */
public record NeuronLayer(
    int layer,
    int neurons,
    Estimate samePiece,
    double samePieceFloor,
    Estimate sameWord,
    double sameWordFloor,
    Estimate oneWord,
    Estimate sharedContext,
    double sharedContextFloor,
    Estimate sentence,
    double sentenceFloor,
    Estimate word,
    double wordFloor,
    Estimate otherWord,
    double otherWordFloor) {}
