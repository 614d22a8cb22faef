package io.polyseme.sense;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import io.polyseme.vector.LogisticRegression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The file of a {@link SameSense}: a JSON object with {@code kind}, {@code format}, {@code method},
 * {@code model}, {@code fingerprint}; with a threshold {@code mix}, {@code least} and {@code
 * slope}, with a head {@code means}, {@code scales}, {@code weights} and {@code intercept}; the
 * statistics {@code words} and {@code sentences} in Base64; and last {@code checksum}, the CRC-32
 * of the object without it.
 */
final class SameSenseFile {
  private static final int FORMAT = 1;
  private static final String KIND = "same-sense";
  private static final Gson GSON = new Gson();

  private SameSenseFile() {}

  static void write(SameSense sameSense, Path file) {
    var json = new JsonObject();
    json.addProperty("kind", KIND);
    json.addProperty("format", FORMAT);
    json.addProperty("method", sameSense.method().toString());
    json.addProperty("model", sameSense.model());
    json.addProperty("fingerprint", sameSense.fingerprint());
    switch (sameSense.rule()) {
      case PairThreshold(UsageMix mix, double least, double slope) -> {
        json.addProperty("mix", mix.toString());
        json.addProperty("least", least);
        json.addProperty("slope", slope);
      }
      case PairHead(float[] means, float[] scales, LogisticRegression regression) -> {
        json.add("means", array(means));
        json.add("scales", array(scales));
        json.add("weights", array(regression.weights()));
        json.addProperty("intercept", regression.intercept());
      }
    }
    json.addProperty("words", base64(sameSense.space().words()));
    json.addProperty("sentences", base64(sameSense.space().sentences()));
    json.addProperty("checksum", checksum(json));
    byte[] text = (GSON.toJson(json) + "\n").getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(text));
  }

  private static String base64(UsageSpace space) {
    return Base64.getEncoder().encodeToString(space.toBytes());
  }

  private static JsonArray array(float[] values) {
    var array = new JsonArray(values.length);
    for (float value : values) {
      array.add(value);
    }
    return array;
  }

  private static long checksum(JsonObject json) {
    var crc = new CRC32();
    crc.update(GSON.toJson(json).getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  static SameSense read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new PolysemeException(
          "%s does not exist; \"evaluate wic --save\" writes such a file".formatted(file), e);
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(file, e), e);
    }
    JsonObject json = object(file, text);
    if (!json.has("format") || !json.get("format").toString().equals(Integer.toString(FORMAT))) {
      throw new PolysemeException(
          "%s is of another version of this program; learn it again".formatted(file));
    }
    JsonElement checksum = json.remove("checksum");
    if (checksum == null || !checksum.toString().equals(Long.toString(checksum(json)))) {
      throw new PolysemeException("%s is damaged; learn it again".formatted(file));
    }
    try {
      return of(json);
    } catch (IllegalStateException // what Gson says of a value of another kind
        | IllegalArgumentException
        | UnsupportedOperationException
        | NullPointerException
        | PolysemeException e) {
      throw new PolysemeException(
          "%s is damaged (%s); learn it again".formatted(file, e.getMessage()), e);
    }
  }

  private static JsonObject object(Path file, String text) {
    String problem;
    try {
      if (JsonParser.parseString(text) instanceof JsonObject json
          && json.has("kind")
          && json.get("kind").toString().equals('"' + KIND + '"')) {
        return json;
      }
      problem = "it is of another kind";
    } catch (JsonParseException e) {
      problem = "it is no JSON, or not all of it";
    }
    throw new PolysemeException(
        "%s is no file that \"evaluate wic --save\" wrote: %s".formatted(file, problem));
  }

  private static SameSense of(JsonObject json) {
    var space = new StandardSpace(space(json, "words"), space(json, "sentences"));
    if (!Arrays.equals(space.words().layers(), space.sentences().layers())
        || space.words().dimension() != space.sentences().dimension()) {
      throw new IllegalStateException("words and sentences differ in layers or dimensions");
    }
    String method = json.get("method").getAsString().toUpperCase(Locale.ROOT);
    PairRule rule =
        switch (SameSense.Method.valueOf(method)) {
          case THRESHOLD -> threshold(json, space);
          case HEAD -> head(json, space);
        };
    return new SameSense(
        json.get("model").getAsString(), json.get("fingerprint").getAsString(), space, rule);
  }

  private static PairThreshold threshold(JsonObject json, StandardSpace space) {
    UsageMix mix = UsageMix.parse(json.get("mix").getAsString());
    if (mix.last() >= space.layers()) {
      throw new IllegalStateException("there is no layer " + mix.last());
    }
    return new PairThreshold(mix, json.get("least").getAsDouble(), json.get("slope").getAsDouble());
  }

  private static PairHead head(JsonObject json, StandardSpace space) {
    int size = PairHead.size(space);
    return new PairHead(
        floats(json, "means", size),
        floats(json, "scales", size),
        new LogisticRegression(floats(json, "weights", size), json.get("intercept").getAsDouble()));
  }

  private static UsageSpace space(JsonObject json, String name) {
    return UsageSpace.fromBytes(Base64.getDecoder().decode(json.get(name).getAsString()));
  }

  private static float[] floats(JsonObject json, String name, int size) {
    List<JsonElement> elements = json.getAsJsonArray(name).asList();
    if (elements.size() != size) {
      throw new IllegalStateException(
          "%d %s where %d should be".formatted(elements.size(), name, size));
    }
    var values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = elements.get(i).getAsFloat();
    }
    return values;
  }
}
