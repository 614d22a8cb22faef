package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.SearchTuning;
import io.polyseme.index.SearchTuning.Setting;
import io.polyseme.index.TuningOptions;
import io.polyseme.index.VectorIndex;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "search",
    description = {
      "What searches of an index cost and find, by how many candidates they keep (efSearch):"
          + " recall against an exact search, vectors compared, latency in one thread, memory;"
          + " and the fastest setting that finds enough. Let nothing else run meanwhile.",
      "Asked for are neighbours of vectors of the index itself, each without itself."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme bench search wordnet-glosses",
      "  polyseme bench search notes --ef-search 20,40,80,160 --recall 0.99 --top 20"
    })
final class BenchSearchCommand extends Command {
  @Parameters(paramLabel = "INDEX", description = "An index's name or folder.")
  String name = "";

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "How many vectors are asked for their neighbours (default: ${DEFAULT-VALUE}).")
  int sample = TuningOptions.DEFAULT.sample();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many neighbours (default: ${DEFAULT-VALUE}).")
  int top = TuningOptions.DEFAULT.k();

  @Option(
      names = "--ef-search",
      paramLabel = "N,...",
      split = ",",
      description = "What is tried (default: ${DEFAULT-VALUE}).",
      defaultValue = "10,25,50,100,200,400,800,1600")
  List<Integer> efSearch = List.of();

  @Option(
      names = "--recall",
      paramLabel = "R",
      description =
          "What the recommended setting has to find, from 0 to 1 (default: ${DEFAULT-VALUE}).")
  double recall = TuningOptions.DEFAULT.recall();

  @Option(names = "--seed", paramLabel = "N", description = "Chooses the sample.")
  long seed = TuningOptions.DEFAULT.seed();

  BenchSearchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    TuningOptions options;
    try {
      options = new TuningOptions(sample, top, efSearch, recall, seed);
    } catch (IllegalArgumentException e) {
      throw wrongUse(e.getMessage());
    }
    SearchTuning tuning;
    try (Bars bars = bars();
        VectorIndex index = Asked.catalog().open(name, OpenOptions.DEFAULT.withName(name))) {
      tuning = index.measureSearch(options, bars, terminal.cancel());
    }
    if (json) {
      print(json(tuning));
    } else {
      show(tuning);
    }
  }

  private String json(SearchTuning tuning) {
    var answers = new Answers("bench search", name).of("index", name);
    answers.of("processor", Processor.name());
    for (Setting setting : tuning.settings()) {
      describe(answers.result(), tuning.settings().indexOf(setting) + 1, setting);
    }
    var space = new JsonObject();
    space.addProperty("size", tuning.size());
    space.addProperty("dimension", tuning.dimension());
    space.addProperty("similarity", word(tuning.similarity()));
    space.addProperty("encoding", word(tuning.encoding()));
    space.addProperty("vectorBytes", tuning.vectorBytes());
    space.addProperty("graphBytes", tuning.graphBytes());
    space.addProperty("exactMillis", tuning.exactMillis());
    space.addProperty("sampled", tuning.sampled());
    space.addProperty("k", tuning.k());
    answers.with("measured", space);
    tuning
        .recommended()
        .ifPresent(
            setting -> {
              var best = new JsonObject();
              describe(best, tuning.settings().indexOf(setting) + 1, setting);
              answers.with("recommended", best);
            });
    if (tuning.recommended().isEmpty()) {
      answers.warn(List.of(none(tuning)));
    }
    return answers.toString();
  }

  private static void describe(JsonObject result, int rank, Setting setting) {
    result.addProperty("rank", rank);
    result.addProperty("efSearch", setting.efSearch());
    result.addProperty("recall", setting.recall());
    result.addProperty("visited", setting.meanVisited());
    result.addProperty("queriesPerSecond", setting.queriesPerSecond());
    result.addProperty("p50Micros", setting.medianMicros());
    result.addProperty("p95Micros", setting.p95Micros());
    result.addProperty("p99Micros", setting.p99Micros());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String none(SearchTuning tuning) {
    return String.format(
        Locale.ROOT,
        "no efSearch that was tried has a recall of %.3f; try a larger one, or --exact",
        tuning.recall());
  }

  private void show(SearchTuning tuning) {
    print(
        String.format(
            Locale.ROOT,
            "%s: %,d vectors of %d dimensions, %s, %s; on %s",
            name,
            tuning.size(),
            tuning.dimension(),
            word(tuning.similarity()),
            word(tuning.encoding()),
            Processor.name()));
    print(
        String.format(
            Locale.ROOT,
            "memory that searches read: %,.1f MB of graph and codes, and of %,.1f MB of full vectors"
                + " those of the best candidates (mapped from disk)",
            tuning.graphBytes() / 1e6,
            tuning.vectorBytes() / 1e6));
    print("");
    var table =
        new Table()
            .row("efSearch", "recall@" + tuning.k(), "compared", "queries/s", "p50", "p95", "p99");
    for (Setting setting : tuning.settings()) {
      table.row(
          Integer.toString(setting.efSearch()),
          String.format(Locale.ROOT, "%.4f", setting.recall()),
          String.format(Locale.ROOT, "%,.0f", setting.meanVisited()),
          String.format(Locale.ROOT, "%,.0f", setting.queriesPerSecond()),
          millis(setting.medianMicros()),
          millis(setting.p95Micros()),
          millis(setting.p99Micros()));
    }
    print(table.lines());
    print(
        String.format(
            Locale.ROOT,
            "milliseconds in one thread; %,d vectors asked for; an exact search takes %.2f",
            tuning.sampled(),
            tuning.exactMillis()));
    print("");
    Optional<Setting> best = tuning.recommended();
    if (best.isEmpty()) {
      print(none(tuning));
    } else {
      print(
          String.format(
              Locale.ROOT,
              "recommended for a recall of %.3f: efSearch %d",
              tuning.recall(),
              best.get().efSearch()));
    }
  }

  private static String millis(double micros) {
    return String.format(Locale.ROOT, "%.3f", micros / 1e3);
  }
}
