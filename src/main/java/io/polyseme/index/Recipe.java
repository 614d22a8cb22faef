package io.polyseme.index;

import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Similarity;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How an index is made: a small declarative text, one {@code key = value} a line, {@code #} for
 * comments, in UTF-8. Only {@code source} must be there; a key that is left out means what whoever
 * runs the recipe takes by default.
 *
 * <pre>
 * # WordNet's definitions, for a reverse dictionary
 * source = wordnet-glosses
 * model = bge-small-en-v1.5
 * layer = last
 * m = 16
 * </pre>
 *
 * @param description for a person
 * @param source what is indexed: {@code wordnet-glosses}, {@code lines}, {@code folder}, {@code
 *     words:NAME}, or whatever else its runner knows, with its argument after a colon
 * @param model the encoder's name; empty for the default
 * @param layer the layers, as the encoder's options write them; empty for the default
 * @param pooling how tokens become one vector; empty for the model's own
 * @param role what the texts are to a model that tells queries from passages; empty for neither
 * @param text which field of the source is encoded; empty for the source's own choice
 * @param label which field names an entry; empty for the source's own choice
 * @param lemmatise whether a word's base form stands in its place while it is encoded
 * @param texts the language of texts, and how long ones are cut
 * @param options similarity, encoding, m and efConstruction
 */
public record Recipe(
    String description,
    String source,
    String model,
    String layer,
    String pooling,
    String role,
    String text,
    String label,
    boolean lemmatise,
    TextOptions texts,
    IndexOptions options) {

  /** How the file of a recipe ends. */
  public static final String EXTENSION = ".recipe";

  private static final List<String> KEYS =
      List.of(
          "description",
          "source",
          "model",
          "layer",
          "pooling",
          "role",
          "text",
          "label",
          "lemmatise",
          "language",
          "chunk",
          "overlap",
          "late",
          "similarity",
          "encoding",
          "m",
          "efConstruction");

  public Recipe {
    for (String value : List.of(description, source, model, layer, pooling, role, text, label)) {
      if (!value.equals(value.strip()) || value.chars().anyMatch(c -> c == '\n' || c == '\r')) {
        throw new IllegalArgumentException(
            "a recipe's value must be one line without spaces around it: \"" + value + '"');
      }
    }
    if (source.isEmpty()) {
      throw new IllegalArgumentException("a recipe needs a source");
    }
    Objects.requireNonNull(texts, "texts");
    Objects.requireNonNull(options, "options");
  }

  /** Only a source, and everything else by default. */
  public static Recipe of(String source) {
    return new Recipe(
        "", source, "", "", "", "", "", "", false, TextOptions.DEFAULT, IndexOptions.DEFAULT);
  }

  public Recipe withDescription(String description) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withSource(String source) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withModel(String model) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withLayer(String layer) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withPooling(String pooling) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withRole(String role) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withText(String text) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withLabel(String label) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withLemmatise(boolean lemmatise) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withTexts(TextOptions texts) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  public Recipe withOptions(IndexOptions options) {
    return new Recipe(
        description, source, model, layer, pooling, role, text, label, lemmatise, texts, options);
  }

  /**
   * Reads the file of a recipe.
   *
   * @throws PolysemeException if it cannot be read or is no recipe, with the file and the line
   */
  public static Recipe read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no recipe " + file, e);
    } catch (MalformedInputException e) {
      throw new PolysemeException("the recipe " + file + " is not text in UTF-8", e);
    } catch (IOException e) {
      throw Trouble.io("cannot read the recipe " + file, e);
    }
  }

  /**
   * Reads the text of a recipe.
   *
   * @throws PolysemeException if it is none, with the line
   */
  public static Recipe parse(String text) {
    return parse(text, "recipe");
  }

  private static Recipe parse(String text, String where) {
    var values = new LinkedHashMap<String, String>();
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = (number == 1 && raw.startsWith("\uFEFF") ? raw.substring(1) : raw).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String place = where + ", line " + number;
      int equals = line.indexOf('=');
      if (equals < 0) {
        throw new PolysemeException(
            "%s: expected \"key = value\", found \"%s\"".formatted(place, shortened(line)));
      }
      String key = line.substring(0, equals).strip();
      if (!KEYS.contains(key)) {
        List<String> near = NearNames.among(KEYS, key, 3);
        throw new PolysemeException(
            "%s: unknown key \"%s\"; %s"
                .formatted(
                    place,
                    shortened(key),
                    near.isEmpty()
                        ? "known are " + String.join(", ", KEYS)
                        : "did you mean " + String.join(", ", near) + "?"));
      }
      if (values.put(key, line.substring(equals + 1).strip()) != null) {
        throw new PolysemeException("%s: \"%s\" is there a second time".formatted(place, key));
      }
    }
    if (values.getOrDefault("source", "").isEmpty()) {
      throw new PolysemeException(
          where + ": a recipe needs a source, such as \"source = wordnet-glosses\"");
    }
    try {
      IndexOptions standard = IndexOptions.DEFAULT;
      return new Recipe(
          values.getOrDefault("description", ""),
          values.get("source"),
          values.getOrDefault("model", ""),
          values.getOrDefault("layer", ""),
          values.getOrDefault("pooling", ""),
          values.getOrDefault("role", ""),
          values.getOrDefault("text", ""),
          values.getOrDefault("label", ""),
          truth(values, "lemmatise"),
          new TextOptions(
              values.getOrDefault("language", ""),
              number(values, "chunk", TextOptions.DEFAULT.chunk()),
              number(values, "overlap", TextOptions.DEFAULT.overlap()),
              truth(values, "late")),
          new IndexOptions(
              constant(values, "similarity", standard.similarity(), Similarity.values()),
              constant(values, "encoding", standard.encoding(), Encoding.values()),
              number(values, "m", standard.m()),
              number(values, "efConstruction", standard.efConstruction())));
    } catch (IllegalArgumentException e) {
      throw new PolysemeException(where + ": " + e.getMessage(), e);
    }
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static <E extends Enum<E>> E constant(
      Map<String, String> values, String key, E standard, E[] known) {
    String value = values.get(key);
    if (value == null) {
      return standard;
    }
    for (E e : known) {
      if (written(e).equals(value.toLowerCase(Locale.ROOT))) {
        return e;
      }
    }
    throw new IllegalArgumentException(
        "%s must be one of %s, and is \"%s\""
            .formatted(
                key,
                Arrays.stream(known).map(Recipe::written).collect(Collectors.joining(", ")),
                shortened(value)));
  }

  private static boolean truth(Map<String, String> values, String key) {
    String value = values.getOrDefault(key, "false").toLowerCase(Locale.ROOT);
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException(
          "%s must be true or false, and is \"%s\"".formatted(key, shortened(value)));
    }
    return value.equals("true");
  }

  private static int number(Map<String, String> values, String key, int standard) {
    String value = values.get(key);
    if (value == null) {
      return standard;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be a whole number, and is \"%s\"".formatted(key, shortened(value)), e);
    }
  }

  /** How a constant is written in a recipe: {@code dot-product}. */
  private static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The recipe as text that {@link #parse} reads: every key with a value, in a fixed order. */
  @Override
  public String toString() {
    var out = new StringBuilder();
    line(out, "description", description);
    line(out, "source", source);
    line(out, "model", model);
    line(out, "layer", layer);
    line(out, "pooling", pooling);
    line(out, "role", role);
    line(out, "text", text);
    line(out, "label", label);
    line(out, "lemmatise", lemmatise ? "true" : "");
    line(out, "language", texts.language());
    line(out, "chunk", texts.chunk() == TextOptions.DEFAULT.chunk() ? "" : "" + texts.chunk());
    line(
        out,
        "overlap",
        texts.overlap() == TextOptions.DEFAULT.overlap() ? "" : "" + texts.overlap());
    line(out, "late", texts.late() ? "true" : "");
    line(out, "similarity", written(options.similarity()));
    line(out, "encoding", written(options.encoding()));
    line(out, "m", Integer.toString(options.m()));
    line(out, "efConstruction", Integer.toString(options.efConstruction()));
    return out.toString();
  }

  private static void line(StringBuilder out, String key, String value) {
    if (!value.isEmpty()) {
      out.append(key).append(" = ").append(value).append('\n');
    }
  }
}
