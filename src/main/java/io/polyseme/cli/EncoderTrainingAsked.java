package io.polyseme.cli;

import io.polyseme.corpus.CorpusOptions;
import io.polyseme.model.ModelTarget;
import io.polyseme.train.transformer.EncoderTrainer;
import io.polyseme.train.transformer.LeftOut;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a training of an encoder is asked for: text, where the model goes, what is kept. */
abstract class EncoderTrainingAsked extends Command {
  @Option(
      names = "--in",
      paramLabel = "FILE_OR_FOLDER",
      description =
          "Text, a line a paragraph: a file, packed with gzip or not, or a folder of them; .jsonl and"
              + " .tsv have it in a field. May be given again.")
  List<Path> in = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "NAME_OR_FOLDER",
      description = "The model's name in the cache, or a path, as ./NAME.")
  String out = "";

  @Option(names = "--overwrite", description = "Replace a model that is there already.")
  boolean overwrite;

  @Mixin final TextsRead read = new TextsRead();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is random (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--checkpoint",
      paramLabel = "SECONDS",
      description = "How often what is trained is saved (default: ${DEFAULT-VALUE}).")
  int everySeconds = 300;

  @Option(names = "--restart", description = "Begin anew, and throw away what an earlier run left.")
  boolean restart;

  /**
   * Whether it is a training that can go on: not refused for its text, or for another's checkpoint.
   */
  boolean begun;

  EncoderTrainingAsked(Terminal terminal) {
    super(terminal);
  }

  /** How the texts are read. */
  CorpusOptions texts() {
    if (in.isEmpty() || out.isEmpty()) {
      throw wrongUse("--in and --out are needed: the text, and a name for the model");
    }
    return read.options(this);
  }

  /** Where the model goes, which is free. */
  ModelTarget target() {
    return free(ModelTarget.of(out), overwrite);
  }

  Duration interval() {
    if (everySeconds < 1) {
      throw wrongUse("--checkpoint must be at least 1, and is " + everySeconds);
    }
    return Duration.ofSeconds(everySeconds);
  }

  /** Says of a training that ended before its time that it goes on, if it had begun. */
  void tellKeptIfBegun(Path folder) {
    if (begun) {
      tellKept(folder.resolve(EncoderTrainer.CHECKPOINT));
    }
  }

  /** What is to be said of texts that were left out. */
  static List<String> leftOut(LeftOut texts) {
    return texts.texts() == 0 ? List.of() : List.of(texts.told());
  }
}
