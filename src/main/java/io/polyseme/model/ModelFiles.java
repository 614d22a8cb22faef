package io.polyseme.model;

import java.nio.file.Path;

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
}
