package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import io.polyseme.train.DistilOptions;
import io.polyseme.train.Distiller;
import io.polyseme.train.Vocabularies;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "words",
    description = "Word spaces: distil one out of an encoder, look at one, process it, align two.",
    synopsisSubcommandLabel = "COMMAND")
final class WordsCommand extends Command {
  WordsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse("words needs a command: distil, info, process or align");
  }

  @CommandLine.Command(
      name = "distil",
      description = {
        "Make static word vectors out of an encoder: each word is encoded alone (or in a template) at"
            + " an early layer, and the mean of all is taken away.",
        "Chinese spaces solve what shows in the characters (大 : 最大), and little beyond it."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme words distil my-words --words list.txt --layer 4",
        "  polyseme words distil big-zh --model bge-small-zh-v1.5 --add more.txt"
      })
  static final class Distil extends Command {
    @Parameters(
        paramLabel = "NAME_OR_FILE",
        description = "A name in the cache, or a file ending in " + WordSpaces.EXTENSION + ".")
    String name = "";

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "The encoder (default: bge-small-en-v1.5).")
    String model = ModelStore.defaultFor("");

    @Option(
        names = "--layer",
        paramLabel = "LAYER",
        description = "The layer (default: ${DEFAULT-VALUE}).")
    String layer = "4";

    @Option(
        names = "--words",
        paramLabel = "FILE",
        description =
            "The vocabulary, a word a line (default: that of the model's language: WordNet's lemmas"
                + " and the tokenizer's words, or jieba's dictionary).")
    @Nullable Path words;

    @Option(names = "--add", paramLabel = "FILE", description = "Further words, one a line.")
    @Nullable Path add;

    @Option(
        names = "--template",
        paramLabel = "TEXT",
        description = "A text with {} where the word goes (default: the word alone).")
    String template = DistilOptions.SLOT;

    @Option(names = "--keep-mean", description = "Do not take the mean away.")
    boolean keepMean;

    @Option(
        names = "--components",
        paramLabel = "N",
        description = "Keep so many principal components (default: all dimensions).")
    int components;

    @Option(names = "--rank-weight", description = "Weight vectors by the logarithm of their rank.")
    boolean rankWeight;

    Distil(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() throws IOException {
      DistilOptions options =
          DistilOptions.of(Layers.parse(layer))
              .withTemplate(template)
              .withRemoveMean(!keepMean)
              .withComponents(components)
              .withRankWeight(rankWeight);
      Path file = spaces().file(name);
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (Encoder encoder = Encoder.open(model(model), encoderOptions());
          Bars bars = bars()) {
        Set<String> vocabulary = new LinkedHashSet<>();
        if (words != null) {
          vocabulary.addAll(Vocabularies.file(words));
        } else {
          vocabulary.addAll(
              switch (encoder.info().card().language()) {
                case "en" -> Vocabularies.english(encoder);
                case "zh" -> Vocabularies.chinese();
                default ->
                    throw new PolysemeException(
                        "the language of %s is not known: give the vocabulary with --words"
                            .formatted(encoder.info().card().name()));
              });
        }
        if (add != null) {
          vocabulary.addAll(Vocabularies.file(add));
        }
        Distiller.Report report =
            new Distiller(encoder, options).distil(name, vocabulary, file, bars, terminal.cancel());
        bars.clear();
        if (json) {
          var answers = new Answers("words distil", name).of("space", name);
          JsonObject result = answers.result();
          result.addProperty("label", name);
          result.addProperty("size", report.words());
          result.addProperty("left", report.left().size());
          result.addProperty("file", file.toString());
          print(answers.toString());
        } else {
          print(
              String.format(
                  Locale.ROOT,
                  "%,d words in %s (%,d left out: the model's vocabulary has nothing for them)",
                  report.words(),
                  file,
                  report.left().size()));
        }
      }
    }
  }

  @CommandLine.Command(name = "info", description = "What a word space is and how it was made.")
  static final class Info extends Command {
    @Parameters(paramLabel = "SPACE", description = "en, zh, another name, or a file.")
    String name = "";

    Info(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      try (Bars bars = bars();
          WordVectors space = spaces().open(name, bars, terminal.cancel())) {
        bars.clear();
        SpaceInfo info = space.info();
        if (json) {
          var answers = new Answers("words info", name).of("space", name);
          JsonObject result = answers.result();
          result.addProperty("label", info.name());
          result.addProperty("size", info.size());
          result.addProperty("dimension", info.dimension());
          result.addProperty("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
          result.addProperty("model", info.maker().model());
          result.addProperty("layer", info.maker().layer());
          info.properties().forEach(result::addProperty);
          print(answers.toString());
          return;
        }
        var table = new Table();
        table.row("words", String.format(Locale.ROOT, "%,d", info.size()));
        table.row("dimension", Integer.toString(info.dimension()));
        table.row("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
        table.row("model", info.maker().model());
        table.row("layer", info.maker().layer());
        info.properties().forEach(table::row);
        table.row("file", spaces().file(name).toString());
        print(table.lines());
      }
    }
  }
}
