package io.polyseme.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Span;
import java.util.List;
import java.util.Map;

/** The one JSON object that a command prints with {@code --json}. */
final class Answers {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private final JsonObject object = new JsonObject();
  private final JsonArray results = new JsonArray();
  private final JsonArray warnings = new JsonArray();

  Answers(String command, String query) {
    object.addProperty("command", command);
    object.addProperty("query", query);
  }

  /** What the answer comes from: {@code model}, {@code space} or {@code index}. */
  Answers of(String key, String name) {
    object.addProperty(key, name);
    return this;
  }

  /** A further part of the answer as a whole. */
  Answers with(String key, JsonElement part) {
    object.add(key, part);
    return this;
  }

  Answers warn(List<String> texts) {
    texts.forEach(warnings::add);
    return this;
  }

  /** A further result, to be filled. */
  JsonObject result() {
    var result = new JsonObject();
    results.add(result);
    return result;
  }

  JsonObject hit(Hit hit) {
    JsonObject result = result();
    result.addProperty("rank", hit.rank());
    result.addProperty("label", hit.label());
    result.addProperty("score", hit.score());
    String text = hit.fields().get("text");
    if (text != null) {
      result.addProperty("id", hit.label());
      result.addProperty("text", text);
    }
    String start = hit.fields().get("start");
    String end = hit.fields().get("end");
    if (start != null && end != null) {
      result.add("span", span(new Span(Integer.parseInt(start), Integer.parseInt(end))));
    }
    if (!hit.fields().isEmpty()) {
      var fields = new JsonObject();
      hit.fields().forEach(fields::addProperty);
      result.add("fields", fields);
    }
    return result;
  }

  /** One object of a stream, on a line. */
  static String line(JsonObject object) {
    return GSON.toJson(finite(object));
  }

  /** JSON has no NaN and nothing infinite: null stands for them. */
  private static JsonElement finite(JsonElement element) {
    if (element instanceof JsonPrimitive primitive
        && primitive.isNumber()
        && !Double.isFinite(primitive.getAsDouble())) {
      return JsonNull.INSTANCE;
    }
    if (element instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        JsonElement one = array.get(i);
        JsonElement kept = finite(one);
        if (kept != one) {
          array.set(i, kept);
        }
      }
    }
    if (element instanceof JsonObject object) {
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        JsonElement kept = finite(entry.getValue());
        if (kept != entry.getValue()) {
          entry.setValue(kept);
        }
      }
    }
    return element;
  }

  static JsonArray span(Span span) {
    var array = new JsonArray(2);
    array.add(span.start());
    array.add(span.end());
    return array;
  }

  static JsonArray vector(float[] vector) {
    var array = new JsonArray(vector.length);
    for (float x : vector) {
      array.add(x);
    }
    return array;
  }

  static JsonArray strings(List<String> strings) {
    var array = new JsonArray(strings.size());
    strings.forEach(array::add);
    return array;
  }

  /** On one line. */
  @Override
  public String toString() {
    object.add("results", results);
    object.add("warnings", warnings);
    return GSON.toJson(finite(object));
  }
}
