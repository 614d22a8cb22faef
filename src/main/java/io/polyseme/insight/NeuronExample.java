package io.polyseme.insight;

import io.polyseme.vector.Span;

/**
 * A place in a corpus that excites a neuron.
 *
 * @param activation after the activation function
 * @param text the sentence
 * @param token where in it the token stands at which the neuron fires
 * @param word the word that the token is of; the token itself where it is of none
 */
public record NeuronExample(double activation, String text, Span token, Span word) {
  /** The token as it is written. */
  public String tokenText() {
    return token.of(text);
  }

  /** The word as it is written. */
  public String wordText() {
    return word.of(text);
  }
}
