package io.polyseme.sense;

import io.polyseme.PolysemeException;
import io.polyseme.lexicon.WordNet;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The senses that words have: WordNet, or a file of the user's own. Thread-safe; closed by whoever
 * opened it.
 */
public interface SenseInventory extends AutoCloseable {
  /**
   * Opens an inventory.
   *
   * @param nameOrFile {@code wordnet-3.0}, {@code wordnet-3.1} or a file of the user's own (see
   *     {@link FileInventory}); empty for WordNet 3.0
   * @throws PolysemeException if there is none, or it cannot be read
   */
  static SenseInventory open(String nameOrFile) {
    if (nameOrFile.isEmpty()) {
      return WordNetInventory.open();
    }
    for (WordNet.Version version : WordNet.Version.values()) {
      if (nameOrFile.equalsIgnoreCase("wordnet-" + version.number())) {
        return WordNetInventory.open(version);
      }
    }
    Path file;
    try {
      file = Path.of(nameOrFile);
    } catch (InvalidPathException e) {
      throw missing(nameOrFile);
    }
    if (!Files.exists(file)) {
      throw missing(nameOrFile);
    }
    return FileInventory.read(file);
  }

  private static PolysemeException missing(String name) {
    return new PolysemeException(
        "there is no inventory \"%s\": it is wordnet-3.0, wordnet-3.1 or a file".formatted(name));
  }

  /** As {@code wordnet-3.0}, or the file's name. */
  String name();

  /** Tells two inventories apart that have the same name: what was made with one fits it alone. */
  String fingerprint();

  /**
   * The senses of a lemma, in the inventory's order, by part of speech.
   *
   * @param lemma in any case; not inflected (see {@link #lemmas})
   * @param pos null for all
   * @return empty where there is none
   */
  List<Sense> senses(String lemma, @Nullable PartOfSpeech pos);

  /** The sense of an id; empty where there is none. */
  Optional<Sense> sense(String id);

  /** The senses of wider meaning, nearest first: hypernyms, or what a file calls broader. */
  List<Sense> broader(Sense sense);

  /** The senses of narrower meaning. */
  List<Sense> narrower(Sense sense);

  /**
   * The lemmas that a form can belong to, the form itself first where it is one.
   *
   * @param form as it stands in a text: in any case, inflected
   * @param pos null for all
   * @return only what the inventory has senses for; often empty
   */
  List<String> lemmas(String form, @Nullable PartOfSpeech pos);

  /** Lemmas that look like what is not there, likeliest first. */
  List<String> nearLemmas(String word, int limit);

  /**
   * The error that a word is not in this inventory, with the lemmas that look like it.
   *
   * @param pos what it was to be; null where any would do
   */
  default PolysemeException unknown(String word, @Nullable PartOfSpeech pos) {
    List<String> near = nearLemmas(word, 5);
    return new PolysemeException(
        "\"%s\" is unknown to the inventory %s%s%s"
            .formatted(
                word,
                name(),
                pos == null ? "" : ", as " + pos,
                near.isEmpty() ? "" : "; near it are " + String.join(", ", near)));
  }

  /** Every lemma, each once. */
  Stream<String> lemmas();

  /** Every sense, in the inventory's order. */
  Stream<Sense> all();

  @Override
  void close();
}
