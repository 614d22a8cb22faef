package io.polyseme.bulk;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is, all parts so far together; a line of its journal.
 *
 * @param lengths of the job's files, by name, up to which they hold whole parts
 * @param warnings the first there were
 * @param finished whether the files are whole, and only have to be put in their places
 */
record JobState(
    long texts,
    long failed,
    long tokens,
    Map<String, Long> lengths,
    List<String> warnings,
    boolean finished) {
  static final JobState NEW = new JobState(0, 0, 0, Map.of(), List.of(), false);

  JobState {
    lengths = Map.copyOf(lengths);
    warnings = List.copyOf(warnings);
  }

  JobState withLengths(Map<String, Long> lengths) {
    return new JobState(texts, failed, tokens, lengths, warnings, finished);
  }

  String toLine() {
    var line = new JsonObject();
    line.addProperty("texts", texts);
    line.addProperty("failed", failed);
    line.addProperty("tokens", tokens);
    var sizes = new JsonObject();
    new TreeMap<>(lengths).forEach(sizes::addProperty);
    line.add("lengths", sizes);
    var list = new JsonArray();
    warnings.forEach(list::add);
    line.add("warnings", list);
    line.addProperty("finished", finished);
    return line.toString();
  }

  /** Null where the line is not whole. */
  static @Nullable JobState parse(String line) {
    try {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      var lengths = new TreeMap<String, Long>();
      object
          .getAsJsonObject("lengths")
          .entrySet()
          .forEach(e -> lengths.put(e.getKey(), e.getValue().getAsLong()));
      var warnings = new ArrayList<String>();
      for (JsonElement warning : object.getAsJsonArray("warnings")) {
        warnings.add(warning.getAsString());
      }
      return new JobState(
          object.get("texts").getAsLong(),
          object.get("failed").getAsLong(),
          object.get("tokens").getAsLong(),
          lengths,
          warnings,
          object.get("finished").getAsBoolean());
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | NumberFormatException
        | UnsupportedOperationException e) {
      return null;
    }
  }
}
