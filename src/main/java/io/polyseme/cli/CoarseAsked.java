package io.polyseme.cli;

import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.UsageMix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An evaluation on a set of words with coarse senses. */
abstract class CoarseAsked extends EvaluateCommand.Evaluate {
  @Parameters(paramLabel = "PATH", description = "The set's file or folder, or one word's.")
  Path path = Path.of("");

  @Option(
      names = "--words",
      split = ",",
      paramLabel = "WORD",
      description = "Only these words, with commas between (default: all).")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The encoder (default: by the script of the texts).")
  @Nullable String model;

  CoarseAsked(Terminal terminal) {
    super(terminal);
  }

  CoarseSenses set() {
    return CoarseSenses.read(path, words);
  }

  String modelOf(CoarseSenses set) {
    return model != null ? model : ModelStore.defaultFor(set.sample());
  }

  /** What --vector says. */
  UsageMix mix(String vector) {
    try {
      return UsageMix.parse(vector);
    } catch (IllegalArgumentException e) {
      throw wrongUse("--vector: " + e.getMessage());
    }
  }

  Evaluation evaluate(String name, BiFunction<Encoder, Bars, Evaluation> how) {
    try (Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      return how.apply(encoder, bars);
    }
  }
}
