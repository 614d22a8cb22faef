package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.model.ModelStore;
import java.nio.file.Path;
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

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }
}
