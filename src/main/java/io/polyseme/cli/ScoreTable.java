package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.polyseme.evaluate.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Scores as a person and as a program reads them. */
final class ScoreTable {
  private static final int DECIMALS = 4;

  private ScoreTable() {}

  /** A line a score under a heading; the layer's column only where there are layers. */
  static List<String> lines(List<Score> scores) {
    boolean layers = scores.stream().anyMatch(s -> !s.layer().isEmpty());
    var rows = new ArrayList<List<String>>();
    rows.add(row(layers, "section", "layer", "metric", "value", "95 % interval", "scored", "of"));
    for (Score s : scores) {
      boolean none = Double.isNaN(s.value());
      rows.add(
          row(
              layers,
              s.section(),
              s.layer(),
              s.metric(),
              none ? "-" : number(s.value()),
              none ? "-" : number(s.low()) + " to " + number(s.high()),
              Integer.toString(s.n()),
              Integer.toString(s.total())));
    }
    var widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int words = layers ? 3 : 2;
    return rows.stream().map(row -> line(row, widths, words)).toList();
  }

  private static List<String> row(boolean layers, String section, String layer, String... rest) {
    var row = new ArrayList<String>();
    row.add(section);
    if (layers) {
      row.add(layer);
    }
    row.addAll(List.of(rest));
    return row;
  }

  /** Words to the left, numbers to the right. */
  private static String line(List<String> row, int[] widths, int words) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? "" : "  ");
      line.append(i < words ? row.get(i) + padding : padding + row.get(i));
    }
    return line.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%." + DECIMALS + "f", value);
  }

  /** An object a score; what could not be measured is null. */
  static JsonArray json(List<Score> scores) {
    var array = new JsonArray();
    for (Score s : scores) {
      var object = new JsonObject();
      object.addProperty("section", s.section());
      if (!s.layer().isEmpty()) {
        object.addProperty("layer", s.layer());
      }
      object.addProperty("metric", s.metric());
      add(object, "value", s.value());
      add(object, "low", s.low());
      add(object, "high", s.high());
      object.addProperty("coverage", s.coverage());
      object.addProperty("n", s.n());
      object.addProperty("total", s.total());
      array.add(object);
    }
    return array;
  }

  private static void add(JsonObject object, String name, double value) {
    if (Double.isNaN(value)) {
      object.add(name, JsonNull.INSTANCE);
    } else {
      object.addProperty(name, value);
    }
  }
}
