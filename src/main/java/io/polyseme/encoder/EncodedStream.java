package io.polyseme.encoder;

import java.util.List;

/**
 * What became of a text that was read as a stream, once all of it has been encoded.
 *
 * @param characters the text's length in UTF-16 units
 * @param tokens how many tokens it has, without special ones
 * @param unknownTokens how many of them the vocabulary does not know
 * @param windows how many overlapping windows it was encoded in; 0 where only its passages were,
 *     each alone
 * @param words how many words were given to the sink
 * @param passages how many passages were given to the sink
 * @param sentence one vector for each layer: the mean over the windows; empty where the sentence
 *     was not asked for
 * @param forcedCuts the places, in UTF-16 units, where a run without white space or East Asian
 *     punctuation was longer than is read at once, so that it was cut: words and tokens beside them
 *     may not be those of the whole text
 * @param warnings what the person who asked should know
 */
public record EncodedStream(
    int characters,
    int tokens,
    int unknownTokens,
    int windows,
    int words,
    int passages,
    List<LayerVector> sentence,
    List<Integer> forcedCuts,
    List<String> warnings) {
  public EncodedStream {
    sentence = List.copyOf(sentence);
    forcedCuts = List.copyOf(forcedCuts);
    warnings = List.copyOf(warnings);
  }

  /** The share of tokens that the vocabulary does not know, from 0 to 1. */
  public double unknownShare() {
    return tokens == 0 ? 0 : (double) unknownTokens / tokens;
  }
}
