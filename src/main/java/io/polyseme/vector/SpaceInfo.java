package io.polyseme.vector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a space is.
 *
 * @param name for messages: a name in the cache, or a path
 * @param size how many vectors
 * @param dimension of each
 * @param properties anything else that is recorded with it, in a stable order
 */
public record SpaceInfo(
    String name,
    long size,
    int dimension,
    Similarity similarity,
    Maker maker,
    Map<String, String> properties) {
  public SpaceInfo {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }
}
