package io.polyseme.model;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a model beside its graph.
 *
 * @param name by which it is called and under which it is cached
 * @param upstream the Hugging Face repository that it comes from; empty where not known
 * @param licence its SPDX identifier; empty where not known
 * @param language {@code en}, {@code zh}; empty where not known
 * @param pooling how a sentence vector is made; null where nothing says so, and then only vectors
 *     of words can be had
 * @param normalise whether sentence vectors are brought to unit length
 * @param window how many tokens the model takes at once, special ones included
 * @param queryPrefix what is put before a query; often empty
 * @param passagePrefix what is put before what is searched; often empty
 */
public record ModelCard(
    String name,
    String upstream,
    String licence,
    String language,
    @Nullable Pooling pooling,
    boolean normalise,
    int window,
    String queryPrefix,
    String passagePrefix) {
  public ModelCard {
    if (window < 3) {
      throw new IllegalArgumentException("a window must hold at least 3 tokens: " + window);
    }
  }
}
