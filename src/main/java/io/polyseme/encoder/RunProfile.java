package io.polyseme.encoder;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The profiles that ONNX Runtime writes of runs, in a folder of their own that is gone once closed.
 */
final class RunProfile implements AutoCloseable {
  private final Path folder;

  RunProfile() {
    try {
      folder = Files.createTempDirectory("polyseme-profile");
    } catch (IOException e) {
      throw new PolysemeException(
          "ONNX Runtime's profile cannot be written (is the disk full?): " + e, e);
    }
  }

  /** With what the path of each profile is to begin. */
  String prefix() {
    return folder.resolve("run").toString();
  }

  /**
   * What the finished profiles tell of each run of each operator: {@code op_name}, {@code
   * provider}, {@code input_type_shape}, {@code output_type_shape} and others, with {@code dur} in
   * microseconds.
   */
  List<JsonObject> operators() {
    var operators = new ArrayList<JsonObject>();
    try {
      List<Path> profiles;
      try (var all = Files.list(folder)) {
        profiles = all.toList();
      }
      for (Path profile : profiles) {
        for (JsonElement element :
            JsonParser.parseString(Files.readString(profile)).getAsJsonArray()) {
          JsonObject event = element.getAsJsonObject();
          if (event.get("name").getAsString().endsWith("_kernel_time")) {
            JsonObject operator = event.getAsJsonObject("args");
            operator.add("dur", event.get("dur"));
            operators.add(operator);
          }
        }
      }
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new PolysemeException("ONNX Runtime's profile cannot be read: " + e, e);
    }
    return operators;
  }

  @Override
  public void close() {
    try (var all = Files.list(folder)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      System.getLogger(RunProfile.class.getName())
          .log(System.Logger.Level.WARNING, "cannot delete {0}: {1}", folder, e);
    }
  }
}
