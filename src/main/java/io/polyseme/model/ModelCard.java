package io.polyseme.model;

import java.util.Optional;
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

  /**
   * The same model under the name of where it was fetched, with what is said there, and of its
   * family where its files say nothing.
   */
  ModelCard from(String name, String licence) {
    Optional<Family> family = Family.of(name);
    boolean prefixed = !queryPrefix.isEmpty() || !passagePrefix.isEmpty();
    return new ModelCard(
        name,
        upstream.isEmpty() ? name : upstream,
        this.licence.isEmpty() ? licence : this.licence,
        language.isEmpty() ? family.map(Family::language).orElse("") : language,
        pooling == null ? family.map(Family::pooling).orElse(null) : pooling,
        normalise,
        window,
        prefixed ? queryPrefix : family.map(Family::queryPrefix).orElse(""),
        prefixed ? passagePrefix : family.map(Family::passagePrefix).orElse(""));
  }

  /** The same of a model that was made from this one. */
  public ModelCard withName(String name) {
    return new ModelCard(
        name,
        upstream.isEmpty() ? this.name : upstream,
        licence,
        language,
        pooling,
        normalise,
        window,
        queryPrefix,
        passagePrefix);
  }

  /** The same model with another pooling; null leaves it as it is. */
  ModelCard withPooling(@Nullable Pooling pooling) {
    if (pooling == null) {
      return this;
    }
    return new ModelCard(
        name, upstream, licence, language, pooling, normalise, window, queryPrefix, passagePrefix);
  }
}
