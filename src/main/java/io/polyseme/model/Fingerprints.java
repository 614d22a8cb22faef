package io.polyseme.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the SHA-256 of model files in folders of the user's, by path, size and time, so that
 * hundreds of megabytes need not be read whole each time one is opened.
 */
final class Fingerprints {
  private Fingerprints() {}

  static String of(Path file, @Nullable Path memory) {
    try {
      if (memory == null) {
        return Sha256.of(file);
      }
      String key =
          "%s %d %d"
              .formatted(
                  file.toRealPath(), Files.size(file), Files.getLastModifiedTime(file).toMillis());
      JsonObject known = read(memory);
      if (known.has(key)) {
        return known.get(key).getAsString();
      }
      String fingerprint = Sha256.of(file);
      known.addProperty(key, fingerprint);
      write(memory, known);
      return fingerprint;
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    }
  }

  private static JsonObject read(Path memory) throws IOException {
    if (!Files.isRegularFile(memory)) {
      return new JsonObject();
    }
    try {
      return JsonParser.parseString(Files.readString(memory)).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      return new JsonObject(); // only a memory: it fills again
    }
  }

  private static void write(Path memory, JsonObject known) {
    try {
      Files.createDirectories(memory.getParent());
      Path temporary = Files.createTempFile(memory.getParent(), ".fingerprints-", ".json");
      Files.writeString(temporary, new Gson().toJson(known));
      Files.move(temporary, memory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      System.getLogger(Fingerprints.class.getName())
          .log(System.Logger.Level.DEBUG, "cannot remember fingerprints in " + memory, e);
    }
  }
}
