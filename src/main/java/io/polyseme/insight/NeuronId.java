package io.polyseme.insight;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A neuron of a feed-forward layer.
 *
 * @param layer from 1
 * @param unit from 0
 */
public record NeuronId(int layer, int unit) implements Comparable<NeuronId> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,6})");

  public NeuronId {
    if (layer < 1 || unit < 0) {
      throw new IllegalArgumentException(
          "layers are counted from 1 and neurons from 0: %d.%d".formatted(layer, unit));
    }
  }

  /**
   * Reads {@code 3.417}: neuron 417 of layer 3.
   *
   * @throws IllegalArgumentException if it is not of this form
   */
  public static NeuronId parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a neuron: \"%s\" (3.417 is neuron 417 of layer 3)".formatted(text));
    }
    return new NeuronId(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  @Override
  public int compareTo(NeuronId other) {
    return layer != other.layer
        ? Integer.compare(layer, other.layer)
        : Integer.compare(unit, other.unit);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return layer + "." + unit;
  }
}
