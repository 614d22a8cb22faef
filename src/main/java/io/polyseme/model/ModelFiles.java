package io.polyseme.model;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A model whose files are on local disk.
 *
 * @param fingerprint SHA-256 of the ONNX file, in hex
 */
public record ModelFiles(
    ModelCard card, Path folder, Path onnx, Path tokenizer, String fingerprint) {
  ModelFiles withCard(ModelCard card) {
    return new ModelFiles(card, folder, onnx, tokenizer, fingerprint);
  }

  /**
   * The id of the padding token, as the model's {@code config.json} has it; empty where it is not
   * said there.
   *
   * @throws io.polyseme.PolysemeException if the file is broken
   */
  public OptionalInt paddingId() {
    return ModelFolder.paddingId(folder);
  }

  /**
   * Why it is not known how the model's sentence vectors are pooled: its files do not say, or say
   * what is not done here; empty where it is known.
   *
   * @throws io.polyseme.PolysemeException if a file is broken
   */
  public String poolingProblem() {
    return card.pooling() == null ? ModelFolder.poolingProblem(folder) : "";
  }
}
