package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.insight.TextAttention;
import io.polyseme.insight.TextAttention.Match;
import io.polyseme.insight.Unit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "attention",
    description = {
      "Who looks at whom in a text, or in a pair of texts: a row for the word that looks, a column"
          + " for the one that is looked at, in percent.",
      "Pieces are joined to words; separators and other special tokens stand apart. With --word"
          + " what that word looks at, and what looks at it; with --to, too, why the two match:"
          + " query times key, element by element."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect attention \"The animal didn't cross the street because it was too"
          + " tired.\"",
      "  polyseme inspect attention TEXT --layer 3 --head 7",
      "  polyseme inspect attention TEXT --word it --to animal",
      "  polyseme inspect attention \"A bank lends.\" \"It is by the river.\" --html attention.html"
    })
final class InspectAttentionCommand extends InspectAsked {
  private static final int SHOWN_PARTS = 8;

  /** More words than these have no room on a terminal. */
  private static final int MOST_COLUMNS = 60;

  /** A page holds every head of a text of so many words, and only the layers of a longer one. */
  private static final int MOST_WITH_HEADS = 80;

  private static final int MOST_ON_PAGE = 200;

  private enum Measure {
    WEIGHTS,
    NORMS,
    ROLLOUT
  }

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SECOND",
      description = "A second text, read with the first as a pair.")
  @Nullable String second;

  @Option(names = "--layer", paramLabel = "L", description = "Only this layer, from 1.")
  @Nullable Integer layer;

  @Option(names = "--head", paramLabel = "H", description = "Only this head of the layer, from 0.")
  @Nullable Integer head;

  @Option(names = "--word", paramLabel = "WORD", description = "The word that looks.")
  @Nullable String word;

  @Option(names = "--to", paramLabel = "WORD", description = "The word that is looked at.")
  @Nullable String to;

  @Option(
      names = "--occurrence",
      paramLabel = "N",
      description = "Which --word, where it is more than once in the text (default: the first).")
  int occurrence = 1;

  @Option(names = "--to-occurrence", paramLabel = "N", description = "Which --to, likewise.")
  int toOccurrence = 1;

  @Option(
      names = "--measure",
      paramLabel = "M",
      description =
          "weights: the attention's probabilities; norms: the length of what is brought, by"
              + " attention times value (Kobayashi et al. 2020); rollout: where a state comes from"
              + " over all layers so far (Abnar and Zuidema 2020). Default: ${DEFAULT-VALUE}.")
  String measure = "weights";

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many words or heads (default: ${DEFAULT-VALUE}).")
  int top = 5;

  InspectAttentionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    Measure by = option("--measure", measure, Measure.class);
    if (head != null && layer == null) {
      throw wrongUse("--head is of a layer: give --layer, too");
    }
    if (head != null && by == Measure.ROLLOUT) {
      throw wrongUse("rollout is over all heads: leave --head out");
    }
    if (to != null && word == null) {
      throw wrongUse("--to is what --word looks at: give --word, too");
    }
    if (to != null && by != Measure.WEIGHTS) {
      throw wrongUse("--to explains the weights: leave --measure out");
    }
    if (top < 1 || occurrence < 1 || toOccurrence < 1) {
      throw wrongUse("--top and --occurrence count from 1");
    }
    String asked = text(text, "a text");
    try (Encoder encoder = open(asked)) {
      Inside inside = inside(encoder);
      TokenisedText tokens =
          second == null ? inside.tokenise(asked) : inside.tokenise(asked, second);
      TextAttention attention = TextAttention.of(inside, tokens);
      require(attention);
      var answers =
          new Answers("inspect attention", asked).of("model", encoder.info().card().name());
      if (word == null) {
        show(attention, by, answers);
      } else {
        int from = find(attention.units(), word, occurrence);
        if (to == null) {
          showWord(attention, by, from, answers);
        } else {
          showPair(attention, from, find(attention.units(), to, toOccurrence), answers);
        }
      }
      if (json) {
        print(answers.toString());
      }
      if (html != null && attention.units().size() > MOST_ON_PAGE) {
        throw wrongUse(
            "a page has room for %d words, and the text has %d: look at a part of it"
                .formatted(MOST_ON_PAGE, attention.units().size()));
      }
      if (html != null) {
        page(attention, by, encoder.info().card().name()).write(html);
      }
    }
  }

  private void require(TextAttention attention) {
    if (layer != null && (layer < 1 || layer > attention.layers())) {
      throw wrongUse(
          "there is no layer %d: the model has 1 to %d".formatted(layer, attention.layers()));
    }
    if (head != null && (head < 0 || head >= attention.heads())) {
      throw wrongUse(
          "there is no head %d: each layer has 0 to %d".formatted(head, attention.heads() - 1));
    }
  }

  private float[][] matrix(TextAttention attention, Measure by, int of, @Nullable Integer one) {
    return switch (by) {
      case WEIGHTS -> one == null ? attention.layer(of) : attention.head(of, one);
      case NORMS -> one == null ? attention.norms(of) : attention.norms(of, one);
      case ROLLOUT -> attention.rollout(of);
    };
  }

  private List<Integer> layers(TextAttention attention) {
    return layer != null
        ? List.of(layer)
        : IntStream.rangeClosed(1, attention.layers()).boxed().toList();
  }

  private String named(int of) {
    return head == null ? "layer %d, all heads".formatted(of) : "head %d.%d".formatted(of, head);
  }

  private void show(TextAttention attention, Measure by, Answers answers) {
    List<Unit> units = attention.units();
    if (json) {
      answers.with("units", units(units));
      for (int of : layers(attention)) {
        JsonObject result = answers.result();
        result.addProperty("layer", of);
        if (head != null) {
          result.addProperty("head", head);
        }
        result.addProperty("measure", measure);
        result.add("attention", matrix(matrix(attention, by, of, head)));
      }
      return;
    }
    if (units.size() > MOST_COLUMNS) {
      warn(
          List.of(
              "%d words are too many for a terminal: --word looks from one, --json has all"
                  .formatted(units.size())));
      return;
    }
    for (int of : layers(attention)) {
      print(terminal.bold(named(of)));
      float[][] values = matrix(attention, by, of, head);
      print(heatMap(units, values, most(units, values)));
      print("");
    }
  }

  /** The largest value between words, so that what separators draw leaves something to be seen. */
  private static double most(List<Unit> units, float[][] values) {
    double most = 0.05;
    for (int row = 0; row < values.length; row++) {
      for (int column = 0; column < values.length; column++) {
        if (row != column && units.get(column).kind() == Unit.Kind.WORD) {
          most = Math.max(most, values[row][column]);
        }
      }
    }
    return most;
  }

  /** What a word looks at, and what looks at it. */
  private void showWord(TextAttention attention, Measure by, int from, Answers answers) {
    List<Unit> units = attention.units();
    var table = new Table();
    table.row("layer", "looks at", "itself", "special", "is looked at by");
    for (int of : layers(attention)) {
      float[][] values = matrix(attention, by, of, head);
      var column = new float[units.size()];
      float special = 0;
      for (int i = 0; i < column.length; i++) {
        column[i] = values[i][from];
        special += units.get(i).kind() == Unit.Kind.SPECIAL ? values[from][i] : 0;
      }
      if (json) {
        JsonObject result = answers.result();
        result.addProperty("layer", of);
        if (head != null) {
          result.addProperty("head", head);
        }
        result.addProperty("label", units.get(from).text());
        result.addProperty("itself", values[from][from]);
        result.addProperty("special", special);
        result.add("looksAt", ranked(units, values[from], from));
        result.add("lookedAtBy", ranked(units, column, from));
      }
      table.row(
          head == null ? Integer.toString(of) : of + "." + head,
          line(units, values[from], from),
          percent(values[from][from]),
          percent(special),
          line(units, column, from));
    }
    if (!json) {
      print(table.lines());
    }
  }

  private List<Integer> best(List<Unit> units, float[] values, int without) {
    return IntStream.range(0, values.length)
        .filter(i -> i != without && units.get(i).kind() != Unit.Kind.SPECIAL)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
        .limit(top)
        .toList();
  }

  private String line(List<Unit> units, float[] values, int without) {
    var line = new StringBuilder();
    for (int i : best(units, values, without)) {
      line.append(line.isEmpty() ? "" : ", ")
          .append(Table.shortened(units.get(i).text(), 20))
          .append(' ')
          .append(Math.round(100 * values[i]));
    }
    return line.toString();
  }

  private JsonArray ranked(List<Unit> units, float[] values, int without) {
    var array = new JsonArray();
    for (int i : best(units, values, without)) {
      JsonObject one = unit(units.get(i));
      one.addProperty("score", values[i]);
      array.add(one);
    }
    return array;
  }

  /** Why two words match. */
  private void showPair(TextAttention attention, int from, int at, Answers answers) {
    List<Match> matches =
        head != null
            ? List.of(attention.match(layer, head, from, at))
            : attention.matches(from, at).stream()
                .filter(match -> layer == null || match.layer() == layer)
                .limit(top)
                .toList();
    if (!json) {
      print(
          "\"%s\" looks at \"%s\""
              .formatted(
                  Table.printable(attention.units().get(from).text()),
                  Table.printable(attention.units().get(at).text())));
    }
    var table = new Table();
    table.row("head", "attention", "score", "mean score", "largest elements of query × key");
    for (Match match : matches) {
      List<Integer> parts =
          IntStream.range(0, match.parts().length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(match.parts()[i])))
              .toList();
      if (json) {
        JsonObject result = answers.result();
        result.addProperty("layer", match.layer());
        result.addProperty("head", match.head());
        result.addProperty("attention", match.attention());
        result.addProperty("score", match.score());
        result.addProperty("meanScore", match.mean());
        result.add("query", Answers.vector(match.query()));
        result.add("key", Answers.vector(match.key()));
        result.add("parts", Answers.vector(match.parts()));
        result.addProperty("other", match.other());
        continue;
      }
      var line = new StringBuilder();
      for (int i : parts.subList(0, Math.min(SHOWN_PARTS, parts.size()))) {
        line.append(line.isEmpty() ? "" : ", ")
            .append(String.format(Locale.ROOT, "%d %+.2f", i, match.parts()[i]));
      }
      if (Math.abs(match.other()) >= 0.01) {
        line.append(String.format(Locale.ROOT, "; what else: %+.2f", match.other()));
      }
      table.row(
          match.layer() + "." + match.head(),
          percent(match.attention()),
          String.format(Locale.ROOT, "%+.2f", match.score()),
          String.format(Locale.ROOT, "%+.2f", match.mean()),
          line.toString());
    }
    if (!json) {
      print(table.lines());
    }
  }

  private HtmlPage page(TextAttention attention, Measure by, String name) {
    List<Unit> units = attention.units();
    List<String> labels = numbered(units);
    var page =
        new HtmlPage("Attention in " + name)
            .text(String.join(" / ", attention.text().texts()))
            .text(
                "A row for the word that looks, a column for the one that is looked at. Colours end"
                    + " at the strongest look between words; separators often draw more.");
    var names = new ArrayList<String>();
    var options = new ArrayList<JsonObject>();
    for (int of : layers(attention)) {
      float[][] values = matrix(attention, by, of, null);
      names.add("layer " + of);
      options.add(Charts.heatMap(labels, labels, values, 0, most(units, values)));
    }
    page.choice("Layers (%s)".formatted(measure), "The mean over the heads.", names, options);
    if (by != Measure.ROLLOUT && units.size() <= MOST_WITH_HEADS) {
      names.clear();
      options.clear();
      for (int of : layers(attention)) {
        for (int one = 0; one < attention.heads(); one++) {
          float[][] values = matrix(attention, by, of, one);
          names.add("head %d.%d".formatted(of, one));
          options.add(Charts.heatMap(labels, labels, values, 0, most(units, values)));
        }
      }
      page.choice("Heads", "Layer and head.", names, options);
    }
    if (word != null) {
      int from = find(units, word, occurrence);
      Map<String, double[]> lines = new LinkedHashMap<>();
      float[][][] values = new float[attention.layers()][][];
      for (int of = 1; of <= attention.layers(); of++) {
        values[of - 1] = matrix(attention, by, of, null);
      }
      for (int i = 0; i < units.size(); i++) {
        if (units.get(i).kind() == Unit.Kind.SPECIAL) {
          continue;
        }
        var line = new double[attention.layers()];
        for (int of = 0; of < line.length; of++) {
          line[of] = values[of][from][i];
        }
        lines.put(labels.get(i), line);
      }
      page.chart(
          "What \"%s\" looks at".formatted(units.get(from).text()),
          "",
          Charts.lines(
              "layer",
              IntStream.rangeClosed(1, attention.layers()).mapToObj(Integer::toString).toList(),
              "share",
              lines));
    }
    return page;
  }

  /** Labels that tell two words of the same spelling apart. */
  private static List<String> numbered(List<Unit> units) {
    var labels = new ArrayList<String>();
    for (int i = 0; i < units.size(); i++) {
      labels.add(i + " " + Table.printable(units.get(i).text()));
    }
    return labels;
  }

  static JsonObject unit(Unit unit) {
    var one = new JsonObject();
    one.addProperty("label", unit.text());
    one.addProperty("kind", unit.kind().name().toLowerCase(Locale.ROOT));
    if (unit.span() != null) {
      one.addProperty("part", unit.part());
      one.add("span", Answers.span(unit.span()));
    }
    return one;
  }

  private static JsonArray units(List<Unit> units) {
    var array = new JsonArray();
    units.forEach(u -> array.add(unit(u)));
    return array;
  }

  private static JsonArray matrix(float[][] values) {
    var rows = new JsonArray();
    for (float[] row : values) {
      rows.add(Answers.vector(row));
    }
    return rows;
  }
}
