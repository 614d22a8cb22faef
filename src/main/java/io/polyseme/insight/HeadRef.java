package io.polyseme.insight;

/**
 * An attention head.
 *
 * @param layer from 1
 * @param head from 0
 */
public record HeadRef(int layer, int head) implements Comparable<HeadRef> {
  /** As {@code 3.7}: layer 3, head 7. */
  @Override
  public String toString() {
    return layer + "." + head;
  }

  @Override
  public int compareTo(HeadRef other) {
    return layer != other.layer
        ? Integer.compare(layer, other.layer)
        : Integer.compare(head, other.head);
  }
}
