package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Intervals.Interval;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.insight.SenseLayers.Example;
import io.polyseme.insight.heads.AblatedPart;
import io.polyseme.insight.heads.Ablation;
import io.polyseme.insight.heads.AblationOptions;
import io.polyseme.insight.heads.AblationOptions.Removal;
import io.polyseme.insight.heads.AblationReport;
import io.polyseme.insight.heads.ModelPart;
import io.polyseme.vector.RandomOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "ablation",
    description = {
      "The heads and layers that matter for telling the senses of a word apart.",
      "Each attention head, attention layer and feed-forward layer is taken out in turn: its output"
          + " becomes its mean over the texts that are learned from, or zero. Then senses are"
          + " learned and told anew without it, by the sense whose mean has the greatest cosine"
          + " once what all senses have in common is taken off. Parts are ranked by how much the"
          + " margin falls by which a usage is nearer to its own sense; accuracy and margin are"
          + " means over the senses.",
      "An interval is of its part alone: among so many parts some differ by chance."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect ablation bank --data coarsewsd20",
      "  polyseme inspect ablation bank --data coarsewsd20 --replace zero --only heads --json",
      "  polyseme inspect ablation line --data line.pos --html line.html"
    })
final class InspectAblationCommand extends InspectAsked {
  private static final int SHOWN = 20;

  /** Which parts are taken out. */
  enum Parts {
    ALL,
    HEADS,
    LAYERS
  }

