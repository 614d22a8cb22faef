package io.polyseme.insight;

/**
 * A neuron that fires in a text.
 *
 * @param neuron what it does over a corpus
 * @param here the token in the text at which it fires most
 * @param deviations by how many of its standard deviations the activation is above its mean
 * @param share the activation as a share of the greatest in the corpus; 0 where it never fired
 *     there
 */
public record FiringNeuron(
    ProfiledNeuron neuron, NeuronExample here, double deviations, double share) {}
