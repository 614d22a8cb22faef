package io.polyseme.cli;

import io.polyseme.encoder.Encoder;
import io.polyseme.search.Language;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.SenseInventory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that asks an inventory of senses. */
abstract class SenseAsked extends Command {
  @Option(
      names = "--inventory",
      paramLabel = "INVENTORY",
      description =
          "wordnet-3.0, wordnet-3.1, or a file of your own senses: JSON lines with lemma, gloss and"
              + " examples, and if wanted id, pos, synonyms and broader; or columns of these names"
              + " (default: ${DEFAULT-VALUE}).")
  String inventory = "wordnet-3.0";

  SenseAsked(Terminal terminal) {
    super(terminal);
  }

  /** The inventory that was asked for; closed by the caller. */
  SenseInventory inventory() {
    return SenseInventory.open(inventory);
  }

  /**
   * Finds the words of a text. English is tagged; elsewhere all parts of speech are considered.
   *
   * @param text empty where it is not known yet
   */
  static Analyser analyser(SenseInventory inventory, Encoder encoder, String text) {
    return Language.isEnglish(inventory, text)
        ? Analyser.english(inventory)
        : Analyser.untagged(inventory, encoder::words);
  }

  @Nullable PartOfSpeech partOfSpeech(@Nullable String pos) {
    return pos == null
        ? null
        : PartOfSpeech.parse(pos)
            .orElseThrow(
                () ->
                    wrongUse(
                        "--pos is noun, verb, adjective, adverb or other, and not \"%s\""
                            .formatted(pos)));
  }
}
