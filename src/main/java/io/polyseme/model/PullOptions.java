package io.polyseme.model;

import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a model is fetched. Immutable; start at {@link #standard()}.
 *
 * @param endpoint the base address of a server with Hugging Face's paths
 * @param revision a branch, tag or commit of a repository there; what it stands for is recorded
 * @param pooling how sentence vectors are made, for a model whose files do not say; else null
 */
public record PullOptions(URI endpoint, String revision, @Nullable Pooling pooling) {
  public PullOptions {
    String scheme = String.valueOf(endpoint.getScheme());
    if (!scheme.matches("(?i)https?") || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "\"%s\" is not an address that begins with https:// or http://".formatted(endpoint));
    }
    if (!revision.matches("[A-Za-z0-9._/-]+") || revision.contains("..")) {
      throw new IllegalArgumentException(
          "\"%s\" is not a branch, tag or commit".formatted(revision));
    }
  }

  /** From the address in {@code HF_ENDPOINT}, otherwise the public one; the branch main. */
  public static PullOptions standard() {
    String endpoint =
        Objects.requireNonNullElse(System.getenv("HF_ENDPOINT"), "https://huggingface.co");
    return new PullOptions(address(endpoint), "main", null);
  }

  private static URI address(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"%s\" is not an address".formatted(text), e);
    }
  }

  /**
   * @throws IllegalArgumentException if it is not an address of HTTP
   */
  public PullOptions withEndpoint(String endpoint) {
    return new PullOptions(address(endpoint), revision, pooling);
  }

  /**
   * @throws IllegalArgumentException if it has characters that a revision cannot have
   */
  public PullOptions withRevision(String revision) {
    return new PullOptions(endpoint, revision, pooling);
  }

  public PullOptions withPooling(Pooling pooling) {
    return new PullOptions(endpoint, revision, pooling);
  }
}
