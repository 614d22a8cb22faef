package io.polyseme.index;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What an index knows of itself, kept in Lucene's commit data: it comes and goes with the vectors.
 *
 * @param dimension 0 in an empty index
 * @param fullText the stored fields whose words can be searched for
 * @param version of the Polyseme that made it
 */
record Metadata(
    Maker maker, int dimension, long size, Recipe recipe, List<String> fullText, String version) {
  /** Raised when an older Polyseme could not read what is written, or this one what was. */
  private static final int FORMAT = 2;

  private static final String PREFIX = "polyseme.";
  private static final String ATTACHMENT = PREFIX + "attachment.";

  IndexOptions options() {
    return recipe.options();
  }

  Similarity similarity() {
    return recipe.options().similarity();
  }

  Metadata withSize(long size) {
    return new Metadata(maker, dimension, size, recipe, fullText, version);
  }

  static String runningVersion() {
    return Objects.requireNonNullElse(
        Metadata.class.getPackage().getImplementationVersion(), "development");
  }

  /** The attachments of an index, by name. */
  static Map<String, byte[]> attachments(Map<String, String> data) {
    var attachments = new TreeMap<String, byte[]>();
    data.forEach(
        (key, value) -> {
          if (key.startsWith(ATTACHMENT)) {
            attachments.put(key.substring(ATTACHMENT.length()), Base64.getDecoder().decode(value));
          }
        });
    return attachments;
  }

  Map<String, String> toCommitData(Map<String, byte[]> attachments) {
    Map<String, String> data = toCommitData();
    attachments.forEach(
        (name, content) ->
            data.put(ATTACHMENT + name, Base64.getEncoder().encodeToString(content)));
    return data;
  }

  Map<String, String> toCommitData() {
    var data = new LinkedHashMap<String, String>();
    data.put(PREFIX + "format", Integer.toString(FORMAT));
    data.put(PREFIX + "version", version);
    data.put(PREFIX + "model", maker.model());
    data.put(PREFIX + "fingerprint", maker.fingerprint());
    data.put(PREFIX + "layer", maker.layer());
    data.put(PREFIX + "pooling", maker.pooling());
    data.put(PREFIX + "dimension", Integer.toString(dimension));
    data.put(PREFIX + "similarity", similarity().name());
    data.put(PREFIX + "size", Long.toString(size));
    data.put(PREFIX + "fullText", String.join("\n", fullText));
    data.put(PREFIX + "recipe", recipe.toString());
    return data;
  }

  static Metadata fromCommitData(String name, Map<String, String> data) {
    String format = data.get(PREFIX + "format");
    if (format == null) {
      throw new PolysemeException(name + " is a Lucene index, but not one of Polyseme's");
    }
    try {
      if (Integer.parseInt(format) < FORMAT) {
        throw new PolysemeException(
            "the index %s was made by an older Polyseme (%s) and is laid out otherwise; build it again"
                .formatted(name, data.get(PREFIX + "version")));
      }
      if (Integer.parseInt(format) > FORMAT) {
        throw new PolysemeException(
            "the index %s was made by a newer Polyseme (%s); use that one, or build the index again"
                .formatted(name, data.get(PREFIX + "version")));
      }
      var metadata =
          new Metadata(
              new Maker(
                  value(data, "model"),
                  value(data, "fingerprint"),
                  value(data, "layer"),
                  value(data, "pooling")),
              Integer.parseInt(value(data, "dimension")),
              Long.parseLong(value(data, "size")),
              Recipe.parse(value(data, "recipe")),
              value(data, "fullText").lines().toList(),
              value(data, "version"));
      if (!metadata.similarity().name().equals(value(data, "similarity"))) {
        throw new IllegalArgumentException("its similarity is not its recipe's");
      }
      return metadata;
    } catch (IllegalArgumentException e) {
      throw new PolysemeException(
          "the index %s is damaged: %s; build it again".formatted(name, e.getMessage()), e);
    }
  }

  private static String value(Map<String, String> data, String key) {
    String value = data.get(PREFIX + key);
    if (value == null) {
      throw new IllegalArgumentException("it does not say its " + key);
    }
    return value;
  }

  /** Fails where the vectors of an index cannot be compared with those of {@code expected}. */
  void require(String name, Maker expected) {
    var differences = new ArrayList<String>();
    compare(differences, "model", maker.model(), expected.model());
    if (differences.isEmpty()) {
      compare(
          differences,
          "model file with the fingerprint",
          shortened(maker.fingerprint()),
          shortened(expected.fingerprint()));
    }
    compare(differences, "layer", maker.layer(), expected.layer());
    compare(differences, "pooling", maker.pooling(), expected.pooling());
    if (!differences.isEmpty()) {
      throw new PolysemeException(
          "the index %s does not match: it was made with %s; ask it with what made it, or build it again"
              .formatted(name, String.join("; ", differences)));
    }
  }

  private static void compare(List<String> into, String what, String is, String expected) {
    if (!expected.isEmpty() && !expected.equals(is)) {
      into.add("%s %s instead of %s".formatted(what, is.isEmpty() ? "(unknown)" : is, expected));
    }
  }

  private static String shortened(String fingerprint) {
    return fingerprint.length() <= 16 ? fingerprint : fingerprint.substring(0, 16) + "…";
  }
}
