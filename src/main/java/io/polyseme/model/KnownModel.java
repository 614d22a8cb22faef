package io.polyseme.model;

import com.google.gson.Gson;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that lies inside a Maven jar, as the checked-in record has it: the jars themselves hold
 * neither a licence nor a configuration.
 *
 * @param aliases other names, in lower case
 * @param maven coordinates {@code group:artifact:version} of the jar
 * @param onnx the model's path inside the jar
 * @param tokenizer the tokenizer's path inside the jar
 */
record KnownModel(
    String name,
    List<String> aliases,
    String maven,
    String onnx,
    String tokenizer,
    long onnxBytes,
    String onnxSha256,
    String tokenizerSha256,
    String upstream,
    String licence,
    String language,
    Pooling pooling,
    boolean normalise,
    int window,
    String queryPrefix,
    String passagePrefix) {

  /** The checked-in records. */
  static final List<KnownModel> ALL = read();

  private static List<KnownModel> read() {
    try (Reader reader =
        new InputStreamReader(
            KnownModel.class.getResourceAsStream("known-models.json"), StandardCharsets.UTF_8)) {
      return List.of(new Gson().fromJson(reader, KnownModel[].class));
    } catch (IOException e) {
      throw new PolysemeException("cannot read the records of known models", e);
    }
  }

  static Optional<KnownModel> named(String name) {
    return ALL.stream()
        .filter(
            model ->
                model.name.equalsIgnoreCase(name)
                    || model.maven.equals(name)
                    || model.aliases.stream().anyMatch(name::equalsIgnoreCase))
        .findFirst();
  }

  static Optional<KnownModel> withFingerprint(String sha256) {
    return ALL.stream().filter(model -> model.onnxSha256.equals(sha256)).findFirst();
  }

  /** The model on the class path; null where it is not there. */
  @Nullable URL resource(String path) {
    return KnownModel.class.getResource("/" + path);
  }

  boolean bundled() {
    return resource(onnx) != null && resource(tokenizer) != null;
  }

  ModelCard card() {
    return new ModelCard(
        name, upstream, licence, language, pooling, normalise, window, queryPrefix, passagePrefix);
  }
}
