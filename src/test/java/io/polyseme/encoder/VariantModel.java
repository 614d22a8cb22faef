package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A bundled model with another window, pooling and prefixes than its own. */
final class VariantModel {
  private VariantModel() {}

  /**
   * @param window with the special tokens
   * @param pooling {@code cls}, {@code mean} or {@code max}
   * @param passagePrefix what stands before passages
   */
  static ModelFiles write(
      Path folder, String model, int window, String pooling, String passagePrefix)
      throws IOException {
    ModelFiles files = ModelStore.standard().open(model, Progress.NONE, Cancel.create());
    Files.createDirectories(folder.resolve("1_Pooling"));
    Path onnx = Files.copy(files.onnx(), folder.resolve("model.onnx"));
    // The field doc_string of a ModelProto, so that the file is not known by its fingerprint.
    byte[] note = "with a window of its own".getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(onnx, StandardOpenOption.APPEND)) {
      out.write(new byte[] {6 << 3 | 2, (byte) note.length});
      out.write(note);
    }
    Files.copy(files.tokenizer(), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("config.json"), "{\"max_position_embeddings\": " + window + "}");
    Files.writeString(
        folder.resolve("modules.json"),
        "[{\"type\": \"Transformer\"}, {\"type\": \"Pooling\"}, {\"type\": \"Normalize\"}]");
    Files.writeString(
        folder.resolve("1_Pooling").resolve("config.json"),
        "{\"pooling_mode\": \"" + pooling + "\"}");
    Files.writeString(
        folder.resolve("config_sentence_transformers.json"),
        "{\"prompts\": {\"query\": \"query: \", \"passage\": \"" + passagePrefix + "\"}}");
    return ModelStore.standard().open(folder.toString(), Progress.NONE, Cancel.create());
  }
}
