package io.polyseme.vector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One answer.
 *
 * @param rank from 1
 * @param label the entry's label
 * @param score the space's {@link Similarity}, or the method's own score; greater is nearer
 * @param fields the entry's stored fields, in the order they were stored; empty where it has none
 */
public record Hit(int rank, String label, double score, Map<String, String> fields) {
  public Hit {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }
}
