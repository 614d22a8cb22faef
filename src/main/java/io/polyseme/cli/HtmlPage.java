package io.polyseme.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * A page with charts that needs nothing beside itself: Apache ECharts and the charts' data are
 * written into it.
 */
final class HtmlPage {
  private static final String LIBRARY =
      "/META-INF/resources/webjars/echarts/%s/dist/echarts.min.js";
  private static final String VERSION = "/META-INF/maven/org.webjars.npm/echarts/pom.properties";

  private final String title;
  private final StringBuilder body = new StringBuilder();
  private final JsonArray charts = new JsonArray();

  HtmlPage(String title) {
    this.title = title;
  }

  HtmlPage heading(String text) {
    body.append("<h2>").append(escaped(text)).append("</h2>\n");
    return this;
  }

  HtmlPage text(String paragraph) {
    body.append("<p>").append(escaped(paragraph)).append("</p>\n");
    return this;
  }

  /**
   * A chart.
   *
   * @param option of ECharts, in plain JSON; {@code polysemeHeight} in it is the height in pixels
   */
  HtmlPage chart(String heading, String note, JsonObject option) {
    return choice(heading, note, List.of(heading), List.of(option));
  }

  /** One of several charts, chosen by a slider or by its name. */
  HtmlPage choice(String heading, String note, List<String> names, List<JsonObject> options) {
    if (names.isEmpty() || names.size() != options.size()) {
      throw new IllegalArgumentException(names.size() + " names for " + options.size());
    }
    int number = charts.size();
    heading(heading);
    if (!note.isEmpty()) {
      body.append("<p class=\"note\">").append(escaped(note)).append("</p>\n");
    }
    if (names.size() > 1) {
      body.append("<div class=\"choice\"><select id=\"select-%d\">".formatted(number));
      for (int i = 0; i < names.size(); i++) {
        body.append("<option value=\"%d\">%s</option>".formatted(i, escaped(names.get(i))));
      }
      body.append(
          "</select><input type=\"range\" id=\"slider-%d\" min=\"0\" max=\"%d\" value=\"0\" aria-label=\"%s\"></div>\n"
              .formatted(number, names.size() - 1, escaped(heading)));
    }
    int height = 0;
    var list = new JsonArray();
    for (JsonObject option : options) {
      height =
          Math.max(height, option.has(Charts.HEIGHT) ? option.get(Charts.HEIGHT).getAsInt() : 360);
      list.add(option);
    }
    body.append(
        "<div class=\"chart\" id=\"chart-%d\" style=\"height: %dpx\"></div>\n"
            .formatted(number, height));
    var chart = new JsonObject();
    chart.add("options", list);
    charts.add(chart);
    return this;
  }

  /** Rows of cells, the first of them headings. */
  HtmlPage table(List<List<String>> rows) {
    body.append("<table>\n");
    for (int row = 0; row < rows.size(); row++) {
      body.append("<tr>");
      for (String cell : rows.get(row)) {
        body.append(row == 0 ? "<th>" : "<td>").append(escaped(cell));
      }
      body.append("\n");
    }
    body.append("</table>\n");
    return this;
  }

  /** Writes the page beside its place and moves it there. */
  void write(Path file) throws IOException {
    String html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        <h1>%s</h1>
        %s<script type="application/json" id="charts">%s</script>
        <script>%s</script>
        <script>%s</script>
        </body>
        </html>
        """
            .formatted(
                escaped(title),
                resource("page.css"),
                escaped(title),
                body,
                // Gson writes < and > inside strings as escapes, so that no text ends the script.
                new Gson().toJson(charts),
                library(),
                resource("page.js"));
    byte[] bytes = html.getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(bytes));
  }

  private static String library() throws IOException {
    try (InputStream properties = HtmlPage.class.getResourceAsStream(VERSION)) {
      if (properties == null) {
        throw new PolysemeException(
            "HTML pages need Apache ECharts: add org.webjars.npm:echarts to the class path");
      }
      var values = new Properties();
      values.load(properties);
      return resource(LIBRARY.formatted(values.getProperty("version")));
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new PolysemeException("the class path lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String escaped(String text) {
    return Table.printable(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
