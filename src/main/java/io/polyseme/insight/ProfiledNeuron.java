package io.polyseme.insight;

import java.util.List;

/**
 * What a neuron does over a corpus.
 *
 * @param mean of its activation over all tokens
 * @param deviation the standard deviation of its activation
 * @param firing the share of tokens at which its activation is above 0
 * @param maximum its greatest activation; 0 where it never fires
 * @param examples what excites it most, the strongest first; each in another sentence
 */
public record ProfiledNeuron(
    NeuronId id,
    double mean,
    double deviation,
    double firing,
    double maximum,
    List<NeuronExample> examples) {
  public ProfiledNeuron {
    examples = List.copyOf(examples);
  }
}
