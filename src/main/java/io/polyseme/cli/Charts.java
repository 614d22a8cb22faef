package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;

/** Options of Apache ECharts for the charts that pages show. */
final class Charts {
  /** The height in pixels, which ECharts does not read. */
  static final String HEIGHT = "polysemeHeight";

  private static final int CELL = 26;
  private static final int MANY = 60;

  private Charts() {}

  /**
   * A heat map.
   *
   * @param columns labels from left to right
   * @param rows labels from top to bottom
   * @param values by row and column; NaN leaves a cell empty
   * @param least what the coldest colour stands for
   * @param most what the warmest colour stands for
   */
  static JsonObject heatMap(
      List<String> columns, List<String> rows, float[][] values, double least, double most) {
    var option = new JsonObject();
    JsonObject x = axis("category", columns);
    x.addProperty("position", "top");
    x.add("axisLabel", object("interval", 0, "rotate", columns.size() > 8 ? 60 : 0));
    JsonObject y = axis("category", rows);
    y.addProperty("inverse", true);
    y.add("axisLabel", object("interval", 0));
    option.add("xAxis", x);
    option.add("yAxis", y);
    option.add("grid", object("left", 110, "right", 80, "top", 90, "bottom", 10));
    JsonObject colours = object("min", least, "max", most);
    colours.addProperty("calculable", true);
    colours.addProperty("precision", 2);
    colours.addProperty("right", 0);
    colours.addProperty("top", "middle");
    var range = new JsonObject();
    range.add("color", strings(least < 0 ? DIVERGING : SEQUENTIAL));
    colours.add("inRange", range);
    option.add("visualMap", colours);
    var data = new JsonArray();
    for (int row = 0; row < values.length; row++) {
      for (int column = 0; column < values[row].length; column++) {
        if (!Float.isNaN(values[row][column])) {
          var one = new JsonArray(3);
          one.add(column);
          one.add(row);
          one.add(Math.round(values[row][column] * 1e4) / 1e4);
          data.add(one);
        }
      }
    }
    var series = new JsonObject();
    series.addProperty("type", "heatmap");
    series.add("data", data);
    option.add("series", series);
    int cell = rows.size() > MANY ? CELL / 2 : CELL;
    option.addProperty(HEIGHT, Math.max(240, 120 + cell * rows.size()));
    return option;
  }

  private static final List<String> SEQUENTIAL =
      List.of("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b");
  private static final List<String> DIVERGING =
      List.of("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b");

  /**
   * Lines over common places.
   *
   * @param places labels from left to right
   * @param lines the values of each line by its name; NaN leaves a gap
   */
  static JsonObject lines(
      String placesName, List<String> places, String valueName, Map<String, double[]> lines) {
    return series("line", placesName, places, valueName, lines);
  }

  /** As {@link #lines}, with bars. */
  static JsonObject bars(
      String placesName, List<String> places, String valueName, Map<String, double[]> bars) {
    return series("bar", placesName, places, valueName, bars);
  }

  private static JsonObject series(
      String type,
      String placesName,
      List<String> places,
      String valueName,
      Map<String, double[]> values) {
    var option = new JsonObject();
    JsonObject x = axis("category", places);
    x.addProperty("name", placesName);
    x.addProperty("nameLocation", "middle");
    x.addProperty("nameGap", 28);
    option.add("xAxis", x);
    JsonObject y = object("type", "value");
    y.addProperty("name", valueName);
    var left = new JsonObject();
    left.addProperty("align", "left");
    y.add("nameTextStyle", left); // a long name would begin beyond the picture
    y.addProperty("scale", type.equals("line"));
    option.add("yAxis", y);
    option.add("grid", object("left", 70, "right", 20, "top", 60, "bottom", 50));
    option.add("tooltip", object("trigger", "axis"));
    option.add("legend", object("top", 0, "type", "scroll"));
    var all = new JsonArray();
    values.forEach(
        (name, numbers) -> {
          var one = new JsonObject();
          one.addProperty("type", type);
          one.addProperty("name", name);
          var data = new JsonArray();
          for (double number : numbers) {
            if (Double.isFinite(number)) {
              data.add(Math.round(number * 1e5) / 1e5);
            } else {
              data.add("-");
            }
          }
          one.add("data", data);
          all.add(one);
        });
    option.add("series", all);
    return option;
  }

  private static JsonObject axis(String type, List<String> labels) {
    JsonObject axis = object("type", type);
    axis.add("data", strings(labels));
    return axis;
  }

  private static JsonArray strings(List<String> strings) {
    return Answers.strings(strings);
  }

  /** An object of names and values in turn. */
  private static JsonObject object(Object... namesAndValues) {
    var object = new JsonObject();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = (String) namesAndValues[i];
      if (namesAndValues[i + 1] instanceof Number number) {
        object.addProperty(name, number);
      } else {
        object.addProperty(name, (String) namesAndValues[i + 1]);
      }
    }
    return object;
  }
}
