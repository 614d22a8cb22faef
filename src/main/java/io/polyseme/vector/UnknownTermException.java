package io.polyseme.vector;

import io.polyseme.PolysemeException;
import java.util.List;

/** A word that the space does not have. */
public final class UnknownTermException extends PolysemeException {
  private static final long serialVersionUID = 1L;

  private final String term;
  private final transient List<String> near;

  /**
   * @param where the space, for the message
   * @param near names that it has and that look like the term; may be empty
   */
  public UnknownTermException(String term, String where, List<String> near) {
    super(
        "\"%s\" is not in %s%s"
            .formatted(
                term,
                where,
                near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
    this.term = term;
    this.near = List.copyOf(near);
  }

  public String term() {
    return term;
  }

  public List<String> near() {
    return near == null ? List.of() : near;
  }
}
