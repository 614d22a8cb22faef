package io.polyseme.index;

import io.polyseme.vector.Maker;
import org.jspecify.annotations.Nullable;

/**
 * How an index is opened.
 *
 * @param name what messages and {@code info()} call it; empty for its path
 * @param expected what must have made it, so that its vectors can be compared with the caller's;
 *     null where that does not matter. An empty part of it is not compared.
 * @param efSearch how many candidates a search through the graph keeps where the query does not
 *     say; 0 for a number that follows k and the encoding
 */
public record OpenOptions(String name, @Nullable Maker expected, int efSearch) {
  /** Called by its path, whatever made it. */
  public static final OpenOptions DEFAULT = new OpenOptions("", null, 0);

  public OpenOptions {
    if (efSearch < 0) {
      throw new IllegalArgumentException("efSearch must not be negative: " + efSearch);
    }
  }

  public OpenOptions withName(String name) {
    return new OpenOptions(name, expected, efSearch);
  }

  public OpenOptions withExpected(Maker expected) {
    return new OpenOptions(name, expected, efSearch);
  }

  public OpenOptions withEfSearch(int efSearch) {
    return new OpenOptions(name, expected, efSearch);
  }
}
