package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.insight.Unit;
import io.polyseme.model.ModelStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that looks inside a model. */
abstract class InspectAsked extends Command {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model's name or folder (default: by the text's script).")
  @Nullable String model;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with charts, which needs no network.")
  @Nullable Path html;

  InspectAsked(Terminal terminal) {
    super(terminal);
  }

  /** Opens the model; closed by the caller. */
  Encoder open(String sample) {
    String name = model == null ? ModelStore.defaultFor(sample) : model;
    return Encoder.open(model(name), encoderOptions());
  }

  /** The inside of a model whose graph is understood. */
  static Inside inside(Encoder encoder) {
    if (!encoder.info().problem().isEmpty()) {
      throw new PolysemeException(
          "%s cannot be looked into: %s"
              .formatted(encoder.info().card().name(), encoder.info().problem()));
    }
    return encoder.inside();
  }

  /**
   * The number of the unit that a word names.
   *
   * @param occurrence which of several, from 1
   */
  static int find(List<Unit> units, String word, int occurrence) {
    List<Integer> found = new ArrayList<>();
    String wanted = word.strip().toLowerCase(Locale.ROOT);
    for (int i = 0; i < units.size(); i++) {
      if (units.get(i).text().toLowerCase(Locale.ROOT).equals(wanted)) {
        found.add(i);
      }
    }
    if (found.isEmpty()) {
      throw new PolysemeException(
          "\"%s\" is no word of the text; its words are %s"
              .formatted(
                  word,
                  String.join(
                      ", ",
                      units.stream()
                          .filter(u -> u.kind() == Unit.Kind.WORD)
                          .map(Unit::text)
                          .distinct()
                          .limit(30)
                          .toList())));
    }
    if (occurrence > found.size()) {
      throw new PolysemeException(
          "\"%s\" is %d times in the text, and occurrence %d was asked for"
              .formatted(word, found.size(), occurrence));
    }
    return found.get(occurrence - 1);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  static List<String> labels(List<Unit> units) {
    return units.stream().map(u -> Table.printable(u.text())).toList();
  }

  /**
   * A heat map for the terminal: rows named, columns numbered as the rows are.
   *
   * @param most what the warmest colour stands for
   */
  List<String> heatMap(List<Unit> units, float[][] values, double most) {
    int widest =
        units.stream().mapToInt(u -> Table.width(Table.printable(u.text()))).max().orElse(0);
    int shown = Math.min(widest, 20);
    var lines = new ArrayList<String>();
    var head = new StringBuilder(" ".repeat(shown + 5));
    for (int column = 0; column < units.size(); column++) {
      head.append(String.format(Locale.ROOT, "%3d", column));
    }
    lines.add(head.toString());
    for (int row = 0; row < units.size(); row++) {
      String name = Table.shortened(units.get(row).text(), shown);
      var line = new StringBuilder();
      line.append(" ".repeat(shown - Table.width(name))).append(name);
      line.append(String.format(Locale.ROOT, " %3d ", row));
      for (float value : values[row]) {
        int percent = Math.round(100 * value);
        String cell = percent == 0 ? "  ." : String.format(Locale.ROOT, "%3d", percent);
        line.append(percent == 0 ? terminal.dim(cell) : terminal.shade(cell, value / most));
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