  @Parameters(paramLabel = "WORD", description = "A word of the set.")
  String word = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "PATH",
      description =
          "A set with labelled usages of the word: the folder of CoarseWSD-20, Senseval's XML, or"
              + " SememeWSD.")
  Path data = Path.of("");

  @Option(
      names = "--replace",
      paramLabel = "HOW",
      description = "What an output becomes: mean or zero (default: ${DEFAULT-VALUE}).")
  String replace = "mean";

  @Option(
      names = "--only",
      paramLabel = "PARTS",
      description = "heads, layers (whole ones), or all (default: ${DEFAULT-VALUE}).")
  String only = "all";

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "Whose hidden state tells the senses (default: the last).")
  int layer = -1;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many texts of each sense are learned from (default: ${DEFAULT-VALUE}).")
  int examples = AblationOptions.DEFAULT.examples();

  @Option(
      names = "--texts",
      paramLabel = "N",
      description = "How many texts of each sense are told (default: ${DEFAULT-VALUE}).")
  int texts = AblationOptions.DEFAULT.texts();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many parts are shown (default: ${DEFAULT-VALUE}; --json has all).")
  int top = SHOWN;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is drawn (default: ${DEFAULT-VALUE}).")
  long seed = AblationOptions.DEFAULT.seed();

  InspectAblationCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (examples < 1 || texts < 1 || top < 1) {
      throw wrongUse("--examples, --texts and --top must be at least 1");
    }
    AblationOptions options =
        AblationOptions.DEFAULT
            .withReplacement(option("--replace", replace, Removal.class))
            .withLayer(layer)
            .withExamples(examples)
            .withTexts(texts)
            .withSeed(seed);
    Parts which = option("--only", only, Parts.class);
    CoarseSenses set = CoarseSenses.read(data, List.of(word));
    CoarseSenses.Word of = set.words().getFirst();
    try (Encoder encoder = open(set.sample());
        Bars bars = bars()) {
      Inside inside = inside(encoder);
      if (layer < -1 || layer == 0 || layer > inside.layers()) {
        throw new PolysemeException(
            "%s has layers 1 to %d, and --layer is %d"
                .formatted(encoder.info().card().name(), inside.layers(), layer));
      }
      int last = layer < 0 ? inside.layers() : layer;
      List<ModelPart> parts =
          ModelPart.all(last, encoder.info().heads()).stream()
              .filter(
                  part ->
                      which == Parts.ALL
                          || part instanceof ModelPart.Head == (which == Parts.HEADS))
              .toList();
      List<Example> learned = usages(of, of.train());
      List<Example> told = usages(of, of.test());
      if (told.isEmpty()) {
        told = half(learned, 1);
        learned = half(learned, 0);
      }
      AblationReport report =
          new Ablation(inside, options).of(learned, told, parts, bars, terminal.cancel());
      bars.clear();
      if (json) {
        print(json(encoder, report));
      } else {
        warn(report.warnings());
        show(encoder, report);
      }
      page(encoder, report);
    }
  }

  private static List<Example> usages(CoarseSenses.Word word, List<CoarseSenses.Example> examples) {
    return examples.stream()
        .map(e -> new Example(e.text(), e.span(), word.senses().getOrDefault(e.sense(), e.sense())))
        .toList();
  }

  /** Of a set without parts. */
  private List<Example> half(List<Example> all, int which) {
    int[] order = RandomOrder.shuffled(all.size(), new SplittableRandom(seed));
    return IntStream.range(0, order.length)
        .filter(i -> i % 2 == which)
        .mapToObj(i -> all.get(order[i]))
        .toList();
  }

  private String json(Encoder encoder, AblationReport report) {
    Answers answers =
        new Answers("inspect ablation", word)
            .of("model", encoder.info().card().name())
            .warn(report.warnings());
    var whole = new JsonObject();
    whole.addProperty("layer", report.layer());
    whole.addProperty("replace", replace);
    whole.add("learned", counts(report.learned()));
    whole.add("told", counts(report.told()));
    whole.addProperty("accuracy", report.accuracy());
    whole.addProperty("margin", report.margin());
    answers.with("ablation", whole);
    int rank = 0;
    for (AblatedPart it : report.parts()) {
      JsonObject result = answers.result();
      result.addProperty("rank", ++rank);
      result.addProperty("label", it.part().toString());
      result.addProperty("layer", it.part().layer());
      if (it.part() instanceof ModelPart.Head head) {
        result.addProperty("head", head.head());
      }
      result.addProperty("score", it.marginDrop());
      result.add("interval", interval(it.marginInterval()));
      result.addProperty("margin", it.margin());
      result.addProperty("accuracyBefore", report.accuracy());
      result.addProperty("accuracyAfter", it.accuracy());
      result.addProperty("drop", it.drop());
      result.add("dropInterval", interval(it.dropInterval()));
      result.addProperty("distance", it.distance());
      result.addProperty("neighboursChanged", it.neighboursChanged());
    }
    return answers.toString();
  }

  private static JsonObject counts(Map<String, Integer> counts) {
    var object = new JsonObject();
    counts.forEach(object::addProperty);
    return object;
  }

  private static JsonArray interval(Interval interval) {
    var array = new JsonArray(2);
    array.add(interval.low());
    array.add(interval.high());
    return array;
  }

  private void show(Encoder encoder, AblationReport report) {
    print(
        String.format(
            Locale.ROOT,
            "%s in %s, layer %d: %s learned, %s told; accuracy %.3f, margin %.3f",
            Table.printable(word),
            encoder.info().card().name(),
            report.layer(),
            shown(report.learned()),
            shown(report.told()),
            report.accuracy(),
            report.margin()));
    var table = new Table();
    table.row(
        "",
        "without",
        "margin",
        "less by",
        "95 %",
        "accuracy",
        "less by",
        "95 %",
        "moves",
        "neighbours changed");
    int rank = 0;
    for (AblatedPart it : report.parts()) {
      if (rank == top) {
        break;
      }
      table.row(
          Integer.toString(++rank),
          it.part().toString(),
          three(it.margin()),
          three(it.marginDrop()),
          three(it.marginInterval().low()) + " to " + three(it.marginInterval().high()),
          three(it.accuracy()),
          three(it.drop()),
          three(it.dropInterval().low()) + " to " + three(it.dropInterval().high()),
          three(it.distance()),
          percent(it.neighboursChanged()));
    }
    print(table.lines());
    if (rank < report.parts().size()) {
      print(terminal.dim("(%d more parts; --top)".formatted(report.parts().size() - rank)));
    }
  }

  private static String shown(Map<String, Integer> counts) {
    return String.join(
        " and ",
        counts.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getValue() + " " + e.getKey())
            .toList());
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private void page(Encoder encoder, AblationReport report) throws IOException {
    if (html == null) {
      return;
    }
    var page =
        new HtmlPage(
            "What matters for telling %s apart in %s"
                .formatted(word, encoder.info().card().name()));
    page.text(
        String.format(
            Locale.ROOT,
            "Learned from %s, told %s; accuracy %.3f, margin %.3f, at layer %d.",
            shown(report.learned()),
            shown(report.told()),
            report.accuracy(),
            report.margin(),
            report.layer()));
    int heads = encoder.info().heads();
    var names = new ArrayList<String>();
    var values = new float[report.layer()][heads + 2];
    for (float[] row : values) {
      Arrays.fill(row, Float.NaN);
    }
    double most = 0;
    for (AblatedPart it : report.parts()) {
      int column =
          switch (it.part()) {
            case ModelPart.Head head -> head.head();
            case ModelPart.AttentionLayer _ -> heads;
            case ModelPart.FeedForwardLayer _ -> heads + 1;
          };
      values[it.part().layer() - 1][column] = (float) it.marginDrop();
      most = Math.max(most, Math.abs(it.marginDrop()));
    }
    IntStream.range(0, heads).forEach(head -> names.add(Integer.toString(head)));
    names.addAll(List.of("attention", "feed-forward"));
    page.chart(
        "How much the margin falls without a part",
        "By layer and head; behind them whole layers. Red: the senses are told less clearly.",
        Charts.heatMap(
            names,
            IntStream.rangeClosed(1, report.layer()).mapToObj(l -> "layer " + l).toList(),
            values,
            -most,
            most));
    List<AblatedPart> shown = report.parts().subList(0, Math.min(SHOWN, report.parts().size()));
    Map<String, double[]> bars = new LinkedHashMap<>();
    bars.put("margin less by", shown.stream().mapToDouble(AblatedPart::marginDrop).toArray());
    bars.put("accuracy less by", shown.stream().mapToDouble(AblatedPart::drop).toArray());
    page.chart(
        "The parts that matter most",
        "",
        Charts.bars(
            "without", shown.stream().map(it -> it.part().toString()).toList(), "less by", bars));
    page.write(html);
  }
}
