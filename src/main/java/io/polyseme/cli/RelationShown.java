package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.insight.Estimate;
import io.polyseme.insight.RelationChoice;
import io.polyseme.insight.RelationMethod;
import io.polyseme.insight.RelationReport;
import io.polyseme.insight.RelationScore;
import io.polyseme.insight.RelationTrial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is shown of a relation that was measured. */
final class RelationShown {
  private final String title;
  private final RelationTrial trial;
  private final RelationReport report;

  RelationShown(String title, RelationTrial trial, RelationReport report) {
    this.title = title;
    this.trial = trial;
    this.report = report;
  }

  void show(Command command, @Nullable Path html) throws IOException {
    if (command.json) {
      command.print(json());
    } else {
      text(command);
    }
    if (html != null) {
      write(html);
    }
  }

  private static String place(RelationScore score) {
    return score.layer().isEmpty() ? score.name() : "layer " + score.layer();
  }

  private static String column(RelationScore score) {
    String name =
        score.method() == RelationMethod.SOURCE
            ? "nothing learned"
            : score.method().name().toLowerCase(Locale.ROOT);
    return score.shuffled() ? name + ", shuffled" : name;
  }

  /** The scores by row and column. */
  private Map<String, Map<String, RelationScore>> rows(boolean apart) {
    Map<String, Map<String, RelationScore>> rows = new LinkedHashMap<>();
    for (RelationScore score : report.scores()) {
      if (score.apart() == apart) {
        rows.computeIfAbsent(place(score), _ -> new LinkedHashMap<>()).put(column(score), score);
      }
    }
    return rows;
  }

  private Set<String> columns() {
    Set<String> columns = new LinkedHashSet<>();
    report.scores().forEach(score -> columns.add(column(score)));
    return columns;
  }

  private List<List<String>> table(
      Map<String, Map<String, RelationScore>> rows, Function<RelationScore, String> cell) {
    var table = new ArrayList<List<String>>();
    var head = new ArrayList<String>(List.of(""));
    head.addAll(columns());
    head.add("pairs");
    table.add(head);
    rows.forEach(
        (place, scores) -> {
          var row = new ArrayList<String>(List.of(place));
          columns()
              .forEach(
                  column ->
                      row.add(scores.containsKey(column) ? cell.apply(scores.get(column)) : ""));
          row.add(Integer.toString(scores.values().iterator().next().hitAt1().n()));
          table.add(row);
        });
    return table;
  }

  private static String withInterval(RelationScore score) {
    Estimate it = score.hitAt1();
    if (it.n() == 0) {
      return "-";
    }
    return score.shuffled() || score.method() == RelationMethod.SOURCE
        ? String.format(Locale.ROOT, "%.2f", it.value())
        : String.format(Locale.ROOT, "%.2f [%.2f, %.2f]", it.value(), it.low(), it.high());
  }

  private static String others(RelationScore score) {
    return score.hitAt5().n() == 0
        ? "-"
        : String.format(
            Locale.ROOT, "%.2f, %.2f", score.hitAt5().value(), score.reciprocal().value());
  }

  private static void print(Command command, List<List<String>> rows) {
    var table = new Table();
    rows.forEach(row -> table.row(row.toArray(String[]::new)));
    command.print(table.lines());
  }

  private String head() {
    return String.format(
        Locale.ROOT,
        "%s: %d pairs, of which %d overlap in their strings; %d folds, %d words to choose from",
        title,
        report.pairs(),
        report.overlapping(),
        trial.folds(),
        report.scores().getFirst().candidates());
  }

  private void text(Command command) {
    command.print(head());
    command.print("The share of held-out pairs whose target comes first, with its 95 % interval");
    print(command, table(rows(false), RelationShown::withInterval));
    command.print("");
    command.print("The share whose target is among the first five, and the mean reciprocal rank");
    print(command, table(rows(false), RelationShown::others));
    if (report.overlapping() == report.pairs()) {
      command.print("");
      command.print("The strings of all pairs overlap");
    } else if (report.overlapping() > 0) {
      command.print("");
      command.print("The share that comes first, of pairs whose strings do not overlap");
      print(command, table(rows(true), RelationShown::withInterval));
    }
    for (RelationChoice it : report.choices()) {
      command.print("");
      command.print(told(it));
    }
  }

  private static String told(RelationChoice it) {
    return String.format(
        Locale.ROOT,
        "%s%s: best at layer %s by one half of the pairs (reciprocal rank %.2f); in the other half"
            + " %.2f [%.2f, %.2f] come first, reciprocal rank %.2f (%d pairs)",
        column(it.score()),
        it.apart() ? ", strings that do not overlap" : "",
        it.score().layer(),
        it.chosenBy(),
        it.score().hitAt1().value(),
        it.score().hitAt1().low(),
        it.score().hitAt1().high(),
        it.score().reciprocal().value(),
        it.score().hitAt1().n());
  }

  private String json() {
    var answers = new Answers("relate", title).of("model", report.scores().getFirst().name());
    var whole = new JsonObject();
    whole.addProperty("pairs", report.pairs());
    whole.addProperty("overlapping", report.overlapping());
    whole.addProperty("folds", trial.folds());
    answers.with("relation", whole);
    report.scores().forEach(score -> describe(answers.result(), score));
    var choices = new JsonArray();
    for (RelationChoice it : report.choices()) {
      var choice = new JsonObject();
      choice.addProperty("chosenBy", it.chosenBy());
      describe(choice, it.score());
      choices.add(choice);
    }
    whole.add("choices", choices);
    return answers.toString();
  }

  private static void describe(JsonObject result, RelationScore score) {
    result.addProperty("label", score.name());
    if (!score.layer().isEmpty()) {
      result.addProperty("layer", score.layer());
    }
    result.addProperty("method", score.method().name().toLowerCase(Locale.ROOT));
    result.addProperty("shuffled", score.shuffled());
    result.addProperty("apart", score.apart());
    result.addProperty("candidates", score.candidates());
    result.add("hit@1", figure(score.hitAt1()));
    result.add("hit@5", figure(score.hitAt5()));
    result.add("reciprocalRank", figure(score.reciprocal()));
  }

  private void write(Path html) throws IOException {
    var page = new HtmlPage("A relation by layers").text(head());
    boolean both = report.overlapping() > 0 && report.overlapping() < report.pairs();
    for (boolean apart : both ? new boolean[] {false, true} : new boolean[1]) {
      Map<String, Map<String, RelationScore>> rows = rows(apart);
      Map<String, double[]> lines = new LinkedHashMap<>();
      for (String column : columns()) {
        lines.put(
            column,
            rows.values().stream()
                .mapToDouble(
                    row -> row.containsKey(column) ? row.get(column).hitAt1().value() : Double.NaN)
                .toArray());
      }
      page.chart(
          apart ? "Pairs whose strings do not overlap" : "All pairs",
          "The share of held-out pairs whose target comes first.",
          Charts.lines("", List.copyOf(rows.keySet()), "hit@1", lines));
      page.table(table(rows, RelationShown::withInterval));
    }
    report.choices().forEach(it -> page.text(told(it)));
    page.write(html);
  }

  static JsonObject figure(Estimate estimate) {
    var figure = new JsonObject();
    figure.addProperty("value", estimate.value());
    figure.addProperty("low", estimate.low());
    figure.addProperty("high", estimate.high());
    figure.addProperty("n", estimate.n());
    return figure;
  }
}
