package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.cluster.ScoredWord;
import io.polyseme.collection.ClusterOptions;
import io.polyseme.collection.ClusterOptions.Method;
import io.polyseme.collection.Clustering;
import io.polyseme.collection.TextCluster;
import io.polyseme.collection.TextClusters;
import io.polyseme.collection.TextCollection;
import io.polyseme.index.VectorIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "cluster",
    description = {
      "The texts of an index divided into groups by meaning.",
      "Each is shown with the words that its texts have more than others, and its most central"
          + " texts. How many groups there are is found, or given by --k."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme cluster notes",
      "  polyseme cluster notes --k 20 --out groups.jsonl",
      "  polyseme cluster notes --method hdbscan --min-size 10 --json"
    })
final class ClusterCommand extends CollectionAsked {
  private static final int COLUMNS = 110;

  @Option(
      names = "--k",
      paramLabel = "N",
      description = "So many clusters, by k-means (default: as many as are found).")
  @Nullable Integer k;

  @Option(
      names = "--method",
      paramLabel = "M",
      description =
          "communities (of the graph of nearest neighbours; the default), kmeans, or hdbscan (dense"
              + " places; what is in none is noise).")
  @Nullable String methodName;

  @Option(
      names = "--min-size",
      paramLabel = "N",
      description =
          "Of how many texts a community or a cluster of hdbscan is at least (default:"
              + " ${DEFAULT-VALUE}).")
  int minSize = ClusterOptions.DEFAULT.minSize();

  @Option(
      names = "--resolution",
      paramLabel = "R",
      description = "Greater for more and smaller communities (default: ${DEFAULT-VALUE}).")
  double resolution = ClusterOptions.DEFAULT.resolution();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many clusters are shown (default: ${DEFAULT-VALUE}).")
  int top = 20;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many texts of each are shown (default: ${DEFAULT-VALUE}).")
  int examples = ClusterOptions.DEFAULT.examples();

  @Option(
      names = "--words",
      paramLabel = "N",
      description = "How many words of each are shown (default: ${DEFAULT-VALUE}).")
  int words = ClusterOptions.DEFAULT.words();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write every entry's label, cluster (0 for none), its name, and score, a JSON object a"
              + " line.")
  @Nullable Path out;

  ClusterCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    ClusterOptions options = options();
    try (Bars bars = bars();
        VectorIndex opened = open();
        TextCollection texts = read(opened, bars)) {
      TextClusters found = new Clustering(texts, options).find(bars, terminal.cancel());
      bars.clear();
      if (out != null) {
        write(out, found);
      }
      show(texts, options, found);
    }
  }

  private ClusterOptions options() {
    atLeast("--top", top, 0);
    atLeast("--examples", examples, 0);
    atLeast("--words", words, 0);
    atLeast("--min-size", minSize, 2);
    if (!(resolution > 0)) {
      throw wrongUse("--resolution must be above 0, and is " + resolution);
    }
    Method method =
        methodName != null
            ? option("--method", methodName, Method.class)
            : k != null ? Method.KMEANS : ClusterOptions.DEFAULT.method();
    ClusterOptions options =
        ClusterOptions.DEFAULT
            .withMethod(method)
            .withMinSize(minSize)
            .withResolution(resolution)
            .withExamples(examples)
            .withWords(words)
            .withSeed(seed);
    if (k == null) {
      return options;
    }
    atLeast("--k", k, 1);
    if (method != Method.KMEANS) {
      throw wrongUse("--k is for --method kmeans: the others find how many clusters there are");
    }
    return options.withClusters(k);
  }

  private static void write(Path file, TextClusters found) throws IOException {
    List<String> names = found.clusters().stream().map(TextCluster::name).toList();
    write(
        file,
        writer ->
            found.forEach(
                (label, cluster, score) -> {
                  var line = new JsonObject();
                  line.addProperty("label", label);
                  line.addProperty("cluster", cluster);
                  if (cluster > 0) {
                    line.addProperty("name", names.get(cluster - 1));
                  }
                  line.addProperty("score", score);
                  try {
                    writer.write(Answers.line(line));
                    writer.write('\n');
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
  }

  private void show(TextCollection texts, ClusterOptions options, TextClusters found) {
    List<TextCluster> clusters = found.clusters();
    String method = options.method().name().toLowerCase(Locale.ROOT);
    if (json) {
      JsonObject whole = described(texts);
      whole.addProperty("method", method);
      whole.addProperty("clusters", clusters.size());
      whole.addProperty("noise", found.noise());
      var answers = new Answers("cluster", "").of("index", index).with("clustering", whole);
      clusters.forEach(cluster -> describe(answers.result(), cluster));
      print(answers.toString());
      return;
    }
    print(heading(texts));
    print(
        String.format(
            Locale.ROOT,
            "%,d clusters by %s%s",
            clusters.size(),
            method,
            found.noise() == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; %,d texts (%s) in none",
                    found.noise(),
                    percent(found.noise(), texts.entries()))));
    List<TextCluster> shown = clusters.subList(0, Math.min(top, clusters.size()));
    for (TextCluster cluster : shown) {
      print("");
      print(
          terminal.bold(
              String.format(
                  Locale.ROOT,
                  "%d  %s",
                  cluster.number(),
                  Table.shortened(cluster.name(), COLUMNS))));
      print(
          String.format(
              Locale.ROOT,
              "   %,d texts (%s), cohesion %.2f",
              cluster.size(),
              percent(cluster.size(), texts.entries()),
              cluster.cohesion()));
      if (!cluster.words().isEmpty()) {
        print(
            "   words: "
                + Table.shortened(
                    cluster.words().stream()
                        .map(ScoredWord::word)
                        .collect(Collectors.joining(", ")),
                    COLUMNS));
      }
      cluster
          .examples()
          .forEach(it -> print("   " + score(it.score()) + "  " + shown(it.member())));
    }
    if (shown.size() < clusters.size()) {
      print("");
      print(
          String.format(
              Locale.ROOT,
              "and %,d smaller ones; --top shows them, --out writes all",
              clusters.size() - shown.size()));
    }
  }

  private static void describe(JsonObject result, TextCluster cluster) {
    result.addProperty("rank", cluster.number());
    result.addProperty("label", cluster.name());
    result.addProperty("size", cluster.size());
    result.addProperty("score", cluster.cohesion());
    var words = new JsonArray();
    for (ScoredWord it : cluster.words()) {
      var one = new JsonObject();
      one.addProperty("word", it.word());
      one.addProperty("score", it.score());
      one.addProperty("count", it.count());
      words.add(one);
    }
    result.add("words", words);
    var examples = new JsonArray();
    for (TextCluster.Example it : cluster.examples()) {
      var one = new JsonObject();
      one.addProperty("score", it.score());
      describe(one, it.member());
      examples.add(one);
    }
    result.add("examples", examples);
  }
}
