package io.polyseme.cli;

import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.RatedContexts;
import io.polyseme.model.ModelStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "scws",
    description = {
      "How far cosines agree with people on how alike two words in contexts are.",
      "PATH is the ratings.txt of SCWS, or its folder. A word's vector is made of the layers in the"
          + " middle, of the word and of its text, standardised by the set's own texts; nothing is"
          + " tuned on the ratings."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate scws SCWS/ratings.txt",
      "  polyseme evaluate scws SCWS --model all-minilm-l6-v2 --json"
    })
final class ScwsCommand extends EvaluateCommand.Evaluate {
  @Parameters(paramLabel = "PATH", description = "The file, or its folder.")
  Path path = Path.of("");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The encoder (default: by the script of the set).")
  @Nullable String model;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "For the intervals, by bootstrap (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  ScwsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    RatedContexts set = RatedContexts.read(path);
    String name =
        model != null ? model : ModelStore.defaultFor(set.pairs().getFirst().first().text());
    try (Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      show("scws", path, "model", name, set.score(encoder, seed, bars, terminal.cancel()));
    }
  }
}
