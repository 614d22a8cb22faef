package io.polyseme.vector;

import java.util.List;
import java.util.Optional;

/**
 * Labelled vectors with one similarity. Thread-safe; closed by whoever opened it, once calls in
 * flight have ended. Every call after that is an {@link IllegalStateException}.
 */
public interface VectorSpace extends AutoCloseable {
  SpaceInfo info();

  /** The vector of a label: a copy, float[dimension]; empty where the label is not there. */
  Optional<float[]> vector(String label);

  /** Labels that are there and look like this one, likeliest first: at most {@code limit}. */
  List<String> nearNames(String label, int limit);

  /**
   * The nearest to a query.
   *
   * @throws IllegalArgumentException if the query's dimension is not the space's, or it asks for a
   *     method or precision that this space cannot give
   */
  Answer search(Query query);

  /**
   * The answers to many queries, as {@link #search} gives them one by one; where the space can, in
   * far fewer passes over its vectors.
   */
  default List<Answer> searchAll(List<Query> queries) {
    return queries.stream().map(this::search).toList();
  }

  /**
   * A twin over the same data that looks at every vector, to check against. Closing it does
   * nothing; it lives as long as this space.
   */
  VectorSpace exact();

  @Override
  void close();
}
